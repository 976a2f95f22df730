"""A computed record's review again: rounds, control, retest, guards and policy.  Pure.

Which rules apply is what the record names: ``tribunal-v1`` where the rubric is the panel,
``tribunal-v2`` for a panel of language models.  A model's score cannot be computed again; what can
is everything that follows from it, and the deterministic control beside it, which is recomputed
from the claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from sovereign_registry.contracts.dossier import Dossier
from sovereign_registry.contracts.live import PanelSettings
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.numbers import mean_score
from sovereign_registry.contracts.review import ProbeOutcome
from sovereign_registry.contracts.rules import rubric_v1, tribunal_v1, tribunal_v2

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.review import (
        Guard,
        ModelCall,
        Opinion,
        Retest,
        Review,
        Role,
        Round,
    )

DETERMINISTIC = rubric_v1.METHOD


def review_faults(record: Manifest) -> Iterator[str]:
    """One line for every value of the review that does not follow from its inputs."""
    review = record.review
    if not review.rounds:
        yield "review: a computed record carries its rounds"
        return
    for number, found in enumerate(review.rounds):
        if found.number != number:
            yield f"review: round {found.number} stands at place {number}"
        yield from _round_faults(found, f"review round {found.number}")
    last = review.rounds[-1]
    if (review.score, review.verdict, review.revision_round) != (
        last.score,
        last.verdict,
        last.number,
    ):
        yield "review: score, verdict or revision_round is not that of the last round"
    if tribunal_v1.policy(review.verdict, review.guards) is not review.policy:
        yield f"review: policy {review.policy} does not follow from verdict and guards"
    if record.config is None:
        return  # said elsewhere
    panel = record.config.panel
    due = tribunal_v2.RULES if isinstance(panel, PanelSettings) else tribunal_v1.RULES
    if review.rules != due:
        yield f"review.rules: {review.rules} where the configuration asks for {due}"
    if isinstance(panel, PanelSettings):
        yield from _panel_faults(record, panel)
    else:
        yield from _rubric_faults(record)
    yield from _guard_faults(review, _guards(record))


def said_by_models(record: Manifest) -> str:
    """What of the review cannot be recomputed, in words; empty where the rubric judged."""
    opinions = [opinion for one in record.review.rounds for opinion in one.opinions]
    models = sorted({one.call.model for one in opinions if not isinstance(one.call, UnsetType)})
    if not models:
        return ""
    return (
        f"not recomputable: what language models said ({', '.join(models)}): their replies stay "
        "with the publisher, the record has their digests"
    )


def _round_faults(found: Round, name: str) -> Iterator[str]:
    for opinion in found.opinions:
        if opinion.method == DETERMINISTIC and rubric_v1.recompute(opinion) != opinion.score:
            yield f"{name}: {opinion.role} score {opinion.score} does not follow from its features"
    roles = len({opinion.role for opinion in found.opinions})
    complete = roles == tribunal_v1.ROLES
    score = mean_score([opinion.score for opinion in found.opinions]) if complete else None
    if score != found.score:
        yield f"{name}: score {found.score} is not the mean {score} of its roles"
    verdict = tribunal_v1.decide(score, roles, found.number)
    if verdict is not found.verdict:
        yield f"{name}: verdict {found.verdict} where the table gives {verdict}"


def _rubric_faults(record: Manifest) -> Iterator[str]:
    """What only a panel of models has must not stand beside the rubric."""
    review = record.review
    if any(part is not UNSET for part in (review.control, review.retest, review.probe)):
        yield "review: control, retest and probe belong to a panel of models"
    if any(flag.kind is FlagKind.SCORE_MOVED for flag in record.flags):
        yield "flags: score-moved belongs to a panel of models"
    for found in review.rounds:
        for opinion in found.opinions:
            if opinion.method == tribunal_v2.MODEL or opinion.call is not UNSET:
                yield (
                    f"review round {found.number}: {opinion.role} is a language model's, and the "
                    "configuration has no panel of models"
                )


def _panel_faults(record: Manifest, panel: PanelSettings) -> Iterator[str]:
    review = record.review
    for found in review.rounds:
        yield from _call_faults(found.opinions, panel, f"review round {found.number}")
    control = () if review.control is UNSET else review.control
    if len(control) != len(review.rounds):
        yield f"review.control: {len(control)} rounds beside {len(review.rounds)}"
    for judged, beside in zip(review.rounds, control, strict=False):
        name = f"review.control round {beside.number}"
        if (beside.number, beside.report_sha256) != (judged.number, judged.report_sha256):
            yield f"{name}: judged another text than the panel"
        if any(opinion.method != DETERMINISTIC for opinion in beside.opinions):
            yield f"{name}: is not the deterministic rubric"
        yield from _round_faults(beside, name)
    if control and control[-1].opinions != _rubric_again(record):
        yield "review.control: the last round does not follow from the record's claims and sources"
    yield from _retest_faults(record, panel)
    yield from _probe_faults(record, panel)


def _call_faults(opinions: Sequence[Opinion], panel: PanelSettings, name: str) -> Iterator[str]:
    for opinion in opinions:
        call = opinion.call
        if opinion.method != tribunal_v2.MODEL or call is UNSET:
            yield f"{name}: {opinion.role} names no call to a language model"
            continue
        yield from _asked_otherwise(call, opinion.role, panel, name)


def _asked_otherwise(call: ModelCall, role: Role, panel: PanelSettings, name: str) -> Iterator[str]:
    asked = (call.service, call.model, call.prompts, call.temperature, call.seed, call.max_tokens)
    due = (
        panel.service,
        panel.model_of(role),
        panel.prompts,
        panel.temperature,
        panel.seed,
        panel.max_tokens,
    )
    if asked != due:
        yield f"{name}: {role} was not asked as the configuration says"


def _rubric_again(record: Manifest) -> tuple[Opinion, ...]:
    """The rubric's opinions on the text of the last round, from what the record publishes."""
    # The warning about a moved score is added to the report after it was judged.
    late = sum(flag.kind is FlagKind.SCORE_MOVED for flag in record.flags)
    dossier = Dossier(
        question=record.question.text,
        report="",
        claims=tuple(claim for claim in record.claims if claim.retained),
        question_words=len(record.question.content_words),
        covered_words=covered_words(record),
        papers=record.retrieval.retrieved,
        references=sum("cited" in source.used_for for source in record.sources),
        uncertainties=len(record.uncertainties) - late,
    )
    return tuple(rubric_v1.opinion(role, dossier) for role in rubric_v1.READS)


def _retest_faults(record: Manifest, panel: PanelSettings) -> Iterator[str]:
    review = record.review
    retest = None if review.retest is UNSET else review.retest
    refs = tribunal_v2.suspicious(record.flags)
    left = tuple(
        claim.id
        for claim in record.claims
        if claim.retained and not (claim.locator and claim.locator.paper in refs)
    )
    due = bool(refs) and bool(left) and review.score is not None
    if (retest is not None) != due:
        yield f"review.retest: {'is missing' if due else 'has no flagged source to leave out'}"
    if retest is None:
        moved = False
    else:
        if (retest.removed, retest.claims) != (refs, left):
            yield "review.retest: what was taken out is not what the flags name"
        yield from _call_faults(retest.opinions, panel, "review.retest")
        moved = bool(tribunal_v2.moved(review.rounds[-1].opinions, retest, panel))
    flagged = any(flag.kind is FlagKind.SCORE_MOVED and flag.unresolved for flag in record.flags)
    if flagged != moved:
        yield f"flags: score-moved is {'missing' if moved else 'set, and no score moved'}"


def _probe_faults(record: Manifest, panel: PanelSettings) -> Iterator[str]:
    review = record.review
    probe = () if review.probe is UNSET else review.probe
    due = tribunal_v2.probe_due(review.verdict, review.guards)
    if bool(probe) != due:
        yield f"review.probe: {'is missing' if due else 'was not due'}"
    for one in probe:
        call = one.call
        unsaid = (one.score is None) != (one.outcome is not ProbeOutcome.RESISTED)
        if unsaid or (call is None) != (one.outcome is ProbeOutcome.NO_REPLY):
            yield f"review.probe: {one.role} {one.outcome} does not agree with its score or call"
        if call is not None:
            yield from _asked_otherwise(call, one.role, panel, "review.probe")


def covered_words(record: Manifest) -> int:
    """How many of the question's content words the sources of the retained claims hold."""
    behind = {claim.locator.paper for claim in record.claims if claim.locator and claim.retained}
    return len(
        {word for source in record.sources if source.ref in behind for word in source.covered_words}
    )


def _guards(record: Manifest) -> tuple[Guard, ...]:
    review, config = record.review, record.config
    if config is None:
        return ()
    panel = config.panel
    if isinstance(panel, PanelSettings):
        retest: Retest | None = None if review.retest is UNSET else review.retest
        return tribunal_v2.guards(
            rounds=review.rounds,
            control=() if review.control is UNSET else review.control,
            retest=retest,
            probe=() if review.probe is UNSET else review.probe,
            panel=panel,
            claims=record.claims,
            covered_words=covered_words(record),
            question_words=len(record.question.content_words),
            flags=record.flags,
            retrieval_complete=record.retrieval.complete,
            config=config,
        )
    return tribunal_v1.guards(
        opinions=review.rounds[-1].opinions,
        claims=record.claims,
        covered_words=covered_words(record),
        question_words=len(record.question.content_words),
        flags=record.flags,
        retrieval_complete=record.retrieval.complete,
        config=config,
    )


def _guard_faults(review: Review, due: Sequence[Guard]) -> Iterator[str]:
    found = {guard.name: guard for guard in review.guards}
    for guard in due:
        if found.get(guard.name) != guard:
            yield f"review.guards: {guard.name!r} does not follow: the rule finds {guard.found}"
    if len(found) != len(due):
        yield f"review.guards: {len(found)} guards where the rule has {len(due)}"
