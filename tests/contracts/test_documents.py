from collections.abc import Callable
from typing import Any

import jsonschema
import msgspec
import pytest

from sovereign_registry.contracts import documents, schemas
from sovereign_registry.contracts.assessment import Assessment, DimensionLevel
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.documents import CorrectionRecordV1, RecordUrls
from sovereign_registry.contracts.documents.structs import CorrectionState
from sovereign_registry.contracts.documents.words import STATES
from sovereign_registry.contracts.fold import RecordView, fold, operations
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.history import Actor, CorrectionType, EntryKind, HistoryEntry
from sovereign_registry.contracts.manifest import RecordState, Statement
from sovereign_registry.contracts.rules import (
    dimensions_v1,
    levels_v1,
    provenance_v1,
    tiers_v1,
)
from tests.contracts import samples
from tests.samples import bare_manifest

URLS = RecordUrls(
    manifest="records/x/manifest.yaml",
    correction_record="records/x/correction-record.json",
    quality_guide="quality/",
)
HEAD = "schema schema_version contract_version "
REQUIRED = {
    "verification-levels-v1": HEAD + "paper_level paper_level_key paper_level_label basis "
    "generated_from claim_summary artifact_types levels unsupported_upper_levels enforcement "
    "limitations",
    "gate-verdict-v1": HEAD + "status label definition reason evaluated_at gate enforcement",
    "quality-tiers-v1": HEAD + "tier basis generated_from inputs thresholds enforcement "
    "limitations",
    "quality-dimensions-v1": HEAD + "dimensions",
    "correction-record-v1": HEAD + "contract_updated generated_from publisher work manifest "
    "correction_state correction_count last_corrected_at correction_events "
    "known_superseded_manifest_urls policy interpretation limitations record_state",
    "source-provenance-v1": HEAD + "publisher report_artifact external_record claim_lineage "
    "review_method quality_guide note config tools inputs outputs public_level",
}
"""The keys that a reader of the published contracts relies on."""

NESTED = {
    ("verification-levels-v1", "claim_summary"): "source_grounded_claims aggregate_claim_records "
    "claim_record_source per_claim_public_records per_claim_public_record_count "
    "cross_source_corroborated_claims artifact_inspected_claims sandbox_executed_claims "
    "independently_reproduced_claims externally_reviewed_or_formally_verified_claims",
    ("quality-tiers-v1", "inputs"): "review_score verified_claim_count artifact_types "
    "reproducibility_level",
    ("quality-dimensions-v1", "dimensions"): "evidence_strength citation_grounding "
    "numerical_consistency benchmark_validity novelty uncertainty_disclosure "
    "reproducibility_status safety_impact",
    ("correction-record-v1", "manifest"): "schema contract_version contract_updated "
    "current_manifest_url correction_record_url",
    ("correction-record-v1", "policy"): "corrections_are_additive no_silent_public_rewrites "
    "private_operational_logs_public basis",
}


def _manifest(**changes: Any) -> Any:  # noqa: ANN401 - any field can be replaced
    claims = tuple(samples.claim(number, place=samples.locator()) for number in (1, 2))
    sources = (samples.source(),)
    record = bare_manifest(
        claims=claims,
        sources=sources,
        assessment=Assessment(
            level=levels_v1.assess_level(claims),
            tier=tiers_v1.assess_tier(
                score="3.0",
                verified=2,
                artifact_types=[],
                reproducibility=DimensionLevel.MEDIUM,
                flags=[],
                counts_computed=True,
            ),
            dimensions=dimensions_v1.assess_dimensions(
                claims=claims,
                score="3.0",
                sources=sources,
                uncertainties=1,
                parameters_stated=True,
                report_available=True,
                gate=samples.gate(),
            ),
            provenance=provenance_v1.assess_provenance(
                publisher_named=True,
                sources_listed=True,
                claims=claims,
                evidence_published=False,
            ),
        ),
    )
    return msgspec.structs.replace(record, **changes)


def _view(*entries: HistoryEntry, **changes: Any) -> RecordView:  # noqa: ANN401
    return fold(_manifest(**changes), entries, file_sha256="ab" * 32, file_bytes=1000)


def _correction() -> HistoryEntry:
    record = _manifest()
    changed = msgspec.structs.replace(
        record,
        work=msgspec.structs.replace(record.work, title="Better"),
        standing=msgspec.structs.replace(
            record.standing, record_state=RecordState.CORRECTED, correction_count=1
        ),
    )
    return HistoryEntry(
        contract="history-entry-v1",
        record=record.id,
        sequence=1,
        kind=EntryKind.CORRECTION,
        at="2026-06-10T06:30:49Z",
        by=Actor(role="owner"),
        note="The title was wrong.",
        correction_type=CorrectionType.METADATA,
        affected_fields=("/work/title",),
        affected_claims=(),
        rules=(),
        patch=operations(
            [
                ("/work/title", record.work.title, "Better"),
                ("/standing/record_state", "CURRENT", "CORRECTED"),
                ("/standing/correction_count", 0, 1),
            ]
        ),
        record_before=content_sha256(record),
        record_after=content_sha256(changed),
        previous=content_sha256(record),
    )


def _correct(view: RecordView) -> CorrectionRecordV1:
    return documents.correction_record(view, publisher="Test press", urls=URLS)


BUILDERS: dict[str, Callable[[RecordView], Any]] = {
    "verification-levels-v1": documents.verification_level,
    "gate-verdict-v1": documents.gate_verdict,
    "quality-tiers-v1": documents.quality_tier,
    "quality-dimensions-v1": documents.quality_dimensions,
    "correction-record-v1": _correct,
    "source-provenance-v1": lambda view: documents.source_provenance(
        view, publisher="Test press", urls=URLS
    ),
    "paper-manifest-v1.1": lambda view: view.record,
}


def _plain(document: Any) -> Any:  # noqa: ANN401 - plain JSON
    return msgspec.json.decode(msgspec.json.encode(document))


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("corrected", [False, True])
def test_every_document_satisfies_its_schema(name: str, *, corrected: bool) -> None:
    """What a builder makes validates against the published schema and holds the agreed keys."""
    view = _view(*([_correction()] if corrected else []))
    document = _plain(BUILDERS[name](view))
    jsonschema.Draft202012Validator(
        schemas.json_schema(name), format_checker=jsonschema.FormatChecker()
    ).validate(document)
    assert set(REQUIRED.get(name, "").split()) <= set(document)
    for (owner, key), keys in NESTED.items():
        if owner == name:
            assert set(keys.split()) <= set(document[key])


def test_a_correction_is_an_event() -> None:
    """A correction is counted, dated and explained; the manifest's digest stays."""
    before, after = _correct(_view()), _correct(_view(_correction()))
    assert (before.correction_state, before.correction_count) == (CorrectionState.CURRENT, 0)
    assert before.last_corrected_at is None
    assert (after.correction_state, after.correction_count) == (CorrectionState.CORRECTED, 1)
    assert after.last_corrected_at == "2026-06-10T06:30:49Z"
    assert after.correction_events[0].public_note == "The title was wrong."
    assert after.work.title == "Better"
    first, second = before.generated_from, after.generated_from
    assert first.manifest_content_sha256 == second.manifest_content_sha256
    assert first.head_sha256 != second.head_sha256


def test_every_state_has_its_word() -> None:
    """All nine states map to one of three words."""
    assert set(STATES) == set(RecordState)
    standing = _manifest().standing
    for state, rule in STATES.items():
        changed = msgspec.structs.replace(standing, record_state=state)
        assert _correct(_view(standing=changed)).correction_state is rule.correction_state


def test_levels_above_are_listed_with_their_counts() -> None:
    """The rungs that the record does not reach stand there with how many claims do."""
    document = documents.verification_level(_view())
    assert (document.paper_level, document.paper_level_label) == (2, "Source-grounded claims")
    levels = [upper.level for upper in document.unsupported_upper_levels]
    assert levels == [3, 4, 5, 6, 7]
    assert len(document.levels) == 8


def test_gate_document_states_its_scope() -> None:
    """A verdict says how many of the claims it is about."""
    verdict = samples.gate(GateStatus.VERIFIED, GateReason.REPRODUCED, ("c2",))
    document = documents.gate_verdict(_view(gate=verdict))
    assert (document.scope, document.label) == ("1 of 2 claims", "Verified")


def test_a_declared_page_names_its_publisher_and_report() -> None:
    """What an imported page states stands there as declared."""
    stated = Statement(label="Report artifact", value="Available", document="page")
    provenance = msgspec.structs.replace(
        _manifest().provenance, publisher="Another press", declared=(stated,)
    )
    document = documents.source_provenance(
        _view(provenance=provenance), publisher="Test press", urls=URLS
    )
    assert (document.publisher, document.publisher_origin) == ("Another press", Origin.DECLARED)
    assert (document.report_artifact, document.report_artifact_origin) == (
        "Available",
        Origin.DECLARED,
    )
    assert document.external_record == "Not registered"
    own = documents.source_provenance(_view(), publisher="Test press", urls=URLS)
    assert (own.publisher, own.report_artifact) == ("Test press", "Not available")
