"""One attempt at Gate 2: stage, install, prove the seal, run twice and as a control, report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from sovereign_registry import __version__
from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.metrics import MalformedOutput, read_metrics
from sovereign_registry.contracts.repro import MAX_FILE_BYTES, REPRO_FILE, Repro, listing_sha256
from sovereign_registry.contracts.runs import (
    LeanRun,
    Machine,
    OutputFile,
    ReproRun,
    RunOutcome,
    ToolUsed,
)
from sovereign_registry.contracts.sealing import MIB, Ended, Limits, SealedJob
from sovereign_registry.contracts.verdicts import decided
from sovereign_registry.store.artifacts import listing_of
from sovereign_registry.wiring.gate_files import clean, fresh_folder
from sovereign_registry.wiring.gate_judges import ProvenJudges

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sovereign_registry.contracts.gate import Acceptance
    from sovereign_registry.contracts.ports import DependencyInstaller, ProofJudge, Sandbox
    from sovereign_registry.contracts.proof import LeanArtifact
    from sovereign_registry.contracts.runs import Installed
    from sovereign_registry.contracts.sealing import Preflight, SealedOutcome
    from sovereign_registry.store.artifacts import Artifact

MACHINE_FILE = "machine.json"
PROBE = (
    "import json, os, platform, sys\n"
    "found = {'python': platform.python_version(),"
    " 'implementation': platform.python_implementation(),"
    " 'platform': sys.platform + ' ' + platform.machine()}\n"
    "with open(os.environ['OUT'] + '/machine.json', 'w') as file:\n"
    "    json.dump(found, file)\n"
)
"""What the sealed interpreter is asked about itself; ours, and run under the same seal."""
PROBE_LIMITS = Limits(
    wall_seconds=60,
    cpu_seconds=30,
    memory_bytes=256 * MIB,
    disk_bytes=MIB,
    output_bytes=4096,
    stream_bytes=4096,
    processes=8,
)
TAIL = 600


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The ports that an attempt needs."""

    sandbox: Sandbox
    installer: DependencyInstaller
    judge: ProofJudge


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What an attempt is about."""

    record: str
    claim: str
    claim_sha256: str
    claim_text: str
    acceptance: Acceptance | None
    started_at: str


def attempt(  # noqa: PLR0913, PLR0917 - two of them spare a batch the same work
    subject: Subject,
    artifact: Artifact,
    tools: Tools,
    work: Path,
    seal: Preflight | None = None,
    judges: ProvenJudges | None = None,
) -> ReproRun | LeanRun:
    """Make one attempt and decide it.

    Args:
        subject: The claim.
        artifact: Its files, checked.
        tools: The ports.
        work: An empty folder of this attempt's own.
        seal: The check of the seal, where the batch made it already.
        judges: The judges that the batch has tried its canaries on; a new one by default.
    """
    spec, work = artifact.spec, work.resolve()
    if isinstance(spec, Repro):
        return decided(_repro(subject, artifact, spec, tools, work, seal))
    proven = judges or ProvenJudges(tools.judge)
    return decided(_lean(subject, artifact, spec, tools, work, proven))


def _repro(  # noqa: PLR0913, PLR0917 - as for ``attempt``
    subject: Subject,
    artifact: Artifact,
    spec: Repro,
    tools: Tools,
    work: Path,
    seal: Preflight | None,
) -> ReproRun:
    found = _cleaned(seal or tools.sandbox.preflight())
    run = ReproRun(
        contract="repro-run-v1",
        record=subject.record,
        claim=subject.claim,
        claim_sha256=subject.claim_sha256,
        claim_text=subject.claim_text,
        artifact=artifact.sha256,
        files=artifact.listing,
        spec=spec,
        acceptance=subject.acceptance,
        started_at=subject.started_at,
        tools=(
            ToolUsed(name="sovereign-registry", version=__version__),
            *([ToolUsed(name="sandbox", version=found.tool)] if found.tool else []),
        ),
        machine=None,
        installed=None,
        preflight=found,
        runs=(),
        files_after=None,
        fault="" if found.available else "the seal could not be proven",
        status=GateStatus.UNVERIFIED,
        reason_code=GateReason.NOT_ATTEMPTED,
        reason="",
    )
    if not found.available:
        return run
    job, environment = work / "job", work / "env"
    staged = {path: data for path, data in artifact.files.items() if path != REPRO_FILE}
    _stage(job, staged)
    if spec.environment.requirements is not None:
        run = _with_installed(run, tools, staged[spec.environment.requirements], environment)
        if run.installed is None or run.installed.sha256 is None:
            return run
    folder = str(environment) if run.installed else None
    run = _with_machine(run, tools.sandbox, str(job), folder)
    if run.machine is None or not _right_python(run):
        return run
    runs: list[RunOutcome] = []
    for role in ("first", "second", "control"):
        runs.append(_sealed_run(spec, role, tools.sandbox, str(job), folder))
        if not runs[-1].metrics:
            break
    return msgspec.structs.replace(run, runs=tuple(runs), files_after=_listing(job))


def _cleaned(found: Preflight) -> Preflight:
    """What a preflight says, without characters that no record may hold."""
    return msgspec.structs.replace(
        found,
        tool=clean(found.tool),
        kernel=clean(found.kernel),
        why=clean(found.why),
        fix=clean(found.fix),
        checks=tuple(
            msgspec.structs.replace(one, what=clean(one.what), name=clean(one.name))
            for one in found.checks
        ),
    )


def _stage(folder: Path, files: Mapping[str, bytes]) -> None:
    """Lay the artifact out for the run; the contract and its expected values stay outside."""
    folder.mkdir(mode=0o755)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        path.write_bytes(data)
        path.chmod(0o444)


def _listing(folder: Path) -> str | None:
    """Digest over the list of what lies in a folder now; None where it is no plain tree."""
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            return None
        if path.is_file():
            if path.stat().st_size > MAX_FILE_BYTES:
                return None
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return listing_sha256(listing_of(files))


def _with_installed(run: ReproRun, tools: Tools, lock: bytes, target: Path) -> ReproRun:
    target.mkdir(mode=0o755)
    found: Installed = tools.installer.install(lock, str(target))
    found = msgspec.structs.replace(found, why=clean(found.why)[:TAIL])
    return msgspec.structs.replace(run, installed=found)


def _with_machine(
    run: ReproRun, sandbox: Sandbox, folder: str, environment: str | None
) -> ReproRun:
    job = SealedJob(
        argv=("python", "-c", PROBE),
        folder=folder,
        environment=environment,
        variables=(("OUT", "/out"),),
        outputs=(MACHINE_FILE,),
        limits=PROBE_LIMITS,
    )
    outcome = sandbox.run(job)
    try:
        told = json.loads(outcome.outputs.get(MACHINE_FILE, b""))
        names = {name: clean(str(told[name]))[:80] for name in ("python", "implementation")}
        machine = Machine(
            **names,
            platform=clean(str(told["platform"]))[:80],
            kernel=run.preflight.kernel if run.preflight else "",
        )
    except (ValueError, LookupError, TypeError, RecursionError):
        why = clean(outcome.why or "it left no answer")[:TAIL]
        return msgspec.structs.replace(run, fault=why)
    return msgspec.structs.replace(run, machine=machine)


def _right_python(run: ReproRun) -> bool:
    found = run.machine.python if run.machine else ""
    return f"{found}.".startswith(f"{run.spec.environment.python}.")


def _sealed_run(
    spec: Repro,
    role: Literal["first", "second", "control"],
    sandbox: Sandbox,
    folder: str,
    environment: str | None,
) -> RunOutcome:
    control = role == "control"
    argv = spec.control.command if control else spec.command
    variables = spec.given(control=control)
    outcome = sandbox.run(
        SealedJob(
            argv=argv,
            folder=folder,
            environment=environment,
            variables=tuple(sorted(variables.items())),
            outputs=spec.outputs,
            limits=spec.budget.limits(),
        )
    )
    metrics, fault = _metrics(spec, outcome)
    return RunOutcome(
        role=role,
        argv=argv,
        variables=variables,
        ended=outcome.ended,
        exit_code=outcome.exit_code,
        why=clean(outcome.why)[:TAIL],
        milliseconds=round(outcome.wall_seconds * 1000),
        peak_memory_bytes=outcome.peak_memory_bytes,
        outputs=tuple(
            OutputFile(name=name, sha256=file_sha256(data), bytes=len(data))
            for name, data in sorted(outcome.outputs.items())
            if name in spec.outputs
        ),
        metrics=metrics,
        fault=fault,
        stdout_sha256=file_sha256(outcome.stdout),
        stderr_sha256=file_sha256(outcome.stderr),
        tail=clean(outcome.stderr[-4 * TAIL :].decode("utf-8", "replace"))[-TAIL:],
    )


def _metrics(spec: Repro, outcome: SealedOutcome) -> tuple[tuple[str, ...], str]:
    """The metrics of a run that ended by itself, or why they cannot be read."""
    if outcome.ended is not Ended.EXITED or outcome.exit_code != 0:
        return (), ""
    try:
        return read_metrics(spec.metrics, outcome.outputs), ""
    except MalformedOutput as error:
        return (), clean(str(error))[:TAIL]


def _lean(  # noqa: PLR0913, PLR0917 - as for ``attempt``
    subject: Subject,
    artifact: Artifact,
    spec: LeanArtifact,
    tools: Tools,
    work: Path,
    judges: ProvenJudges,
) -> LeanRun:
    run = LeanRun(
        contract="lean-run-v1",
        record=subject.record,
        claim=subject.claim,
        claim_sha256=subject.claim_sha256,
        claim_text=subject.claim_text,
        artifact=artifact.sha256,
        files=artifact.listing,
        spec=spec,
        acceptance=subject.acceptance,
        started_at=subject.started_at,
        tools=(ToolUsed(name="sovereign-registry", version=__version__),),
        preflight=None,
        outcome=None,
        fault="",
        status=GateStatus.UNVERIFIED,
        reason_code=GateReason.NOT_ATTEMPTED,
        reason="",
    )
    if not spec.reviewed:
        return msgspec.structs.replace(run, fault="the statement is not reviewed")
    folder = work / "proof"  # the same for canaries, so that nothing tells them apart
    found = judges.preflight(spec.toolchain, folder)
    run = msgspec.structs.replace(run, preflight=found)
    if not found.available or found.toolchain != spec.toolchain:
        return msgspec.structs.replace(run, fault="the pinned judge is not at hand")
    outcome = tools.judge.judge(spec, artifact.files, str(fresh_folder(folder)))
    outcome = msgspec.structs.replace(
        outcome, tail=clean(outcome.tail)[-TAIL:], why=clean(outcome.why)[:TAIL]
    )
    return msgspec.structs.replace(
        run,
        outcome=outcome,
        tools=(*run.tools, ToolUsed(name="proof judge", version=found.tool)),
    )
