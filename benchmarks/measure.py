"""What one command costs as a whole: CPU of its process tree, wall time, peak memory.

CPU is what the kernel charged to the command and to every descendant that was waited for
(``wait4``; user and system time).  Peak memory is the largest sum of resident sizes over the tree,
sampled fifty times a second, and never less than the peak of the largest single process; pages that
processes share are counted once per process, so the sum is an upper bound.  Linux only.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SAMPLE_SECONDS = 0.02
_STATUS_UNIT = 1024
"""``VmHWM`` and ``VmRSS`` are in KiB (proc(5)); ``ru_maxrss`` would count our pages before exec."""


class CommandFailed(Exception):
    """A measured command ended with an error, so there is nothing to compare."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """The cost of one run."""

    wall: float
    """Seconds from start to end."""
    cpu: float
    """User and system seconds of the whole tree."""
    largest: int
    """Peak resident bytes of the largest single process."""
    summed: int
    """Peak of the resident bytes summed over the tree."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """One figure over all runs."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Case:
    """One command of a comparison."""

    name: str
    command: tuple[str, ...]
    prepare: Callable[[int], None]
    """Puts everything into the state that the run starts from; given the number of the run."""


class Cost(msgspec.Struct, kw_only=True):
    """One case's runs and what they came to."""

    name: str
    runs: list[Usage]

    def spread(self, field: str) -> Spread:
        """Median, least and most of one field of ``Usage``."""
        values = [float(getattr(run, field)) for run in self.runs]
        return Spread(median=median(values), least=min(values), most=max(values))

    def middle(self, field: str) -> float:
        """The median of one field of ``Usage``."""
        return self.spread(field).median


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        return found  # the process is gone, or this is no Linux: the kernel's own figure stays
    return found


def _memory(pid: int) -> tuple[int, int]:
    """Resident bytes of one process, now and at its peak so far."""
    now = peak = 0
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                peak = int(line.split()[1]) * _STATUS_UNIT
            elif line.startswith("VmRSS:"):
                now = int(line.split()[1]) * _STATUS_UNIT
    except OSError:
        return 0, 0  # it ended between two looks
    return now, peak


class _Sampler(threading.Thread):
    """Watches the memory of a process tree."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.summed = 0
        self.largest = 0
        self._pid = pid
        self._done = threading.Event()

    def run(self) -> None:
        while True:
            self.summed = max(self.summed, self._look(self._pid))
            if self._done.wait(SAMPLE_SECONDS):
                return

    def _look(self, pid: int) -> int:
        now, peak = _memory(pid)
        self.largest = max(self.largest, peak)
        return now + sum(map(self._look, _children(pid)))

    def stop(self) -> None:
        self._done.set()
        self.join()


def measure(command: Sequence[str]) -> tuple[Usage, bytes]:
    """Run a command to its end; return its cost and its standard output.

    Raises:
        CommandFailed: it ended with another code than 0; the message holds its last lines.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    sampler = _Sampler(process.pid)
    sampler.start()
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda: errors.append(_read_all(process.stderr)))
    reader.start()
    output = _read_all(process.stdout)
    reader.join()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    sampler.stop()
    if process.returncode != 0:
        last = (errors[0] or output).decode("utf-8", "replace")[-2000:]
        raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{last}")
    spent = Usage(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        largest=sampler.largest,
        summed=max(sampler.summed, sampler.largest),
    )
    return spent, output


def _read_all(pipe: object) -> bytes:
    data: bytes = pipe.read()  # type: ignore[attr-defined]
    pipe.close()  # type: ignore[attr-defined]
    return data


def alternate(
    cases: Sequence[Case], runs: int, note: Callable[[str], None] = lambda _: None
) -> dict[str, Cost]:
    """Run the cases in turn, A B A B, so that a busy moment of the machine hits them alike.

    Raises:
        CommandFailed: one of them failed.
    """
    costs = {case.name: Cost(name=case.name, runs=[]) for case in cases}
    for number in range(runs):
        for case in cases:
            case.prepare(number)
            spent, _ = measure(case.command)
            costs[case.name].runs.append(spent)
            note(
                f"{case.name}, run {number + 1} of {runs}: {spent.wall:.2f} s wall, "
                f"{spent.cpu:.2f} s CPU, {spent.summed / 2**20:.0f} MiB"
            )
    return costs
