"""Gate 2: the verdict of a formal proof or a sealed reproduction.

No function maps a score, a count or a level to VERIFIED, and a VERIFIED or FALSIFIED verdict cannot
be constructed without the digest of the artifact that gave it.  A record's verdict is the sum of
the verdicts about its claims, each of which stands in the history entry that added it and names
every file behind it by digest; ``contracts/rules/gate_v1.py`` holds the rules.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.claims import ClaimId, Origin
from sovereign_registry.contracts.history import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    NEGATION_PROVED = "negation-proved"
    """The proof judge accepted a proof of the negation from an artifact that the owner accepted."""
    NOT_ACCEPTED = "not-accepted"
    """The attempt speaks against the claim, from an artifact that the owner had not accepted for
    it."""
    CONTROL_UNMOVED = "control-unmoved"
    """The negative control left the metrics where they were: they do not depend on what they are
    said to be computed from."""
    PARTLY_VERIFIED = "partly-verified"
    """Some of the checkable claims are verified and others are not."""
    TIMED_OUT = "timed-out"
    """The run exceeded its wall-clock budget."""
    OUT_OF_MEMORY = "out-of-memory"
    """The run exceeded its memory budget."""
    OUTPUT_LIMIT = "output-limit"
    """The run wrote more than it may."""
    PROCESS_LIMIT = "process-limit"
    """The run started more processes than it may."""
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
    """No proof judge is installed on this machine, or it could not start."""
    STATEMENT_NOT_REVIEWED = "statement-not-reviewed"
    """No person has signed off that the formal statement says what the claim says."""
    DECLARED = "declared"
    """An imported document states the verdict and its reason."""


class Judge(StrEnum):
    """What may decide a claim at Gate 2."""

    SEALED_RUN = "sealed-run"
    """A supplied script, run twice and once as a control in a sealed sandbox."""
    LEAN = "lean"
    """The Lean toolchain's own judge of a proof."""
    NONE = "none"
    """Nothing: the claim states neither a quantity nor a theorem."""


MetricText = Annotated[str, msgspec.Meta(pattern=r"^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,40})?$")]
"""A finite decimal number written out: no exponent, at most 18 digits before the point and 40 after
it."""
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}"
_ENDING = r"\.(?:py|txt|md|csv|tsv|json|jsonl|yaml|toml|lock|lean|npy|npz|bin)$"
ArtifactPath = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_NAME}/){{0,2}}{_NAME}{_ENDING}")]
"""A relative path of plain names, at most three deep; its ending is one that no browser runs."""
FilePath = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_NAME}/){{0,3}}{_NAME}{_ENDING}")]
"""The same, one level deeper."""


class GateFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file of an artifact or of a run."""

    path: FilePath
    """Where it stands, relative to the folder that is spoken of."""
    sha256: Sha256
    """Digest of its bytes."""
    bytes: Annotated[int, msgspec.Meta(ge=0)]


class MetricOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One metric: what was expected, what the sealed runs gave, and what the control gave."""

    name: str
    """The metric's name."""
    expected: MetricText
    """The value that the artifact's maker expects."""
    absolute: MetricText | None
    """The widest allowed distance from the expected value."""
    relative: MetricText | None
    """The same as a share of the expected value; where both are given, both must hold."""
    stated: bool
    """Whether the expected value stands as a number in the claim's own text."""
    observed: MetricText | None
    """What both sealed runs gave; None where no value was had."""
    control: MetricText | None
    """What the negative control gave."""
    within: bool | None
    """Whether the observed value is within every tolerance."""
    moved: bool | None
    """Whether the control moved the value by more than the tolerance."""


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The owner's word that an artifact is a fair test of a claim; only then may it falsify."""

    entry: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    """Number of the history entry that added it."""
    claim: ClaimId
    """The claim."""
    claim_sha256: Sha256
    """Digest of the claim's text as it was accepted for."""
    artifact: Sha256
    """Digest over the list of the artifact's files."""

    def covers(self, claim: str, claim_sha256: str, artifact: str | None) -> bool:
        """Whether it is of this artifact for these words of this claim."""
        mine = (self.claim, self.claim_sha256, self.artifact)
        return mine == (claim, claim_sha256, artifact)


class ClaimVerdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The outcome of one attempt at one claim.

    Raises:
        ValueError: VERIFIED or FALSIFIED without all that it takes.
    """

    entry: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    """Number of the history entry that added it; its files stand in ``gate/NNNN/``."""
    claim: ClaimId
    """The claim."""
    claim_sha256: Sha256
    """Digest of the claim's text as it was tried; a verdict does not carry over to other words."""
    status: GateStatus
    """The outcome for this claim."""
    reason_code: GateReason
    """Why, for machines."""
    reason: str
    """Why, in words."""
    judge: Judge
    """What decided."""
    tool: str
    """Name and version of the judge or sandbox; empty where none was needed."""
    seal: str
    """What the check of the seal before the run showed, in words."""
    evaluated_at: UtcTime
    """When, UTC."""
    artifact: Sha256 | None
    """Digest over the list of the artifact's files."""
    accepted: bool
    """Whether the owner had accepted the artifact for this claim before."""
    run: Sha256 | None
    """Digest of the run's report, ``gate/NNNN/run.json``."""
    runs: Annotated[int, msgspec.Meta(ge=0, le=2)]
    """Completed sealed runs whose metrics could be read, the control not among them."""
    metrics: tuple[MetricOutcome, ...]
    """What was expected and what came; empty for a proof."""
    files: tuple[GateFile, ...]
    """Every file in ``gate/NNNN/``, sorted by path."""

    @property
    def folder(self) -> str:
        """Where the files stand, below the record's folder."""
        return f"gate/{self.entry:04d}"

    def __post_init__(self) -> None:
        """Refuse a strong verdict that nothing backs."""
        if self.status is GateStatus.UNVERIFIED:
            return
        if self.artifact is None or self.run is None or not self.files:
            message = f"{self.status} needs the digest of an artifact and of a run, and their files"
            raise ValueError(message)
        if self.reason_code not in _BACKING.get((self.status, self.judge), ()):
            message = f"{self.status} cannot follow from {self.reason_code} by {self.judge}"
            raise ValueError(message)
        if self.status is GateStatus.FALSIFIED and not self.accepted:
            message = "FALSIFIED needs an artifact that the owner accepted for the claim before"
            raise ValueError(message)
        if self.judge is Judge.SEALED_RUN:
            self._require_runs()

    def _require_runs(self) -> None:
        moved = any(one.stated and one.moved for one in self.metrics)
        observed = all(one.observed is not None for one in self.metrics)
        if self.runs < 2 or not moved or not observed:  # noqa: PLR2004 - both sealed runs
            message = f"{self.status} needs two agreeing sealed runs and a control that moved"
            raise ValueError(message)
        if self.status is GateStatus.VERIFIED:
            sound = all(one.within is True for one in self.metrics)
        else:
            sound = any(one.stated and one.within is False for one in self.metrics)
        if not sound:
            message = f"{self.status} does not follow from the metrics"
            raise ValueError(message)


_BACKING = {
    (GateStatus.VERIFIED, Judge.SEALED_RUN): (GateReason.REPRODUCED,),
    (GateStatus.VERIFIED, Judge.LEAN): (GateReason.PROOF_ACCEPTED,),
    (GateStatus.FALSIFIED, Judge.SEALED_RUN): (GateReason.OUT_OF_TOLERANCE,),
    (GateStatus.FALSIFIED, Judge.LEAN): (GateReason.NEGATION_PROVED,),
}


class GateVerdict(
    # What no attempt has filled is not written: manifests older than it keep their bytes.
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    omit_defaults=True,
):
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
    verdicts: tuple[ClaimVerdict, ...] = ()
    """Every attempt at a claim in order; none is ever taken away."""
    accepted: tuple[Acceptance, ...] = ()
    """Artifacts that the owner accepted, in order."""

    def verified_by(self, claim: str, claim_sha256: str) -> GateReason | None:
        """Why a claim with these words counts as VERIFIED, or None where it does not.

        Args:
            claim: The claim's id.
            claim_sha256: Digest of its text as it stands.
        """
        if not self.verdicts:  # a verdict without attempts speaks for its whole scope
            whole = self.status is GateStatus.VERIFIED and claim in self.claims
            return self.reason_code if whole else None
        mine = newest(one for one in self.verdicts if one.claim == claim)
        found = [one for one in mine if one.claim_sha256 == claim_sha256]
        if any(one.status is GateStatus.FALSIFIED for one in found):
            return None
        return next((one.reason_code for one in found if one.status is GateStatus.VERIFIED), None)

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


def newest(verdicts: Iterable[ClaimVerdict]) -> tuple[ClaimVerdict, ...]:
    """The newest verdict of each artifact about each wording of each claim, in order of entry.

    An attempt that failed for want of a sandbox or judge takes no earlier outcome away.
    """
    found: dict[tuple[str, str, str | None], ClaimVerdict] = {}
    for one in verdicts:
        key = (one.claim, one.claim_sha256, one.artifact)
        if key in found and one.reason_code in NO_ATTEMPT:
            continue
        found[key] = one
    return tuple(sorted(found.values(), key=lambda one: one.entry))


NO_ATTEMPT = frozenset({GateReason.SANDBOX_UNAVAILABLE, GateReason.JUDGE_UNAVAILABLE})
"""Reasons that say something about a machine and nothing about an artifact."""
