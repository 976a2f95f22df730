"""Vectors that a model gave, kept by the digest of their text: one SQLite file a model and purpose.

SQLite's locks make it safe for several processes; each batch of vectors is one transaction, so a
killed run leaves all or nothing of it.  A vector carries a checksum over its text's digest and its
numbers; one that does not hold is forgotten and asked for again.  A file that is no database is
removed: everything in it can be had again.
"""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Literal

import msgspec

from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.canonical import canonical_json, content_sha256
from sovereign_registry.contracts.errors import ModelFailure
from sovereign_registry.contracts.vectors import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

FILE = "vectors.sqlite"
BUSY_SECONDS = 60.0
_AT_ONCE = 500
"""Digests of one question to the database; SQLite's oldest limit is 999."""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    (
        "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL,"
        " checksum INTEGER NOT NULL) WITHOUT ROWID"
    ),
)


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What vectors must have in common to be kept together."""

    service: str
    model: str
    purpose: Literal["query", "passage"]
    truncate: str
    format: Literal["vectors-v1"] = "vectors-v1"

    @property
    def sha256(self) -> str:
        """The digest that names their folder."""
        return content_sha256(self)


class VectorCache:
    """The kept vectors of one kind.

    Args:
        folder: The folder of all kinds; this kind's own is made inside it.
        kind: What the vectors have in common.
    """

    def __init__(self, folder: Path, kind: Kind) -> None:
        self.kind = kind
        self.folder = folder / kind.sha256
        self.file = self.folder / FILE

    def dimension(self) -> int:
        """Length of the kept vectors; 0 where none is kept.

        Raises:
            ModelFailure: the file belongs to another model.
        """
        with self._open() as database:
            row = database.execute("SELECT value FROM about WHERE name = 'dimension'").fetchone()
        return int(row[0]) if row and str(row[0]).isdecimal() else 0

    def get(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """The kept vectors of these texts; damaged ones are left out.

        Raises:
            ModelFailure: the file belongs to another model.
        """
        wanted, found = list(digests), {}
        with self._open() as database:
            row = database.execute("SELECT value FROM about WHERE name = 'dimension'").fetchone()
            length = NUMBER * int(row[0]) if row and str(row[0]).isdecimal() else 0
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = database.execute(
                    f"SELECT text, vector, checksum FROM vectors WHERE text IN ({marks})",  # noqa: S608 - question marks only
                    some,
                )
                for digest, vector, checksum in rows:
                    if _sound(digest, vector, checksum, length):
                        found[bytes(digest)] = bytes(vector)
        return found

    def put(self, vectors: Mapping[bytes, bytes], dimension: int) -> None:
        """Keep vectors, all or none.

        Raises:
            ModelFailure: the kept ones have another length, or belong to another model.
        """
        with self._open() as database, database:
            # The write lock is taken first, so that of two processes one decides the length.
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "INSERT OR IGNORE INTO about VALUES ('dimension', ?)", (str(dimension),)
            )
            row = database.execute("SELECT value FROM about WHERE name = 'dimension'").fetchone()
            if row[0] != str(dimension):
                raise other_length(self, dimension, row[0])
            database.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(key, vector, checksum(key, vector)) for key, vector in vectors.items()],
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The database; made again where the file is none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            database = self._connected()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise self._unusable(error) from error
            self._forget()
            database = self._connected()
        with closing(database):
            try:
                yield database
            except sqlite3.OperationalError as error:
                raise self._unusable(error) from error
            except sqlite3.DatabaseError as error:
                # Damage behind the first page: the next run starts with an empty file.
                self._forget()
                raise self._unusable(error) from error

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            for table in _TABLES:
                database.execute(table)
            own = canonical_json(self.kind).decode()
            database.execute("INSERT OR IGNORE INTO about VALUES ('kind', ?)", (own,))
            self._require_own(database, own)
        except BaseException:
            database.close()
            raise
        return database

    def _require_own(self, database: sqlite3.Connection, own: str) -> None:
        row = database.execute("SELECT value FROM about WHERE name = 'kind'").fetchone()
        if row[0] != own:
            raise self._foreign(row[0])

    def _forget(self) -> None:
        # A journal left behind would be played into the new file.
        self.file.with_name(f"{FILE}-journal").unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)

    def _foreign(self, found: str) -> ModelFailure:
        return ModelFailure(
            f"holds vectors of another kind ({found[:200]}); vectors of two models are never mixed",
            fault=CallFault.MALFORMED,
            where=str(self.file),
            todo="Remove the file: whatever is needed is asked for again.",
        )

    def _unusable(self, error: sqlite3.Error) -> ModelFailure:
        return ModelFailure(
            f"cannot be used: {error}",
            fault=CallFault.UNAVAILABLE,
            where=str(self.file),
            todo="See that the disk has room and the file may be written, then start again; a "
            "file that is damaged was removed and is filled again.",
        )


def checksum(digest: bytes, vector: bytes) -> int:
    """CRC-32 over a text's digest and its vector."""
    return zlib.crc32(vector, zlib.crc32(digest))


def _sound(digest: object, vector: object, found: object, length: int) -> bool:
    return (
        isinstance(digest, bytes)
        and isinstance(vector, bytes)
        and len(vector) == length
        and found == checksum(digest, vector)
    )


def other_length(cache: VectorCache, dimension: int, kept: str) -> ModelFailure:
    """The error of a model that changed behind its name."""
    return ModelFailure(
        f"{cache.kind.model} now gives vectors of {dimension} numbers, the ones kept from it have "
        f"{kept}: another model answers to its name, and vectors of two models are never mixed",
        fault=CallFault.MALFORMED,
        where=str(cache.file),
        todo="Name the model that you mean (--embedding-model), or remove the folder "
        f"{cache.folder} to start over with the new one.",
    )
