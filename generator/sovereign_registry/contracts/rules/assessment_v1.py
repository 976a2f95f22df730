"""assessment-v1: the gate's starting verdict, and how the rules' inputs are read from a record.

Level, tier, dimensions and public provenance each have a rule of their own; this module only says
what each is given.  Gate 2 is never run here and nothing here can raise it: a record starts
UNVERIFIED, because nobody has tried yet, or because none of its claims states a quantity or a
theorem that could be decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.assessment import Assessment, DimensionName
from sovereign_registry.contracts.claims import ClaimKind, Origin
from sovereign_registry.contracts.gate import GATE_2, GateReason, GateStatus, GateVerdict
from sovereign_registry.contracts.rules import dimensions_v1, levels_v1, provenance_v1, tiers_v1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.manifest import Artifact, Flag, Source


def starting_gate(claims: Sequence[Claim]) -> GateVerdict:
    """UNVERIFIED: not attempted, or not applicable where no claim can be decided."""
    checkable = sum(claim.kind is not ClaimKind.NEITHER for claim in claims)
    counts = f"{checkable} of {len(claims)} claims"
    reason = (
        f"Gate 2 has not been attempted for this record; {counts} could be decided by a proof or a "
        "sealed run."
        if checkable
        else f"Gate 2 does not apply: {counts} could be decided by a proof or a sealed run."
    )
    return GateVerdict(
        origin=Origin.COMPUTED,
        status=GateStatus.UNVERIFIED,
        reason_code=GateReason.NOT_ATTEMPTED if checkable else GateReason.NOT_APPLICABLE,
        reason=reason,
        evaluated_at=None,
        gate=GATE_2,
        claims=(),
        checkable_claims=checkable,
        artifacts=(),
    )


def assess(  # noqa: PLR0913 - one argument per published input
    *,
    claims: Sequence[Claim],
    sources: Sequence[Source],
    flags: Sequence[Flag],
    artifacts: Sequence[Artifact],
    uncertainties: int,
    score: str | None,
    gate: GateVerdict,
) -> Assessment:
    """The whole assessment at publication."""
    dimensions = dimensions_v1.assess_dimensions(
        claims=claims,
        score=score,
        sources=sources,
        uncertainties=uncertainties,
        parameters_stated=True,
        report_available=True,
        gate=gate,
    )
    reproducibility = next(
        item.level
        for item in dimensions.dimensions
        if item.name is DimensionName.REPRODUCIBILITY_STATUS
    )
    return Assessment(
        level=levels_v1.assess_level(claims, sources_listed=bool(sources), gate=gate),
        tier=tiers_v1.assess_tier(
            score=score,
            verified=sum(claim.verification.passed for claim in claims),
            artifact_types=[artifact.kind for artifact in artifacts],
            reproducibility=reproducibility,
            flags=flags,
            counts_computed=True,
        ),
        dimensions=dimensions,
        provenance=provenance_v1.assess_provenance(
            publisher_named=True,
            sources_listed=bool(sources),
            claims=claims,
            evidence_published=True,
        ),
    )
