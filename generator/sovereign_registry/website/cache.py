"""Parsed records between builds, so that an unchanged manifest is not parsed twice.

A few append-only segment files hold MessagePack records; one index maps the digest of the bytes
that a record came from to its place.  The index belongs to one version of the code, every entry is
checked by digest when it is read, and whatever does not fit is parsed again: losing or spoiling the
folder costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from sovereign_registry.contracts.fold import RecordView
from sovereign_registry.website.sealed import read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Collection
    from io import BufferedWriter

_SPARE_BYTES = 8_000_000
"""Dead bytes that are not worth a copy of the living ones."""


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where one record lies."""

    digest: bytes
    """SHA-256 over the digests of the manifest and the history that the record came from."""
    segment: int
    offset: int
    length: int
    check: bytes
    """BLAKE2b, 16 bytes, over the stored bytes."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Which segments belong together."""

    folder: str
    generation: int

    def path(self, segment: int) -> Path:
        """The file of a segment."""
        return Path(self.folder, f"{self.generation}-{segment}.records")


class _Index(msgspec.Struct, kw_only=True):
    version: bytes
    generation: int
    entries: dict[str, Entry]


def _check(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


class RecordCache:
    """The parent's side: the index.

    Args:
        folder: Where the cache lives; may be missing.
        version: Digest of the code that parses records.
    """

    def __init__(self, folder: Path, version: bytes) -> None:
        self._folder = folder
        self._index = _Index(version=version, generation=0, entries={})
        data = read_sealed(folder / "index")
        try:
            found = msgspec.msgpack.decode(data, type=_Index) if data is not None else None
        except msgspec.MsgspecError:  # sound, but of a version with another shape
            found = None
        if found and found.version == version:
            self._index = found
        else:
            self._clear()

    def _clear(self) -> None:
        for path in self._folder.glob("*-*.records"):
            path.unlink(missing_ok=True)

    @property
    def place(self) -> Place:
        """Where workers read and append."""
        return Place(folder=str(self._folder), generation=self._index.generation)

    def find(self, record: str) -> Entry | None:
        """The entry that was last made for a record."""
        return self._index.entries.get(record)

    def add(self, record: str, entry: Entry) -> None:
        """Take up an entry that a worker appended."""
        self._index.entries[record] = entry

    def save(self, live: Collection[str]) -> None:
        """Write the index over the records that are still there, and drop dead bytes."""
        wanted = set(live)
        entries = {key: entry for key, entry in self._index.entries.items() if key in wanted}
        place = self.place
        if not entries:
            self._clear()
            (self._folder / "index").unlink(missing_ok=True)
            return
        alive = sum(entry.length for entry in entries.values())
        total = sum(path.stat().st_size for path in self._folder.glob("*-*.records"))
        if total > 2 * alive + _SPARE_BYTES:
            place, entries = self._compact(place, entries)
        self._index = _Index(
            version=self._index.version, generation=place.generation, entries=entries
        )
        write_sealed(self._folder / "index", msgspec.msgpack.encode(self._index))
        for path in self._folder.glob("*-*.records"):
            if not path.name.startswith(f"{place.generation}-"):
                path.unlink()

    def _compact(self, old: Place, entries: dict[str, Entry]) -> tuple[Place, dict[str, Entry]]:
        new = Place(folder=old.folder, generation=old.generation + 1)
        new.path(0).unlink(missing_ok=True)
        reader, kept = CacheReader(old), {}
        with CacheWriter(new, 0) as writer:
            for key, entry in entries.items():
                data = reader.data(entry)
                if data is not None:
                    kept[key] = writer.append(entry.digest, data)
        reader.close()
        return new, kept


class CacheReader:
    """Reads entries; one per process."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._handles: dict[int, int] = {}

    def data(self, entry: Entry) -> bytes | None:
        """The stored bytes, or None where they are not what the index says."""
        try:
            handle = self._handles.get(entry.segment)
            if handle is None:
                handle = os.open(self._place.path(entry.segment), os.O_RDONLY)
                self._handles[entry.segment] = handle
            data = os.pread(handle, entry.length, entry.offset)
        except OSError:
            return None
        return data if _check(data) == entry.check else None

    def close(self) -> None:
        """Close the segments."""
        while self._handles:
            os.close(self._handles.popitem()[1])

    def view(self, entry: Entry) -> RecordView | None:
        """The record, or None where it has to be parsed again."""
        data = self.data(entry)
        if data is None:
            return None
        try:
            return msgspec.msgpack.decode(data, type=RecordView)
        except msgspec.MsgspecError:
            return None


class CacheWriter:
    """Appends to one segment, which no other process writes."""

    def __init__(self, place: Place, segment: int) -> None:
        self._path = place.path(segment)
        self._segment = segment
        self._file: BufferedWriter | None = None
        self._offset = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, digest: bytes, data: bytes) -> Entry:
        """Store a record's bytes."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab")
            self._offset = self._file.seek(0, os.SEEK_END)
        self._file.write(data)
        entry = Entry(digest, self._segment, self._offset, len(data), _check(data))
        self._offset += len(data)
        return entry

    def flush(self) -> None:
        """Hand what was appended to the system, before its entries are reported."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Close the segment."""
        if self._file is not None:
            self._file.close()
            self._file = None
