"""What follows from a changed record: derived fields made again under the rules that it names.

Only what the change moves is made again.  A rule is applied to the record before and after; where
both give the same, the published value stays, and a declared value is never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import DimensionName
from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.rules import (
    dimensions_v1,
    gate_v1,
    levels_v1,
    lexical_v1,
    provenance_v1,
    tiers_v1,
)

if TYPE_CHECKING:
    from sovereign_registry.contracts.assessment import (
        Assessment,
        DimensionsAssessment,
        LevelAssessment,
        ProvenanceAssessment,
        TierAssessment,
    )
    from sovereign_registry.contracts.claims import Claim, LexicalCheck
    from sovereign_registry.contracts.gate import GateVerdict
    from sovereign_registry.contracts.manifest import Manifest

STATED = "declared"
"""Stands as the version of the rules where a document states the value."""
NOT_TESTED_AGAIN = (
    "The claim's words were corrected after the test; the tick of the earlier words does not carry "
    "over, and no passage was compared with the corrected ones."
)


def rederive(before: Manifest, after: Manifest) -> tuple[Manifest, tuple[str, ...]]:
    """The changed record with every derived field that the change moves, and the rules applied.

    Args:
        before: The record as it stood.
        after: The same record with the changed fields, derived fields not yet made again.

    Returns:
        The record, and the sorted versions of the rules that changed a value.

    Raises:
        RecordFault: the record names rules that this software does not carry.
    """
    used: set[str] = set()
    record = msgspec.structs.replace(after, claims=_texts(before, after, used))
    record = msgspec.structs.replace(record, gate=_gate(before, record, used))
    record = msgspec.structs.replace(record, claims=_levels(before, record, used))
    found = record.assessment
    level = _level(before, record, used)
    dimensions = _dimensions(before, record, used)
    record = msgspec.structs.replace(
        record, assessment=msgspec.structs.replace(found, level=level, dimensions=dimensions)
    )
    assessment = msgspec.structs.replace(
        record.assessment,
        tier=_tier(before, record, used),
        provenance=_provenance(before, record, used),
    )
    return msgspec.structs.replace(record, assessment=assessment), tuple(sorted(used))


def _carried(named: str, version: str) -> bool:
    """Whether a value is made by the rule of this version; False where it was declared.

    Raises:
        RecordFault: it was made by rules that this software does not carry.
    """
    if named not in {version, STATED}:
        raise RecordFault(
            f"its assessment was made under {named}, which this software does not carry",
            todo="Use a release of this software that carries those rules.",
        )
    return named == version


def _known(found: Assessment) -> bool:
    return found.level.rules == levels_v1.RULES


def _texts(before: Manifest, after: Manifest, used: set[str]) -> tuple[Claim, ...]:
    return tuple(
        _retexted(old, new, used) if old.text != new.text else new
        for old, new in zip(before.claims, after.claims, strict=True)
    )


def _gate(before: Manifest, after: Manifest, used: set[str]) -> GateVerdict:
    """The record's verdict from those about its claims; one about other words does not count."""
    gate = gate_v1.standing(after.claims, after.gate)
    if gate != before.gate and gate.verdicts:
        used.add(gate_v1.RULES)
    return gate


def _levels(before: Manifest, after: Manifest, used: set[str]) -> tuple[Claim, ...]:
    if not _known(after.assessment):
        return after.claims
    return tuple(
        _relevelled(old, new, before, after, used)
        for old, new in zip(before.claims, after.claims, strict=True)
    )


def _retexted(old: Claim, new: Claim, used: set[str]) -> Claim:
    """A claim with another text: its digest, and its tests unless they count the same words."""
    claim = msgspec.structs.replace(new, sha256=text_sha256(new.text))
    if new.origin is Origin.DECLARED or lexical_v1.terms(old.text) == lexical_v1.terms(new.text):
        return claim
    used.add(lexical_v1.RULES)
    return msgspec.structs.replace(
        claim,
        verification=_untested(claim.verification),
        corroboration=claim.corroboration and _untested(claim.corroboration),
    )


def _untested(check: LexicalCheck) -> LexicalCheck:
    return msgspec.structs.replace(
        check,
        passed=False,
        value=None,
        display="not tested",
        margin=None,
        best=None,
        note=NOT_TESTED_AGAIN,
    )


def _relevelled(old: Claim, new: Claim, before: Manifest, after: Manifest, used: set[str]) -> Claim:
    was = levels_v1.claim_level(old, sources_listed=bool(before.sources), gate=before.gate)
    now = levels_v1.claim_level(new, sources_listed=bool(after.sources), gate=after.gate)
    if was == now:
        return new
    used.add(levels_v1.RULES)
    return msgspec.structs.replace(new, level=now)


def _level(before: Manifest, after: Manifest, used: set[str]) -> LevelAssessment:
    found = after.assessment.level
    was, now = (
        levels_v1.assess_level(record.claims, sources_listed=bool(record.sources), gate=record.gate)
        for record in (before, after)
    )
    if was == now or not _carried(found.rules, levels_v1.RULES):
        return found
    used.add(levels_v1.RULES)
    return now


def _declared_grounded(record: Manifest) -> int | None:
    level = record.assessment.level
    stated = level.origin is Origin.DECLARED
    return level.claim_summary.source_grounded_claims if stated else None


def _by_rule(record: Manifest) -> DimensionsAssessment:
    return dimensions_v1.assess_dimensions(
        claims=record.claims,
        score=record.review.score,
        sources=record.sources,
        uncertainties=len(record.uncertainties),
        parameters_stated=True,
        report_available=True,
        gate=record.gate,
        declared_grounded=_declared_grounded(record),
    )


def _dimensions(before: Manifest, after: Manifest, used: set[str]) -> DimensionsAssessment:
    found = after.assessment.dimensions
    old, new = _by_rule(before), _by_rule(after)
    if old == new or not _carried(found.rules, dimensions_v1.RULES):
        return found
    was = {one.name: one for one in old.dimensions}
    now = {one.name: one for one in new.dimensions}
    dimensions = tuple(
        now[one.name] if one.origin is Origin.COMPUTED and was[one.name] != now[one.name] else one
        for one in found.dimensions
    )
    if dimensions != found.dimensions:
        used.add(dimensions_v1.RULES)
    return msgspec.structs.replace(found, dimensions=dimensions)


def _tier_by_rule(record: Manifest) -> TierAssessment:
    return tiers_v1.assess_tier(
        score=record.review.score,
        verified=sum(claim.verification.passed for claim in record.claims),
        artifact_types=[artifact.kind for artifact in record.artifacts],
        reproducibility=next(
            one.level
            for one in record.assessment.dimensions.dimensions
            if one.name is DimensionName.REPRODUCIBILITY_STATUS
        ),
        flags=record.flags,
        counts_computed=record.origin is Origin.COMPUTED,
    )


def _tier(before: Manifest, after: Manifest, used: set[str]) -> TierAssessment:
    found = after.assessment.tier
    was, now = _tier_by_rule(before), _tier_by_rule(after)
    if was == now or not _carried(found.rules, tiers_v1.RULES):
        return found
    used.add(tiers_v1.RULES)
    return now


def _public(record: Manifest) -> ProvenanceAssessment:
    return provenance_v1.assess_provenance(
        publisher_named=True,
        sources_listed=bool(record.sources),
        claims=record.claims,
        evidence_published=any(
            artifact.kind == "evidence" and artifact.public for artifact in record.artifacts
        ),
        declared_grounded=_declared_grounded(record),
    )


def _provenance(before: Manifest, after: Manifest, used: set[str]) -> ProvenanceAssessment:
    found = after.assessment.provenance
    was, now = _public(before), _public(after)
    if was == now or not _carried(found.rules, provenance_v1.RULES):
        return found
    used.add(provenance_v1.RULES)
    return now
