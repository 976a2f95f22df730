"""Gate 2: the verdict of a formal proof or a sealed reproduction.

No function maps a score, a count or a level to VERIFIED, and a VERIFIED or FALSIFIED verdict cannot
be constructed without the digest of the artifact that gave it.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.claims import ClaimId, Origin

GATE_2 = "Gate 2 — Verification (formal proof or sandbox reproduction)"


class GateStatus(StrEnum):
    """The status of a record or claim at Gate 2."""

    UNVERIFIED = "UNVERIFIED"
    """No proof or reproduction succeeded; the reason says why."""
    VERIFIED = "VERIFIED"
    """A Lean 4 proof type-checks, or a sealed run reproduced the result within tolerance."""
    FALSIFIED = "FALSIFIED"
    """A completed sealed reproduction missed its tolerance, or the negation was proved."""


class GateReason(StrEnum):
    """Why a verdict is what it is, for machines; every verdict also says it in words."""

    NOT_ATTEMPTED = "not-attempted"
    """Nobody has run Gate 2 for this record."""
    NOT_APPLICABLE = "not-applicable"
    """No claim of the record can be decided by a proof or a re-run."""
    PROOF_ACCEPTED = "proof-accepted"
    """The proof judge accepted the attached proof."""
    PROOF_REJECTED = "proof-rejected"
    """The proof judge rejected the attached proof, which says nothing about the claim itself."""
    REPRODUCED = "reproduced"
    """Two sealed runs gave every metric within its tolerance and the control moved."""
    OUT_OF_TOLERANCE = "out-of-tolerance"
    """A completed sealed run of an accepted artifact missed its tolerance."""
    TIMED_OUT = "timed-out"
    """The run exceeded its wall-clock budget."""
    OUT_OF_MEMORY = "out-of-memory"
    """The run exceeded its memory budget."""
    OUTPUT_LIMIT = "output-limit"
    """The run wrote more than it may."""
    CRASHED = "crashed"
    """The run ended with an error."""
    MALFORMED_OUTPUT = "malformed-output"
    """The run's declared output is missing or not what its contract says."""
    INPUT_MISMATCH = "input-mismatch"
    """An input's digest is not the declared one."""
    ENVIRONMENT_MISMATCH = "environment-mismatch"
    """The environment is not the declared one."""
    NONDETERMINISTIC = "nondeterministic"
    """Two runs of the same artifact disagree."""
    SANDBOX_UNAVAILABLE = "sandbox-unavailable"
    """This machine cannot seal a run; nothing is ever run unsealed."""
    JUDGE_UNAVAILABLE = "judge-unavailable"
    """No proof judge is installed on this machine."""
    DECLARED = "declared"
    """An imported document states the verdict and its reason."""


class GateVerdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One verdict with its reason, time and scope.

    Raises:
        ValueError: VERIFIED or FALSIFIED without an artifact digest and a claim in scope.
    """

    origin: Origin
    status: GateStatus
    reason_code: GateReason
    reason: str
    evaluated_at: str | None
    """RFC 3339 time of the evaluation; None where none took place."""
    gate: str
    claims: tuple[ClaimId, ...]
    """The claims that the verdict is about."""
    checkable_claims: int
    """How many claims of the record Gate 2 could decide."""
    artifacts: tuple[Sha256, ...]
    """Digests of the artifacts that gave the verdict."""

    def __post_init__(self) -> None:
        """Refuse a strong verdict that nothing backs."""
        if self.status is GateStatus.UNVERIFIED:
            return
        if not self.artifacts or not self.claims:
            message = f"{self.status} needs the digest of an artifact and a claim in its scope"
            raise ValueError(message)
        if self.origin is not Origin.COMPUTED:
            message = f"{self.status} cannot be declared; only a run of Gate 2 may give it"
            raise ValueError(message)
