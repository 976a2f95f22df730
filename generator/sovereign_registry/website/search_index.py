"""The search index: small static JSON files, of which the page's script reads only what it needs.

Records are numbered from the oldest publication, so that a record that is added takes the next
number.  ``terms/`` holds, for every word, the records in whose title, question or id (odd numbers)
or claims (even ones) it stands: ``2 * record + name``, each as the difference from the one before.
A file of words is split by one more letter where it would grow beyond ``SPLIT`` bytes, so a query
reads the files of its words' first letters.  ``records/`` holds what a hit shows, ``BLOCK`` records
to a file.  ``index.json`` says how many there are, which files, and the tables of
``contracts/search_words``.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts import search_words
from sovereign_registry.contracts.rules.states_v1 import SHOWS
from sovereign_registry.website.model import PageSpec
from sovereign_registry.website.sealed import read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sovereign_registry.website.details import Details, Shelf
    from sovereign_registry.website.model import Row

FORMAT = "search-index-v1"
SPLIT = 40_000
"""Bytes, as estimated, from which a file of words is split."""
DEEPEST = 4
"""Letters after which no file is split any more."""
BLOCK = 64
"""Records of one file of hits."""

Postings = dict[str, list[int]]


def numbered(rows: Sequence[Row]) -> list[Row]:
    """The records in the order of their numbers: ``rows``, newest first, backwards."""
    return list(reversed(rows))


def postings(every: Iterator[Details]) -> Postings:
    """Every word with where it stands, in the order of the records' numbers."""
    found: Postings = {}
    for number, details in enumerate(every):
        for word in details.name_words:
            found.setdefault(word, []).append(2 * number + 1)
        for word in details.claim_words:
            found.setdefault(word, []).append(2 * number)
    return found


def _weight(words: Sequence[str], found: Postings) -> int:
    return sum(len(word) + 5 + 3 * len(found[word]) for word in words)


def split(found: Postings) -> dict[str, list[str]]:
    """Beginning of words -> the words of that file, both sorted; a pure function of the postings.

    The word that is itself a beginning that was split has a file of its own.
    """
    files: dict[str, list[str]] = {}

    def place(start: str, words: list[str]) -> None:
        if len(start) >= DEEPEST or _weight(words, found) <= SPLIT:
            files[start] = words
            return
        size = len(start) + 1
        for longer, those in groupby(words, key=lambda word: word[:size]):
            if longer == start:
                files[start] = list(those)
            else:
                place(longer, list(those))

    place("", sorted(found))
    return dict(sorted(files.items()))


def file_name(start: str) -> str:
    """The name of the file of a beginning: letters outside ASCII are written as their numbers."""
    if start.isascii():
        return f"{start or 'all'}.json" if start != "all" else "x-all.json"
    return "x-" + "-".join(f"{ord(one):x}" for one in start) + ".json"


def terms_json(words: Sequence[str], found: Postings) -> bytes:
    """One file of words: each with the differences between its places."""
    lines: dict[str, list[int]] = {}
    for word in words:
        last, steps = 0, []
        for at in found[word]:
            steps.append(at - last)
            last = at
        lines[word] = steps
    return msgspec.json.encode(lines) + b"\n"


def hit(row: Row) -> list[Any]:
    """What a hit shows: id, title with its cut, date, state, gate, level, lexical test, score."""
    return [
        row.id,
        f"{row.title} […]" if row.title_cut else row.title,
        row.published,
        row.record_state,
        row.gate,
        row.paper_level,
        row.verified,
        row.claims,
        row.score,
    ]


def block_json(rows: Sequence[Row]) -> bytes:
    """One file of hits."""
    return b"[\n" + b",\n".join(msgspec.json.encode(hit(row)) for row in rows) + b"\n]\n"


def undone(rows: Sequence[Row]) -> list[int]:
    """Numbers of the records that the publisher no longer stands behind: they come last."""
    return [number for number, row in enumerate(rows) if not SHOWS[row.record_state].rely]


def index_json(records: int, starts: Sequence[str], last: Sequence[int]) -> bytes:
    """What the script reads first."""
    head = {
        "format": FORMAT,
        "records": records,
        "block": BLOCK,
        "longest": search_words.LONGEST,
        "stop": search_words.STOP,
        "folds": search_words.FOLDS,
        "undone": list(last),
        "starts": list(starts),
    }
    return msgspec.json.encode(head) + b"\n"


class SearchIndex:
    """The index of one build; the words are gone through only where they are not as they were.

    Args:
        rows: All records, newest first.
        shelf: Their details.
        details: Record id -> digest of its details.
        memo: A file that remembers how the words were split.
    """

    def __init__(
        self, rows: Sequence[Row], shelf: Shelf, details: Mapping[str, bytes], memo: Path
    ) -> None:
        self.rows = numbered(rows)
        self._shelf = shelf
        self._details = details
        self._memo = memo
        self._found: Postings | None = None
        self._files: dict[str, list[str]] = {}
        hasher = hashlib.blake2b(digest_size=16)
        for row in self.rows:
            hasher.update(f"{row.id} ".encode() + details[row.id])
        self.digest = hasher.digest()

    def starts(self) -> list[str]:
        """The beginnings of the files of words."""
        try:
            known, starts = msgspec.msgpack.decode(
                read_sealed(self._memo) or b"", type=tuple[bytes, list[str]]
            )
        except msgspec.MsgspecError:
            known, starts = b"", []
        if known == self.digest and self._found is None:
            return starts
        starts = list(self._made()[1])
        write_sealed(self._memo, msgspec.msgpack.encode((self.digest, starts)))
        return starts

    def _made(self) -> tuple[Postings, dict[str, list[str]]]:
        if self._found is None:
            get, details = self._shelf.get, self._details
            self._found = postings(get(row.id, details[row.id]) for row in self.rows)
            self._files = split(self._found)
        return self._found, self._files

    def terms(self, start: str) -> bytes:
        """One file of words."""
        found, files = self._made()
        return terms_json(files[start], found)

    def plan(self) -> Iterator[PageSpec]:
        """The page, and the files of the index."""
        yield PageSpec(path="search/index.html", builder="search", template="search.html")
        starts = self.starts()
        last = undone(self.rows)
        yield PageSpec(
            path="search/index.json",
            builder="search_head",
            name="\n".join(starts),
            number=len(self.rows),
            counts=tuple(("undone", number) for number in last),
        )
        for start in starts:
            yield PageSpec(
                path=f"search/terms/{file_name(start)}",
                builder="search_terms",
                name=start,
                depends=self.digest,
            )
        for place in range(-(-len(self.rows) // BLOCK)):
            yield PageSpec(
                path=f"search/records/{place}.json",
                builder="search_block",
                rows=tuple(self.rows[place * BLOCK : (place + 1) * BLOCK]),
            )
