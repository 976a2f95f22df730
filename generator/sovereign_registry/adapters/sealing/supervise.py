"""Runs a plan: starts the guard, reads what comes out, watches the tree, ends it at its limits."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sovereign_registry.adapters.sealing.report import Report, read_report, read_status
from sovereign_registry.adapters.sealing.watch import exceeded, measure
from sovereign_registry.contracts.sealing import KIB, Ended, SealedOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.adapters.sealing.plan import Plan
    from sovereign_registry.contracts.sealing import Limits

TICK_SECONDS = 0.02
PATIENCE_SECONDS = 15.0
READ_BYTES = 256 * KIB
REPORT_ROOM = 64 * KIB


class _Stream:
    """The beginning of what comes through a pipe; the rest is read and dropped."""

    def __init__(self, fd: int, most: int) -> None:
        self.fd = fd
        self.most = most
        self.kept = bytearray()
        self.over = False
        os.set_blocking(fd, False)

    def read(self) -> bool | None:
        """Read once; False at the end of the stream, None where nothing is there yet."""
        try:
            data = os.read(self.fd, READ_BYTES)
        except BlockingIOError:
            return None
        room = self.most - len(self.kept)
        self.kept += data[:room]
        self.over = self.over or len(data) > room
        return bool(data)


class _Run:
    """One run, from the start of the guard to its end."""

    def __init__(self, plan: Plan, stack: ExitStack) -> None:
        self.plan = plan
        self.began = time.monotonic()
        self.verdict: tuple[Ended, str] | None = None
        self.peak = 0
        self._stack = stack
        self._lifeline: int | None = None
        self._first: int | None = None
        limits = plan.limits
        self.streams: dict[str, _Stream] = {}
        self._ends: dict[str, int] = {}
        for name, most in (
            ("stdout", limits.stream_bytes),
            ("stderr", limits.stream_bytes),
            ("report", limits.output_bytes + REPORT_ROOM),
            ("status", REPORT_ROOM),
        ):
            ours, theirs = os.pipe()
            stack.callback(os.close, ours)
            self._ends[name] = theirs
            self.streams[name] = _Stream(ours, most)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the guard, which starts the rest.

        Raises:
            OSError: it cannot be started.
        """
        end, self._lifeline = os.pipe()
        self._ends["lifeline"] = end
        self._stack.callback(self._let_go)
        if self.plan.filter is not None:
            self._ends["filter"] = os.memfd_create("filter")
            os.write(self._ends["filter"], self.plan.filter)
            os.lseek(self._ends["filter"], 0, os.SEEK_SET)
        config = {
            "command": _command(self.plan, self._ends),
            "sources": list(self.plan.sources),
            "uid": self.plan.uid,
            "lifeline": end,
            "parent": os.getpid(),
        }
        try:
            guard = subprocess.Popen(  # noqa: S603 - our own command, by its path
                [sys.executable, "-I", "-S", self.plan.guard, json.dumps(config)],
                stdin=subprocess.DEVNULL,
                stdout=self._ends["stdout"],
                stderr=self._ends["stderr"],
                cwd="/",
                env={},
                pass_fds=[n for name, n in self._ends.items() if not name.startswith("std")],
                start_new_session=True,
            )
        finally:
            for one in self._ends.values():
                os.close(one)
        self._stack.callback(_end, guard)
        self._stack.callback(self._let_go)
        return guard

    def _let_go(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def stop(self, ended: Ended, why: str) -> None:
        """End the run; the first reason stands."""
        if self.verdict is None:
            self.verdict = (ended, why)
        self._let_go()

    def loop(self, guard: subprocess.Popen[bytes]) -> None:
        """Read and watch until the guard has ended."""
        ended = os.pidfd_open(guard.pid)
        self._stack.callback(os.close, ended)
        with selectors.DefaultSelector() as selector:
            selector.register(ended, selectors.EVENT_READ)
            for stream in self.streams.values():
                selector.register(stream.fd, selectors.EVENT_READ, stream)
            look = self.began
            over = False
            while not over:
                for key, _ in selector.select(TICK_SECONDS):
                    if key.data is None:
                        over = True
                    elif key.data.read() is False:
                        selector.unregister(key.fd)
                now = time.monotonic()
                if now >= look:
                    self._look(now)
                    look = now + TICK_SECONDS
        for stream in self.streams.values():
            while stream.read():
                pass

    def _look(self, now: float) -> None:
        limits = self.plan.limits
        for name in ("stdout", "stderr"):
            if self.streams[name].over:
                self.stop(Ended.OUTPUT_LIMIT, f"{name} went beyond {limits.stream_bytes} bytes")
        if self.streams["report"].over or self.streams["status"].over:
            self.stop(Ended.UNAVAILABLE, "the report of the sealed process broke its own bounds")
        if now - self.began > limits.wall_seconds:
            self.stop(Ended.TIMED_OUT, f"it ran longer than its {limits.wall_seconds} s")
        if now - self.began > limits.wall_seconds + PATIENCE_SECONDS:
            raise TimeoutError("the guard did not end in time")
        if self.verdict is None and self.streams["report"].kept:
            self._measure()

    def _measure(self) -> None:
        if self._first is None:
            first = read_status(bytes(self.streams["status"].kept)).get("child-pid")
            if not isinstance(first, int):
                return
            self._first = first
        try:
            use = measure(self._first, self.plan.watch.memory_bytes)
        except OSError as error:
            self.stop(Ended.UNAVAILABLE, f"its processes cannot be watched: {error}")
            return
        if use is None:
            return
        self.peak = max(self.peak, use.memory)
        beyond = exceeded(use, self.plan.watch)
        if beyond is not None:
            self.stop(*beyond)


def _end(guard: subprocess.Popen[bytes]) -> None:
    """Wait for the guard, whose lifeline is closed; kill it where it does not end."""
    try:
        guard.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        guard.send_signal(signal.SIGKILL)
        guard.wait()


def _command(plan: Plan, ends: Mapping[str, int]) -> list[str]:
    command = [plan.tool]
    for arguments in plan.protections.values():
        command += arguments
    command += ["--json-status-fd", str(ends["status"])]
    if "filter" in ends:
        command += ["--seccomp", str(ends["filter"])]
    stage = {**plan.stage, "report": ends["report"]}
    return [*command, "--", *plan.first, json.dumps(stage)]


def execute(plan: Plan) -> SealedOutcome:
    """Run a plan to its end or to its limits."""
    with ExitStack() as stack:
        run = _Run(plan, stack)
        try:
            guard = run.start()
            run.loop(guard)
        except OSError as error:
            run.stop(Ended.UNAVAILABLE, f"the seal could not be made or watched: {error}")
        with contextlib.suppress(OSError):
            stack.pop_all().close()
        return _outcome(run)


def _outcome(run: _Run) -> SealedOutcome:
    report = read_report(bytes(run.streams["report"].kept), tuple(run.plan.stage["outputs"]))
    status = read_status(bytes(run.streams["status"].kept))
    stderr = bytes(run.streams["stderr"].kept)
    ended, why = run.verdict or _by_itself(run.plan, report, status.get("exit-code"), stderr)
    peak = max(run.peak, report.peak)
    exited = ended is Ended.EXITED
    return SealedOutcome(
        ended=ended,
        exit_code=report.code if exited else None,
        stdout=bytes(run.streams["stdout"].kept),
        stderr=stderr,
        outputs=report.outputs if exited else {},
        wall_seconds=round(time.monotonic() - run.began, 3),
        peak_memory_bytes=peak or None,
        why=why,
    )


def _by_itself(plan: Plan, report: Report, status: object, stderr: bytes) -> tuple[Ended, str]:
    """How a run ended that was not stopped.

    Only the first process's own word that it started tells a job's failure from one of bubblewrap,
    which exits with 1 too; only bubblewrap's word that the first process ended well makes the
    report whole.
    """
    if not report.started:
        said = stderr.decode("utf-8", "replace").strip().splitlines()
        return Ended.UNAVAILABLE, f"the seal could not be made: {' '.join(said)[:400] or 'no word'}"
    if not report.complete or status != 0:
        return Ended.KILLED, "the sealed run was ended from outside before it had reported"
    if report.signal:
        return _by_signal(report.signal, plan.limits)
    if report.scratch_full and report.code != 0:
        return Ended.OUTPUT_LIMIT, f"it filled its {plan.limits.disk_bytes} bytes of scratch"
    if "too large" in report.faults.values():
        most = plan.limits.output_bytes
        return Ended.OUTPUT_LIMIT, f"its outputs are larger than {most} bytes together"
    missing = "; ".join(f"{name}: {fault}" for name, fault in sorted(report.faults.items()))
    return Ended.EXITED, f"it exited with {report.code}" + (f" ({missing})" if missing else "")


def _by_signal(number: int, limits: Limits) -> tuple[Ended, str]:
    if number == signal.SIGXCPU:
        return Ended.TIMED_OUT, f"it used up its {limits.cpu_seconds} s of processor time"
    if number == signal.SIGXFSZ:
        return Ended.OUTPUT_LIMIT, f"it wrote more than {limits.disk_bytes} bytes"
    return Ended.KILLED, f"signal {number} ended it"
