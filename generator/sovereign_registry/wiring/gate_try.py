"""An artifact run sealed on a reader's own machine, from a folder or a published address."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.gate import MetricOutcome
from sovereign_registry.contracts.repro import MAX_FILE_BYTES, Repro
from sovereign_registry.contracts.rules.gate_attempts_v1 import metric_outcomes
from sovereign_registry.contracts.runs import RUN_FILE, ReproRun, RunOutcome
from sovereign_registry.contracts.sealing import Ended
from sovereign_registry.contracts.verdicts import FILES, load_report
from sovereign_registry.store.artifacts import Artifact, check_artifact, read_artifact
from sovereign_registry.store.gate_files import folder_reader
from sovereign_registry.verifier.fetch import RemoteFiles
from sovereign_registry.wiring.gate_batch import default_tools
from sovereign_registry.wiring.gate_runs import Subject, attempt

if TYPE_CHECKING:
    from sovereign_registry.store.gate_files import Read
    from sovereign_registry.wiring.gate_runs import Tools

_NOWHERE = "sr-0000-00000000"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    artifact: str
    reproduced: bool
    """Whether both runs agreed, every number is within tolerance, and the control moved one."""
    why: str
    runs: tuple[RunOutcome, ...]
    metrics: tuple[MetricOutcome, ...]


def try_out(place: str, tools: Tools | None = None) -> Tried:
    """Run an artifact sealed; nothing is written anywhere.

    Args:
        place: An artifact's folder, or a published folder with its report, or that at its address.
        tools: The ports; those of this machine by default.

    Raises:
        RegistryError: the artifact cannot be read, or is not what its report says.
    """
    artifact, claim = _found(place)
    if not isinstance(artifact.spec, Repro):
        raise BadInput("is a proof", where=place, todo="Have it judged by `lake comparator`.")
    subject = Subject(
        record=_NOWHERE,
        claim=artifact.spec.claim.id,
        claim_sha256=artifact.spec.claim.sha256,
        claim_text=claim,
        acceptance=None,
        started_at="2000-01-01T00:00:00Z",
    )
    with tempfile.TemporaryDirectory(prefix="sovereign-try-") as work:
        run = attempt(subject, artifact, tools or default_tools(), Path(work))
    if not isinstance(run, ReproRun):  # pragma: no cover - a Repro gives a ReproRun
        raise TypeError(run)
    metrics = metric_outcomes(run)
    fine = bool(run.runs) and all(one.within for one in metrics)
    moved = any(one.moved for one in metrics)
    return Tried(
        artifact=artifact.sha256,
        reproduced=fine and moved,
        why=_why(run, fine=fine),
        runs=run.runs,
        metrics=metrics,
    )


def _why(run: ReproRun, *, fine: bool) -> str:
    if text_sha256(run.claim_text) == run.claim_sha256:
        return run.reason
    seal, installed = run.preflight, run.installed
    if seal is not None and not seal.available:
        return f"this machine cannot seal a run: {seal.why}"
    if installed is not None and installed.why:
        return f"the locked requirements could not be had: {installed.why}"
    if run.fault or not run.runs:
        found = run.machine.python if run.machine else ""
        return run.fault or f"the sealed interpreter is Python {found}, which is not the declared"
    failed = _ends(run)
    if failed:
        return failed
    return "the control does not move any number" if fine else "the numbers do not come out"


_RUNS = {"first": "the first run", "second": "the second run", "control": "the control"}


def _ends(run: ReproRun) -> str:
    """What kept a run from giving its numbers, or both runs from agreeing; empty for nothing."""
    for one in run.runs:
        if one.ended is not Ended.EXITED:
            return f"{_RUNS[one.role]} did not end by itself: {one.why or one.ended}"
        if one.exit_code != 0:
            return f"{_RUNS[one.role]} ended with the exit code {one.exit_code}"
        if not one.metrics:
            return f"{_RUNS[one.role]} left no number: {one.fault}"
    given = {one.role: one.metrics for one in run.runs}
    pairs = zip(run.spec.metrics, given.get("first", ()), given.get("second", ()), strict=False)
    differing = [f"{one.name} ({a} and {b})" for one, a, b in pairs if a != b]
    return f"the two runs disagree on {', '.join(differing)}" if differing else ""


def _found(place: str) -> tuple[Artifact, str]:
    """The artifact, and the claim's text where a report states it."""
    if place.startswith(("http://", "https://")):
        return _published(RemoteFiles(place).find, place.rstrip("/"))
    folder = Path(place)
    if (folder / RUN_FILE).is_file():
        return _published(folder_reader(folder), place)
    return read_artifact(folder), ""


def _published(read: Read, place: str) -> tuple[Artifact, str]:
    data = read(RUN_FILE)
    if data is None:
        raise BadInput(f"holds no {RUN_FILE}", where=place, todo="Name records/ID/gate/NNNN/.")
    run = load_report(data, f"{place}/{RUN_FILE}")
    files: dict[str, bytes] = {}
    for file in run.files:
        found = read(f"{FILES}/{file.path}")
        if found is None or len(found) > MAX_FILE_BYTES:
            raise BadInput("is missing or too large", where=f"{place}/{FILES}/{file.path}")
        files[file.path] = found
    artifact = check_artifact(files, place)
    if artifact.sha256 != run.artifact:
        raise BadInput("its files are not those that its report names", where=place)
    return artifact, run.claim_text
