"""repro-run-v1 and lean-run-v1: all that one attempt at Gate 2 was and gave, as it is published.

A report holds what the rule ``gate-v1`` needs to decide again: a reader who has the report and the
artifact's files comes to the same verdict without running anything.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.claims import ClaimId
from sovereign_registry.contracts.gate import (
    Acceptance,
    GateFile,
    GateReason,
    GateStatus,
    MetricText,
)
from sovereign_registry.contracts.history import UtcTime
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.proof import LeanArtifact
from sovereign_registry.contracts.repro import Repro
from sovereign_registry.contracts.sealing import Ended, Preflight, SealCheck

RUN_FILE = "run.json"
Count = Annotated[int, msgspec.Meta(ge=0)]


class ToolUsed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One tool that had a part in the attempt."""

    name: str
    """Its name."""
    version: str
    """Its version, as it states it."""


class Machine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The environment as it was found inside the seal."""

    python: str
    """Version of the sealed interpreter; empty where it could not be asked."""
    implementation: str
    """Which Python it is."""
    platform: str
    """Operating system and machine type."""
    kernel: str
    """Name, release and machine type of the kernel."""


class Installed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was installed for the run, before it was sealed."""

    tool: str
    """What installed it, with its version."""
    lock_sha256: Sha256
    """Digest of the hash-locked requirements."""
    packages: tuple[str, ...]
    """``name==version`` of every package, sorted."""
    sha256: Sha256 | None
    """Digest over the list of installed files; None where the installation failed."""
    why: str
    """Why it failed; empty where it did not."""


class OutputFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file that a run left."""

    name: str
    """Its name below the run's output folder."""
    sha256: Sha256
    """Digest of its bytes."""
    bytes: Count
    """Size in bytes."""


class RunOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one sealed run ended."""

    role: Literal["first", "second", "control"]
    """Which of the three runs it was."""
    argv: tuple[str, ...]
    """The command, as it was run."""
    variables: dict[str, str]
    """The variables that it was given, the seed among them."""
    ended: Ended
    """How it ended."""
    exit_code: int | None
    """Its exit code; None where it did not end by itself."""
    why: str
    """The sandbox's own words about the end."""
    milliseconds: Count
    """Time on the wall."""
    peak_memory_bytes: Count | None
    """The most memory that was seen in use; None where nothing was seen."""
    outputs: tuple[OutputFile, ...]
    """What it left, sorted by name."""
    metrics: tuple[MetricText, ...]
    """The metrics' values in the contract's order; empty where they could not be read."""
    fault: str
    """Why the metrics could not be read; empty where they could."""
    stdout_sha256: Sha256
    """Digest of what it printed, as far as it was kept."""
    stderr_sha256: Sha256
    """Digest of what it printed as errors, as far as it was kept."""
    tail: str
    """The end of its error output, cleaned; a stranger's words."""


class ReproRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One attempt to reproduce a claim's numbers under seal."""

    contract: Literal["repro-run-v1"]
    record: RecordId
    """The record."""
    claim: ClaimId
    """The claim."""
    claim_sha256: Sha256
    """Digest of the claim's text as it stood."""
    claim_text: str
    """The claim's text as it stood."""
    artifact: Sha256
    """Digest over the list of the artifact's files."""
    files: tuple[GateFile, ...]
    """The artifact's files, sorted by path, as they were before the first run."""
    spec: Repro
    """``repro.yaml`` as it was read."""
    acceptance: Acceptance | None
    """The owner's acceptance of the artifact for this claim; None where there was none."""
    started_at: UtcTime
    """When the attempt began, UTC."""
    tools: tuple[ToolUsed, ...]
    """The sandbox and this software."""
    machine: Machine | None
    """The environment inside the seal; None where nothing was run."""
    installed: Installed | None
    """What was installed; None where the standard library is enough or it did not come to that."""
    preflight: Preflight | None
    """The check of the seal; None where it did not come to that."""
    runs: tuple[RunOutcome, ...]
    """The first run, the second, and the control, as far as it came."""
    files_after: Sha256 | None
    """Digest over the list of the staged files after the last run; None where nothing was run."""
    fault: str
    """Why nothing was run; empty where something was."""
    status: GateStatus
    """The outcome by the rule ``gate-v1``."""
    reason_code: GateReason
    """Why, for machines."""
    reason: str
    """Why, in words."""


class JudgePreflight(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether a proof judge works on this machine."""

    available: bool
    """Whether it answered."""
    tool: str
    """The judge with its version; empty where none was found."""
    toolchain: str
    """The toolchain that answered, such as ``leanprover/lean4:v4.35.0``; empty where none did."""
    command: tuple[str, ...]
    """How it is called, without its configuration."""
    executable_sha256: Sha256 | None
    """Digest of the program that is called; None where it was not found."""
    why: str
    """What stands in the way; empty where available."""
    fix: str
    """What the owner can do about it; empty where available."""
    checks: tuple[SealCheck, ...] | msgspec.UnsetType = msgspec.UNSET
    """The canaries that it was tried on: what it must accept and what it must refuse.  Unset where
    it was not tried, as in reports that are older than canaries."""


class JudgeOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the judge ended; only its exit code says what it judged."""

    ended: Ended
    """How it ended."""
    exit_code: int | None
    """0 accepted, 1 rejected, 2 could not start; None where it did not end by itself."""
    milliseconds: Count
    """Time on the wall."""
    stdout_sha256: Sha256
    """Digest of what was printed, as far as it was kept; never read for the outcome."""
    stderr_sha256: Sha256
    """Digest of what was printed as errors, as far as it was kept."""
    tail: str
    """The end of the printed text, cleaned; partly the submission's words, never read."""
    why: str
    """The driver's own words about the end."""


class LeanRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One attempt to have a claim's proof judged."""

    contract: Literal["lean-run-v1"]
    record: RecordId
    """The record."""
    claim: ClaimId
    """The claim."""
    claim_sha256: Sha256
    """Digest of the claim's text as it stood."""
    claim_text: str
    """The claim's text as it stood."""
    artifact: Sha256
    """Digest over the list of the artifact's files."""
    files: tuple[GateFile, ...]
    """The artifact's files, sorted by path."""
    spec: LeanArtifact
    """``lean.yaml`` as it was read."""
    acceptance: Acceptance | None
    """The owner's acceptance of the artifact for this claim; None where there was none."""
    started_at: UtcTime
    """When the attempt began, UTC."""
    tools: tuple[ToolUsed, ...]
    """The judge and this software."""
    preflight: JudgePreflight | None
    """The check of the judge; None where it did not come to that."""
    outcome: JudgeOutcome | None
    """How the judge ended; None where it was not asked."""
    fault: str
    """Why it was not asked; empty where it was."""
    status: GateStatus
    """The outcome by the rule ``gate-v1``."""
    reason_code: GateReason
    """Why, for machines."""
    reason: str
    """Why, in words."""
