"""What the tests of the seal share: a job of one attack, and plans with a protection taken away."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sovereign_registry.adapters.sealing.plan import Plan, plan, this_interpreter
from sovereign_registry.adapters.sealing.supervise import execute
from sovereign_registry.adapters.sealing.watch import Watch
from sovereign_registry.contracts.sealing import KIB, MIB, Limits, SealedJob, SealedOutcome

TryOut = Callable[..., SealedOutcome]
HOSTILE = Path(__file__).resolve().parent / "hostile"
LIMITS = Limits(
    wall_seconds=20,
    cpu_seconds=20,
    memory_bytes=96 * MIB,
    disk_bytes=4 * MIB,
    output_bytes=64 * KIB,
    stream_bytes=64 * KIB,
    processes=12,
)
# What a bomb asks for, well beyond the limits above and harmless where nothing stops it.
SIZES = {
    "memory": 288 * MIB,
    "disk": 12 * MIB,
    "files": 60_000,
    "processes": 40,
    "stream": MIB,
    "seconds": 1.2,
}
# Tighter limits, so that the test need not wait long.
LIMITS_OF = {"clock": {"wall_seconds": 1}, "processor": {"cpu_seconds": 1}}
NO_WATCH = Watch(memory_bytes=1 << 40, cpu_seconds=1 << 20, processes=1 << 20, files=1 << 30)


def bubblewrap() -> str:
    """Path of bubblewrap; without it the test is skipped, or fails where it is required."""
    path = shutil.which("bwrap")
    if path is None:
        message = "no bubblewrap on PATH; `make sandbox` installs it"
        if os.environ.get("SOVEREIGN_REQUIRE_SANDBOX") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return path


def job(
    *argv: str,
    folder: str = str(HOSTILE),
    environment: str | None = None,
    variables: tuple[tuple[str, str], ...] = (),
    outputs: tuple[str, ...] = (),
    limits: dict[str, int] | None = None,
) -> SealedJob:
    """A job in the folder of the attacks."""
    return SealedJob(
        argv=("python", *argv),
        folder=folder,
        environment=environment,
        variables=variables,
        outputs=outputs,
        limits=msgspec.structs.replace(LIMITS, **limits or {}),
    )


def planned(one: SealedJob, *without: str, extra: str = "") -> Plan:
    """The plan of a job, with protections taken away.

    Args:
        one: The job.
        without: Names of ``WEAKER``.
        extra: A folder of the host that a weakened plan may show inside.
    """
    made = plan(one, bubblewrap(), this_interpreter())
    if extra:
        made = msgspec.structs.replace(made, sources=(*made.sources, extra))
    for name in without:
        made = WEAKER[name](made)
    return made


def attack(  # noqa: PLR0913 - what may differ from one attack to the next
    script: str,
    name: str,
    world: dict[str, Any],
    *without: str,
    folder: str = str(HOSTILE),
    environment: str | None = None,
    extra: str = "",
) -> SealedOutcome:
    """Run an attack, sealed but for what is taken away."""
    one = job(
        *("run.py", script, name, json.dumps(world)),
        folder=folder,
        environment=environment,
        limits=LIMITS_OF.get(name),
    )
    return execute(planned(one, *without, extra=extra))


def came_of(outcome: SealedOutcome) -> dict[str, Any] | None:
    """What the attack says of itself; None where it was stopped before it could say so."""
    lines = outcome.stdout.decode("utf-8", "replace").strip().splitlines()
    try:
        said = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _arguments(name: str, *arguments: str) -> Callable[[Plan], Plan]:
    """Replace the arguments of one protection."""

    def weaker(made: Plan) -> Plan:
        assert name in made.protections
        last = str(len(made.sources) - 1)
        filled = tuple(one.replace("@last", f"@{last}") for one in arguments)
        return msgspec.structs.replace(made, protections={**made.protections, name: filled})

    return weaker


def _more(name: str, *arguments: str) -> Callable[[Plan], Plan]:
    def weaker(made: Plan) -> Plan:
        return _arguments(name, *made.protections[name], *arguments)(made)

    return weaker


def _stage(old: str, new: str) -> Callable[[Plan], Plan]:
    """Change the text of the first process."""

    def weaker(made: Plan) -> Plan:
        *before, text = made.first
        assert old in text
        return msgspec.structs.replace(made, first=(*before, text.replace(old, new)))

    return weaker


def _rlimit(name: str) -> Callable[[Plan], Plan]:
    def weaker(made: Plan) -> Plan:
        rest = {one: most for one, most in made.stage["rlimits"].items() if one != name}
        assert rest != made.stage["rlimits"]
        return msgspec.structs.replace(made, stage={**made.stage, "rlimits": rest})

    return weaker


def _without_shm(made: Plan) -> Plan:
    unwatched = msgspec.structs.replace(made, watch=NO_WATCH)
    return _arguments("shm-size")(_arguments("shm")(unwatched))


def _kept_shm(made: Plan) -> Plan:
    return _arguments("shm", "--bind", "@last", "/dev/shm")(made)  # noqa: S108 - inside the seal


def _streams(made: Plan) -> Plan:
    larger = msgspec.structs.replace(made.limits, stream_bytes=16 * MIB)
    return msgspec.structs.replace(made, limits=larger)


def _clock(made: Plan) -> Plan:
    larger = msgspec.structs.replace(made.limits, wall_seconds=60)
    return msgspec.structs.replace(made, limits=larger)


def _outputs(made: Plan) -> Plan:
    larger = msgspec.structs.replace(made.limits, output_bytes=16 * MIB)
    stage = {**made.stage, "output_bytes": 16 * MIB}
    return msgspec.structs.replace(made, limits=larger, stage=stage)


WEAKER: dict[str, Callable[[Plan], Plan]] = {
    "ipc": _arguments("ipc"),
    "pid": lambda made: _stage("if os.getpid() != 1:", "if False:")(_arguments("pid")(made)),
    "net": _arguments("net"),
    "uts": _arguments("uts"),
    "cgroup": _arguments("cgroup"),
    "nesting": _arguments("nesting"),
    "session": _arguments("session"),
    "parent": _arguments("parent"),
    "ids": _arguments("user", "--unshare-user", "--uid", "0", "--gid", "0"),
    "capabilities": _arguments("capabilities", "--cap-add", "ALL"),
    "system": _more("system", "--ro-bind", "/etc", "/etc", "--ro-bind", "/sys", "/sys"),
    "packages": lambda made: msgspec.structs.replace(
        made, protections={**made.protections, "system": _unhidden(made.protections["system"])}
    ),
    "dev": _arguments("dev", "--dev-bind", "/dev", "/dev"),
    # The host's own is not counted against the job.
    "shm": _without_shm,
    "shm-size": _arguments("shm-size"),
    "scratch-size": _arguments("scratch-size"),
    "kept-shm": lambda made: _kept_shm(_without_shm(made)),
    "job": _arguments("job", "--bind", "@0", "/job"),
    "environment": _arguments("environment", "--bind", "@2", "/env"),
    "read-only-dev": _arguments("read-only-dev"),
    "read-only-root": _arguments("read-only-root"),
    "variables": _arguments("variables"),
    "filter": lambda made: msgspec.structs.replace(made, filter=None),
    "watch": lambda made: msgspec.structs.replace(made, watch=NO_WATCH),
    "user": lambda made: msgspec.structs.replace(made, uid=None),
    "streams": _streams,
    "clock": _clock,
    "outputs": _outputs,
    "undumpable": _stage("PR_SET_DUMPABLE, 0", "PR_SET_DUMPABLE, 1"),
    "kept-descriptors": _stage(
        "os.set_inheritable(report, False)", "os.set_inheritable(report, True)"
    ),
    "links": _stage("os.O_NOFOLLOW", "0"),
    "kinds": _stage("stat.S_ISREG(facts.st_mode)", "True"),
    "AS": _rlimit("AS"),
    "CPU": _rlimit("CPU"),
    "FSIZE": _rlimit("FSIZE"),
    "MEMLOCK": _rlimit("MEMLOCK"),
    "NPROC": _rlimit("NPROC"),
}
"""Each takes one protection away."""


def _unhidden(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty folders over what is installed beside the interpreter."""
    hidden = set(this_interpreter().hidden)
    kept: list[str] = []
    for argument in arguments:
        if argument in hidden:
            kept.pop()
        else:
            kept.append(argument)
    return tuple(kept)


def guard_without(old: str, new: str, folder: Path) -> str:
    """Path of a guard whose text was changed."""
    text = Path(plan.__globals__["__file__"]).with_name("guard.py").read_text("utf-8")
    assert old in text
    path = folder / "guard.py"
    path.write_text(text.replace(old, new), "utf-8")
    return str(path)
