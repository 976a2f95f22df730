"""Level, tier, dimensions and public provenance of a record at publication.

Each value carries the version of the rule that gave it and the inputs that the rule read, so that a
reader can apply the rule again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.numbers import DecimalText, Score

Rung = Annotated[int, msgspec.Meta(ge=0, le=7)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Tier(StrEnum):
    """Quality tiers, a triage; first match wins in the order of the contract."""

    NOT_TIERED = "NOT_TIERED"
    """No score to tier by."""
    QUARANTINE_CANDIDATE = "QUARANTINE_CANDIDATE"
    """Review score below 5.0: inspect the sources before relying on anything."""
    FLAGSHIP_CANDIDATE = "FLAGSHIP_CANDIDATE"
    """Score of at least 8.5, at least five verified claims, reproducibility HIGH."""
    DOI_GRADE = "DOI_GRADE"
    """Score of at least 7.5 and at least one verified claim."""
    WATCHLIST = "WATCHLIST"
    """An unresolved flag, or no verified claim."""
    PUBLIC_RECORD = "PUBLIC_RECORD"
    """Everything else."""


class DimensionLevel(StrEnum):
    """The four words of a quality dimension."""

    UNASSESSED = "UNASSESSED"
    """No rule exists for this dimension yet, or it has nothing to read."""
    LOW = "LOW"
    """The rule's lowest word."""
    MEDIUM = "MEDIUM"
    """Neither the lowest nor the highest condition holds."""
    HIGH = "HIGH"
    """The rule's highest condition holds."""


class DimensionName(StrEnum):
    """The eight dimensions of quality-dimensions-v1."""

    EVIDENCE_STRENGTH = "evidence_strength"
    CITATION_GROUNDING = "citation_grounding"
    NUMERICAL_CONSISTENCY = "numerical_consistency"
    BENCHMARK_VALIDITY = "benchmark_validity"
    NOVELTY = "novelty"
    UNCERTAINTY_DISCLOSURE = "uncertainty_disclosure"
    REPRODUCIBILITY_STATUS = "reproducibility_status"
    SAFETY_IMPACT = "safety_impact"


class ClaimSummary(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The counts behind a verification level; keys as in verification-levels-v1."""

    source_grounded_claims: Count
    aggregate_claim_records: Count
    claim_record_source: str
    """``parsed source sections``, ``abstract``, ``registry summary``, ``declared``, a mixture
    joined by `` + ``, or ``none``."""
    per_claim_public_records: bool
    per_claim_public_record_count: Count
    cross_source_corroborated_claims: Count
    artifact_inspected_claims: Count
    sandbox_executed_claims: Count
    independently_reproduced_claims: Count
    externally_reviewed_or_formally_verified_claims: Count


class LevelAssessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The paper's rung on the verification ladder (0 to 7)."""

    origin: Origin
    rules: str
    paper_level: Rung
    basis: str
    claim_summary: ClaimSummary


class TierAssessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The quality tier with the inputs that gave it."""

    origin: Origin
    rules: str
    tier: Tier
    basis: str
    review_score: Score | None
    verified_claim_count: Count
    artifact_types: tuple[str, ...]
    reproducibility_level: DimensionLevel
    unresolved_flags: tuple[str, ...]


class Dimension(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One quality dimension; ``score`` stays None until a rule gives numbers."""

    name: DimensionName
    origin: Origin
    level: DimensionLevel
    score: DecimalText | None
    basis: str


class DimensionsAssessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All eight dimensions, in the order of the contract."""

    rules: str
    dimensions: tuple[Dimension, ...]


class ProvenanceAssessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rung on the public provenance ladder (0 to 7)."""

    origin: Origin
    rules: str
    public_level: Rung
    basis: str
    claim_lineage: str
    note: str


class Assessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole assessment at publication."""

    level: LevelAssessment
    tier: TierAssessment
    dimensions: DimensionsAssessment
    provenance: ProvenanceAssessment
