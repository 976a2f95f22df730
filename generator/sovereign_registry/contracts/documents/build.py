"""Builders: from a record's current view to its public contract documents.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.assessment import Dimension, DimensionName
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.documents import reworded, words
from sovereign_registry.contracts.documents.structs import (
    ClaimRung,
    CorrectedManifest,
    CorrectedWork,
    CorrectionEvent,
    CorrectionRecordV1,
    CorrectionState,
    DimensionsV1,
    DimensionV1,
    GateVerdictV1,
    GeneratedFrom,
    QualityDimensionsV1,
    QualityTiersV1,
    RecordUrls,
    SourceProvenanceV1,
    TierInputs,
    UnsupportedLevel,
    VerificationLevelsV1,
)
from sovereign_registry.contracts.manifest import MANIFEST_CONTRACT
from sovereign_registry.contracts.rules import (
    dimensions_v1,
    levels_v1,
    provenance_v1,
    states_v1,
    tiers_v1,
)

if TYPE_CHECKING:
    from sovereign_registry.contracts.assessment import ClaimSummary
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest

REPORT_LABEL = "Report artifact"
"""The label under which an imported page states whether a report is to be had."""


def _from(view: RecordView) -> GeneratedFrom:
    return GeneratedFrom(
        record=view.record.id,
        manifest_content_sha256=view.manifest_content_sha256,
        head_sha256=view.head_sha256,
    )


def _reaching(summary: ClaimSummary) -> dict[int, int]:
    return {
        1: summary.aggregate_claim_records,
        2: summary.source_grounded_claims,
        3: summary.cross_source_corroborated_claims,
        4: summary.artifact_inspected_claims,
        5: summary.sandbox_executed_claims,
        6: summary.independently_reproduced_claims,
        7: summary.externally_reviewed_or_formally_verified_claims,
    }


def _artifact_types(record: Manifest) -> tuple[str, ...]:
    return tuple(sorted({artifact.kind for artifact in record.artifacts}))


def verification_level(view: RecordView) -> VerificationLevelsV1:
    """verification-levels-v1 of a record."""
    level = view.record.assessment.level
    rung = levels_v1.LADDER[level.paper_level]
    reaching = _reaching(level.claim_summary)
    return VerificationLevelsV1(
        schema="contracts/verification-levels-v1.schema.json",
        schema_version="1.0",
        contract_version="verification-levels-v1",
        paper_level=level.paper_level,
        paper_level_key=rung.key,
        paper_level_label=rung.label,
        origin=level.origin,
        rules=level.rules,
        basis=level.basis,
        generated_from=_from(view),
        claim_summary=level.claim_summary,
        claim_levels=tuple(
            ClaimRung(id=claim.id, level=claim.level) for claim in view.record.claims
        ),
        artifact_types=_artifact_types(view.record),
        levels=levels_v1.LADDER,
        unsupported_upper_levels=tuple(
            UnsupportedLevel(level=upper.level, label=upper.label, claims=reaching[upper.level])
            for upper in levels_v1.LADDER[level.paper_level + 1 :]
        ),
        enforcement=words.LEVEL_ENFORCEMENT,
        limitations=(*words.LEVEL_LIMITS, *filter(None, (reworded.of_level(view.record),))),
    )


def gate_verdict(view: RecordView) -> GateVerdictV1:
    """gate-verdict-v1 of a record."""
    gate = view.record.gate
    return GateVerdictV1(
        schema="contracts/gate-verdict-v1.schema.json",
        schema_version="1.0",
        contract_version="gate-verdict-v1",
        status=gate.status,
        label=words.GATE_LABELS[gate.status],
        definition=words.GATE_DEFINITIONS[gate.status],
        origin=gate.origin,
        reason_code=gate.reason_code,
        reason=gate.reason,
        evaluated_at=gate.evaluated_at,
        gate=gate.gate,
        claims=gate.claims,
        checkable_claims=gate.checkable_claims,
        scope=f"{len(gate.claims)} of {len(view.record.claims)} claims",
        artifacts=gate.artifacts,
        verdicts=gate.verdicts,
        accepted=gate.accepted,
        generated_from=_from(view),
        enforcement=words.GATE_ENFORCEMENT,
        interpretation=words.GATE_INTERPRETATION,
    )


def quality_tier(view: RecordView) -> QualityTiersV1:
    """quality-tiers-v1 of a record."""
    tier = view.record.assessment.tier
    rule = tiers_v1.tier_rule(tier.tier)
    return QualityTiersV1(
        schema="contracts/quality-tiers-v1.schema.json",
        schema_version="1.0",
        contract_version="quality-tiers-v1",
        tier=tier.tier,
        label=rule.label,
        definition=rule.definition,
        shown=states_v1.tier_of(view.record),
        origin=tier.origin,
        rules=tier.rules,
        basis=tier.basis,
        generated_from=_from(view),
        inputs=TierInputs(
            review_score=None if tier.review_score is None else float(tier.review_score),
            verified_claim_count=tier.verified_claim_count,
            artifact_types=tier.artifact_types,
            reproducibility_level=tier.reproducibility_level,
            unresolved_flags=tier.unresolved_flags,
        ),
        thresholds=tiers_v1.THRESHOLDS,
        enforcement=words.TIER_ENFORCEMENT,
        limitations=words.TIER_LIMITS,
    )


def _dimension(dimension: Dimension) -> DimensionV1:
    rule = next(one for one in dimensions_v1.DEFINITIONS if one.name is dimension.name)
    return DimensionV1(
        score=None if dimension.score is None else float(dimension.score),
        level=dimension.level,
        basis=dimension.basis,
        definition=rule.definition,
        rule=rule.rule,
        origin=dimension.origin,
    )


def quality_dimensions(view: RecordView) -> QualityDimensionsV1:
    """quality-dimensions-v1 of a record."""
    found = view.record.assessment.dimensions
    by_name = {dimension.name: _dimension(dimension) for dimension in found.dimensions}
    return QualityDimensionsV1(
        schema="contracts/quality-dimensions-v1.schema.json",
        schema_version="1.0",
        contract_version="quality-dimensions-v1",
        rules=found.rules,
        generated_from=_from(view),
        dimensions=DimensionsV1(
            evidence_strength=by_name[DimensionName.EVIDENCE_STRENGTH],
            citation_grounding=by_name[DimensionName.CITATION_GROUNDING],
            numerical_consistency=by_name[DimensionName.NUMERICAL_CONSISTENCY],
            benchmark_validity=by_name[DimensionName.BENCHMARK_VALIDITY],
            novelty=by_name[DimensionName.NOVELTY],
            uncertainty_disclosure=by_name[DimensionName.UNCERTAINTY_DISCLOSURE],
            reproducibility_status=by_name[DimensionName.REPRODUCIBILITY_STATUS],
            safety_impact=by_name[DimensionName.SAFETY_IMPACT],
        ),
        definitions=dimensions_v1.DEFINITIONS,
        enforcement=words.DIMENSION_ENFORCEMENT,
        limitations=(
            *words.DIMENSION_LIMITS,
            *filter(None, (reworded.of_dimensions(view.record),)),
        ),
    )


def _events(view: RecordView) -> tuple[CorrectionEvent, ...]:
    return tuple(
        CorrectionEvent(
            event_id=f"{entry.record}-{entry.sequence:04d}",
            corrected_at=entry.at,
            correction_type=entry.correction_type,
            public_note=entry.note,
            affected_fields=entry.affected_fields,
            entry_sha256=content_sha256(entry),
        )
        for entry in view.history
        if entry.correction_type is not None
    )


def correction_record(view: RecordView, *, publisher: str, urls: RecordUrls) -> CorrectionRecordV1:
    """correction-record-v1 of a record.

    Args:
        view: The record as it stands.
        publisher: The registry's publisher.
        urls: Where the record's files are.
    """
    record, events = view.record, _events(view)
    state = words.STATES[record.standing.record_state]
    word = state.correction_state
    if word is CorrectionState.CURRENT and events:
        word = CorrectionState.CORRECTED
    return CorrectionRecordV1(
        schema="contracts/correction-record-v1.schema.json",
        schema_version="1.0",
        contract_version="correction-record-v1",
        contract_updated=words.CONTRACTS_UPDATED,
        generated_from=_from(view),
        publisher=publisher,
        work=CorrectedWork(id=record.id, title=record.work.title, as_of=record.work.as_of),
        manifest=CorrectedManifest(
            schema=f"contracts/{MANIFEST_CONTRACT}.schema.json",
            contract_version=MANIFEST_CONTRACT,
            contract_updated=words.CONTRACTS_UPDATED,
            current_manifest_url=urls.manifest,
            correction_record_url=urls.correction_record,
        ),
        correction_state=word,
        record_state=record.standing.record_state,
        record_state_definition=state.definition,
        correction_count=len(events),
        last_corrected_at=events[-1].corrected_at if events else None,
        correction_events=events,
        known_superseded_manifest_urls=(),
        superseded_by=record.standing.superseded_by,
        policy=words.CORRECTION_POLICY,
        interpretation=words.CORRECTION_INTERPRETATION,
        limitations=words.CORRECTION_LIMITS,
    )


def _report(record: Manifest) -> tuple[str, Origin]:
    if any(artifact.kind == "report" and artifact.public for artifact in record.artifacts):
        return "Available", Origin.COMPUTED
    stated = [one.value for one in record.provenance.declared if one.label == REPORT_LABEL]
    return (stated[0], Origin.DECLARED) if stated else ("Not available", Origin.COMPUTED)


def source_provenance(view: RecordView, *, publisher: str, urls: RecordUrls) -> SourceProvenanceV1:
    """source-provenance-v1 of a record.

    Args:
        view: The record as it stands.
        publisher: The registry's publisher; an imported page's own takes its place.
        urls: Where the record's files and the quality guide are.
    """
    record = view.record
    found, origin = record.assessment.provenance, record.provenance
    rung = provenance_v1.LADDER[found.public_level]
    report, report_origin = _report(record)
    return SourceProvenanceV1(
        schema="contracts/source-provenance-v1.schema.json",
        schema_version="1.0",
        contract_version="source-provenance-v1",
        generated_from=_from(view),
        public_level=found.public_level,
        public_level_key=rung.key,
        public_level_label=rung.label,
        origin=found.origin,
        rules=found.rules,
        basis=found.basis,
        publisher=origin.publisher or publisher,
        publisher_origin=Origin.DECLARED if origin.publisher else Origin.COMPUTED,
        report_artifact=report,
        report_artifact_origin=report_origin,
        external_record=origin.external_record or "Not registered",
        claim_lineage=found.claim_lineage,
        review_method=record.review.method,
        quality_guide=urls.quality_guide,
        note=found.note,
        config=record.config,
        tools=origin.tools,
        inputs=origin.inputs,
        outputs=record.artifacts,
        levels=provenance_v1.LADDER,
        limitations=words.PROVENANCE_LIMITS,
    )
