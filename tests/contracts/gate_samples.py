"""Attempts at Gate 2 of our own making: reports, and the verdicts that follow from them."""

from __future__ import annotations

from typing import Any

import msgspec

from sovereign_registry.contracts.gate import (
    Acceptance,
    ClaimVerdict,
    GateFile,
    GateReason,
    GateStatus,
)
from sovereign_registry.contracts.proof import LeanArtifact
from sovereign_registry.contracts.repro import Repro, listing_sha256
from sovereign_registry.contracts.runs import (
    JudgeOutcome,
    JudgePreflight,
    LeanRun,
    Machine,
    ReproRun,
    RunOutcome,
)
from sovereign_registry.contracts.sealing import Ended
from sovereign_registry.contracts.verdicts import decided, verdict_of
from tests.contracts import samples
from tests.gate_world import HELD, TOOLCHAIN, lean, repro

CLAIM = samples.claim(1, "Trams wait 12.5 seconds at the second junction.", place=samples.locator())
WHEN = "2027-01-02T03:04:05Z"


def outcome(role: Any, value: str, spec: Repro, **changes: Any) -> RunOutcome:  # noqa: ANN401
    """A run that gave this value."""
    control = role == "control"
    found = RunOutcome(
        role=role,
        argv=spec.control.command if control else spec.command,
        variables=spec.given(control=control),
        ended=Ended.EXITED,
        exit_code=0,
        why="",
        milliseconds=5,
        peak_memory_bytes=None,
        outputs=(),
        metrics=(value,),
        fault="",
        stdout_sha256="ab" * 32,
        stderr_sha256="ab" * 32,
        tail="",
    )
    return msgspec.structs.replace(found, **changes)


def sealed(
    first: str = "12.5",
    second: str | None = None,
    control: str = "3",
    **changes: Any,  # noqa: ANN401
) -> ReproRun:
    """The report of a sealed attempt that gave these values; any field can be replaced."""
    spec = msgspec.convert(repro(CLAIM, "12.5"), Repro)
    script = GateFile(path="main.py", sha256=spec.inputs[0].sha256, bytes=1)
    files = (script, GateFile(path="repro.yaml", sha256="cd" * 32, bytes=1))
    run = ReproRun(
        contract="repro-run-v1",
        record="sr-2605-0000000a",
        claim="c1",
        claim_sha256=CLAIM.sha256,
        claim_text=CLAIM.text,
        artifact=listing_sha256(files),
        files=files,
        spec=spec,
        acceptance=None,
        started_at=WHEN,
        tools=(),
        machine=Machine(python="3.11.9", implementation="x", platform="x", kernel="x"),
        installed=None,
        preflight=HELD,
        runs=(
            outcome("first", first, spec),
            outcome("second", second or first, spec),
            outcome("control", control, spec),
        ),
        files_after=listing_sha256([script]),
        fault="",
        status=GateStatus.UNVERIFIED,
        reason_code=GateReason.NOT_ATTEMPTED,
        reason="",
    )
    return msgspec.structs.replace(run, **changes)


def accepted(run: ReproRun | LeanRun) -> Acceptance:
    """The owner's acceptance of this very artifact."""
    return Acceptance(entry=1, claim="c1", claim_sha256=CLAIM.sha256, artifact=run.artifact)


def with_run(place: int, **changes: Any) -> ReproRun:  # noqa: ANN401
    """A sound attempt but for one of its runs."""
    run = sealed()
    runs = list(run.runs)
    runs[place] = msgspec.structs.replace(runs[place], **changes)
    return msgspec.structs.replace(run, runs=tuple(runs))


def proof(exit_code: int | None = 0, ended: Ended = Ended.EXITED, **changes: Any) -> LeanRun:  # noqa: ANN401
    """The report of a judged proof."""
    spec = msgspec.convert(lean(CLAIM, **changes.pop("spec", {})), LeanArtifact)
    files = (
        *(GateFile(path=one.path, sha256=one.sha256, bytes=1) for one in spec.inputs),
        GateFile(path="lean.yaml", sha256="cd" * 32, bytes=1),
    )
    run = LeanRun(
        contract="lean-run-v1",
        record="sr-2605-0000000a",
        claim="c1",
        claim_sha256=CLAIM.sha256,
        claim_text=CLAIM.text,
        artifact=listing_sha256(files),
        files=files,
        spec=spec,
        acceptance=None,
        started_at=WHEN,
        tools=(),
        preflight=JudgePreflight(
            available=True,
            tool="judge",
            toolchain=TOOLCHAIN,
            command=("judge",),
            executable_sha256=None,
            why="",
            fix="",
        ),
        outcome=JudgeOutcome(
            ended=ended,
            exit_code=exit_code,
            milliseconds=1,
            stdout_sha256="ab" * 32,
            stderr_sha256="ab" * 32,
            tail="Your solution is okay!",
            why="",
        ),
        fault="",
        status=GateStatus.UNVERIFIED,
        reason_code=GateReason.NOT_ATTEMPTED,
        reason="",
    )
    return msgspec.structs.replace(run, **changes)


def verified(entry: int = 1) -> ClaimVerdict:
    """A verdict of a sealed reproduction."""
    return verdict_of(decided(sealed()), entry=entry, evaluated_at=WHEN)


def falsified(entry: int) -> ClaimVerdict:
    """A verdict of an accepted artifact that missed."""
    run = sealed("14")
    held = msgspec.structs.replace(run, acceptance=accepted(run), files=run.files)
    return verdict_of(decided(held), entry=entry, evaluated_at=WHEN)
