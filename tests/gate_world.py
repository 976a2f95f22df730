"""Gate 2 played in memory: a sandbox, an installer and a judge that do as a test says.

The artifacts are made here, of our own words, for a claim of a record.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.canonical import content_sha256, file_sha256
from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.judge_canaries import CANARIES
from sovereign_registry.contracts.manifest import Approval
from sovereign_registry.contracts.repro import stated_numbers
from sovereign_registry.contracts.runs import Installed, JudgeOutcome, JudgePreflight
from sovereign_registry.contracts.sealing import Ended, Preflight, SealCheck, SealedOutcome
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.loading import load_manifest
from sovereign_registry.wiring.gate_runs import Tools

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.proof import LeanArtifact
    from sovereign_registry.contracts.sealing import SealedJob

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = b"import sys\nprint(sys.argv)\n"
PYTHON = "3.11.9"
TOOLCHAIN = "leanprover/lean4:v4.35.0"
HELD = Preflight(
    available=True,
    tool="sandbox in memory 1",
    kernel="kernel in memory",
    checks=(SealCheck(name="network", passed=True, what="none in sight"),),
    why="",
    fix="",
)
BROKEN = msgspec.structs.replace(
    HELD, available=False, checks=(), why="there is no seal here", fix="make one"
)


@dataclass
class Ticking:
    """Clock that is a second later each time it is asked."""

    at: datetime = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        """The next second."""
        self.at += timedelta(seconds=1)
        return self.at


def outcome(outputs: Mapping[str, bytes] | None = None, **fields: Any) -> SealedOutcome:  # noqa: ANN401
    """A run that ended well; any field can be replaced."""
    made: dict[str, Any] = {
        "ended": Ended.EXITED,
        "exit_code": 0,
        "stdout": b"",
        "stderr": b"",
        "outputs": dict(outputs or {}),
        "wall_seconds": 0.25,
        "peak_memory_bytes": 1000,
        "why": "",
    }
    return SealedOutcome(**made | fields)


def result(value: object) -> dict[str, bytes]:
    """The one output of our artifacts, with its one number."""
    return {"result.json": json.dumps({"value": value}).encode()}


@dataclass
class FakeSandbox:
    """Sandbox that answers run after run from a list, and keeps what it was asked."""

    outcomes: list[SealedOutcome] = field(default_factory=list)
    seal: Preflight = HELD
    python: str = PYTHON
    meddle: Callable[[Path], None] | None = None
    jobs: list[SealedJob] = field(default_factory=list)
    seen: list[dict[str, bytes]] = field(default_factory=list)
    checked: int = 0

    def preflight(self) -> Preflight:
        """The seal as the test says."""
        self.checked += 1
        return self.seal

    def run(self, job: SealedJob) -> SealedOutcome:
        """The next outcome; the probe of the machine is answered by itself."""
        if "machine.json" in job.outputs:
            told = {"python": self.python, "implementation": "CPython", "platform": "memory"}
            return outcome({"machine.json": json.dumps(told).encode()})
        folder = Path(job.folder)
        self.jobs.append(job)
        self.seen.append(
            {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file()
            }
        )
        if self.meddle is not None:
            self.meddle(folder)
        return self.outcomes[len(self.jobs) - 1]


@dataclass
class FakeInstaller:
    """Installer that puts one file down, or says why not."""

    why: str = ""
    asked: list[bytes] = field(default_factory=list)

    def install(self, lock: bytes, target: str) -> Installed:
        """Say what the test says."""
        self.asked.append(lock)
        if not self.why:
            Path(target, "helper.py").write_bytes(b"")
        return Installed(
            tool="installer in memory",
            lock_sha256=file_sha256(lock),
            packages=("helper==1",),
            sha256=None if self.why else content_sha256(["helper.py"]),
            why=self.why,
        )


@dataclass
class FakeJudge:
    """ProofJudge that ends as the test says; on canaries it is honest unless told otherwise."""

    exit_code: int | None = 0
    ended: Ended = Ended.EXITED
    toolchain: str = TOOLCHAIN
    available: bool = True
    honest: bool = True
    judged: int = 0
    canaries: list[str] = field(default_factory=list)

    def preflight(self, toolchain: str) -> JudgePreflight:
        """Answer, or say that there is none."""
        del toolchain
        return JudgePreflight(
            available=self.available,
            tool="judge in memory" if self.available else "",
            toolchain=self.toolchain if self.available else "",
            command=("judge",),
            executable_sha256=None,
            why="" if self.available else "there is no judge here",
            fix="",
        )

    def judge(self, spec: LeanArtifact, files: Mapping[str, bytes], folder: str) -> JudgeOutcome:
        """End as the test says, and lie about it."""
        del spec
        Path(folder, "left").write_bytes(b"")  # what a judge leaves is gone before the next one
        ended, exit_code = self.ended, self.exit_code
        canary = next((one for one in CANARIES if one.files == files), None)
        if canary is None:
            self.judged += 1
        else:
            self.canaries.append(canary.name)
            if self.honest:
                ended, exit_code = Ended.EXITED, min(canary.due)
        return JudgeOutcome(
            ended=ended,
            exit_code=exit_code,
            milliseconds=5,
            stdout_sha256="ab" * 32,
            stderr_sha256="ab" * 32,
            tail="Your solution is okay!",
            why="",
        )


def tools(*values: object, control: object = 0, seal: Preflight = HELD, **more: object) -> Tools:
    """Tools whose sandbox gives these values in the runs, then the control's."""
    given = [one if isinstance(one, SealedOutcome) else outcome(result(one)) for one in values]
    last = control if isinstance(control, SealedOutcome) else outcome(result(control))
    sandbox = FakeSandbox(outcomes=[*given, last], seal=seal)
    found = Tools(sandbox=sandbox, installer=FakeInstaller(), judge=FakeJudge())
    return Tools(**{**found.__dict__, **more})


def sandbox_of(found: Tools) -> FakeSandbox:
    """The sandbox of our tools."""
    assert isinstance(found.sandbox, FakeSandbox)
    return found.sandbox


def repro(claim: Claim, expected: str, **changes: object) -> dict[str, Any]:
    """A sound ``repro.yaml`` as plain values; any top field can be replaced."""
    made: dict[str, Any] = {
        "contract": "repro-v1",
        "about": "Computes the number again from nothing but itself.",
        "claim": {"id": claim.id, "sha256": claim.sha256},
        "command": ["python", "main.py"],
        "inputs": [{"path": "main.py", "sha256": file_sha256(SCRIPT)}],
        "environment": {"python": "3.11", "requirements": None},
        "seed": 7,
        "budget": {"wall_seconds": 20, "cpu_seconds": 20, "memory_mib": 128},
        "metrics": [
            {
                "name": "value",
                "file": "result.json",
                "pointer": "/value",
                "expected": expected,
                "absolute": "0.001",
                "relative": None,
            }
        ],
        "control": {"about": "Leaves the data out.", "command": ["python", "main.py", "--none"]},
    }
    return made | changes


def write_artifact(
    folder: Path, spec: dict[str, Any], files: Mapping[str, bytes] | None = None
) -> Path:
    """An artifact's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "lean.yaml" if spec["contract"] == "lean-v1" else "repro.yaml"
    for path, data in ({"main.py": SCRIPT} if files is None else files).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (folder / name).write_bytes(emit(spec))
    return folder


STATEMENT = b"theorem claim : 1 + 1 = 2 := by sorry\n"
SUBMISSION = b"theorem claim : 1 + 1 = 2 := rfl\n"


def lean(claim: Claim, *, reviewed: bool = True, **changes: object) -> dict[str, Any]:
    """A sound ``lean.yaml`` as plain values."""
    review = {
        "by": "A reader",
        "at": "2027-01-01T00:00:00Z",
        "statement_sha256": file_sha256(STATEMENT),
        "claim_sha256": claim.sha256,
        "says": "One and one are two.",
    }
    made: dict[str, Any] = {
        "contract": "lean-v1",
        "about": "Proves it by computation.",
        "claim": {"id": claim.id, "sha256": claim.sha256},
        "proves": "claim",
        "theorems": ["claim"],
        "toolchain": TOOLCHAIN,
        "axioms": ["propext", "Quot.sound", "Classical.choice"],
        "inputs": [
            {"path": "Challenge.lean", "sha256": file_sha256(STATEMENT)},
            {"path": "Solution.lean", "sha256": file_sha256(SUBMISSION)},
        ],
        "budget": {"wall_seconds": 60, "memory_mib": 4096},
        "review": review if reviewed else None,
    }
    return made | changes


LEAN_FILES = {"Challenge.lean": STATEMENT, "Solution.lean": SUBMISSION}


@cache
def _chosen() -> tuple[str, Claim, str]:
    """A shipped record, a located claim of it, and a decimal number that the claim states.

    The record has claims of several kinds, and nothing has happened to it since its publication.
    """
    shipped = Registry(ROOT)
    for record_id in shipped.ids():
        data, _ = shipped.raw(record_id)
        record = load_manifest(data, record_id)
        if record.standing.approval is not Approval.AUTO_APPROVED:
            continue
        if ClaimKind.NEITHER not in {claim.kind for claim in record.claims}:
            continue
        for claim in record.claims:
            numbers = [one for one in stated_numbers(claim.text) if one > 0 and one % 1]
            if claim.kind is ClaimKind.EMPIRICAL and numbers and claim.level > 1:
                return record_id, claim, str(min(numbers))
    message = "no shipped record states a decimal number"
    raise AssertionError(message)


def shipped_registry(root: Path) -> tuple[Registry, str, Claim, str]:
    """A registry of one shipped record without its history; a claim of it, and a number in it."""
    record_id, claim, number = _chosen()
    source = ROOT / "manifests" / "records" / record_id
    target = root / "manifests" / "records" / record_id
    target.mkdir(parents=True)
    shutil.copy(ROOT / "manifests" / "registry.yaml", root / "manifests")
    shutil.copy(source / "manifest.yaml", target)
    shutil.copytree(source / "artifacts", target / "artifacts")
    return Registry(root), record_id, claim, number
