"""Reads what came out of a sealed run: the report of its first process and bubblewrap's status.

Both are read as a stranger's bytes.  Nothing in them can end a run well that did not end by itself,
and an output is taken only under a name that was declared.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec

from sovereign_registry.contracts.first_use import look_at

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINE = 4096
_T = TypeVar("_T")


class _Started(msgspec.Struct, forbid_unknown_fields=True):
    started: bool


class _Ended(msgspec.Struct, forbid_unknown_fields=True):
    # As wait(2) and getrusage(2) give them.
    code: Annotated[int, msgspec.Meta(ge=0, le=255)]
    signal: Annotated[int, msgspec.Meta(ge=0, le=64)]
    peak: Annotated[int, msgspec.Meta(ge=0, le=1 << 50)]
    scratch_full: bool


class _Output(msgspec.Struct, forbid_unknown_fields=True):
    output: int
    bytes: int
    fault: str


class _Done(msgspec.Struct, forbid_unknown_fields=True):
    done: bool


look_at(_Started, _Ended, _Output, _Done)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The report of the first process, as far as it came."""

    started: bool
    complete: bool
    code: int
    signal: int
    peak: int
    scratch_full: bool
    outputs: dict[str, bytes]
    faults: dict[str, str]
    """Declared outputs that were not handed out, with the reason."""


class _Malformed(Exception):
    """The report is not what it must be."""


def read_report(data: bytes, names: Sequence[str]) -> Report:
    """The report in ``data``; whatever is malformed leaves it incomplete.

    Args:
        data: All bytes of the report's pipe.
        names: The declared outputs.
    """
    reader = _Reader(data)
    started = complete = False
    ended = _Ended(code=0, signal=0, peak=0, scratch_full=False)
    outputs: dict[str, bytes] = {}
    faults: dict[str, str] = {}
    try:
        started = reader.line(_Started).started
        ended = reader.line(_Ended)
        for number, name in enumerate(names):
            head = reader.line(_Output)
            body = reader.take(head.bytes if head.output == number else -1)
            if head.fault:
                faults[name] = head.fault[:80]
            else:
                outputs[name] = body
        complete = reader.line(_Done).done and reader.at_end
    except _Malformed:
        complete = False
    return Report(
        started=started,
        complete=complete,
        code=ended.code,
        signal=ended.signal,
        peak=ended.peak,
        scratch_full=ended.scratch_full,
        outputs=outputs if complete else {},
        faults=faults,
    )


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._data)

    def line(self, kind: type[_T]) -> _T:
        end = self._data.find(b"\n", self._at, self._at + MAX_LINE)
        if end < 0:
            raise _Malformed
        line, self._at = self._data[self._at : end], end + 1
        try:
            return msgspec.json.decode(line, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _Malformed from error

    def take(self, count: int) -> bytes:
        if not 0 <= count <= len(self._data) - self._at:
            raise _Malformed
        body, self._at = self._data[self._at : self._at + count], self._at + count
        return body


def read_status(data: bytes) -> dict[str, Any]:
    """Bubblewrap's status documents in one; it writes them in pieces, so only whole lines count."""
    found: dict[str, Any] = {}
    whole = data[: data.rfind(b"\n") + 1]
    decoder = json.JSONDecoder()
    text = whole.decode("utf-8", "replace").lstrip()
    while text:
        try:
            document, end = decoder.raw_decode(text)
        except ValueError:
            break
        if isinstance(document, dict):
            found.update(document)
        text = text[end:].lstrip()
    return found
