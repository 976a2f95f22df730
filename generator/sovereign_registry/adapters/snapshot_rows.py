"""Reads arXiv's metadata snapshot line by line: JSONL, plain or gzip, any size, bounded memory."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from datetime import date
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from sovereign_registry.adapters.plain import one_line, split_authors
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.first_use import look_at
from sovereign_registry.contracts.papers import PAPER_KEY_PATTERN, Paper
from sovereign_registry.contracts.text import seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer

MAX_LINE = 4 * 1024 * 1024
"""Bytes; the longest line of arXiv's own snapshot is below 100 kB."""

LICENCE = "CC0 1.0 (arXiv metadata)"
"""arXiv's API terms: title, abstract, authors, identifiers and classification are CC0."""

_GZIP_MAGIC = b"\x1f\x8b"
_KEY = re.compile(PAPER_KEY_PATTERN)
_FIX = "Repair or remove the line, or fetch the snapshot again."


class _Version(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    created: str


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a snapshot line that are read; arXiv may add others."""

    id: str
    title: str
    abstract: str
    authors: str
    update_date: str
    categories: str | None = None
    versions: tuple[_Version, ...] | None = None
    authors_parsed: tuple[tuple[str, ...], ...] | None = None


look_at(_Row)


class _Digesting(io.RawIOBase):
    """A raw stream that hashes the bytes as they are read."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        chunk = self._inner.read(len(view))
        view[: len(chunk)] = chunk
        self.sha256.update(chunk)
        return len(chunk)


class SnapshotFile:
    """One pass over a snapshot file.

    After the papers were read to the end, ``sha256`` is the digest of the file's bytes and
    ``as_of`` the newest ``update_date`` in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sha256 = ""
        self.as_of = ""
        self.bytes_read = 0

    def papers(self) -> Iterator[Paper]:
        """Yield the papers in file order.

        Raises:
            SourceFailure: naming file and line, for a line that is not UTF-8, not JSON, lacks a
                field or has one of a wrong type; or for a gzip stream that is cut.
        """
        try:
            with self._path.open("rb") as handle:
                packed = handle.read(2) == _GZIP_MAGIC
                handle.seek(0)
                digesting = _Digesting(handle)
                with io.BufferedReader(digesting, 1 << 20) as raw:
                    source = gzip.GzipFile(fileobj=raw) if packed else raw
                    for line in self._lines(source):
                        self.bytes_read = handle.tell()
                        yield line
                    while raw.read(1 << 20):
                        pass
                self.sha256 = digesting.sha256.hexdigest()
        except OSError as error:
            raise SourceFailure(
                f"the snapshot cannot be read: {error.strerror or error}",
                where=str(self._path),
                todo="Give the path of arXiv's metadata snapshot, a JSONL file or its gzip form.",
            ) from error

    def _lines(self, source: BinaryIO | gzip.GzipFile) -> Iterator[Paper]:
        decode = msgspec.json.Decoder(_Row).decode
        number = 0
        while True:
            try:
                line = source.readline(MAX_LINE + 1)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise self._fault(number + 1, f"the gzip stream is broken ({error})") from error
            if not line:
                return
            number += 1
            if len(line) > MAX_LINE:
                raise self._fault(number, f"the line is longer than {MAX_LINE} bytes")
            if line.strip():
                yield self._paper(decode, line, number)

    def _paper(self, decode: Callable[[bytes], _Row], line: bytes, number: int) -> Paper:
        try:
            row = decode(line)
        except UnicodeDecodeError as error:
            raise self._fault(number, f"byte {error.start} is not UTF-8") from error
        except msgspec.ValidationError as error:
            raise self._fault(
                number, f"a field is missing or of the wrong type: {error}"
            ) from error
        except msgspec.DecodeError as error:
            raise self._fault(number, _not_json(line, error)) from error
        try:
            paper = _to_paper(row)
        except ValueError as error:
            raise self._fault(number, str(error)) from error
        self.as_of = max(self.as_of, paper.updated)
        return paper

    def _fault(self, number: int, what: str) -> SourceFailure:
        return SourceFailure(what, where=f"{self._path}, line {number}", todo=_FIX)


def _not_json(line: bytes, error: Exception) -> str:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as fault:
        return f"byte {fault.start} is not UTF-8"
    return f"not a JSON object: {error}"


def _to_paper(row: _Row) -> Paper:
    """Turn a row into a paper.

    Raises:
        ValueError: the id, a date or a version is not in arXiv's form, or the title is empty.
    """
    if not _KEY.match(row.id) or row.id.startswith("note-"):
        raise ValueError(f"{row.id!r} is not an arXiv id")
    updated = _iso(row.update_date)
    title = one_line(row.title)
    if not seen(title).strip():
        raise ValueError("the title is empty")
    versions = row.versions or ()
    return Paper(
        key=row.id,
        version=_version(versions[-1].version) if versions else None,
        title=title,
        authors=_authors(row),
        published=_created(versions[0].created) if versions else updated,
        updated=updated,
        categories=tuple((row.categories or "").split()),
        abstract=one_line(row.abstract),
        licence=LICENCE,
    )


def _iso(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"update_date {text!r} is not of the form 2026-08-21")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError(f"update_date {text!r} is no day of the calendar") from error


def _version(text: str) -> int:
    match = re.fullmatch(r"v([1-9]\d{0,3})", text)
    if not match:
        raise ValueError(f"version {text!r} is not of the form v1")
    return int(match[1])


def _created(text: str) -> str:
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"the version's date {text!r} is not of the form Mon, 2 Apr 2007 19:18:42 GMT"
        ) from error


def _authors(row: _Row) -> tuple[str, ...]:
    """The authors as arXiv parsed them (last, first, suffix), else split from the string."""
    if row.authors_parsed:
        names = (_full_name(parts) for parts in row.authors_parsed)
        return tuple(name for name in map(one_line, names) if name)
    return split_authors(one_line(row.authors))


def _full_name(parts: tuple[str, ...]) -> str:
    last, first, suffix = (*parts, "", "", "")[:3]
    return f"{first} {last}" + (f" {suffix}" if suffix else "")
