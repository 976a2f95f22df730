"""dimensions-v1: four assessed quality dimensions; four that no rule reads yet.

A level is a word for what was found, not a probability.  A lexical check alone never gives HIGH
evidence strength.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import (
    Dimension,
    DimensionLevel,
    DimensionName,
    DimensionsAssessment,
)
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.rules.levels_v1 import GROUNDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.gate import GateVerdict
    from sovereign_registry.contracts.manifest import Source

RULES = "dimensions-v1"
WEAK_SCORE = "5.0"
STRONG_SCORE = "6.5"


class DimensionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one dimension means and how its level is found."""

    name: DimensionName
    label: str
    definition: str
    rule: str


def _rule(name: DimensionName, label: str, definition: str, rule: str) -> DimensionRule:
    return DimensionRule(name=name, label=label, definition=definition, rule=rule)


_NO_RULE = "UNASSESSED: no rule exists for this dimension yet."

DEFINITIONS: tuple[DimensionRule, ...] = (
    _rule(
        DimensionName.EVIDENCE_STRENGTH,
        "Evidence strength",
        "How far the claims are supported by what was checked.",
        f"LOW: fewer than a third of the claims verified, or a review score below {WEAK_SCORE}. "
        f"HIGH: at least two thirds verified, a review score of at least {STRONG_SCORE}, and a "
        "VERIFIED verdict of Gate 2. MEDIUM: otherwise.",
    ),
    _rule(
        DimensionName.CITATION_GROUNDING,
        "Citation grounding",
        "How exactly each claim is tied to a place in a source.",
        "LOW: a claim that is not located, or whose source is not listed. HIGH: every claim "
        "located by its characters in the source's own text, whose digest is public. MEDIUM: "
        "otherwise, declared aggregate counts and registry summaries included.",
    ),
    _rule(
        DimensionName.NUMERICAL_CONSISTENCY,
        "Numerical consistency",
        "Whether the numbers in the record agree with one another and with their sources.",
        _NO_RULE,
    ),
    _rule(
        DimensionName.BENCHMARK_VALIDITY,
        "Benchmark validity",
        "Whether the benchmarks measure what the claims say they measure.",
        _NO_RULE,
    ),
    _rule(
        DimensionName.NOVELTY,
        "Novelty",
        "Whether the record says something that its sources do not.",
        _NO_RULE,
    ),
    _rule(
        DimensionName.UNCERTAINTY_DISCLOSURE,
        "Uncertainty disclosure",
        "How openly the record says what it cannot know.",
        "LOW: no uncertainty stated. HIGH: uncertainties stated, and every claim carries its "
        "margin. MEDIUM: uncertainties stated.",
    ),
    _rule(
        DimensionName.REPRODUCIBILITY_STATUS,
        "Reproducibility status",
        "Whether somebody else can do the same again.",
        "LOW: the parameters or the report are missing. HIGH: both are there, and Gate 2 gave "
        "VERIFIED or a replay of the record's bundle succeeded. MEDIUM: both are there.",
    ),
    _rule(
        DimensionName.SAFETY_IMPACT,
        "Safety impact",
        "What harm relying on the record could do.",
        _NO_RULE,
    ),
)
"""All eight dimensions in the order of the contract."""


def _evidence(
    verified: int, total: int, score: str | None, *, gate_verified: bool
) -> tuple[DimensionLevel, str]:
    found = f"{verified} of {total} claims verified; review score {score or 'not available'}"
    if score is None:
        return DimensionLevel.UNASSESSED, f"{found}: the rule needs a review score."
    if 3 * verified < total or not total or Decimal(score) < Decimal(WEAK_SCORE):
        return DimensionLevel.LOW, f"{found}."
    strong = 3 * verified >= 2 * total and Decimal(score) >= Decimal(STRONG_SCORE)
    if strong and gate_verified:
        return DimensionLevel.HIGH, f"{found}; Gate 2 VERIFIED."
    note = "; no check other than the lexical one" if strong else ""
    return DimensionLevel.MEDIUM, f"{found}{note}."


def _grounding(
    claims: Sequence[Claim], sources: Sequence[Source], declared: int | None
) -> tuple[DimensionLevel, str]:
    total = len(claims)
    if declared is not None:
        level = DimensionLevel.MEDIUM if declared >= total > 0 else DimensionLevel.LOW
        return level, f"{declared} source-grounded claims declared as an aggregate of {total}."
    digests = {source.ref: source.text_sha256 for source in sources}
    located = [claim for claim in claims if claim.locator and claim.locator.paper in digests]
    found = f"{len(located)} of {total} claims located in a listed source"
    if not total or len(located) < total:
        return DimensionLevel.LOW, f"{found}."
    own = sum(
        claim.locator.kind in GROUNDING and digests[claim.locator.paper] is not None
        for claim in located
        if claim.locator
    )
    level = DimensionLevel.HIGH if own == total else DimensionLevel.MEDIUM
    return level, f"{found}; {own} of {total} by characters in its own text with a public digest."


def _uncertainty(claims: Sequence[Claim], uncertainties: int) -> tuple[DimensionLevel, str]:
    margins = sum(claim.verification.margin is not None for claim in claims)
    found = f"{uncertainties} uncertainties stated; {margins} of {len(claims)} claims with a margin"
    if not uncertainties:
        return DimensionLevel.LOW, f"{found}."
    full = bool(claims) and margins == len(claims)
    return (DimensionLevel.HIGH if full else DimensionLevel.MEDIUM), f"{found}."


def _reproducibility(
    *, parameters: bool, report: bool, gate_verified: bool, replayed: bool
) -> tuple[DimensionLevel, str]:
    found = (
        f"Parameters {'stated' if parameters else 'missing'}; "
        f"report {'available' if report else 'missing'}; "
        f"Gate 2 {'VERIFIED' if gate_verified else 'not VERIFIED'}; "
        f"replay {'succeeded' if replayed else 'not recorded'}."
    )
    if not (parameters and report):
        return DimensionLevel.LOW, found
    high = gate_verified or replayed
    return (DimensionLevel.HIGH if high else DimensionLevel.MEDIUM), found


def assess_dimensions(  # noqa: PLR0913 - one argument per published input
    *,
    claims: Sequence[Claim],
    score: str | None,
    sources: Sequence[Source],
    uncertainties: int,
    parameters_stated: bool,
    report_available: bool,
    gate: GateVerdict,
    declared_grounded: int | None = None,
    replayed: bool = False,
) -> DimensionsAssessment:
    """All eight dimensions; each basis holds the inputs, ``DEFINITIONS`` the rule.

    Args:
        claims: All claims of the record.
        score: The review score.
        sources: The listed sources.
        uncertainties: How many uncertainties the record states.
        parameters_stated: Whether queries, threshold and models are stated.
        report_available: Whether a report is there.
        gate: The Gate 2 verdict.
        declared_grounded: How many claims an imported page declares source-grounded, as an
            aggregate; None where no such declaration exists.
        replayed: Whether a recorded replay of the record's bundle gave the same bytes.
    """
    verified = sum(claim.verification.passed for claim in claims)
    gate_verified = gate.status is GateStatus.VERIFIED
    assessed = {
        DimensionName.EVIDENCE_STRENGTH: _evidence(
            verified, len(claims), score, gate_verified=gate_verified
        ),
        DimensionName.CITATION_GROUNDING: _grounding(claims, sources, declared_grounded),
        DimensionName.UNCERTAINTY_DISCLOSURE: _uncertainty(claims, uncertainties),
        DimensionName.REPRODUCIBILITY_STATUS: _reproducibility(
            parameters=parameters_stated,
            report=report_available,
            gate_verified=gate_verified,
            replayed=replayed,
        ),
    }
    unassessed = (DimensionLevel.UNASSESSED, "No rule exists for this dimension yet.")
    return DimensionsAssessment(
        rules=RULES,
        dimensions=tuple(
            Dimension(
                name=name,
                origin=Origin.COMPUTED,
                level=assessed.get(name, unassessed)[0],
                score=None,
                basis=_with_rule(name, assessed.get(name, unassessed)[1]),
            )
            for name in DimensionName
        ),
    )


def _with_rule(name: DimensionName, found: str) -> str:
    rule = next(item.rule for item in DEFINITIONS if item.name is name)
    return found if rule == _NO_RULE else f"{found} Rule: {rule}"
