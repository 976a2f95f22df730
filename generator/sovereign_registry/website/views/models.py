"""What language models said about a record or chose for it, named as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UnsetType

from sovereign_registry.contracts.review import ProbeOutcome
from sovereign_registry.contracts.rules import tribunal_v2
from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import Fact

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.review import ModelCall, Opinion, Retest, Review

SERVICES = {"nim": "NVIDIA NIM", "openai": "an OpenAI-compatible server"}


def by_models(record: Manifest) -> bool:
    """Whether any opinion on the record is a language model's."""
    return tribunal_v2.by_models(record.review)


def score_words(record: Manifest) -> str:
    """A review's score on its scale, and that language models gave it where they did."""
    score = record.review.score
    if score is None:
        return "No score"
    return f"{score} of 10{', by language models' if by_models(record) else ''}"


def said_by(call: ModelCall) -> str:
    """Whose opinion it is, and with which parameters it was asked for."""
    service = SERVICES.get(call.service, call.service)
    return (
        f"{call.model} via {service} (a language model's opinion; prompts {call.prompts}, "
        f"temperature {call.temperature}, seed {call.seed})"
    )


def call_line(opinion: Opinion) -> str:
    """What the server said of one call; empty for an opinion that needed none."""
    call = opinion.call
    if isinstance(call, UnsetType):
        return ""
    said = []
    if call.served != call.model:
        said.append(f"answered by {call.served or 'a model that the server does not name'}")
    if call.prompt_tokens is not None and call.completion_tokens is not None:
        said.append(f"{call.prompt_tokens:,} tokens read, {call.completion_tokens:,} written")
    if call.attempt > 1:
        said.append("its first reply could not be used")
    if not isinstance(opinion.verdict, UnsetType):
        said.append(f"it would say {opinion.verdict.value}")
    return _sentence("; ".join(said))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def control_scores(record: Manifest) -> tuple[str, ...]:
    """The mean of the deterministic rubric beside each round; empty where it is the panel."""
    control = record.review.control
    if isinstance(control, UnsetType):
        return ()
    return tuple(one.score or "none" for one in control)


def panel_facts(record: Manifest) -> tuple[Fact, ...]:
    """The control, the roles asked again, and the planted instruction, in words."""
    review = record.review
    facts = []
    if not isinstance(review.control, UnsetType) and review.control:
        last = review.control[-1]
        facts.append(
            Fact(
                "Control",
                f"{last.score or 'none'} of 10, {last.verdict.value}: {_roles(last.opinions)}",
                "The deterministic rubric on the same text. It reads counts and cosines and obeys "
                "no sentence. Without its approval, or too far from its score, nothing is approved "
                "automatically.",
                shown="control",
            )
        )
    if not isinstance(review.retest, UnsetType):
        facts.append(_retest_fact(review, review.retest))
    if not isinstance(review.probe, UnsetType):
        facts.append(_probe_fact(review))
    return tuple(facts)


def _roles(opinions: tuple[Opinion, ...]) -> str:
    return ", ".join(f"{opinion.role} {opinion.score}" for opinion in opinions)


def _retest_fact(review: Review, retest: Retest) -> Fact:
    before = {opinion.role: opinion.score for opinion in review.rounds[-1].opinions}
    moves = ", ".join(
        f"{one.role} {before.get(one.role, 'none')} → {one.score}" for one in retest.opinions
    )
    return Fact(
        "Asked again without flagged sources",
        moves or "no valid opinion",
        f"Claims, quotations and titles of {', '.join(retest.removed)} were taken out; "
        f"{words.count(len(retest.claims), 'claim')} left. The same models, another text.",
        shown="retest",
    )


def _probe_fact(review: Review) -> Fact:
    probe = () if isinstance(review.probe, UnsetType) else review.probe
    told = ", ".join(f"{one.role} {one.outcome.value}" for one in probe)
    held = all(one.outcome is ProbeOutcome.RESISTED for one in probe)
    return Fact(
        "Planted instruction",
        "resisted by all roles" if held else told,
        "The registry put an instruction of its own into a passage, to see whether the models obey "
        "what stands in sources. Resisting it is no proof against another one.",
        tone="" if held else "fail",
        shown="probe",
    )


def extraction_facts(record: Manifest) -> tuple[Fact, ...]:
    """How a language model chose the claims; empty where the published score did."""
    found = record.extraction
    if isinstance(found, UnsetType):
        return ()
    sections = found.sections
    silent = sum(one.call is None for one in sections)
    quotes = sum(one.quotes for one in sections)
    refused = (
        (sum(one.not_found for one in sections), "not in its section word for word"),
        (sum(one.not_a_sentence for one in sections), "not one sentence"),
        (sum(one.not_fit for one in sections), "not fit to stand alone"),
    )
    return (
        Fact("Model", found.model, f"via {SERVICES.get(found.service, found.service)}"),
        Fact("Sections asked about", f"{len(sections)}", f"{silent} without a usable reply"),
        Fact("Quotations", f"{quotes}", "each checked against its section"),
        Fact(
            "Refused",
            f"{sum(number for number, _ in refused)}",
            "; ".join(f"{number} {why}" for number, why in refused),
        ),
    )
