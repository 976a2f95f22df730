"""Sealed runs: what may be run, under which limits, and how it ended.

A sealed job is a command of a stranger.  It sees its artifact folder read-only at ``/job`` (also
its working directory), an installed dependency folder read-only at ``/env``, and scratch at
``/out`` and ``/tmp``; it has no network, no other file of the host and no other process.  What it
leaves behind is what its caller declared: regular files below ``/out``, within their size.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

FIXED_VARIABLES = (
    ("HOME", "/tmp"),  # noqa: S108 - the scratch folder inside the seal
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("PATH", "/usr/bin:/bin"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONHASHSEED", "0"),
    ("PYTHONNOUSERSITE", "1"),
    ("TMPDIR", "/tmp"),  # noqa: S108 - the scratch folder inside the seal
    ("TZ", "UTC"),
)
"""The environment of every job; ``PYTHONPATH=/env`` joins where there is an environment."""

_VARIABLE = re.compile(r"^[A-Z][A-Z0-9_]{0,63}\Z")
_LEVEL = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}"
_OUTPUT = re.compile(rf"^{_LEVEL}(?:/{_LEVEL}){{0,3}}\Z")
_RESERVED = frozenset(name for name, _ in FIXED_VARIABLES) | {"PYTHONPATH"}
MAX_ARGUMENTS = 64
MAX_ARGUMENT_BYTES = 4 * KIB
MAX_VARIABLES = 32
MAX_OUTPUTS = 64


class Ended(StrEnum):
    """How a sealed run ended."""

    EXITED = "exited"
    """The command ended by itself; its exit code says how."""
    TIMED_OUT = "timed-out"
    """It used up its wall clock or its processor time."""
    OUT_OF_MEMORY = "out-of-memory"
    """All its processes together used more memory than it may."""
    OUTPUT_LIMIT = "output-limit"
    """It printed or wrote more than it may."""
    PROCESS_LIMIT = "process-limit"
    """It started more processes and threads than it may."""
    KILLED = "killed"
    """A signal ended it."""
    UNAVAILABLE = "unavailable"
    """It was not run, or not to its end, because the seal could not be made or watched."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The most that a sealed run may use.

    Raises:
        ValueError: a limit is outside its range.
    """

    wall_seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)]
    """Time on the wall, from the start of the seal to the last process."""
    cpu_seconds: Annotated[int, msgspec.Meta(ge=1, le=864_000)]
    """Processor time of all processes together."""
    memory_bytes: Annotated[int, msgspec.Meta(ge=64 * MIB, le=1024 * GIB)]
    """Memory of all processes together, and what lies in ``/dev/shm``."""
    disk_bytes: Annotated[int, msgspec.Meta(ge=MIB, le=64 * GIB)]
    """Scratch: ``/out`` and ``/tmp`` together, held in memory beside ``memory_bytes``."""
    output_bytes: Annotated[int, msgspec.Meta(ge=1, le=GIB)]
    """All declared outputs together."""
    stream_bytes: Annotated[int, msgspec.Meta(ge=KIB, le=64 * MIB)]
    """Standard output, and standard error: each."""
    processes: Annotated[int, msgspec.Meta(ge=1, le=4096)]
    """Processes and threads at the same time."""

    def __post_init__(self) -> None:
        """Enforce the ranges, which msgspec checks only when it decodes."""
        for field in msgspec.structs.fields(self):
            meta = field.type.__metadata__[0]
            value = getattr(self, field.name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not whole or not meta.ge <= value <= meta.le:
                message = f"{field.name} is {value!r}; it must be from {meta.ge} to {meta.le}"
                raise ValueError(message)


class SealedJob(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One command to be run under the seal.

    Raises:
        ValueError: an argument, path, variable or output name is not what its field says.
    """

    argv: tuple[str, ...]
    """The command, 1 to 64 arguments, no shell; a first argument ``python`` means the sealed
    interpreter, anything else is a path or a name in ``/usr/bin``."""
    folder: str
    """Absolute path of the artifact folder on the host, read-only at ``/job``."""
    environment: str | None
    """Absolute path of an installed dependency folder on the host, read-only at ``/env`` and on
    ``PYTHONPATH``; None where the job needs the standard library alone."""
    variables: tuple[tuple[str, str], ...]
    """Environment variables beside ``FIXED_VARIABLES``: capital names, up to 32."""
    outputs: tuple[str, ...]
    """Relative names of the regular files expected below ``/out``, up to 64; letters, digits,
    ``_ . -``, at most four levels, no level with a leading dot or dash."""
    limits: Limits

    def __post_init__(self) -> None:
        """Refuse what could be read in two ways, or could reach beyond its folder."""
        _require(1 <= len(self.argv) <= MAX_ARGUMENTS, f"argv needs 1 to {MAX_ARGUMENTS} arguments")
        for argument in self.argv:
            _require_argument(argument, "an argument")
        _require(bool(self.argv[0]), "the command is empty")
        for path in (self.folder, self.environment):
            sound = path is None or (path.startswith("/") and "\0" not in path)
            _require(sound, f"{path!r} is no absolute path")
        _require(len(self.variables) <= MAX_VARIABLES, f"more than {MAX_VARIABLES} variables")
        for name, value in self.variables:
            _require(_VARIABLE.match(name) is not None, f"{name!r} cannot name a variable")
            _require(name not in _RESERVED, f"the variable {name} is set by the seal")
            _require_argument(value, f"the variable {name}")
        _require_unique((name for name, _ in self.variables), "variable")
        _require(len(self.outputs) <= MAX_OUTPUTS, f"more than {MAX_OUTPUTS} outputs")
        for name in self.outputs:
            _require(_OUTPUT.match(name) is not None, f"{name!r} cannot name an output")
        _require_unique(self.outputs, "output")


class SealedOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a sealed run ended and what it left; every byte of it is the stranger's."""

    ended: Ended
    exit_code: int | None
    """The command's exit code, 0 to 255; None where it did not end by itself."""
    stdout: bytes
    """The beginning of its standard output, at most ``stream_bytes``."""
    stderr: bytes
    """The beginning of its standard error, at most ``stream_bytes``."""
    outputs: dict[str, bytes]
    """The declared outputs that were there as regular files; empty unless it exited."""
    wall_seconds: float
    """Seconds from the start of the seal to its end."""
    peak_memory_bytes: int | None
    """The most memory that was seen in use, sampled; None where nothing was seen."""
    why: str
    """One sentence: why it ended, and which declared outputs are missing."""


class SealCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One canary: something that the seal must stop was tried under the seal."""

    name: str
    passed: bool
    """True where the seal held."""
    what: str
    """What was tried and what came of it."""


class Preflight(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether this machine can seal a run, proven by canaries."""

    available: bool
    """True only where every check passed."""
    tool: str
    """The sandbox with its version, such as ``bubblewrap 0.8.0``; empty where none was found."""
    kernel: str
    """Name, release and machine type of the kernel."""
    checks: tuple[SealCheck, ...]
    why: str
    """What stands in the way; empty where available."""
    fix: str
    """What the owner can do about it; empty where available."""


def _require(sound: bool, message: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not sound:
        raise ValueError(message)


def _require_argument(text: str, what: str) -> None:
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        size = -1
    _require(
        0 <= size <= MAX_ARGUMENT_BYTES and "\0" not in text,
        f"{what} is longer than {MAX_ARGUMENT_BYTES} bytes, or no plain text",
    )


def _require_unique(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        _require(name not in seen, f"the {what} {name} is named twice")
        seen.add(name)
