"""The shapes of the six derived contract documents; the seventh is the manifest itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.assessment import (
    ClaimSummary,
    DimensionLevel,
    Rung,
    Tier,
)
from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.claims import ClaimId, Origin
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.gate import Acceptance, ClaimVerdict, GateReason, GateStatus
from sovereign_registry.contracts.history import CorrectionType, UtcTime
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.manifest import Artifact, RecordState, ToolVersion
from sovereign_registry.contracts.rules.dimensions_v1 import DimensionRule
from sovereign_registry.contracts.rules.levels_v1 import LadderRung
from sovereign_registry.contracts.rules.tiers_v1 import TierRule

Count = Annotated[int, msgspec.Meta(ge=0)]
Points = Annotated[float, msgspec.Meta(ge=0, le=10)]


class RecordUrls(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a record's public files are; absolute, or relative to the site's root."""

    manifest: str
    """The manifest as published; ``bundle.zip#manifest.yaml`` where it stands in the bundle."""
    correction_record: str
    """The correction record."""
    source_provenance: str = ""
    """Where the record comes from."""
    bundle: str = ""
    """All files of the record in one; empty where the site has no bundles."""
    quality_guide: str
    """The page that explains scores, claims and levels."""


class LicencePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Under which terms one part of a record may be used."""

    part: str
    """What it is about, in words."""
    licence: str
    """The licence, in the words of whoever states it."""
    address: str
    """Where the licence can be read, where its name is one of Creative Commons; or empty."""
    stated_by: str
    """Who states it: the publisher, or the sources."""
    sources: tuple[str, ...]
    """The sources that it is about; empty where it is about the record itself."""


class GeneratedFrom(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The exact state of the record that a document was made from."""

    record: RecordId
    manifest_content_sha256: Sha256
    """Digest of the manifest as published, canonical JSON."""
    head_sha256: Sha256
    """Digest of the newest history entry; of the manifest where there is none."""


class UnsupportedLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rung above the record's own."""

    level: Rung
    label: str
    claims: Count
    """How many claims reach it."""


class ClaimRung(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One claim's own rung."""

    id: ClaimId
    level: Rung


class VerificationLevelsV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far a record's claims were followed to their sources, as a rung of a ladder of 0 to 7."""

    schema: Literal["contracts/verification-levels-v1.schema.json"]
    schema_version: Literal["1.0"]
    contract_version: Literal["verification-levels-v1"]
    paper_level: Rung
    """The highest rung that all counted claims reach, or the declared one."""
    paper_level_key: str
    paper_level_label: str
    origin: Origin
    rules: str
    basis: str
    generated_from: GeneratedFrom
    claim_summary: ClaimSummary
    claim_levels: tuple[ClaimRung, ...]
    """Every claim with its own rung."""
    artifact_types: tuple[str, ...]
    levels: tuple[LadderRung, ...]
    """The whole ladder."""
    unsupported_upper_levels: tuple[UnsupportedLevel, ...]
    """The rungs above the record's own, with how many claims reach each."""
    enforcement: str
    limitations: tuple[str, ...]


class GateVerdictV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a formal proof or a sealed reproduction decided.

    VERIFIED and FALSIFIED cannot stand without the digest of an artifact and a claim in scope.
    """

    schema: Literal["contracts/gate-verdict-v1.schema.json"]
    schema_version: Literal["1.0"]
    contract_version: Literal["gate-verdict-v1"]
    status: GateStatus
    label: str
    definition: str
    """What the status means."""
    origin: Origin
    reason_code: GateReason
    reason: str
    evaluated_at: Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})] | None
    """When the gate was evaluated, RFC 3339; null where it was not."""
    gate: str
    claims: tuple[ClaimId, ...]
    """The claims that the verdict is about."""
    checkable_claims: Count
    """How many claims of the record the gate could decide."""
    scope: str
    """The scope in words, such as ``2 of 5 claims``."""
    artifacts: tuple[Sha256, ...]
    """Digests of the artifacts that gave the verdict."""
    verdicts: tuple[ClaimVerdict, ...]
    """Every attempt at a claim, in order."""
    accepted: tuple[Acceptance, ...]
    """Artifacts that the owner accepted as a test of a claim, in order."""
    generated_from: GeneratedFrom
    enforcement: str
    interpretation: tuple[str, ...]


class TierInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the tier rule read."""

    review_score: Points | None
    verified_claim_count: Count
    artifact_types: tuple[str, ...]
    reproducibility_level: DimensionLevel
    unresolved_flags: tuple[str, ...]


class QualityTiersV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The quality tier of a record: a triage that blocks nothing."""

    schema: Literal["contracts/quality-tiers-v1.schema.json"]
    schema_version: Literal["1.0"]
    contract_version: Literal["quality-tiers-v1"]
    tier: Tier
    label: str
    definition: str
    """What the tier means."""
    shown: Tier
    """The tier that pages and lists print: NOT_TIERED where the record's state, or a claim that
    Gate 2 falsified, takes away what the rule gave."""
    origin: Origin
    rules: str
    basis: str
    generated_from: GeneratedFrom
    inputs: TierInputs
    thresholds: tuple[TierRule, ...]
    """The table in the order in which it is applied; the first match wins."""
    enforcement: str
    limitations: tuple[str, ...]


class DimensionV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One quality dimension."""

    score: Points | None
    """A number from 0 to 10; null until a rule gives one."""
    level: DimensionLevel
    basis: str
    definition: str
    """What the dimension means."""
    rule: str
    origin: Origin


class DimensionsV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The eight dimensions by name."""

    evidence_strength: DimensionV1
    citation_grounding: DimensionV1
    numerical_consistency: DimensionV1
    benchmark_validity: DimensionV1
    novelty: DimensionV1
    uncertainty_disclosure: DimensionV1
    reproducibility_status: DimensionV1
    safety_impact: DimensionV1


class QualityDimensionsV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Eight quality dimensions, four of which have a rule."""

    schema: Literal["contracts/quality-dimensions-v1.schema.json"]
    schema_version: Literal["1.0"]
    contract_version: Literal["quality-dimensions-v1"]
    rules: str
    generated_from: GeneratedFrom
    dimensions: DimensionsV1
    definitions: tuple[DimensionRule, ...]
    """Name, meaning and rule of every dimension."""
    enforcement: str
    limitations: tuple[str, ...]


class CorrectionState(StrEnum):
    """The three words of the contract; ``record_state`` says it in full."""

    CURRENT = "CURRENT"
    CORRECTED = "CORRECTED"
    SUPERSEDED = "SUPERSEDED"


class CorrectionEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One correction."""

    event_id: str
    corrected_at: UtcTime
    correction_type: CorrectionType
    public_note: str
    affected_fields: tuple[str, ...]
    entry_sha256: Sha256
    """Digest of the history entry's canonical JSON."""


class CorrectedWork(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The record that the corrections belong to."""

    id: RecordId
    title: str
    as_of: str


class CorrectedManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The manifest that the corrections are added to."""

    schema: str
    contract_version: str
    contract_updated: str
    current_manifest_url: str
    correction_record_url: str


class CorrectionPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the publisher commits to."""

    corrections_are_additive: bool
    no_silent_public_rewrites: bool
    private_operational_logs_public: bool
    basis: str


class CorrectionRecordV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was corrected in a record, when, and why; only ever added to."""

    schema: Literal["contracts/correction-record-v1.schema.json"]
    schema_version: Literal["1.0"]
    contract_version: Literal["correction-record-v1"]
    contract_updated: str
    generated_from: GeneratedFrom
    publisher: str
    work: CorrectedWork
    manifest: CorrectedManifest
    correction_state: CorrectionState
    record_state: RecordState
    """The state in full; a key of ours."""
    record_state_definition: str
    """What that state means."""
    correction_count: Count
    last_corrected_at: UtcTime | None
    correction_events: tuple[CorrectionEvent, ...]
    known_superseded_manifest_urls: tuple[str, ...]
    """Always empty: a manifest's bytes never change."""
    superseded_by: RecordId | None
    policy: CorrectionPolicy
    interpretation: tuple[str, ...]
    limitations: tuple[str, ...]


class SourceProvenanceV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a record comes from and how far a stranger can follow it."""

    schema: Literal["contracts/source-provenance-v1.schema.json"]
    schema_version: Literal["1.0"]
    contract_version: Literal["source-provenance-v1"]
    generated_from: GeneratedFrom
    public_level: Rung
    """The rung on the public provenance ladder."""
    public_level_key: str
    public_level_label: str
    origin: Origin
    rules: str
    basis: str
    publisher: str
    publisher_origin: Origin
    report_artifact: str
    """``Available`` or ``Not available``."""
    report_artifact_origin: Origin
    external_record: str
    """A DOI or address, or ``Not registered``."""
    claim_lineage: str
    review_method: str
    quality_guide: str
    note: str
    config: RunConfig | None
    """The resolved configuration; null where an imported draft does not carry one."""
    tools: tuple[ToolVersion, ...]
    inputs: tuple[Sha256, ...]
    """Digests of the source replies, or of the imported files."""
    outputs: tuple[Artifact, ...]
    levels: tuple[LadderRung, ...]
    """The whole ladder."""
    limitations: tuple[str, ...]
