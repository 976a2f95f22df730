"""Ranked full-text search over papers by SQLite FTS5: one machinery for a snapshot and the corpus.

Ranking is Okapi BM25 as FTS5 computes it, over Porter stems; a hit in the title weighs twice a hit
in the abstract.  Terms are quoted (so that none can be query syntax) and joined by OR.  Equal
scores are ordered by key, so the order never depends on the order of building.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.first_use import look_at
from sovereign_registry.contracts.papers import Paper
from sovereign_registry.contracts.text import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

look_at(Paper)

TITLE_WEIGHT = 2.0
"""Against 1.0 for the text.  Measured on 30,733 arXiv records: best mean rank of known titles."""

PRUNE_ABOVE = 100_000
"""Collections larger than this drop a query's very common terms; smaller ones are fast as they are,
and dropping costs quality (4 points of nDCG@10 on a public benchmark)."""

COMMON_SHARE = 0.05
"""A term in more than this share of the documents counts as very common."""

KEPT_TERMS = 2
"""Very common terms are dropped only as long as this many rarer ones remain."""

_SCHEMA = """
CREATE TABLE papers (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, record BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(
  title, body, content='', columnsize=1, tokenize='porter unicode61');
"""
_TERM_PART = re.compile(r"[^\W_]+")
_SPARE = 32


def create_tables(connection: sqlite3.Connection) -> None:
    """Create the empty tables of an index."""
    connection.executescript(_SCHEMA)


def add_papers(connection: sqlite3.Connection, rows: Iterable[tuple[Paper, str]]) -> int:
    """Add papers with their searchable text, streaming; returns how many were added.

    Raises:
        sqlite3.IntegrityError: a key occurs twice.
    """
    encode = msgspec.msgpack.Encoder().encode
    number = 0
    for number, (paper, body) in enumerate(rows, start=1):
        connection.execute(
            "INSERT INTO papers VALUES (?, ?, ?)", (number, paper.key, encode(paper))
        )
        connection.execute(
            "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", (number, paper.title, body)
        )
    return number


def match_phrases(terms: Iterable[str]) -> tuple[str, ...]:
    """Quoted FTS5 phrases of plain terms, stop words and repetitions removed.

    A hyphenated term becomes a phrase (``"mixture of experts"``), which also finds its open
    spelling.  Where only stop words were given they are kept, rather than searching for nothing.
    """
    phrases: dict[str, bool] = {}
    for term in terms:
        parts = _TERM_PART.findall(term.lower())
        if parts:
            stops = all(part in STOP_WORDS for part in parts)
            phrases.setdefault('"' + " ".join(parts) + '"', stops)
    content = tuple(phrase for phrase, stops in phrases.items() if not stops)
    return content or tuple(phrases)


class FullText:
    """An index that is complete and will not change.

    Args:
        connect: Opens a connection to the index; each search opens its own and closes it, so
            searches may run in several threads.
        documents: How many papers the index holds.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], documents: int) -> None:
        self._connect = connect
        self._documents = documents

    def search(self, terms: Iterable[str], limit: int) -> tuple[tuple[Paper, ...], int]:
        """The best ``limit`` papers, and how many match at all.

        Raises:
            sqlite3.DatabaseError: the index file is damaged.
        """
        with contextlib.closing(self._connect()) as connection:
            phrases = self._chosen(connection, match_phrases(terms))
            if not phrases or limit <= 0:
                return (), 0
            match = " OR ".join(phrases)
            ranked = _ranked(connection, match, limit)
            total = len(ranked)
            if total >= limit:
                (total,) = connection.execute(
                    "SELECT count(*) FROM words WHERE words MATCH ?", (match,)
                ).fetchone()
            return _load(connection, ranked[:limit]), total

    def _chosen(self, connection: sqlite3.Connection, phrases: tuple[str, ...]) -> Sequence[str]:
        """The phrases that are searched for: all, or without the very common in a large index."""
        if self._documents <= PRUNE_ABOVE or len(phrases) <= KEPT_TERMS:
            return phrases
        counts = {
            phrase: connection.execute(
                "SELECT count(*) FROM words WHERE words MATCH ?", (phrase,)
            ).fetchone()[0]
            for phrase in phrases
        }
        by_rarity = sorted((phrase for phrase in phrases if counts[phrase]), key=counts.__getitem__)
        ceiling = COMMON_SHARE * self._documents
        return [
            phrase
            for place, phrase in enumerate(by_rarity)
            if place < KEPT_TERMS or counts[phrase] <= ceiling
        ]


def _ranked(connection: sqlite3.Connection, match: str, limit: int) -> list[tuple[str, int]]:
    """(key, number) of the best papers, best first, ties by key, at least ``limit`` if there are.

    Sorting all matches by key would read a row for each; instead a few more than asked for are
    taken, and more again while the last one still ties with the last one asked for.
    """
    size = limit + _SPARE
    while True:
        rows = connection.execute(
            "SELECT rowid, bm25(words, ?, 1.0) AS score FROM words WHERE words MATCH ?"
            " ORDER BY score LIMIT ?",
            (TITLE_WEIGHT, match, size),
        ).fetchall()
        if len(rows) < size or rows[-1][1] != rows[limit - 1][1]:
            break
        size *= 2
    keyed = [(score, _key(connection, number), number) for number, score in rows]
    keyed.sort()
    return [(key, number) for _, key, number in keyed]


def _key(connection: sqlite3.Connection, number: int) -> str:
    (key,) = connection.execute("SELECT key FROM papers WHERE number = ?", (number,)).fetchone()
    return str(key)


def _load(connection: sqlite3.Connection, ranked: Sequence[tuple[str, int]]) -> tuple[Paper, ...]:
    decode = msgspec.msgpack.Decoder(Paper).decode
    return tuple(
        decode(
            connection.execute("SELECT record FROM papers WHERE number = ?", (number,)).fetchone()[
                0
            ]
        )
        for _, number in ranked
    )


def in_memory(rows: Iterable[tuple[Paper, str]]) -> FullText:
    """Build an index in memory, for a collection of a few thousand papers at most."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        create_tables(connection)
        documents = add_papers(connection, rows)
        connection.commit()
        image = connection.serialize()

    def connect() -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:")
        copy.deserialize(image)
        return copy

    return FullText(connect, documents)
