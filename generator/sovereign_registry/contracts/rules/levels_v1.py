"""levels-v1: which rung of the verification ladder a claim and a record reach.

Rungs 1 to 3 are cumulative; 4 to 7 rest on rung 2 and are raised by nothing but a VERIFIED verdict
of Gate 2 whose scope holds the claim.  A re-run by this registry is rung 5, never 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import ClaimSummary, LevelAssessment, Rung
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GateReason
from sovereign_registry.contracts.papers import TextKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.gate import GateVerdict

RULES = "levels-v1"
GROUNDING = frozenset({TextKind.SECTIONS, TextKind.ABSTRACT})
"""Texts of the paper itself; the registry's own summary of a paper grounds nothing."""


class LadderRung(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rung of a ladder from 0 to 7."""

    level: Rung
    key: str
    label: str
    definition: str


def _rung(level: int, key: str, label: str, definition: str) -> LadderRung:
    return LadderRung(level=level, key=key, label=label, definition=definition)


LADDER: tuple[LadderRung, ...] = (
    _rung(0, "none", "No claim record", "No claim is recorded, or none names a source."),
    _rung(
        1,
        "source-listed",
        "Source-listed",
        "The sources behind the claims are listed, but no claim is located in a source's own text.",
    ),
    _rung(
        2,
        "source-grounded",
        "Source-grounded claims",
        "Every counted claim is located in a parsed section of its own source; an abstract is a "
        "section and is named as one.",
    ),
    _rung(
        3,
        "cross-source-corroborated",
        "Cross-source corroborated claims",
        "Every counted claim is grounded, and a passage of a different paper passes the same "
        "lexical test.",
    ),
    _rung(
        4,
        "artifact-inspected",
        "Artifact-inspected",
        "Every counted claim is grounded and an artifact that belongs to it was inspected at "
        "Gate 2.",
    ),
    _rung(
        5,
        "sandbox-executed",
        "Sandbox-executed",
        "Every counted claim is grounded and a sealed run by this registry reproduced it within "
        "its tolerance.",
    ),
    _rung(
        6,
        "independently-reproduced",
        "Independently reproduced",
        "Every counted claim is grounded and another operator reproduced it; a re-run by this "
        "registry never counts.",
    ),
    _rung(
        7,
        "externally-reviewed-or-formally-verified",
        "Externally reviewed or formally verified",
        "Every counted claim is grounded, and named outside reviewers confirmed it or a proof of "
        "it type-checks.",
    ),
)
"""The verification ladder; always print a rung with the ladder's length."""

_GATE_RUNGS = {GateReason.REPRODUCED: (4, 5), GateReason.PROOF_ACCEPTED: (4, 7)}


def _grounded(claim: Claim) -> bool:
    return (
        claim.origin is Origin.COMPUTED
        and claim.locator is not None
        and claim.locator.kind in GROUNDING
    )


def _corroborated(claim: Claim) -> bool:
    check = claim.corroboration
    return (
        _grounded(claim)
        and check is not None
        and check.passed
        and check.best is not None
        and check.best.locator.kind in GROUNDING
    )


def rungs(
    claim: Claim, *, sources_listed: bool = True, gate: GateVerdict | None = None
) -> frozenset[int]:
    """Every rung that one claim reaches."""
    reached = {0}
    if sources_listed or claim.locator is not None:
        reached.add(1)
    if _grounded(claim):
        reached.add(2)
        if _corroborated(claim):
            reached.add(3)
        reason = gate.verified_by(claim.id, claim.sha256) if gate else None
        if reason is not None:
            reached.update(_GATE_RUNGS.get(reason, ()))
    return frozenset(reached)


def claim_level(
    claim: Claim, *, sources_listed: bool = True, gate: GateVerdict | None = None
) -> int:
    """The highest rung that one claim reaches.

    A declared claim reaches 1 where the record lists sources, else 0; a claim taken from the
    registry's own summary of a paper stays at 1 whatever corroborates it.
    """
    return max(rungs(claim, sources_listed=sources_listed, gate=gate))


def _source_words(claims: Sequence[Claim]) -> str:
    kinds = {
        TextKind.DECLARED
        if claim.origin is Origin.DECLARED or claim.locator is None
        else claim.locator.kind
        for claim in claims
    }
    return " + ".join(kind for kind in TextKind if kind in kinds) or "none"


def summarise(
    claims: Sequence[Claim], *, sources_listed: bool = True, gate: GateVerdict | None = None
) -> ClaimSummary:
    """Count how many claims reach each rung."""
    reached = [rungs(claim, sources_listed=sources_listed, gate=gate) for claim in claims]

    def count(rung: int) -> int:
        return sum(rung in one for one in reached)

    return ClaimSummary(
        source_grounded_claims=count(2),
        aggregate_claim_records=len(claims),
        claim_record_source=_source_words(claims),
        per_claim_public_records=bool(claims),
        per_claim_public_record_count=len(claims),
        cross_source_corroborated_claims=count(3),
        artifact_inspected_claims=count(4),
        sandbox_executed_claims=count(5),
        independently_reproduced_claims=count(6),
        externally_reviewed_or_formally_verified_claims=count(7),
    )


def _basis(level: int, claims: Sequence[Claim], summary: ClaimSummary) -> str:
    total = len(claims)
    if not total:
        return "The record holds no claim."
    found = (
        f"{summary.source_grounded_claims} of {total} claims are located in a parsed section or "
        f"abstract of their own source; {summary.cross_source_corroborated_claims} of {total} "
        "pass the lexical test against a different paper."
    )
    if summary.artifact_inspected_claims:
        found += f" Gate 2 verified {summary.artifact_inspected_claims} of {total}."
    if level == 0:
        return "The record holds claims but lists no source."
    if level == 1 and all(claim.origin is Origin.DECLARED for claim in claims):
        return "The claims were declared by an imported document and not located here."
    if level == 1 and TextKind.SUMMARY in summary.claim_record_source:
        return f"{found} A registry summary never lifts a claim above Level 1."
    return found


def assess_level(
    claims: Sequence[Claim],
    *,
    sources_listed: bool = True,
    gate: GateVerdict | None = None,
) -> LevelAssessment:
    """The record's level: the highest rung that all claims reach; no claim gives Level 0.

    Claims that a revision dropped from the report count as well: they stay in the record.
    """
    reached = [rungs(claim, sources_listed=sources_listed, gate=gate) for claim in claims]
    level = max(frozenset.intersection(*reached)) if reached else 0
    summary = summarise(claims, sources_listed=sources_listed, gate=gate)
    return LevelAssessment(
        origin=Origin.COMPUTED,
        rules=RULES,
        paper_level=level,
        basis=_basis(level, claims, summary),
        claim_summary=summary,
    )
