"""Valid records for tests, made of words of our own."""

from __future__ import annotations

from typing import Any

import msgspec

from sovereign_registry.contracts.assessment import (
    Assessment,
    ClaimSummary,
    Dimension,
    DimensionLevel,
    DimensionName,
    DimensionsAssessment,
    LevelAssessment,
    ProvenanceAssessment,
    Tier,
    TierAssessment,
)
from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GATE_2, GateReason, GateStatus, GateVerdict
from sovereign_registry.contracts.manifest import (
    Approval,
    Index,
    Manifest,
    Provenance,
    Question,
    RecordState,
    Retrieval,
    Standing,
    Work,
)
from sovereign_registry.contracts.review import Policy, Review, Verdict


def bare_manifest(record_id: str = "sr-2605-0000000a", **changes: Any) -> Manifest:  # noqa: ANN401
    """A declared record without sources or claims; any field can be replaced."""
    question = "How often do invented routers balance an imaginary load?"
    record = Manifest(
        contract="paper-manifest-v1.1",
        id=record_id,
        origin=Origin.DECLARED,
        work=Work(
            title=question,
            title_cut=False,
            abstract="An abstract of our own.",
            abstract_cut=False,
            kernel="Test kernel",
            as_of="2026-05-28",
            analysed="",
        ),
        question=Question(
            text=question,
            sha256=text_sha256(question),
            content_words=("balance", "imaginary", "invented", "load", "routers"),
        ),
        config=None,
        retrieval=Retrieval(
            origin=Origin.DECLARED,
            source="not available",
            fusion="",
            queries=(),
            retrieved=0,
            complete=True,
            note="",
        ),
        sources=(),
        claims=(),
        flags=(),
        index=Index(
            origin=Origin.DECLARED,
            model="none",
            dimension=0,
            use="",
            compared_sha256=None,
            related=(),
        ),
        review=Review(
            origin=Origin.DECLARED,
            method="declared",
            rules="tribunal-v1",
            rounds=(),
            score="3.0",
            verdict=Verdict.REJECT,
            revision_round=0,
            policy=Policy.ESCALATE_TO_OWNER,
            guards=(),
            note="",
        ),
        uncertainties=("Nothing was checked.",),
        gate=GateVerdict(
            origin=Origin.COMPUTED,
            status=GateStatus.UNVERIFIED,
            reason_code=GateReason.NOT_ATTEMPTED,
            reason="Gate 2 was not attempted.",
            evaluated_at=None,
            gate=GATE_2,
            claims=(),
            checkable_claims=0,
            artifacts=(),
        ),
        assessment=bare_assessment(),
        standing=Standing(
            record_state=RecordState.CURRENT,
            approval=Approval.AWAITING_OWNER,
            correction_count=0,
            superseded_by=None,
        ),
        provenance=Provenance(
            publisher=None,
            method="import",
            tools=(),
            inputs=(),
            external_record=None,
            declared=(),
        ),
        artifacts=(),
        limitations=("A record for tests.",),
    )
    return msgspec.structs.replace(record, **changes)


def bare_assessment() -> Assessment:
    """The assessment of a record without claims."""
    return Assessment(
        level=LevelAssessment(
            origin=Origin.COMPUTED,
            rules="verification-levels-v1",
            paper_level=0,
            basis="No claim record.",
            claim_summary=ClaimSummary(
                source_grounded_claims=0,
                aggregate_claim_records=0,
                claim_record_source="none",
                per_claim_public_records=False,
                per_claim_public_record_count=0,
                cross_source_corroborated_claims=0,
                artifact_inspected_claims=0,
                sandbox_executed_claims=0,
                independently_reproduced_claims=0,
                externally_reviewed_or_formally_verified_claims=0,
            ),
        ),
        tier=TierAssessment(
            origin=Origin.COMPUTED,
            rules="quality-tiers-v1",
            tier=Tier.QUARANTINE_CANDIDATE,
            basis="Review score is below 5.0.",
            review_score="3.0",
            verified_claim_count=0,
            artifact_types=(),
            reproducibility_level=DimensionLevel.UNASSESSED,
            unresolved_flags=(),
        ),
        dimensions=DimensionsAssessment(
            rules="quality-dimensions-v1",
            dimensions=tuple(
                Dimension(
                    name=name,
                    origin=Origin.COMPUTED,
                    level=DimensionLevel.UNASSESSED,
                    score=None,
                    basis="No rule exists for it yet.",
                )
                for name in DimensionName
            ),
        ),
        provenance=ProvenanceAssessment(
            origin=Origin.COMPUTED,
            rules="source-provenance-v1",
            public_level=1,
            basis="A publisher record.",
            claim_lineage="none",
            note="",
        ),
    )
