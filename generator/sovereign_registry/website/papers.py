"""Pages of source papers: which records lean on a paper, and so what its retraction would touch.

A paper's address never changes and depends on its key alone: a *shelf* of papers with neighbouring
keys (``sources/2601.15/``), and the key as the place on it.  A paper that more records lean on than
its shelf has room for gets pages of its own below it, and the shelf keeps its first rows and the
link.  Why it is not one page a paper: docs/adr/0013.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from sovereign_registry.website.facets import newest_pages
from sovereign_registry.website.model import PageSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sovereign_registry.website.model import Row

ROOM = 250
"""Rows that a shelf has room for, over all its papers."""
MOST = 25
"""Rows of one paper that a shelf shows at most; at least one is always shown."""
FOLDER = "sources/"
INDEX = f"{FOLDER}index.html"
TOP = 100
"""Papers that the index lists by themselves, those that most records lean on."""
_NEW = re.compile(r"[0-9]{4}\.[0-9]{4,5}")
_OLD = re.compile(r"([a-z-]{2,12}(?:\.[A-Z]{2})?)/([0-9]{4})[0-9]{3}")
_NOTE = re.compile(r"note-([a-z0-9])[a-z0-9-]{0,73}")


def shelf_of(key: str) -> str:
    """The shelf of a paper: a thousand numbers of one arXiv month, or a note's first letter."""
    if _NEW.fullmatch(key):
        return key[:7]
    if found := _OLD.fullmatch(key):
        return f"{found[1]}-{found[2]}"
    if found := _NOTE.fullmatch(key):
        return f"note-{found[1]}"
    return f"other-{hashlib.sha256(key.encode()).hexdigest()[:2]}"


def place_of(key: str) -> tuple[str, str]:
    """(path, fragment) of a paper within the site."""
    return f"sources/{shelf_of(key)}/", fragment_of(key)


def fragment_of(key: str) -> str:
    """The place of a paper on its shelf, and the name of its own folder: safe in an address."""
    if shelf_of(key).startswith("other-"):
        return f"other-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    return key.replace("/", "-")


def own_folder(key: str, number: int = 1) -> str:
    """Where the pages of a paper of its own stand."""
    base = f"sources/{shelf_of(key)}/{fragment_of(key)}/"
    return base if number == 1 else f"{base}page/{number}/"


def room_for(papers: int) -> int:
    """How many rows a shelf shows of each of so many papers."""
    return max(1, min(MOST, ROOM // max(1, papers)))


def leaning(
    rows: Sequence[Row],
    papers: Mapping[str, tuple[str, ...]],
    only: frozenset[str] | None = None,
) -> dict[str, dict[str, list[Row]]]:
    """Shelf -> paper -> the records that lean on it, in the order of ``rows``; keys sorted.

    Args:
        rows: The records.
        papers: Record id -> keys of the papers that it leans on.
        only: The shelves that are asked for; None for all.
    """
    found: dict[str, list[Row]] = {}
    for row in rows:
        for key in papers[row.id]:
            if only is None or shelf_of(key) in only:
                found.setdefault(key, []).append(row)
    shelves: dict[str, dict[str, list[Row]]] = {}
    for key in sorted(found):
        shelves.setdefault(shelf_of(key), {})[key] = found[key]
    return dict(sorted(shelves.items()))


def _digest(rows: Sequence[Row], details: Mapping[str, bytes]) -> bytes:
    hasher = hashlib.blake2b(digest_size=16)
    for row in rows:
        hasher.update(details[row.id])
    return hasher.digest()


def _shelf(
    name: str, papers: dict[str, list[Row]], details: Mapping[str, bytes]
) -> Iterator[PageSpec]:
    room = room_for(len(papers))
    shown = {row.id: row for rows in papers.values() for row in rows[:room]}
    rows = tuple(shown.values())
    yield PageSpec(
        path=f"sources/{name}/index.html",
        builder="shelf",
        template="shelf.html",
        rows=rows,
        name=name,
        number=room,
        counts=tuple((key, len(those)) for key, those in papers.items()),
        depends=_digest(rows, details),
    )
    for key, those in papers.items():
        if len(those) <= room:
            continue
        pages = newest_pages(those)
        for place, page in enumerate(pages):
            yield PageSpec(
                path=f"{own_folder(key, page.number)}index.html",
                builder="paper",
                template="paper.html",
                rows=page.rows,
                name=key,
                number=page.number,
                total=len(pages),
                counts=(
                    ("total", len(those)),
                    ("before", pages[place - 1].number if place else 0),
                    ("after", pages[place + 1].number if place + 1 < len(pages) else 0),
                ),
                depends=_digest(page.rows, details),
            )


def plan(
    rows: Sequence[Row],
    papers: Mapping[str, tuple[str, ...]],
    details: Mapping[str, bytes],
    only: frozenset[str] | None = None,
) -> Iterator[PageSpec]:
    """The index of papers, the shelves, and the papers with pages of their own.

    Args:
        rows: All records, newest first.
        papers: Record id -> keys of the papers that it leans on.
        details: Record id -> digest of its details.
        only: The shelves that are asked for, without the index; None for everything.
    """
    if only is not None:
        for name, shelf in (leaning(rows, papers, only) if only else {}).items():
            yield from _shelf(name, shelf, details)
        return
    shelves = leaning(rows, papers)
    every = [(key, those) for shelf in shelves.values() for key, those in shelf.items()]
    top = sorted(every, key=lambda one: (-len(one[1]), one[0]))[:TOP]
    named = [those[0] for _, those in top]
    yield PageSpec(
        path=INDEX,
        builder="papers",
        template="papers.html",
        name="\n".join(f"{key}\t{those[0].id}\t{len(those)}" for key, those in top),
        number=len(every),
        total=sum(len(those) > 1 for _, those in every),
        counts=tuple((name, len(shelf)) for name, shelf in shelves.items()),
        depends=_digest(named, details),
    )
    for name, shelf in shelves.items():
        yield from _shelf(name, shelf, details)
