"""PaperSearch over arXiv's own metadata snapshot, by a full-text index that is built once.

The index lives in the cache folder under a name derived from the snapshot's resolved path, size and
modification time, so that another file, or a changed one, gets an index of its own.  It is built
under a temporary name and renamed when it is whole: a killed build leaves no half index.  The
snapshot's SHA-256 is computed while building and is what the record cites.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from sovereign_registry.adapters.fulltext import FullText, add_papers, create_tables
from sovereign_registry.adapters.ranking import ranking_sha256
from sovereign_registry.adapters.snapshot_rows import SnapshotFile
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.first_use import look_at
from sovereign_registry.contracts.papers import SearchReply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sovereign_registry.contracts.papers import Paper, Query
    from sovereign_registry.contracts.ports import Progress

INDEX_FORMAT = 1
"""Changes whenever an index that an older version built would answer differently."""

_CACHE_KIB = 65_536
_HASH_BYTES = 64 * 1024 * 1024
_CHECKED_BYTES = 1024 * 1024 * 1024
"""Up to this size every page is checked on opening (0.8 s per GiB); damage in a larger index shows
when a search meets it."""

_NOTE_EVERY = 50 * 1024 * 1024


class _Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an index says about itself; written last."""

    snapshot_sha256: str
    documents: int
    as_of: str


look_at(_Meta)


class SnapshotSearch:
    """PaperSearch over a snapshot file; opens its index, building it first where there is none.

    Args:
        path: The snapshot: JSONL with arXiv's metadata fields, plain or gzip.
        cache: Folder for indexes; created if missing; disposable.
        progress: Told how far a build is.

    Raises:
        SourceFailure: the snapshot cannot be read, or a line of it is not what it should be.
    """

    name = "arXiv metadata snapshot"

    def __init__(self, path: Path, cache: Path, progress: Progress | None = None) -> None:
        self._path = path
        self._note = progress.note if progress else _say_nothing
        self._index = self._index_path(cache)
        self._meta = self._open() or self._build_locked()
        self._fulltext = FullText(self._connect, self._meta.documents)

    @property
    def version(self) -> str:
        """The SHA-256 of the snapshot's bytes."""
        return self._meta.snapshot_sha256

    @property
    def label(self) -> str:
        """What the source is, with its size and newest date."""
        count = f"{self._meta.documents:,}"
        return f"arXiv metadata snapshot ({count} papers, newest {self._meta.as_of})"

    def search(self, query: Query, limit: int) -> SearchReply:
        """Answer from the index; the reply's digest covers the snapshot and the ranked keys.

        Raises:
            SourceFailure: the index was damaged after it was opened.
        """
        try:
            papers, total = self._fulltext.search(query.terms, limit)
        except (sqlite3.DatabaseError, msgspec.MsgspecError) as error:
            raise SourceFailure(
                f"the index is damaged ({error})",
                where=str(self._index),
                todo="Delete the file; it is built again from the snapshot.",
            ) from error
        return SearchReply(
            papers=papers,
            total=total,
            sha256=ranking_sha256(self._meta.snapshot_sha256, papers),
            as_of=self._meta.as_of,
            complete=True,
        )

    def _index_path(self, cache: Path) -> Path:
        try:
            resolved = self._path.resolve(strict=True)
            stat = resolved.stat()
        except OSError as error:
            raise SourceFailure(
                f"the snapshot cannot be read: {error.strerror or error}",
                where=str(self._path),
                todo="Give the path of arXiv's metadata snapshot, a JSONL file or its gzip form.",
            ) from error
        identity = [str(resolved), stat.st_size, str(stat.st_mtime_ns), INDEX_FORMAT]
        return cache / f"snapshot-{content_sha256(identity)[:32]}.sqlite"

    def _connect(self) -> sqlite3.Connection:
        address = f"file:{quote(str(self._index.resolve()))}?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True)

    def _open(self) -> _Meta | None:
        """The meta record of a whole index, or None where there is none to trust."""
        if not self._index.exists():
            return None
        try:
            with contextlib.closing(self._connect()) as connection:
                (stored,) = connection.execute("SELECT record FROM meta").fetchone()
                meta = msgspec.json.decode(stored, type=_Meta)
                (count,) = connection.execute("SELECT count(*) FROM papers").fetchone()
                sound = self._index.stat().st_size > _CHECKED_BYTES or (
                    connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
                )
        except (sqlite3.DatabaseError, msgspec.MsgspecError, TypeError):
            self._note("the index in the cache is damaged; building it again")
            return None
        return meta if sound and count == meta.documents else None

    def _build_locked(self) -> _Meta:
        """Build unless another process has just done so; one builder at a time."""
        try:
            self._index.parent.mkdir(parents=True, exist_ok=True)
            with self._index.with_suffix(".lock").open("wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                return self._open() or self._build()
        except (OSError, sqlite3.OperationalError) as error:
            raise SourceFailure(
                f"the index cannot be written ({error})",
                where=str(self._index.parent),
                todo="Make room on the disk, or choose another cache folder.",
            ) from error

    def _build(self) -> _Meta:
        building = self._index.with_suffix(".building")
        building.unlink(missing_ok=True)  # left by a build that was killed
        try:
            meta = self._fill(building)
            _sync(building)
            building.replace(self._index)
            _sync(self._index.parent)
        finally:
            building.unlink(missing_ok=True)
        return meta

    def _fill(self, building: Path) -> _Meta:
        source = SnapshotFile(self._path)
        with contextlib.closing(sqlite3.connect(building, isolation_level=None)) as connection:
            # No journal: the file counts only after its rename, so a crash needs no roll-back.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            create_tables(connection)
            connection.execute("CREATE TABLE meta (record BLOB NOT NULL)")
            connection.execute(
                "INSERT INTO words (words, rank) VALUES ('hashsize', ?)", (_HASH_BYTES,)
            )
            connection.execute("BEGIN")
            documents = self._add(connection, source)
            self._note(f"{documents:,} papers read; packing the index")
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
            meta = _Meta(snapshot_sha256=source.sha256, documents=documents, as_of=source.as_of)
            connection.execute("INSERT INTO meta VALUES (?)", (msgspec.json.encode(meta),))
            connection.execute("COMMIT")
        return meta

    def _add(self, connection: sqlite3.Connection, source: SnapshotFile) -> int:
        try:
            documents = add_papers(connection, self._rows(source))
        except sqlite3.IntegrityError as error:
            raise SourceFailure(
                "an id occurs twice; the second time just before "
                f"byte {source.bytes_read:,} of the file",
                where=str(self._path),
                todo="Remove one of the two lines, or fetch the snapshot again.",
            ) from error
        if not documents:
            raise SourceFailure(
                "the snapshot holds no paper",
                where=str(self._path),
                todo="Give arXiv's metadata snapshot, one JSON object per line.",
            )
        return documents

    def _rows(self, source: SnapshotFile) -> Iterator[tuple[Paper, str]]:
        size = max(1, self._path.stat().st_size)
        told = 0
        self._note(f"building the index of {self._path.name} (once)")
        for number, paper in enumerate(source.papers(), start=1):
            if source.bytes_read - told >= _NOTE_EVERY:
                told = source.bytes_read
                self._note(f"{number:,} papers indexed, {100 * told // size} % of the file")
            yield paper, paper.abstract


def _say_nothing(_text: str) -> None:
    """Progress for nobody."""


def _sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
