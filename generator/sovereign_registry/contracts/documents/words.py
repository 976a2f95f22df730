"""The fixed words of the contract documents: definitions, enforcement, interpretation, limits."""

from __future__ import annotations

import msgspec

from sovereign_registry.contracts.documents.structs import CorrectionPolicy, CorrectionState
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState

SCHEMA_VERSION = "1.0"
CONTRACTS_UPDATED = "2026-11-22"
"""The day on which the words or keys of a contract here last changed."""

LEVEL_ENFORCEMENT = (
    "The level is computed from the claims in the manifest by the named rules and recomputed by "
    "every check of the registry; a declared level is shown as declared and never recomputed."
)
LEVEL_LIMITS = (
    "A level says how far claims were followed to their sources, not whether they are true.",
    "The record's level is that of its lowest claim; each claim carries its own.",
    "The registry's own summary of a paper never lifts a claim above Level 1.",
    (
        "Levels 4 to 7 need a VERIFIED verdict of Gate 2; a re-run by this registry is Level 5, "
        "never 6."
    ),
)

GATE_LABELS = {
    GateStatus.UNVERIFIED: "Unverified",
    GateStatus.VERIFIED: "Verified",
    GateStatus.FALSIFIED: "Falsified",
}
GATE_DEFINITIONS = {
    GateStatus.UNVERIFIED: "No formal proof and no sealed reproduction has succeeded for this "
    "record; the reason says why.",
    GateStatus.VERIFIED: "A Lean 4 proof type-checks, or a sealed run reproduced the reported "
    "result within the stated tolerance; the artifact is attached.",
    GateStatus.FALSIFIED: "A completed sealed reproduction missed its tolerance while its control "
    "moved, or a proof of the negation type-checks; the evidence is attached.",
}
GATE_ENFORCEMENT = (
    "VERIFIED and FALSIFIED are refused without the digest of an artifact and a claim in scope, by "
    "the schema and by the software. No function derives a verdict from a score, a count or a "
    "level."
)
GATE_INTERPRETATION = (
    "A rejected proof is UNVERIFIED, not FALSIFIED: anybody can write a bad proof of a true claim.",
    "A time-out, a missing tool or a broken artifact is UNVERIFIED with its reason.",
    (
        "A record is FALSIFIED if any claim is, VERIFIED only if all claims that the gate can "
        "decide are, and UNVERIFIED otherwise."
    ),
)

TIER_ENFORCEMENT = "The tier sorts records for readers; it neither blocks nor permits publication."
TIER_LIMITS = (
    "The review score ranks records; it measures no truth.",
    (
        "Verified counts claims that share enough words with a passage; a contradicted claim can "
        "pass too."
    ),
    "Declared counts never reach the two highest tiers.",
)

DIMENSION_ENFORCEMENT = (
    "Each level follows from its published rule and inputs; no person sets one by hand."
)
DIMENSION_LIMITS = (
    "A level is a word for what the rule found, not a human review.",
    "UNASSESSED means that no rule exists yet, which says nothing good or bad.",
    "A lexical check alone never gives HIGH evidence strength.",
)


class StateRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one record state reads in the contract's three words."""

    correction_state: CorrectionState
    counts: bool
    """Whether entering the state counts as a correction."""
    definition: str


def _state(correction_state: CorrectionState, definition: str, *, counts: bool) -> StateRule:
    return StateRule(correction_state=correction_state, counts=counts, definition=definition)


_CORRECTED = CorrectionState.CORRECTED

STATES: dict[RecordState, StateRule] = {
    RecordState.CURRENT: _state(
        CorrectionState.CURRENT,
        "Nothing has been changed or questioned; that is no statement that nothing is wrong.",
        counts=False,
    ),
    RecordState.CORRECTED: _state(_CORRECTED, "At least one correction was added.", counts=True),
    RecordState.UNDER_REVIEW: _state(
        CorrectionState.CURRENT, "Somebody challenged the record; this is open.", counts=False
    ),
    RecordState.EXPRESSION_OF_CONCERN: _state(
        _CORRECTED, "The publisher doubts the record and has not finished looking.", counts=True
    ),
    RecordState.PARTIALLY_RETRACTED: _state(
        _CORRECTED, "Some claims were retracted; all text stays.", counts=True
    ),
    RecordState.RETRACTED: _state(
        _CORRECTED, "The record must not be relied on; all text stays.", counts=True
    ),
    RecordState.WITHDRAWN: _state(
        _CORRECTED, "The record was withdrawn; all text stays.", counts=True
    ),
    RecordState.SUPERSEDED: _state(
        CorrectionState.SUPERSEDED, "Another record replaces this one.", counts=False
    ),
    RecordState.REMOVED: _state(
        _CORRECTED,
        "The text was removed for a legal reason; the digests and the reason stay.",
        counts=True,
    ),
}
"""Every record state with its word in the contract."""

CORRECTION_POLICY = CorrectionPolicy(
    corrections_are_additive=True,
    no_silent_public_rewrites=True,
    private_operational_logs_public=False,
    basis="Every change is a numbered history entry that names the digest of the entry before it "
    "and of the record before and after; the manifest's bytes never change.",
)
CORRECTION_INTERPRETATION = (
    (
        "CURRENT means that no correction was added; it does not mean that the record is free of "
        "error."
    ),
    "A new gate verdict or a new assessment is history but no correction.",
    "The event's digest is that of the history entry, whose patch shows exactly what changed.",
)
CORRECTION_LIMITS = (
    (
        "A chain of digests alone cannot show that its newest entries were not held back; a log "
        "whose head others have kept can."
    ),
    "Who made an entry is what they say of themselves.",
)

PROVENANCE_LIMITS = (
    (
        "The rungs are cumulative: a record whose claims are only declared stays at Level 3 "
        "whatever is logged."
    ),
    "Provenance says where a record comes from, not whether it is right.",
)
