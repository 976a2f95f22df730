"""Canaries before each batch: what the seal must stop is tried under the seal.

A seal that is only configured proves nothing; a run that never started stops every attack too.  So
each check names what was seen, and a canary that did not run has not held.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.first_use import look_at
from sovereign_registry.contracts.sealing import (
    KIB,
    MIB,
    Ended,
    Limits,
    SealCheck,
    SealedJob,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.contracts.sealing import SealedOutcome

HERE = Path(__file__).resolve().parent
LIMITS = Limits(
    wall_seconds=30,
    cpu_seconds=30,
    memory_bytes=96 * MIB,
    disk_bytes=4 * MIB,
    output_bytes=64 * KIB,
    stream_bytes=16 * KIB,
    processes=8,
)

WHAT = {
    "network": "sockets of seven families, and the interfaces in sight",
    "host_files": "reading this program, the home folder and the accounts of the host",
    "writes": "writing outside scratch and to the kernel's settings",
    "processes": "seeing other processes, and into the first one",
    "variables": "reading the environment of the host",
    "privileges": "user, capabilities, no-new-privileges, filter",
    "calls": "system calls that are not on the list, and a nested user namespace",
    "disk": "filling scratch beyond its size",
}

_READY = b"ready\n"
# Each bomb says first that it runs: under load a run may end by its limit before it has begun.
_SPIN = "while True: pass"
_EAT = "held = []\nwhile True: held.append(bytearray(1 << 20))"
_FORK = "while True:\n try: os.fork()\n except OSError: pass"
_FLOOD = "while True: os.write(1, b'x' * 65536)"

# What is tried, the command, a tighter limit, and how it must end.
BOMBS: dict[str, tuple[str, str, dict[str, int], Ended]] = {
    "memory": ("holding more memory than allowed", _EAT, {}, Ended.OUT_OF_MEMORY),
    "forks": ("starting more processes than allowed", _FORK, {}, Ended.PROCESS_LIMIT),
    "flood": ("printing more than allowed", _FLOOD, {}, Ended.OUTPUT_LIMIT),
    "clock": ("running longer than allowed", _SPIN, {"wall_seconds": 2}, Ended.TIMED_OUT),
}

_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")


class _Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    held: bool
    seen: str


class _Canary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    checks: dict[str, _Held]
    namespaces: dict[str, str]


look_at(_Canary)


def prove(run: Callable[[SealedJob], SealedOutcome]) -> tuple[tuple[SealCheck, ...], str]:
    """Run the canaries.

    Args:
        run: Runs a job sealed.

    Returns:
        The checks, and why the first canary was not run; empty where it was.
    """
    first = run(_job(("python", "-I", "canary.py"), {}, ("canary.json",), _variables()))
    checks = _sealed(first)
    if first.ended is Ended.UNAVAILABLE:
        return checks, first.why
    with ThreadPoolExecutor(max_workers=len(BOMBS)) as pool:
        bombs = list(pool.map(lambda name: _bomb(name, run), BOMBS))
    return (*checks, *bombs), ""


def _variables() -> tuple[tuple[str, str], ...]:
    paths = {
        str(HERE),
        str(Path.home()),
        "/etc/passwd",
        "/etc/shadow",
        "/sys/kernel",
        "/var",
        "/run",
    }
    # The interpreter may live below the home folder; that folder is then there, and empty else.
    base = Path(sys.base_prefix).resolve()
    outside = sorted(one for one in paths if not base.is_relative_to(one))
    return (("DISK_BYTES", str(LIMITS.disk_bytes)), ("HOST_PATHS", ":".join(outside)))


def _job(
    argv: tuple[str, ...],
    tighter: dict[str, int],
    outputs: tuple[str, ...] = (),
    variables: tuple[tuple[str, str], ...] = (),
) -> SealedJob:
    return SealedJob(
        argv=argv,
        folder=str(HERE),
        environment=None,
        variables=variables,
        outputs=outputs,
        limits=msgspec.structs.replace(LIMITS, **tighter),
    )


def _sealed(outcome: SealedOutcome) -> tuple[SealCheck, ...]:
    """The checks of the canary that tries everything at once."""
    try:
        canary = msgspec.json.decode(outcome.outputs["canary.json"], type=_Canary)
    except (KeyError, msgspec.DecodeError):
        ran = outcome.ended is not Ended.UNAVAILABLE
        said = outcome.stderr.decode("utf-8", "replace").strip()[-400:] if ran else ""
        return (SealCheck(name="canary", passed=False, what=f"{outcome.why} {said}".strip()),)
    shared = [
        name
        for name, inside in sorted(canary.namespaces.items())
        if inside == os.readlink(f"/proc/self/ns/{name}")  # noqa: PTH115 - a link that is no path
    ]
    checks = [
        SealCheck(
            name="namespaces",
            passed=not shared and len(canary.namespaces) == len(_NAMESPACES),
            what=f"own namespaces of seven kinds: shared with the host {shared or 'none'}",
        )
    ]
    for name, what in WHAT.items():
        found = canary.checks.get(name, _Held(held=False, seen="it was not tried"))
        checks.append(
            SealCheck(name=name.replace("_", "-"), passed=found.held, what=f"{what}: {found.seen}")
        )
    return tuple(checks)


def _bomb(name: str, run: Callable[[SealedJob], SealedOutcome]) -> SealCheck:
    what, script, tighter, expected = BOMBS[name]
    announced = f"import os\nos.write(1, {_READY!r})\n{script}"
    outcome = run(_job(("python", "-I", "-S", "-c", announced), tighter))
    passed = outcome.ended is expected and outcome.stdout.startswith(_READY)
    seen = "stopped" if passed else f"{outcome.ended}"
    return SealCheck(name=name, passed=passed, what=f"{what}: {seen}; {outcome.why}")
