"""Pages of source papers: every record that leans on one, with the claims that do."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.website.papers import fragment_of, own_folder, place_of, shelf_of
from sovereign_registry.website.views import words
from sovereign_registry.website.views.list_parts import RowPart, row_part
from sovereign_registry.website.views.parts import Link, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sovereign_registry.website.details import ClaimLine, Details, Lean
    from sovereign_registry.website.model import PageSpec, Row

    Read = Callable[[str], Details]

_ARXIV = re.compile(r"[0-9]{4}\.[0-9]{4,5}|[a-z-]{2,12}(?:\.[A-Z]{2})?/[0-9]{7}")
_MONTH = re.compile(r"([0-9]{2})([0-9]{2})(?:\.|$)")
_CENTURY = 90
"""arXiv began in 1991: two digits from here on are of that century."""


class ClaimPart(Part, frozen=True):
    """One claim that was taken from the paper."""

    id: str
    path: str
    text: str
    cut: bool
    outcome: str
    tone: str


class LeanPart(Part, frozen=True):
    """One record with what of it leans on the paper."""

    row: RowPart
    line: str
    """Date and Gate 2, and which claims found their best passage in the paper."""
    taken: tuple[ClaimPart, ...]


class PaperPart(Part, frozen=True):
    """One paper on its shelf."""

    id: str
    key: str
    title: str
    href: str
    """Its own address; empty where it has none."""
    summary: str
    """How many records lean on it, where there are several."""
    records: tuple[LeanPart, ...]
    more: Link | None
    """The paper's own page, where the shelf has no room for all records."""


class ShelfPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of one shelf prints."""

    name: str
    heading: str
    papers: tuple[PaperPart, ...]


class PaperPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of one paper prints."""

    paper: PaperPart
    shelf: Link
    heading: str
    previous: Link | None
    following: Link | None


class TopPart(Part, frozen=True):
    """One paper in the index."""

    key: str
    title: str
    count: str
    path: str
    fragment: str


class ShelfLink(Part, frozen=True):
    """One shelf in the index."""

    name: str
    path: str
    count: int


class ShelfGroup(Part, frozen=True):
    """The shelves of one year, or of one sort."""

    heading: str
    shelves: tuple[ShelfLink, ...]


class IndexPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the index of papers prints."""

    summary: str
    top: tuple[TopPart, ...]
    groups: tuple[ShelfGroup, ...]


def _claim(row: Row, claim: ClaimLine) -> ClaimPart:
    outcome = "passed" if claim.passed else "did not pass"
    return ClaimPart(
        claim.id,
        row.path,
        claim.text,
        claim.cut,
        f"{outcome} ({words.DECLARED})" if claim.declared else outcome,
        "pass" if claim.passed else "fail",
    )


def _lean(row: Row, found: Lean) -> LeanPart:
    line = f"{row.published} · Gate 2: {words.GATE[row.gate]}"
    if found.listed:
        line += " · listed by the imported document, which does not say which claims rest on it"
    if found.compared:
        line += f" · best passage here for {', '.join(found.compared)}"
    return LeanPart(row_part(row), line, tuple(_claim(row, claim) for claim in found.taken))


def _paper(key: str, those: Sequence[tuple[Row, Lean]], total: int, more: Link | None) -> PaperPart:
    leans = [lean for _, lean in those]
    summary = f"{words.count(total, 'record leans', 'records lean')} on it"
    summary += "." if total == len(those) else f"; {len(those):,} of them are shown here."
    return PaperPart(
        fragment_of(key),
        key,
        next((lean.title for lean in leans if lean.title), ""),
        f"https://arxiv.org/abs/{key}" if _ARXIV.fullmatch(key) else "",
        summary if total > 1 else "",
        tuple(_lean(row, lean) for row, lean in those),
        more,
    )


def _leans(
    rows: Sequence[Row], read: Read, wanted: Callable[[str], bool]
) -> dict[str, list[tuple[Row, Lean]]]:
    found: dict[str, list[tuple[Row, Lean]]] = {}
    for row in rows:
        for lean in read(row.id).leans:
            if wanted(lean.key):
                found.setdefault(lean.key, []).append((row, lean))
    return found


def shelf_label(name: str) -> str:
    """A shelf's name for readers: ``2601.15`` as ``arXiv 2601.15000 to 2601.15999``."""
    month, _, start = name.partition(".")
    if start:
        return f"arXiv {month}.{start}…"
    if name.startswith("note-"):
        return f"notes, {name.removeprefix('note-')}"
    if name.startswith("other-"):
        return f"others, {name.removeprefix('other-')}"
    return f"arXiv {name.replace('-', '/', 1) if name.count('-') == 1 else name}…"


def shelf(spec: PageSpec, read: Read) -> dict[str, object]:
    """What ``shelf.html`` is given: ``counts`` are the papers with how many records lean on each.

    Args:
        spec: The page; ``rows`` are all records that it shows, ``number`` the rows of one paper.
        read: Record id -> its details.
    """
    totals = dict(spec.counts)
    found = _leans(spec.rows, read, totals.__contains__)
    order = {row.id: place for place, row in enumerate(spec.rows)}
    papers = []
    for key, total in totals.items():
        those = sorted(
            found[key], key=lambda one: (one[0].published, -order[one[0].id]), reverse=True
        )[: spec.number]
        more = Link(f"All {total:,} records that lean on {key}", own_folder(key))
        papers.append(_paper(key, those, total, more if total > len(those) else None))
    page = ShelfPage(
        name=spec.name, heading=f"Source papers, {shelf_label(spec.name)}", papers=tuple(papers)
    )
    return {"shelf": page}


def paper(spec: PageSpec, read: Read) -> dict[str, object]:
    """What ``paper.html`` is given for one page of a paper that many records lean on."""
    key, known = spec.name, dict(spec.counts)
    found = _leans(spec.rows, read, key.__eq__)[key]
    path, fragment = place_of(key)

    def link(text: str, number: int) -> Link | None:
        return Link(text, own_folder(key, number)) if number else None

    page = PaperPage(
        paper=_paper(key, found, known["total"], None),
        shelf=Link(shelf_label(shelf_of(key)), path, fragment),
        heading=f"Records that lean on {key}",
        previous=link("Newer records", known["before"]),
        following=link("Older records", known["after"]),
    )
    return {"paper": page}


def _group_of(name: str) -> str:
    if name.startswith("note-"):
        return "Notes of the registry"
    if name.startswith("other-"):
        return "Other papers"
    month = name.rpartition("-")[2] if "-" in name else name
    found = _MONTH.match(month)
    if found is None:
        return "Other papers"
    return f"{'19' if int(found[1]) > _CENTURY else '20'}{found[1]}"


def _order_of(name: str) -> tuple[bool, int, str]:
    group = _group_of(name)
    return (not group.isdigit(), -int(group) if group.isdigit() else 0, name)


def index(spec: PageSpec, read: Read) -> dict[str, object]:
    """What ``papers.html`` is given.

    ``name`` holds a line for each of the papers that most records lean on (key, a record that
    does, how many do), ``number`` how many papers there are, ``total`` how many of them stand
    behind more than one record, ``counts`` the shelves with their papers.
    """
    top = []
    for line in filter(None, spec.name.split("\n")):
        key, record, count = line.split("\t")
        title = next(lean.title for lean in read(record).leans if lean.key == key)
        path, fragment = place_of(key)
        top.append(TopPart(key, title, words.count(int(count), "record"), path, fragment))
    shelves = sorted(spec.counts, key=lambda one: _order_of(one[0]))
    groups = tuple(
        ShelfGroup(
            heading,
            tuple(ShelfLink(shelf_label(name), f"sources/{name}/", count) for name, count in those),
        )
        for heading, those in groupby(shelves, key=lambda one: _group_of(one[0]))
    )
    page = IndexPage(
        summary=f"{words.count(spec.number, 'paper stands', 'papers stand')} behind the claims "
        f"here; {words.count(spec.total, 'of them is', 'of them are').strip()} behind more than "
        "one record.",
        top=tuple(top),
        groups=groups,
    )
    return {"papers": page}
