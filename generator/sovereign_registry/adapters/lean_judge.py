"""The Lean toolchain's own judge, driven from outside; its exit code is all that is read of it.

Upstream ships the judge with the toolchain as ``lake comparator`` (at first ``lake challenge``): it
builds statement and submission in a bubblewrap sandbox of its own, compares the statements, allows
the named axioms only, and replays the proof in a kernel outside of the submission's reach.  Exit 0
accepts, 1 rejects, 2 could not start (leanprover/lean4 #14885, #15005, #15146).

Here it gets an empty environment, a folder of its own, a deadline, a bounded ear, and a process
namespace by bubblewrap, so that nothing outlives it or us.  That bubblewrap's own failure is not
taken for a judgment: only an exit code that stands in its status report counts.  The judge is never
told to go without its sandbox.
"""

from __future__ import annotations

import json
import os
import re
import resource
import selectors
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.proof import STATEMENT, SUBMISSION, LeanArtifact
from sovereign_registry.contracts.runs import JudgeOutcome, JudgePreflight
from sovereign_registry.contracts.sealing import MIB, Ended

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUBCOMMANDS: Final = ("comparator", "challenge")
"""What the judge is called, newest name first."""
PREFLIGHT_SECONDS = 60.0
STREAM_BYTES = MIB
KEPT_BYTES = 2_000
_VERSION = re.compile(r"\(Lean version (4\.\d{1,3}\.\d{1,2}(?:-rc\d{1,2})?)\)")
FIX = (
    "Install elan (https://github.com/leanprover/elan), then `elan toolchain install {toolchain}`, "
    "and bubblewrap, which the judge seals the submission with."
)


class _Ended(msgspec.Struct, frozen=True):
    ended: Ended
    exit_code: int | None
    seconds: float
    stdout: bytes
    stderr: bytes
    why: str = ""


class LakeJudge:
    """Drives the judge of a toolchain.

    Args:
        lake: The ``lake`` executable; None looks it up on ``PATH``.
        home: The user's home, in which elan keeps its toolchains.
        bwrap: The ``bwrap`` executable; None looks it up on ``PATH``.
    """

    def __init__(
        self, lake: str | None = None, home: str | None = None, bwrap: str | None = None
    ) -> None:
        self._lake = lake or shutil.which("lake") or ""
        self._bwrap = bwrap or shutil.which("bwrap") or ""
        self._home = home or os.environ.get("HOME", "/")

    def preflight(self, toolchain: str) -> JudgePreflight:
        """Ask which judge answers for a toolchain; nothing of a submission is involved."""
        fix = FIX.format(toolchain=toolchain)
        if not self._lake:
            return _absent("`lake` is not installed", fix)
        if not self._bwrap:
            return _absent("`bwrap` is not installed, and the judge seals with it", fix)
        asked = self._call([self._lake, "--version"], "/", PREFLIGHT_SECONDS, toolchain)
        if asked.ended is not Ended.EXITED or asked.exit_code != 0:
            return _absent(f"`lake --version` {asked.why or 'fails'}", fix)
        told = asked.stdout.decode("utf-8", "replace")
        match = _VERSION.search(told)
        if match is None:
            return _absent("`lake --version` names no Lean version", fix)
        for name in SUBCOMMANDS:
            command = [self._lake, name, "--help"]
            there = self._call(command, "/", PREFLIGHT_SECONDS, toolchain)
            if there.ended is Ended.EXITED and there.exit_code == 0:
                return JudgePreflight(
                    available=True,
                    tool=f"lake {name} (Lean {match[1]})",
                    toolchain=f"leanprover/lean4:v{match[1]}",
                    command=("lake", name),
                    executable_sha256=_digest(self._lake),
                    why="",
                    fix="",
                )
        return _absent(f"Lean {match[1]} has no `lake {SUBCOMMANDS[0]}`", fix)

    def judge(self, spec: LeanArtifact, files: Mapping[str, bytes], folder: str) -> JudgeOutcome:
        """Have a submission judged in an empty folder; only how it ended counts."""
        found = self.preflight(spec.toolchain)
        if not found.available:
            return _outcome(_Ended(Ended.UNAVAILABLE, None, 0.0, b"", b"", found.why))
        project = Path(folder)
        _lay_out(project, spec, files)
        reading, writing = os.pipe()
        command = [
            *(self._bwrap, "--unshare-pid", "--die-with-parent", "--dev-bind", "/", "/"),
            *("--proc", "/proc", "--chdir", folder, "--json-status-fd", str(writing), "--"),
            *(self._lake, found.command[1], "--config", "config.json"),
        ]
        try:
            ended = self._call(
                command,
                folder,
                float(spec.budget.wall_seconds),
                spec.toolchain,
                memory=spec.budget.memory_mib * MIB,
                passed=(writing,),
            )
        finally:
            os.close(writing)
        return _outcome(_confirmed(ended, reading))

    def _environment(self, toolchain: str) -> dict[str, str]:
        return {
            "HOME": self._home,
            "PATH": os.pathsep.join([str(Path(self._lake).parent), "/usr/bin", "/bin"]),
            "LANG": "C.UTF-8",
            "ELAN_TOOLCHAIN": toolchain,
        }

    def _call(  # noqa: PLR0913 - one argument a bound
        self,
        command: Sequence[str],
        folder: str,
        seconds: float,
        toolchain: str,
        *,
        memory: int | None = None,
        passed: tuple[int, ...] = (),
    ) -> _Ended:
        def confine() -> None:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if memory is not None:
                resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

        start = time.monotonic()
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                command,
                cwd=folder,
                env=self._environment(toolchain),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=passed,
                preexec_fn=confine,  # noqa: PLW1509 - nothing but system calls
            )
        except (OSError, subprocess.SubprocessError) as error:
            why = f"cannot be started: {error}"
            return _Ended(Ended.UNAVAILABLE, None, 0.0, b"", b"", why)
        with process:
            return _heard(process, start, seconds)


def _confirmed(found: _Ended, status: int) -> _Ended:
    """The end as bubblewrap reports it; an exit code that it does not report is its own failure."""
    with os.fdopen(status, "rb") as file:
        told = file.read(65_536)
    if found.ended is not Ended.EXITED:
        return found
    codes = re.findall(rb'"exit-code"\s*:\s*(\d{1,3})', told)
    if len(codes) == 1 and int(codes[0]) == found.exit_code:
        return found
    why = "was not started: its process namespace could not be made"
    return msgspec.structs.replace(found, ended=Ended.UNAVAILABLE, exit_code=None, why=why)


def _heard(process: subprocess.Popen[bytes], start: float, seconds: float) -> _Ended:
    """Listen within bounds until it ends, then kill what is left of its session."""
    heard: dict[str, bytearray] = {"out": bytearray(), "err": bytearray()}
    ended, why = Ended.EXITED, ""
    with selectors.DefaultSelector() as selector:
        for name, stream in (("out", process.stdout), ("err", process.stderr)):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, name)
        while selector.get_map() and process.poll() is None:
            left = start + seconds - time.monotonic()
            if left <= 0:
                ended, why = Ended.TIMED_OUT, f"took longer than {seconds:g} seconds"
                break
            for key, _ in selector.select(min(left, 0.2)):
                _listen(key.fileobj, heard[key.data], selector)  # type: ignore[arg-type]
            if any(len(one) > STREAM_BYTES for one in heard.values()):
                ended, why = Ended.OUTPUT_LIMIT, f"printed more than {STREAM_BYTES:,} bytes"
                break
        ended, why = _waited(process, start, seconds, ended, why)
        for key in list(selector.get_map().values()):
            _listen(key.fileobj, heard[key.data], selector)  # type: ignore[arg-type]
    code = process.returncode
    if ended is Ended.EXITED and code < 0:
        ended, why = Ended.KILLED, f"was ended by signal {-code}"
    out, err = (bytes(heard[name][:STREAM_BYTES]) for name in ("out", "err"))
    exit_code = code if ended is Ended.EXITED else None
    return _Ended(ended, exit_code, time.monotonic() - start, out, err, why)


def _waited(
    process: subprocess.Popen[bytes], start: float, seconds: float, ended: Ended, why: str
) -> tuple[Ended, str]:
    if ended is Ended.EXITED:
        try:
            process.wait(max(0.0, start + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:
            ended, why = Ended.TIMED_OUT, f"took longer than {seconds:g} seconds"
    with suppress(ProcessLookupError):  # nothing of it is left
        os.killpg(process.pid, signal.SIGKILL)  # the session outlives its leader
    process.wait()
    return ended, why


def _listen(stream: IO[bytes], heard: bytearray, selector: selectors.BaseSelector) -> None:
    try:
        data = os.read(stream.fileno(), 65_536)
    except BlockingIOError:
        return
    if data:
        heard += data[: STREAM_BYTES + 1 - len(heard)] if len(heard) <= STREAM_BYTES else b""
    else:
        selector.unregister(stream)


def _lay_out(project: Path, spec: LeanArtifact, files: Mapping[str, bytes]) -> None:
    """A Lake project of ours: no line of its configuration comes from the submission."""
    written: dict[str, bytes] = {
        "lean-toolchain": f"{spec.toolchain}\n".encode(),
        "lakefile.toml": (
            b'name = "gate"\ndefaultTargets = ["Challenge", "Solution"]\n\n'
            b'[[lean_lib]]\nname = "Challenge"\n\n[[lean_lib]]\nname = "Solution"\n'
        ),
        "lake-manifest.json": (
            b'{"version": "1.1.0", "packagesDir": ".lake/packages", "packages": [],'
            b' "name": "gate", "lakeDir": ".lake"}\n'
        ),
        "config.json": json.dumps(spec.configuration(), indent=2).encode() + b"\n",
        STATEMENT: files[STATEMENT],
        SUBMISSION: files[SUBMISSION],
    }
    for name, data in written.items():
        (project / name).write_bytes(data)


def _outcome(found: _Ended) -> JudgeOutcome:
    said = (found.stdout + b"\n" + found.stderr)[-KEPT_BYTES:]
    return JudgeOutcome(
        ended=found.ended,
        exit_code=found.exit_code,
        milliseconds=round(found.seconds * 1000),
        stdout_sha256=file_sha256(found.stdout),
        stderr_sha256=file_sha256(found.stderr),
        tail=said.decode("utf-8", "replace"),
        why=found.why,
    )


def _absent(why: str, fix: str) -> JudgePreflight:
    return JudgePreflight(
        available=False,
        tool="",
        toolchain="",
        command=(),
        executable_sha256=None,
        why=why,
        fix=fix,
    )


def _digest(path: str) -> str | None:
    try:
        return file_sha256(Path(path).read_bytes())
    except OSError:
        return None
