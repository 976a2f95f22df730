"""From the report of an attempt to the verdict that a history entry carries.  Pure.

The same function makes a verdict and audits it later: a verdict is sound if making it again from
the published report gives the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.gate import ClaimVerdict, GateFile, GateStatus, Judge
from sovereign_registry.contracts.rules.gate_attempts_v1 import (
    completed,
    decide_proof,
    decide_run,
    metric_outcomes,
)
from sovereign_registry.contracts.rules.gate_v1 import not_applicable
from sovereign_registry.contracts.runs import RUN_FILE, LeanRun, ReproRun

if TYPE_CHECKING:
    from sovereign_registry.contracts.claims import Claim

FILES = "files"
"""Folder of the artifact's files beside the report."""


def decided(run: ReproRun | LeanRun) -> ReproRun | LeanRun:
    """The report with the outcome that follows from it."""
    found = decide_run(run) if isinstance(run, ReproRun) else decide_proof(run)
    return msgspec.structs.replace(
        run, status=found.status, reason_code=found.reason_code, reason=found.reason
    )


def report_bytes(run: ReproRun | LeanRun) -> bytes:
    """A report as it is published: JSON, one field a line, in the contract's order."""
    return msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n"


def load_report(data: bytes, where: str) -> ReproRun | LeanRun:
    """Read a report, which is accepted in its published form only.

    Raises:
        RecordFault: it is not what its contract says.
    """
    kind: type[ReproRun | LeanRun] = LeanRun if b'"lean-run-v1"' in data[:60] else ReproRun
    try:
        run: ReproRun | LeanRun = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordFault(
            f"is no report of a run: {error}", where=where, todo="Restore the published file."
        ) from error
    if report_bytes(run) != data:
        raise RecordFault(
            "is not in its published form", where=where, todo="Restore the published file."
        )
    return run


def verdict_of(run: ReproRun | LeanRun, *, entry: int, evaluated_at: str) -> ClaimVerdict:
    """The verdict that a decided report gives.

    Args:
        run: The report.
        entry: Number of the history entry.
        evaluated_at: Time of the entry, UTC.

    Raises:
        ValueError: the report states an outcome that its own facts do not back.
    """
    data = report_bytes(run)
    report = GateFile(path=RUN_FILE, sha256=file_sha256(data), bytes=len(data))
    files = [msgspec.structs.replace(one, path=f"{FILES}/{one.path}") for one in run.files]
    sealed = isinstance(run, ReproRun)
    return ClaimVerdict(
        entry=entry,
        claim=run.claim,
        claim_sha256=run.claim_sha256,
        status=run.status,
        reason_code=run.reason_code,
        reason=run.reason,
        judge=Judge.SEALED_RUN if sealed else Judge.LEAN,
        tool=run.preflight.tool if run.preflight else "",
        seal=_seal(run),
        evaluated_at=evaluated_at,
        artifact=run.artifact,
        accepted=run.acceptance is not None,
        run=report.sha256,
        runs=completed(run) if isinstance(run, ReproRun) else 0,
        metrics=metric_outcomes(run) if isinstance(run, ReproRun) else (),
        files=tuple(sorted([report, *files], key=lambda one: one.path)),
    )


def _seal(run: ReproRun | LeanRun) -> str:
    if isinstance(run, LeanRun):
        if run.outcome is None:
            return ""
        words = "The judge builds the submission in a sandbox of its own; only its exit code counts"
        checks = run.preflight.checks if run.preflight else msgspec.UNSET
        if checks is msgspec.UNSET:
            return f"{words}."
        held = sum(one.passed for one in checks)
        return f"{words}; {held} of {len(checks)} canaries came out as they must right before."
    if run.preflight is None:
        return ""
    held = sum(one.passed for one in run.preflight.checks)
    return f"{held} of {len(run.preflight.checks)} checks of the seal held right before the run."


def inapplicable(claim: Claim, *, entry: int, evaluated_at: str) -> ClaimVerdict:
    """The verdict about a claim that nothing could decide; no artifact, nothing is run."""
    found = not_applicable(claim)
    return ClaimVerdict(
        entry=entry,
        claim=claim.id,
        claim_sha256=claim.sha256,
        status=GateStatus.UNVERIFIED,
        reason_code=found.reason_code,
        reason=found.reason,
        judge=Judge.NONE,
        tool="",
        seal="",
        evaluated_at=evaluated_at,
        artifact=None,
        accepted=False,
        run=None,
        runs=0,
        metrics=(),
        files=(),
    )
