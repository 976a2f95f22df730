"""Whether an artifact is a fair test of a claim: its numbers, its control, what its run is told.

Pure.  Asked whenever an artifact is attached, accepted or run.  A published verdict is decided by
the rule that it names and not by this, so that what was published before stays as it is.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.repro import PYTHON, REPRO_FILE, decimal, found_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sovereign_registry.contracts.gate import MetricOutcome
    from sovereign_registry.contracts.repro import Metric, Repro

SHARE = Decimal("0.05")
"""The widest tolerance of a number that the claim states, as a share of it, beside the rounding of
its last digit (half a unit).  Both together let the shipped artifacts be and no guess pass."""
SMALL_FILE = 4096
"""Bytes below which a text file is small.  One that holds an expected value gives it away where two
of three hold: it is small, it has few numbers, the value has digits that tell."""
FEW_NUMBERS = 32
"""A file with fewer numbers than this holds little else than what it gives away."""
TELLING_DIGITS = 3
"""From so many digits on, a number hardly stands in a file by chance."""
AROUND = 28
"""Characters of the claim that are shown on either side of a number."""
_TEXTS = (".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".yaml", ".toml", ".lock")
_SPLIT = re.compile(r"[=,;:\s]+")
_INSIDE = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_LONGEST_JOIN = 6


class StatedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number of the claim, and the words around it."""

    written: str
    """As the claim writes it."""
    words: str
    """The claim around it, shortened at words with an ellipsis."""
    times: int
    """How often the number stands in the claim; the words are those of the first place."""

    @property
    def told(self) -> str:
        """``64 in “… up to 64 experts …”``."""
        more = f" (the first of {self.times} places)" if self.times > 1 else ""
        return f"{self.written} in “{self.words}”{more}"


def stated_number(text: str, expected: str) -> StatedNumber | None:
    """Where a number stands in a claim; a place with its sign before one without it.

    Args:
        text: The claim's words.
        expected: The number, as a decimal string.
    """
    value, found = Decimal(expected), list(found_numbers(text))
    places = [place for place, number in found if number == value] or [
        place for place, number in found if number.copy_abs() == value.copy_abs()
    ]
    if not places:
        return None
    start, end = places[0]
    left, right = max(0, start - AROUND), min(len(text), end + AROUND)
    while left and left < start and not text[left - 1].isspace():
        left += 1
    while right < len(text) and right > end and not text[right].isspace():
        right -= 1
    words = f"{'… ' if left else ''}{text[left:right].strip()}{' …' if right < len(text) else ''}"
    return StatedNumber(written=text[start:end], words=words, times=len(places))


def widest(expected: str) -> Decimal:
    """The widest tolerance of a number that a claim states: rounding, and a share of it."""
    value = Decimal(expected)
    exponent = value.as_tuple().exponent
    unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    return SHARE * abs(value) + unit / 2


def too_wide(metric: Metric | MetricOutcome) -> bool:
    """Whether a tolerance is wider than a number of the claim may have today."""
    bounds = []
    if metric.absolute is not None:
        bounds.append(Decimal(metric.absolute))
    if metric.relative is not None:
        bounds.append(Decimal(metric.relative) * Decimal(metric.expected).copy_abs())
    return bool(bounds) and min(bounds) > widest(metric.expected)


def unfair(spec: Repro, files: Mapping[str, bytes], text: str) -> Iterator[str]:
    """What makes an artifact no fair test of a claim; each names the field and what to do.

    Args:
        spec: The contract, sound by itself.
        files: Path -> bytes of the artifact.
        text: The claim's words.
    """
    yield from _script_faults(spec)
    yield from _number_faults(spec.metrics, text)
    yield from _told(spec)
    for path, data in sorted(files.items()):
        if path != REPRO_FILE and path.endswith(_TEXTS):
            yield from _given_away(path, data, spec.metrics)


def _script_faults(spec: Repro) -> Iterator[str]:
    scripts = [one.path for one in spec.inputs if one.path.endswith(".py")]
    named = []
    for field, command in (("command", spec.command), ("control.command", spec.control.command)):
        named.append(command[1] if len(command) > 1 else "")
        if command[0] != PYTHON or named[-1] not in scripts:
            yield (
                f"{field}: the word after {PYTHON} is {named[-1][:60]!r}; name one of the "
                f"artifact's scripts there ({', '.join(scripts[:3]) or 'it has none'}), and put "
                "code and options of the interpreter into it"
            )
    if named[0] in scripts and named[1] in scripts and named[0] != named[1]:
        yield (
            f"control.command: runs {named[1]} where the run is of {named[0]}; a control is the "
            "same script with other arguments or variables"
        )


def _number_faults(metrics: Sequence[Metric], text: str) -> Iterator[str]:
    written = {number for _, number in found_numbers(text)}
    for place, metric in enumerate(metrics):
        expected = Decimal(metric.expected)
        if expected not in written and -expected in written:
            yield (
                f"metrics[{place}].expected: is {metric.expected}, and the claim says "
                f"{-expected}; let the script give the number with the sign that the claim has"
            )
        elif expected in written and too_wide(metric):
            yield (
                f"metrics[{place}]: the tolerance of {metric.expected}, a number that the claim "
                f"states, is {metric.allowed():f}; {widest(metric.expected):f} is the most "
                f"({SHARE * 100:.0f} percent of it, and half a unit of its last digit)"
            )


def _told(spec: Repro) -> Iterator[str]:
    """Expected values that the run is given in its seed, arguments or variables, in any pieces."""
    paths = {one.path for one in spec.inputs}
    for metric in spec.metrics:
        value = Decimal(metric.expected).copy_abs()
        if spec.seed == value:
            yield (
                f"seed: is {spec.seed}, the expected value of {metric.name}, and the run is given "
                "its seed; take another"
            )
        for field, words in (
            ("command", spec.command[2:]),
            ("control.command", spec.control.command[2:]),
            ("variables", _in_order(spec.variables)),
            ("control.variables", _in_order(spec.control.variables)),
        ):
            if (held := _holding([one for one in words if one not in paths], value)) is not None:
                yield (
                    f"{field}: {held[:60]!r} gives the run the expected value of {metric.name}; "
                    "leave it out, or set what it stands for within the script"
                )


def _in_order(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Values by name; numbers of threads, which numeric libraries want one by one, left out."""
    return tuple(variables[name] for name in sorted(variables) if not name.endswith("_THREADS"))


def _holding(words: Sequence[str], value: Decimal) -> str | None:
    """The words that hold a number, alone, within a word, or in pieces one after another."""
    for word in words:
        if _digits(value) > 1 and any(_same(one, value) for one in _INSIDE.findall(word)):
            return word
    pieces = [one for word in words for one in _SPLIT.split(word) if one]
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + _LONGEST_JOIN, len(pieces)) + 1):
            some = pieces[start:end]
            if any(_same(glue.join(some), value) for glue in ("", ".")):
                return " ".join(some)
    return None


def _same(text: str, value: Decimal) -> bool:
    found = decimal(text)
    return found is not None and found.copy_abs() == value


def _digits(value: Decimal) -> int:
    return len("".join(map(str, value.normalize().as_tuple().digits)))


def _given_away(path: str, data: bytes, metrics: Iterable[Metric]) -> Iterator[str]:
    text = data.decode("utf-8", "replace").replace("\0", "")
    if path.endswith(".lock"):  # digests are full of digits that stand for nothing
        numbers = [number.copy_abs() for _, number in found_numbers(text)]
    else:
        found = (decimal(one) for one in _INSIDE.findall(text))
        numbers = [one.copy_abs() for one in found if one is not None]
    small, few = len(data) < SMALL_FILE, len(numbers) < FEW_NUMBERS
    for metric in metrics:
        value = Decimal(metric.expected).copy_abs()
        signs = (small, few, _digits(value) >= TELLING_DIGITS)
        if value in numbers and sum(signs) > 1:
            yield (
                f"inputs: {path} has {len(data):,} bytes and {len(numbers):,} numbers, and holds "
                f"{metric.expected}, the expected value of {metric.name}; let the script compute "
                "it, and take it out of that file"
            )


def written_in(spec: Repro, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Where a script holds an expected value, in words; no fault, but a reason to read it.

    Args:
        spec: The contract.
        files: Path -> bytes of the artifact.
    """
    found = []
    for path, data in sorted(files.items()):
        if not path.endswith(".py"):
            continue
        numbers = {
            number.copy_abs() for _, number in found_numbers(data.decode("utf-8", "replace"))
        }
        held = [one.expected for one in spec.metrics if Decimal(one.expected).copy_abs() in numbers]
        if held:
            which = ", ".join(dict.fromkeys(held))
            found.append(f"{path} holds the expected {which}: read what it does with it")
    return tuple(found)
