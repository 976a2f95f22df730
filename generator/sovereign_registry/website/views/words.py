"""The words of the pages for the words of the contracts.

What a contract defines (levels, tiers, dimensions, provenance, gate, states) is taken from there;
here stands only how the remaining enum members are said in plain words.
"""

from __future__ import annotations

from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.documents import words as contract_words
from sovereign_registry.contracts.gate import GateReason
from sovereign_registry.contracts.history import CorrectionType, Event
from sovereign_registry.contracts.manifest import Approval, FlagKind, RecordState
from sovereign_registry.contracts.review import Policy, Verdict

GATE = contract_words.GATE_LABELS
DRAFT = "Autonomous draft — Owner review required before publication"
DECLARED = "declared, not checked here"
LEXICAL = "lexical tick"
NOT_TIERED = "Not tiered"

APPROVALS = {
    Approval.AWAITING_OWNER: "The owner has not decided yet.",
    Approval.AUTO_APPROVED: "Published automatically all the same, because every guard of the "
    "policy held. No review by a person is recorded: the owner's decision is still outstanding.",
    Approval.OWNER_APPROVED: "The owner decided that this be public. That is no statement that it "
    "is right.",
}

FLAGS = {
    FlagKind.OFF_TOPIC: "May be off topic",
    FlagKind.NEAR_DUPLICATE: "Nearly the same as another record",
    FlagKind.SAME_QUESTION: "Another record asks the same question",
    FlagKind.INJECTION: "A source or the question holds an instruction, markup or code",
    FlagKind.HIDDEN_TEXT: "A source holds hidden text",
    FlagKind.RETRIEVAL_INCOMPLETE: "The search was not answered in full",
    FlagKind.CUT_OFF: "Text arrived cut off",
    FlagKind.NOT_RECOMPUTABLE: "An outcome cannot be recomputed",
    FlagKind.FEW_CLAIMS: "Few claims were found",
    FlagKind.OWN_TEXTS: "From the registry's own texts",
    FlagKind.SCORE_MOVED: "A model's score moved without the flagged sources",
}

GATE_REASONS = {
    GateReason.NOT_ATTEMPTED: "No proof or re-run has been attempted",
    GateReason.NOT_APPLICABLE: "No claim of this record can be decided by a proof or a re-run",
    GateReason.PROOF_ACCEPTED: "The proof judge accepted the attached proof",
    GateReason.PROOF_REJECTED: "The attached proof was rejected",
    GateReason.REPRODUCED: "A sealed re-run gave the stated numbers within tolerance",
    GateReason.OUT_OF_TOLERANCE: "A sealed re-run missed the stated numbers",
    GateReason.NEGATION_PROVED: "The proof judge accepted a proof of the negation",
    GateReason.NOT_ACCEPTED: "It speaks against the claim, but the owner had not accepted the "
    "artifact as a test of it",
    GateReason.CONTROL_UNMOVED: "The negative control did not move the numbers",
    GateReason.PARTLY_VERIFIED: "Some checkable claims are verified, others are not",
    GateReason.TIMED_OUT: "The re-run ran out of time",
    GateReason.OUT_OF_MEMORY: "The re-run ran out of memory",
    GateReason.OUTPUT_LIMIT: "The re-run wrote more than it may",
    GateReason.PROCESS_LIMIT: "The re-run started more processes than it may",
    GateReason.CRASHED: "The re-run ended with an error",
    GateReason.MALFORMED_OUTPUT: "The re-run's output was not what its contract says",
    GateReason.INPUT_MISMATCH: "An input of the re-run was not the declared one",
    GateReason.ENVIRONMENT_MISMATCH: "The environment of the re-run was not the declared one",
    GateReason.NONDETERMINISTIC: "Two re-runs disagreed",
    GateReason.SANDBOX_UNAVAILABLE: "No sealed re-run was possible on the machine",
    GateReason.JUDGE_UNAVAILABLE: "No proof judge was at hand",
    GateReason.STATEMENT_NOT_REVIEWED: "No person has signed off the formal statement",
    GateReason.DECLARED: "Stated by an imported document",
}

VERDICTS = {
    Verdict.APPROVE: "Approve",
    Verdict.REVISE: "Revise",
    Verdict.REJECT: "Reject",
    Verdict.INCOMPLETE: "Incomplete",
}

POLICIES = {
    Policy.AUTO_APPROVE: "every guard held, so it was published without a person's review",
    Policy.ESCALATE_TO_OWNER: "a person, the owner, decides about publication",
}

KINDS = {
    ClaimKind.MATHEMATICAL: "mathematical: a formal proof could decide it",
    ClaimKind.EMPIRICAL: "empirical: states a quantity that a re-run could reproduce",
    ClaimKind.NEITHER: "neither mathematical nor empirical: Gate 2 does not apply",
}

EVENTS = {
    Event.OWNER_DECISION: "Owner's decision",
    Event.CORRECTION: "Correction",
    Event.RE_EVALUATION: "Re-evaluation",
    Event.ARTIFACT_ACCEPTED: "Artifact accepted as a test of a claim",
    Event.ADDENDUM: "Addendum",
    Event.REGISTRATION: "External registration",
    Event.CHALLENGE: "Challenge opened",
    Event.CHALLENGE_CLOSED: "Challenge closed",
    Event.CONCERN: "Expression of concern",
    Event.CONCERN_LIFTED: "Concern lifted",
    Event.PARTIAL_RETRACTION: "Retraction of some claims",
    Event.RETRACTION: "Retraction",
    Event.WITHDRAWAL: "Withdrawal",
    Event.SUPERSESSION: "Superseded by another record",
    Event.REINSTATEMENT: "Reinstatement",
    Event.REMOVAL: "Removal of the text",
}

TYPES = {
    CorrectionType.METADATA: "metadata",
    CorrectionType.ARTIFACT: "artifact",
    CorrectionType.CLAIM: "claim",
    CorrectionType.BENCHMARK: "benchmark",
    CorrectionType.PROVENANCE: "provenance",
    CorrectionType.QUALITY_ASSESSMENT: "quality assessment",
}


def entry_title(event: Event | None, correction_type: CorrectionType | None) -> str:
    """What happened, with the type of correction where it counts as one."""
    title = "Change of state" if event is None else EVENTS[event]
    return f"{title}, {TYPES[correction_type]}" if correction_type else title


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 claim``, ``0 claims``, ``12,000 claims``; ``plural`` where ``-s`` is wrong."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def state_says(state: RecordState) -> str:
    """What a state says, in the words of the correction contract."""
    return contract_words.STATES[state].definition


def state_word(state: RecordState) -> str:
    """A record state in words, such as ``Under review``."""
    return state.value.replace("_", " ").capitalize()


def with_state(text: str, state: str) -> str:
    """What names a record, followed by its state where that is not CURRENT."""
    word = state.replace("_", " ").capitalize()
    return text if state in {"", RecordState.CURRENT.value} else f"{text} ({word})"


def moment(time: str) -> str:
    """``2026-06-10T06:30:49Z`` as ``2026-06-10 06:30:49 UTC``; anything else unchanged."""
    day, found, clock = time.partition("T")
    if not found or not clock.endswith(("Z", "+00:00")):
        return time
    return f"{day} {clock.removesuffix('Z').removesuffix('+00:00')} UTC"
