"""repro-v1: an artifact that computes a claim's numbers again, and how its output is read.  Pure.

``repro.yaml`` stands beside the files that it names and is never seen by the run, which is not
given an expected value; that a script was not written to contain it is for its readers to see.
Every metric has a tolerance, and a negative control (the same files, other arguments or variables)
must move a metric that the claim itself states, so that a number which depends on nothing is told
from one that was computed.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256, content_sha256
from sovereign_registry.contracts.claims import ClaimId
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.gate import ArtifactPath, GateFile, MetricText
from sovereign_registry.contracts.sealing import MIB, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

REPRO_FILE = "repro.yaml"
PYTHON = "python"
RESERVED = re.compile(r"^(?:PYTHON.*|LD_.*|PATH|HOME|LANG|LC_ALL|TMPDIR|TZ|SEED|OUT)\Z")
"""Variables that the seal or this contract sets."""
MAX_FILES = 64
MAX_FILE_BYTES = 4 * MIB
MAX_TOTAL_BYTES = 8 * MIB
WIDEST = Decimal("0.5")
"""A tolerance of more than half of the expected value would test nothing."""

Argument = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
VariableName = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9_]{0,31}$")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=600)]


class ClaimRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The claim that an artifact is about."""

    id: ClaimId
    """Its id within the record."""
    sha256: Sha256
    """Digest of its text, UTF-8."""


class InputFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file of the artifact."""

    path: ArtifactPath
    """Relative to the artifact's folder."""
    sha256: Sha256
    """Digest of its bytes."""


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the run needs besides its files."""

    python: Annotated[str, msgspec.Meta(pattern=r"^3\.\d{1,2}$")]
    """The Python version that the numbers were made with, such as ``3.11``."""
    requirements: ArtifactPath | None
    """The hash-locked requirements among the inputs; null where the standard library is enough."""


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The most that one run may use."""

    wall_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)]
    """Time on the wall."""
    cpu_seconds: Annotated[int, msgspec.Meta(ge=1, le=7200)]
    """Processor time of all processes together."""
    memory_mib: Annotated[int, msgspec.Meta(ge=64, le=16_384)]
    """Memory of all processes together, in MiB."""
    disk_mib: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 64
    """Scratch space in MiB."""
    processes: Annotated[int, msgspec.Meta(ge=1, le=256)] = 32
    """Processes and threads at the same time."""

    def limits(self) -> Limits:
        """The limits of the sealed run."""
        return Limits(
            wall_seconds=self.wall_seconds,
            cpu_seconds=self.cpu_seconds,
            memory_bytes=self.memory_mib * MIB,
            disk_bytes=self.disk_mib * MIB,
            output_bytes=MIB,
            stream_bytes=MIB // 16,
            processes=self.processes,
        )


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One number that the run gives."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    """What it is called here."""
    file: Annotated[
        str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\.json$", max_length=69)
    ]
    """The JSON file below ``/out`` that holds it."""
    pointer: Annotated[str, msgspec.Meta(pattern=r"^(?:/[^/]+)+$", max_length=200)]
    """JSON Pointer (RFC 6901) to the number in that file."""
    expected: MetricText
    """The value to be reproduced, as a decimal string."""
    absolute: MetricText | None
    """The widest allowed distance; null where the relative one is enough."""
    relative: MetricText | None
    """The same as a share of the expected value; where both are given, both must hold."""

    def allowed(self) -> Decimal:
        """The widest distance from the expected value that every tolerance allows."""
        bounds = []
        if self.absolute is not None:
            bounds.append(Decimal(self.absolute))
        if self.relative is not None:
            bounds.append(Decimal(self.relative) * abs(Decimal(self.expected)))
        return min(bounds)

    def within(self, value: str) -> bool:
        """Whether a value is within every tolerance."""
        return abs(Decimal(value) - Decimal(self.expected)) <= self.allowed()


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The negative control: what must change the outcome if the outcome depends on anything."""

    about: Words
    """What it changes, and why the numbers must then move."""
    command: Annotated[tuple[Argument, ...], msgspec.Meta(min_length=1, max_length=64)]
    """Arguments, no shell; the first is ``python``."""
    variables: dict[VariableName, Argument] = {}
    """Environment variables of the control."""


class Repro(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of ``repro.yaml``."""

    contract: Literal["repro-v1"]
    about: Words
    """What is computed, from what, and how: one or two sentences."""
    claim: ClaimRef
    command: Annotated[tuple[Argument, ...], msgspec.Meta(min_length=1, max_length=64)]
    """Arguments, no shell; the first is ``python``."""
    inputs: Annotated[tuple[InputFile, ...], msgspec.Meta(min_length=1, max_length=MAX_FILES)]
    """Every file of the artifact but ``repro.yaml`` itself."""
    environment: Environment
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
    """Given to the run as the variable SEED."""
    budget: Budget
    metrics: Annotated[tuple[Metric, ...], msgspec.Meta(min_length=1, max_length=32)]
    """The numbers; at least one expected value stands in the claim's text."""
    control: Control
    variables: dict[VariableName, Argument] = {}
    """Environment variables of both runs."""

    def given(self, *, control: bool) -> dict[str, str]:
        """The variables of a run or of the control: its own, the seed, and where outputs go."""
        own = self.control.variables if control else self.variables
        return {**own, "SEED": str(self.seed), "OUT": "/out"}

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files that a run is expected to leave, sorted."""
        return tuple(sorted({one.file for one in self.metrics}))


def repro_faults(spec: Repro) -> Iterator[str]:
    """What is unsound about a ``repro.yaml`` beyond its shape; each names the field."""
    for name, command in (("command", spec.command), ("control.command", spec.control.command)):
        if command[0] != PYTHON:
            yield f"{name}: starts with {command[0][:40]!r}; only {PYTHON!r} is run"
    yield from _repeated("inputs", (one.path for one in spec.inputs))
    yield from _repeated("metrics", (one.name for one in spec.metrics))
    paths = {one.path for one in spec.inputs}
    if REPRO_FILE in paths:
        yield f"inputs: {REPRO_FILE} itself is no input; no run ever sees it"
    lock = spec.environment.requirements
    if lock is not None and lock not in paths:
        yield f"environment.requirements: {lock} is not among the inputs"
    for number, metric in enumerate(spec.metrics):
        yield from _metric_faults(metric, f"metrics[{number}]")
    same = (spec.command, spec.variables) == (spec.control.command, spec.control.variables)
    if same:
        yield "control: is the same as the run, so it could move nothing"
    yield from _variable_faults(spec)
    yield from _leaks(spec)


def _repeated(field: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{field}: {name} stands twice"
        seen.add(name)


def _metric_faults(metric: Metric, where: str) -> Iterator[str]:
    bounds = [one for one in (metric.absolute, metric.relative) if one is not None]
    if not bounds:
        yield f"{where}: a tolerance is due: absolute, relative, or both"
        return
    if any(one.startswith("-") for one in bounds):
        yield f"{where}: a tolerance is not negative"
        return
    expected = abs(Decimal(metric.expected))
    if expected and metric.allowed() > WIDEST * expected:
        yield f"{where}: the tolerance is more than half of the expected value and tests nothing"


def _variable_faults(spec: Repro) -> Iterator[str]:
    for field, variables in (
        ("variables", spec.variables),
        ("control.variables", spec.control.variables),
    ):
        for name in sorted(variables):
            if RESERVED.match(name):
                yield f"{field}: {name} is set by the seal"


def _leaks(spec: Repro) -> Iterator[str]:
    """Expected values never enter the sandbox, not even as an argument."""
    expected = {Decimal(one.expected): one.name for one in spec.metrics}
    for field, command, variables in (
        ("", spec.command, spec.variables),
        ("control.", spec.control.command, spec.control.variables),
    ):
        told = [(f"{field}command: the argument", text) for text in command]
        told += [(f"{field}variables: {name}", text) for name, text in sorted(variables.items())]
        for where, text in told:
            for token in re.split(r"[=,;:\s]", text):
                found = expected.get(decimal(token) or Decimal("NaN"))
                if found is not None:
                    yield f"{where} {text[:60]!r} holds the expected value of {found}"


def decimal(text: str) -> Decimal | None:
    """A text as a finite number; None where it is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


_NUMBER = re.compile(r"(?<![\w.])[-\u2212]?\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|\.\d)")


def found_numbers(text: str) -> Iterator[tuple[tuple[int, int], Decimal]]:
    """The numbers that are written in digits, as they are signed, with where they stand.

    ``65,536`` is 65536; a number that is part of a word (``8x7B``, ``W4A4``) is none.
    """
    for match in _NUMBER.finditer(text):
        yield match.span(), Decimal(match.group().replace(",", "").replace("\u2212", "-"))


def stated_numbers(text: str) -> frozenset[Decimal]:
    """The numbers that stand in a claim's text, with and without their sign.

    Rule ``gate-v1`` asks for no more; that the sign is the claim's own is asked of artifacts when
    they are attached (``contracts/fair_test.py``).
    """
    found = {number for _, number in found_numbers(text)}
    return frozenset(found | {-one for one in found})


def listing_sha256(files: Sequence[GateFile]) -> str:
    """Digest of an artifact: SHA-256 over the canonical JSON of its sorted list of files."""
    rows = sorted(files, key=lambda one: one.path)
    return content_sha256([msgspec.to_builtins(one) for one in rows])


def require_files(inputs: Iterable[InputFile], files: Sequence[GateFile], contract: str) -> None:
    """Every file is declared, every declared file is there, and the digests are the declared ones.

    Args:
        inputs: What the contract names.
        files: What lies in the folder, the contract's own file included.
        contract: Name of the contract's own file.

    Raises:
        RecordFault: naming the first file that is not as declared.
    """
    found = {one.path: one.sha256 for one in files if one.path != contract}
    declared = {one.path: one.sha256 for one in inputs}
    for path in sorted(declared.keys() - found.keys()):
        raise RecordFault("inputs: is named and is not there", where=path, todo="Add the file.")
    for path in sorted(found.keys() - declared.keys()):
        raise RecordFault(
            "is there and is not named",
            where=path,
            todo=f"Name it under inputs in {contract} with its digest, or take it away.",
        )
    for path, digest in sorted(declared.items()):
        if found[path] != digest:
            raise RecordFault(
                f"has the SHA-256 {found[path]}; {contract} names {digest}",
                where=path,
                todo="Correct the digest, or restore the file.",
            )
