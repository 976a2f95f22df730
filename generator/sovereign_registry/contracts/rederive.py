"""What follows from a changed record: derived fields made again under the rules that it names.

Only what the change moves is made again.  A rule is applied to the record before and after; where
both give the same, the published value stays, and a declared value is never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from sovereign_registry.contracts.assessment import DimensionName
from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.rules import (
    dimensions_v1,
    gate_v1,
    gate_v2,
    levels_v1,
    levels_v2,
    lexical_v1,
    provenance_v1,
    tiers_v1,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sovereign_registry.contracts.assessment import (
        DimensionsAssessment,
        LevelAssessment,
        ProvenanceAssessment,
        TierAssessment,
    )
    from sovereign_registry.contracts.claims import Claim, LexicalCheck, SemanticSignal
    from sovereign_registry.contracts.gate import GateVerdict
    from sovereign_registry.contracts.history import HistoryEntry
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.rules.states_v1 import Situation

STATED = "declared"
"""Stands as the version of the rules where a document states the value."""
NOT_TESTED_AGAIN = (
    "The claim's words were corrected after the test; the tick of the earlier words does not carry "
    "over, and no passage was compared with the corrected ones."
)


class _Levels(NamedTuple):
    """One version of the rules for levels."""

    claim_level: Callable[..., int]
    assess_level: Callable[..., LevelAssessment]


_V1 = _Levels(levels_v1.claim_level, levels_v1.assess_level)
_LEVELS = {
    levels_v1.RULES: _V1,
    levels_v2.RULES: _Levels(levels_v2.claim_level, levels_v2.assess_level),
}


class Held(NamedTuple):
    """What the history holds beside the record, as far as a rule asks for it."""

    retracted: tuple[str, ...] = ()
    """Ids of the claims that were retracted and not reinstated, once the entry is in."""
    moved: bool = False
    """Whether the entry retracts or reinstates claims."""
    named: frozenset[str] = frozenset()
    """The rules that earlier entries name."""

    @classmethod
    def of(cls, history: Sequence[HistoryEntry], now: Situation, after: Situation) -> Held:
        """What the history holds for an entry.

        Args:
            history: The entries before it.
            now: What was retracted before it.
            after: What is retracted with it.
        """
        return cls(
            retracted=after.retracted_claims,
            moved=now.retracted_claims != after.retracted_claims,
            named=frozenset(rule for entry in history for rule in entry.rules),
        )


def rederive(
    before: Manifest,
    after: Manifest,
    rules: Collection[str] | None = None,
    held: Held = Held(),  # noqa: B008 - nothing of it can be changed
) -> tuple[Manifest, tuple[str, ...]]:
    """The changed record with every derived field that the change moves, and the rules applied.

    Args:
        before: The record as it stood.
        after: The same record with the changed fields, derived fields not yet made again.
        rules: The rules that an entry names which is made again: it keeps to those of its time.
            None for a new entry, which takes the newest where its change calls for them.
        held: What the history holds.

    Returns:
        The record, and the sorted versions of the rules that changed a value.

    Raises:
        RecordFault: the record names rules that this software does not carry.
    """
    used: set[str] = set()
    record = msgspec.structs.replace(after, claims=_texts(before, after, used))
    record = msgspec.structs.replace(record, gate=_gate(before, record, used, rules, held))
    versions = (before.assessment.level.rules, _levels_for(before, record, rules))
    record = msgspec.structs.replace(record, claims=_levels(before, record, versions, used))
    found = record.assessment
    level = _level(before, record, versions, used)
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


def _levels_for(before: Manifest, after: Manifest, rules: Collection[str] | None) -> str:
    """The version of the levels that a changed record is made under.

    Rule v1 knows no claim whose words were corrected; a correction of words, and not of
    punctuation alone, takes v2 where that makes a difference.  What is under v2 stays under it.
    """
    named = before.assessment.level.rules
    if named != levels_v1.RULES or (rules is not None and levels_v2.RULES not in rules):
        return named
    pairs = zip(before.claims, after.claims, strict=True)
    reworded = any(_reworded(old, new) for old, new in pairs)
    return levels_v2.RULES if reworded and levels_v2.differs(after.claims) else named


def _texts(before: Manifest, after: Manifest, used: set[str]) -> tuple[Claim, ...]:
    return tuple(
        _retexted(old, new, used) if old.text != new.text else new
        for old, new in zip(before.claims, after.claims, strict=True)
    )


def _gate(
    before: Manifest,
    after: Manifest,
    used: set[str],
    rules: Collection[str] | None,
    held: Held,
) -> GateVerdict:
    """The record's verdict from those about its claims; one about other words does not count.

    Rule v2 is taken by an entry that adds an attempt, changes words or retracts claims, or where
    an earlier one took it; and it is named, which binds the entry to it, only where v1 gives
    something else.
    """
    gate = gate_v1.standing(after.claims, after.gate)
    newer = gate_v2.standing(after.claims, after.gate, held.retracted)
    version = gate_v1.RULES
    if newer != gate and _gate_anew(before, after, rules, held):
        gate, version = newer, gate_v2.RULES
        used.add(version)
    if gate != before.gate and gate.verdicts:
        used.add(version)
    return gate


def _gate_anew(
    before: Manifest, after: Manifest, rules: Collection[str] | None, held: Held
) -> bool:
    if rules is not None:
        return gate_v2.RULES in rules
    tried = (after.gate.verdicts, after.gate.accepted)
    texts = [[one.text for one in record.claims] for record in (before, after)]
    return (
        held.moved
        or gate_v2.RULES in held.named
        or tried != (before.gate.verdicts, before.gate.accepted)
        or texts[0] != texts[1]
    )


def _levels(
    before: Manifest, after: Manifest, versions: tuple[str, str], used: set[str]
) -> tuple[Claim, ...]:
    if after.assessment.level.rules not in _LEVELS:
        return after.claims
    return tuple(
        _relevelled((old, new), (before, after), versions, used)
        for old, new in zip(before.claims, after.claims, strict=True)
    )


def _reworded(old: Claim, new: Claim) -> bool:
    return old.text != new.text and lexical_v1.terms(old.text) != lexical_v1.terms(new.text)


def _retexted(old: Claim, new: Claim, used: set[str]) -> Claim:
    """A claim with another text: its digest, and its tests unless they count the same words."""
    claim = msgspec.structs.replace(new, sha256=text_sha256(new.text))
    if new.origin is Origin.DECLARED or not _reworded(old, new):
        return claim
    used.add(lexical_v1.RULES)
    return msgspec.structs.replace(
        claim,
        verification=_untested(claim.verification),
        corroboration=claim.corroboration and _untested(claim.corroboration),
        semantic=claim.semantic and _unasked(claim.semantic),
    )


def _unasked(signal: SemanticSignal) -> SemanticSignal:
    """The signal of a claim whose words were corrected: the model was not asked again."""
    return msgspec.structs.replace(signal, value=None, best=None, quotation="")


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


def _relevelled(
    claims: tuple[Claim, Claim],
    records: tuple[Manifest, Manifest],
    versions: tuple[str, str],
    used: set[str],
) -> Claim:
    was, now = (
        _LEVELS[version].claim_level(claim, sources_listed=bool(record.sources), gate=record.gate)
        for claim, record, version in zip(claims, records, versions, strict=True)
    )
    if was == now:
        return claims[1]
    used.add(versions[1])
    return msgspec.structs.replace(claims[1], level=now)


def _level(
    before: Manifest, after: Manifest, versions: tuple[str, str], used: set[str]
) -> LevelAssessment:
    found = after.assessment.level
    was, now = (
        _LEVELS.get(version, _V1).assess_level(
            record.claims, sources_listed=bool(record.sources), gate=record.gate
        )
        for record, version in zip((before, after), versions, strict=True)
    )
    carried = found.rules if found.rules in _LEVELS else levels_v1.RULES
    if was == now or not _carried(found.rules, carried):
        return found
    used.add(versions[1])
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
