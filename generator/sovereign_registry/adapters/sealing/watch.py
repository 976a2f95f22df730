"""Counts from outside what all processes of a sealed run use together.

Per-process limits do not add up, and no control group is at hand for an ordinary user, so the tree
is read from ``/proc`` (``proc(5)``) many times a second.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from sovereign_registry.contracts.sealing import KIB, Ended

SCRATCH = "scratch"
SHARED = "dev/shm"
_TICKS = os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError)
_NO_FILE = ("/dev/zero", "/SYSV", "/memfd:")


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """The most that the tree may use."""

    memory_bytes: int
    cpu_seconds: int
    processes: int
    files: int


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What the tree used at one moment."""

    memory: int
    """Bytes: private and shared pages, page tables, and what lies in ``/dev/shm``."""
    cpu: float
    """Seconds of processor time so far, ended children included."""
    tasks: int
    """Processes and threads, without process 1 of the seal."""
    files: int
    """Files and folders in scratch and ``/dev/shm``."""


def measure(first: int, memory_limit: int) -> Use | None:
    """What the tree below process ``first`` (of the host's numbering) uses; None if it is gone.

    Args:
        first: Process 1 of the seal.
        memory_limit: Shared pages are shared out among their users only where the quick sum, which
            counts them in full for each, goes beyond this.

    Raises:
        OSError: the tree is there and cannot be read.
    """
    try:
        scratch = os.statvfs(f"/proc/{first}/root/{SCRATCH}")
        shared = os.statvfs(f"/proc/{first}/root/{SHARED}")
        members = _tree(first)
        seen = [one for one in map(_process, members) if one is not None]
    except _GONE:
        return None
    except PermissionError:
        if _has_memory(first):
            raise
        return None
    held = (shared.f_blocks - shared.f_bfree) * shared.f_frsize
    memory = held + sum(one[0] for one in seen)
    if memory > memory_limit:
        memory = held + sum(map(_shared_out, members))
    return Use(
        memory=memory,
        cpu=sum(one[1] for one in seen),
        tasks=sum(one[2] for one in seen) - 1,
        files=sum(one.f_files - one.f_ffree for one in (scratch, shared)),
    )


def exceeded(use: Use, most: Watch) -> tuple[Ended, str] | None:
    """The limit that a use goes beyond, with the sentence that says so."""
    if use.memory > most.memory_bytes:
        held, allowed = use.memory // KIB, most.memory_bytes // KIB
        return Ended.OUT_OF_MEMORY, f"it held {held} KiB of memory; {allowed} KiB are allowed"
    if use.tasks > most.processes:
        why = f"it ran {use.tasks} processes and threads; {most.processes} are allowed"
        return Ended.PROCESS_LIMIT, why
    if use.files > most.files:
        return Ended.OUTPUT_LIMIT, f"it made {use.files} files; {most.files} are allowed"
    if use.cpu > most.cpu_seconds:
        return Ended.TIMED_OUT, f"it used up its {most.cpu_seconds} s of processor time"
    return None


def _tree(first: int) -> list[int]:
    """A process and all its descendants; orphans inside are children of process 1 again."""
    found = [first]
    for pid in found:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - many times a second
                found += map(int, _read(f"/proc/{pid}/task/{task}/children").split())
        except _GONE:
            if pid == first:
                raise
    return found


def _has_memory(pid: int) -> bool:
    """Whether a process still has memory; on its way out it has none, and answers to root only."""
    try:
        return "\nVmRSS:" in _read(f"/proc/{pid}/status")
    except _GONE:
        return False


def _read(path: str) -> str:
    return Path(path).read_text("ascii", "replace")


def _process(pid: int) -> tuple[int, float, int] | None:
    """(bytes of memory, seconds of processor time, threads) of a process; None if it is gone."""
    try:
        status = _read(f"/proc/{pid}/status")
        # The name may hold anything; the fields follow its closing parenthesis.
        fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    except _GONE:
        return None
    memory = 0
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name in ("RssAnon", "RssShmem", "VmPTE"):
            memory += int(value.split()[0]) * KIB
    ticks = sum(int(one) for one in fields[11:15])  # utime, stime, cutime, cstime
    return memory, ticks / _TICKS, int(fields[17])


def _shared_out(pid: int) -> int:
    """Bytes of a process, each shared page divided among those that map it.

    Pages of files are left out: those in memory are counted where they lie.
    """
    try:
        lines = _read(f"/proc/{pid}/smaps").splitlines()
    except _GONE:
        return 0
    except PermissionError:
        if _has_memory(pid):
            raise
        return 0
    total, of_file = 0, False
    for line in lines:
        name, _, value = line.partition(":")
        if " " in name:  # The head of a mapping: address, flags, offset, device, inode, path.
            path = line.split(maxsplit=5)[5:]
            of_file = bool(path) and path[0].startswith("/") and not path[0].startswith(_NO_FILE)
        elif name == ("Anonymous" if of_file else "Pss"):
            total += int(value.split()[0]) * KIB
    return total
