"""The review: roles, rounds, scores on one scale, and the guards of the policy."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import UnsetType

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.review import Policy, Role, Verdict
from sovereign_registry.contracts.rules import rubric_v1, tribunal_v2
from sovereign_registry.website.views import models, scales, words
from sovereign_registry.website.views.parts import Fact, Link
from sovereign_registry.website.views.plots import scores, spread
from sovereign_registry.website.views.record_parts import (
    FeaturePart,
    GuardPart,
    OpinionPart,
    ReviewPart,
    RolePart,
    RoundPart,
)
from sovereign_registry.website.views.status import against_table, guards_lost

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.review import Guard, Opinion, Review, Round

APPROVE_AT = "6.5"
REJECT_BELOW = "5.0"
TONES = {Verdict.APPROVE: "pass", Verdict.REJECT: "fail"}
NONE = "\N{EN DASH}"
"""Printed where a round has no value."""


def _limits(record: Manifest) -> tuple[str, str]:
    config = record.config
    return (config.reject_below, config.approve_at) if config else (REJECT_BELOW, APPROVE_AT)


def _round_title(number: int) -> str:
    return "Round 0, as first written" if number == 0 else f"Round {number}, after revision"


def _by(opinion: Opinion) -> str:
    """Who gave an opinion and how."""
    if not isinstance(opinion.call, UnsetType):
        return models.said_by(opinion.call)
    return f"{opinion.reviewer} ({opinion.method})"


def _opinion(opinion: Opinion, number: int, record: Manifest, by: str) -> OpinionPart:
    every = len(opinion.cited_claims) == len(record.claims) > 1
    return OpinionPart(
        round=_round_title(number),
        number=number,
        score=opinion.score,
        by="" if _by(opinion) == by else _by(opinion),
        rationale=opinion.rationale,
        cited=() if every else opinion.cited_claims,
        every=every,
        call=models.call_line(opinion),
    )


def _features(role: Role, rounds: tuple[Round, ...]) -> tuple[FeaturePart, ...]:
    """The inputs of a role's scores, the rounds side by side."""
    found: dict[str, tuple[str, list[str]]] = {}
    for place, one in enumerate(rounds):
        for opinion in one.opinions:
            if opinion.role is role:
                for feature in opinion.features:
                    values = found.setdefault(feature.name, (feature.meaning, []))[1]
                    values += [NONE] * (place - len(values)) + [feature.value]
    width = len(rounds)
    return tuple(
        FeaturePart(name, tuple(values + [NONE] * (width - len(values))), meaning)
        for name, (meaning, values) in found.items()
    )


def _role(role: Role, record: Manifest, by: str) -> RolePart:
    opinions: list[OpinionPart] = []
    found: list[str] = []
    rounds = record.review.rounds
    for one in rounds:
        mine = [opinion for opinion in one.opinions if opinion.role is role]
        opinions += [_opinion(opinion, one.number, record, by) for opinion in mine]
        found.append(mine[0].score if mine else "no valid opinion")
    return RolePart(
        name=role.value,
        scores=tuple(found),
        range=scores(found, *_limits(record)),
        opinions=tuple(opinions),
        features=_features(role, rounds),
    )


def _agreement(record: Manifest) -> str:
    """How far apart the last round's scores lie, and how far apart they may for a publication."""
    found = [Decimal(one.score) for one in record.review.rounds[-1].opinions]
    if not found:
        return ""
    said = f"Lowest and highest lie {max(found) - min(found)} apart"
    if record.config is None:
        return f"{said}."
    return f"{said}; at most {record.config.auto_max_spread} for automatic approval."


def _round(one: Round) -> RoundPart:
    return RoundPart(
        title=_round_title(one.number),
        score="none" if one.score is None else one.score,
        verdict=one.verdict.value,
        changes=one.changes,
        sha256=one.report_sha256,
    )


def _guard(guard: Guard) -> GuardPart:
    if tribunal_v2.untried(guard):  # what was found is that, and why
        return GuardPart(guard.name, guard.required, "", outcome=guard.found, tone="care")
    return GuardPart(
        name=guard.name,
        required=guard.required,
        found=guard.found,
        outcome="held" if guard.held else "did not hold",
        tone="pass" if guard.held else "fail",
    )


def _revision(review: Review) -> str:
    if review.origin is Origin.DECLARED:
        return f"As the document states it; {words.DECLARED}."
    if review.revision_round:
        return "The report was revised once and judged afresh."
    if review.verdict is Verdict.REJECT:
        return "Below the floor there is too little evidence for a revision to mend."
    return "No revision took place."


def _facts(record: Manifest) -> tuple[Fact, ...]:
    review = record.review
    declared = review.origin is Origin.DECLARED
    outcome = (
        Fact(
            "Score",
            "None" if review.score is None else f"{review.score} of 10",
            "As the document states it, without the scores of its roles." if declared else "",
            link=Link(
                "The decision table of this registry" if declared else "The decision table",
                "methodology/",
                "step-7",
            ),
        ),
        Fact(
            "Verdict",
            review.verdict.value,
            against_table(review).strip(),
            scale=scales.verdict_scale(review.verdict),
            tone=TONES.get(review.verdict, "care"),
        ),
    )
    return (
        *(() if review.rounds else outcome),  # rounds say the same in their table
        Fact("Revision round", str(review.revision_round), _revision(review)),
        Fact(
            "Policy",
            review.policy.value,
            "As the document states it. Whatever an import states, its owner decides here."
            if declared
            else words.POLICIES[review.policy].capitalize() + ".",
            scale=scales.policy_scale(review.policy),
            tone="pass" if review.policy is Policy.AUTO_APPROVE and not declared else "care",
        ),
        Fact("Method", review.method, method_note(record), link=_formulas(record), foreign=True),
    )


def _rubric(record: Manifest) -> bool:
    opinions = [opinion for one in record.review.rounds for opinion in one.opinions]
    return bool(opinions) and all(opinion.method == rubric_v1.METHOD for opinion in opinions)


def _formulas(record: Manifest) -> Link | None:
    return Link("The three formulas", "methodology/", "rubric") if _rubric(record) else None


def method_note(record: Manifest) -> str:
    """What sort of judge gave the scores, in plain words."""
    if record.review.origin is Origin.DECLARED:
        return f"As the imported document states it; {words.DECLARED}."
    if _rubric(record):
        return (
            "Three fixed formulas over counted features, not three independent minds: no language "
            "model and no person read the report."
        )
    return (
        "What a language model thinks of the text, which is no check of the facts. Roles that "
        "share a model are not independent judges; each names its own below."
    )


def _held(guards: tuple[Guard, ...]) -> str:
    held = sum(guard.held for guard in guards)
    lost = guards_lost(guards)
    rest = f"; {lost}" if lost else ""
    return f"{held} of {words.count(len(guards), 'guard')} of automatic approval held{rest}."


def review_part(record: Manifest) -> ReviewPart:
    """The whole review as the page shows it."""
    review = record.review
    limits = _limits(record)
    givers = {_by(opinion) for one in review.rounds for opinion in one.opinions}
    by = givers.pop() if len(givers) == 1 else ""
    last = review.rounds[-1] if review.rounds else None
    return ReviewPart(
        facts=_facts(record),
        rounds=tuple(map(_round, review.rounds)),
        roles=tuple(_role(role, record, by) for role in Role) if last else (),
        mean=spread([one.score for one in last.opinions], last.score or "", *limits)
        if last
        else spread((), "", *limits),
        agreement=_agreement(record) if last else "",
        by=by,
        explained=_rubric(record),
        models=models.by_models(record),
        control=models.control_scores(record),
        tried=models.panel_facts(record),
        guards=tuple(map(_guard, review.guards)),
        held=_held(review.guards) if review.guards else "",
        marks=f"rejected below {limits[0]}, approved from {limits[1]}",
        note=review.note,
        declared=review.origin is Origin.DECLARED,
    )
