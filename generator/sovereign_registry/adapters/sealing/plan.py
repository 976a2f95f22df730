"""What is sealed how: the arguments of bubblewrap, protection by protection, and the limits.

There is one configuration.  It is data, so that the tests can take one protection away and see its
attack come through; nothing in this package does.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.adapters.sealing.seccomp import seccomp_filter
from sovereign_registry.adapters.sealing.watch import Watch
from sovereign_registry.contracts.sealing import FIXED_VARIABLES, MIB, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.sealing import SealedJob

ORDINARY_USER = 65_534
"""Who the job is inside, and outside too where the command runs as root."""
MAX_FOLDER_ENTRIES = 100_000
OPEN_FILES = 256
MAX_FILES = 50_000
"""Files and folders in scratch: each holds about a kibibyte of kernel memory."""


class Unsealable(Exception):
    """This job cannot be sealed; nothing of it was run.

    Args:
        why: What stands in the way, in one sentence.
        fix: What the owner can do about it.
    """

    def __init__(self, why: str, fix: str) -> None:
        super().__init__(why)
        self.why = why
        self.fix = fix


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """The Python that ``python`` means inside: that of this command, without what is installed."""

    executable: str
    prefix: str
    hidden: tuple[str, ...]
    """Folders of installed packages; a job sees only its own environment."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed run, ready to be started."""

    tool: str
    """Path of bubblewrap."""
    protections: dict[str, tuple[str, ...]]
    """Arguments of bubblewrap by what they protect, in order; ``@N`` stands for a source."""
    sources: tuple[str, ...]
    """Folders of the host that are shown inside, by number."""
    uid: int | None
    """The user that bubblewrap runs as; None where the command is no root."""
    filter: bytes | None
    """The seccomp filter."""
    first: tuple[str, ...]
    """The first process inside, before its configuration."""
    stage: dict[str, Any]
    """Its configuration, but for the descriptor of the report."""
    limits: Limits
    watch: Watch
    """What ends the run when it goes beyond it."""
    guard: str
    """Path of the script that starts bubblewrap and takes it down."""


def this_interpreter() -> Interpreter:
    """The interpreter under this command's virtual environment."""
    executable = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    prefix = Path(sys.base_prefix).resolve()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = [prefix / "lib", prefix / "lib64", Path("/usr/local/lib"), Path("/usr/local/lib64")]
    names = [f"{version}/site-packages", f"{version}/dist-packages"]
    candidates = {place / name for place in places for name in names}
    candidates.add(Path("/usr/lib/python3/dist-packages"))
    hidden = sorted(str(one) for one in candidates if one.is_dir() and not one.is_symlink())
    return Interpreter(executable=str(executable), prefix=str(prefix), hidden=tuple(hidden))


def plan(job: SealedJob, tool: str, interpreter: Interpreter) -> Plan:
    """The plan of a job.

    Raises:
        Unsealable: a folder of the job is missing or cannot be shown, or no filter is known.
    """
    machine = os.uname().machine
    try:
        rules = seccomp_filter(machine)
    except KeyError:
        raise Unsealable(
            f"no system-call filter is known for a machine of type {machine}",
            "Run the gate on x86_64 or aarch64.",
        ) from None
    root = os.geteuid() == 0
    sources = [job.folder, interpreter.prefix]
    for folder in (job.folder, job.environment):
        if folder is not None and not Path(folder).is_dir():
            raise Unsealable(f"{folder} is no folder", "Name a folder that is there.")
    _require_plain(Path(job.folder), shown_to_others=root)
    if job.environment is not None:
        sources.append(job.environment)
    command = list(job.argv)
    if command[0] == "python":
        command[0] = interpreter.executable
    variables = dict(FIXED_VARIABLES) | dict(job.variables)
    if job.environment is not None:
        variables["PYTHONPATH"] = "/env"
    return Plan(
        tool=tool,
        protections=_protections(interpreter, job.limits, environment=job.environment is not None),
        sources=tuple(sources),
        uid=ORDINARY_USER if root else None,
        filter=rules,
        first=(interpreter.executable, "-I", "-S", "-c", _stage_text()),
        stage={
            "argv": command,
            "environment": variables,
            "rlimits": _rlimits(job.limits),
            "outputs": list(job.outputs),
            "output_bytes": job.limits.output_bytes,
        },
        limits=job.limits,
        watch=Watch(
            memory_bytes=job.limits.memory_bytes,
            cpu_seconds=job.limits.cpu_seconds,
            processes=job.limits.processes,
            files=MAX_FILES,
        ),
        guard=str(Path(__file__).with_name("guard.py")),
    )


def _stage_text() -> str:
    return Path(__file__).with_name("stage.py").read_text("utf-8")


def _protections(
    interpreter: Interpreter, limits: Limits, *, environment: bool
) -> dict[str, tuple[str, ...]]:
    user = str(ORDINARY_USER)
    return {
        "user": ("--unshare-user", "--uid", user, "--gid", user),
        "ipc": ("--unshare-ipc",),
        "pid": ("--unshare-pid", "--as-pid-1"),
        "net": ("--unshare-net",),
        "uts": ("--unshare-uts", "--hostname", "sealed"),
        "cgroup": ("--unshare-cgroup",),
        "nesting": ("--disable-userns",),
        "session": ("--new-session",),
        "parent": ("--die-with-parent",),
        "capabilities": ("--cap-drop", "ALL"),
        "variables": ("--clearenv",),
        "system": ("--tmpfs", "/", *_system(interpreter)),
        "proc": ("--proc", "/proc"),
        "dev": ("--dev", "/dev"),
        "shm-size": ("--size", str(limits.memory_bytes)),
        "shm": ("--tmpfs", "/dev/shm"),  # noqa: S108 - inside the seal
        "scratch-size": ("--size", str(limits.disk_bytes)),
        "scratch": (
            *("--tmpfs", "/scratch"),
            *("--symlink", "/scratch/out", "/out"),
            *("--symlink", "/scratch/tmp", "/tmp"),  # noqa: S108 - inside the seal
        ),
        "job": ("--ro-bind", "@0", "/job"),
        "environment": ("--ro-bind", "@2", "/env") if environment else (),
        "read-only-dev": ("--remount-ro", "/dev"),
        "read-only-root": ("--remount-ro", "/"),
        "folder": ("--chdir", "/job"),
    }


def _system(interpreter: Interpreter) -> Iterator[str]:
    """The system's programs and libraries, and the interpreter, all of it read-only."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "lib", "lib32", "lib64", "libx32", "sbin"):
        place = Path("/", name)
        if place.is_symlink():
            yield from ("--symlink", str(place.readlink()), str(place))
        elif place.is_dir():
            yield from ("--ro-bind", str(place), str(place))
    yield from ("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    if not Path(interpreter.prefix).is_relative_to("/usr/local"):
        yield from ("--tmpfs", "/usr/local", "--remount-ro", "/usr/local")
    if not Path(interpreter.prefix).is_relative_to("/usr"):
        yield from ("--ro-bind", "@1", interpreter.prefix)
    for folder in interpreter.hidden:
        local = Path(folder).is_relative_to("/usr/local")
        if not local or Path(interpreter.prefix).is_relative_to("/usr/local"):
            yield from ("--tmpfs", folder, "--remount-ro", folder)


def _rlimits(limits: Limits) -> dict[str, int]:
    """Limits of each process, behind those of the whole tree, which are watched from outside.

    A little more than is watched, so that what goes too far is seen and named before it is refused.
    """
    return {
        "AS": 2 * limits.memory_bytes + 512 * MIB,
        "CORE": 0,
        "CPU": limits.cpu_seconds + 1,
        "FSIZE": limits.disk_bytes,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
        "NOFILE": OPEN_FILES,
        # Process 1 counts too.
        "NPROC": limits.processes + 1 + 8,
        "RTPRIO": 0,
        "SIGPENDING": 256,
        "STACK": 8 * MIB,
    }


def _require_plain(folder: Path, *, shown_to_others: bool) -> None:
    """Refuse what a read-only mount does not seal, and what an ordinary user could not read.

    Raises:
        Unsealable: a FIFO, socket or device, which works through a read-only mount too; under root,
            a file that only root can read; or more entries than a folder of this kind holds.
    """
    for number, (path, mode) in enumerate(_entries(folder)):
        if number >= MAX_FOLDER_ENTRIES:
            raise Unsealable(f"{folder} holds more than {MAX_FOLDER_ENTRIES} entries", "Shrink it.")
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            raise Unsealable(f"{path} is no file, folder or link", "Remove it.")
        needed = 0o005 if stat.S_ISDIR(mode) else 0o004
        if shown_to_others and not stat.S_ISLNK(mode) and mode & needed != needed:
            raise Unsealable(
                f"{path} can be read by its owner only, and a job started by root runs as nobody",
                f"Run as an ordinary user, or: chmod -R go+rX {folder}",
            )


def _entries(folder: Path) -> Iterator[tuple[str, int]]:
    """Every path at and below a folder with its mode; no link is followed."""
    waiting = [str(folder)]
    yield str(folder), folder.stat().st_mode
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for entry in found:
                mode = entry.stat(follow_symlinks=False).st_mode
                yield entry.path, mode
                if stat.S_ISDIR(mode):
                    waiting.append(entry.path)
