"""Which lists of records there are, in which orders, and which rows stand on which page.

All pages are static.  *Newest first* holds every record; its older pages are full, counted from
the oldest record, so that a record that is added changes the first page and no other.  The other
orders of a facet stop after ``CAP`` rows and say so: at 10,000 records they would be a fifth of the
site.  How many files that is, is counted in docs/adr/0013.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.model import PageSpec, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.tombstone import Tombstone

PER_PAGE = 100
"""Rows of one full page of a list."""
CAP = 500
"""Rows after which the orders of a facet other than newest first stop."""
LEVELS = 8
SOURCES = ("corpus", "arxiv", "snapshot", "import")
NO_TOPIC = "none"


class Order(StrEnum):
    """In which order a list stands."""

    NEWEST = "newest"
    """Newest publication first, equal dates by id backwards."""
    OLDEST = "oldest"
    """The same backwards."""
    SCORE = "score"
    """Highest review score first, records without a score last, equal ones newest first."""


class Facet(StrEnum):
    """What records are told apart by; the value stands in addresses."""

    TIER = "tier"
    GATE = "gate"
    LEVEL = "level"
    STATE = "state"
    YEAR = "year"
    TOPIC = "topic"
    SOURCE = "source"


ALL = ""
"""The name of the list of all records."""
_FIXED: dict[Facet, tuple[str, ...]] = {
    Facet.TIER: tuple(one.value for one in Tier),
    Facet.GATE: tuple(one.value for one in GateStatus),
    Facet.LEVEL: tuple(map(str, range(LEVELS))),
    Facet.STATE: tuple(one.value for one in RecordState),
    Facet.SOURCE: SOURCES,
}
"""Facets whose every word has a page, whether or not a record has it."""


def slug(value: str) -> str:
    """A facet's word as it stands in an address."""
    return value.lower().replace("_", "-") if value.isupper() else value


def words_of(row: Row) -> tuple[tuple[Facet, tuple[str, ...]], ...]:
    """The words of every facet that a record has."""
    return (
        (Facet.TIER, (row.tier.value,)),
        (Facet.GATE, (row.gate.value,)),
        (Facet.LEVEL, (str(row.paper_level),)),
        (Facet.STATE, (row.record_state.value,)),
        (Facet.YEAR, (row.published[:4],)),
        (Facet.TOPIC, row.topics or (NO_TOPIC,)),
        (Facet.SOURCE, (row.source,)),
    )


def sorted_out(rows: Sequence[Row]) -> dict[tuple[Facet, str], list[Row]]:
    """Every facet's words with their records in the order given; words of fixed scales always."""
    found: dict[tuple[Facet, str], list[Row]] = {
        (facet, word): [] for facet, words in _FIXED.items() for word in words
    }
    for row in rows:
        for facet, words in words_of(row):
            for word in words:
                found.setdefault((facet, word), []).append(row)
    order = list(Facet)
    fixed = {key: place for place, key in enumerate(found)}
    return {
        key: found[key]
        for key in sorted(
            found,
            key=lambda one: (
                order.index(one[0]),
                fixed[one] if one[0] in _FIXED else 0,
                one[1] == NO_TOPIC,
                one[1],
            ),
        )
    }


def by_score(rows: Sequence[Row]) -> list[Row]:
    """Highest score first; the order given decides between equal scores."""
    return sorted(
        rows, key=lambda row: Decimal(-1 if row.score is None else row.score), reverse=True
    )


def folder(name: str, order: Order = Order.NEWEST, number: int = 1) -> str:
    """Where a page of a list stands.

    Args:
        name: ``ALL``, or a facet and its slug such as ``tier/doi-grade``.
        order: The list's order.
        number: The page's number; 1 is the first one that a reader sees.
    """
    base = f"browse/{name}/" if name else "records/"
    base += "" if order is Order.NEWEST else f"{order.value}/"
    return base if number == 1 else f"{base}page/{number}/"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list."""

    number: int
    """In its address: 1 for the first one.  Older pages of *newest first* are numbered from 2,
    beginning with the oldest records."""
    rows: tuple[Row, ...]


def newest_pages(rows: Sequence[Row]) -> list[Page]:
    """Newest first: a first page of up to twice the length, then full ones down to the oldest."""
    older = max(0, len(rows) // PER_PAGE - 1)
    first = len(rows) - older * PER_PAGE
    pages = [Page(number=1, rows=tuple(rows[:first]))]
    pages += [
        Page(
            number=number + 1,
            rows=tuple(rows[len(rows) - number * PER_PAGE : len(rows) - (number - 1) * PER_PAGE]),
        )
        for number in range(older, 0, -1)
    ]
    return pages


def plain_pages(rows: Sequence[Row]) -> list[Page]:
    """Pages of equal length from the first row on."""
    return [
        Page(number=place + 1, rows=tuple(rows[place * PER_PAGE : (place + 1) * PER_PAGE]))
        for place in range(max(1, -(-len(rows) // PER_PAGE)))
    ]


def _list(name: str, order: Order, pages: list[Page], total: int) -> Iterator[PageSpec]:
    """The pages of one list in one order.

    ``counts`` says what neither the rows nor the number tell: how many records the list has and the
    number of its last page (both on the first page only, so that one record more does not rewrite
    all others), whether this order stops before the end, and the pages beside this one (0: none).
    """
    stops = sum(len(page.rows) for page in pages) < total
    for place, page in enumerate(pages):
        first = not place
        yield PageSpec(
            path=f"{folder(name, order, page.number)}index.html",
            builder="browse",
            template="browse.html",
            rows=page.rows,
            number=page.number,
            name=f"{name} {order.value}",
            counts=(
                ("total", total if first else 0),
                ("last", pages[-1].number if first else 0),
                ("stops", int(stops)),
                ("before", 0 if first else pages[place - 1].number),
                ("after", pages[place + 1].number if place + 1 < len(pages) else 0),
            ),
        )


def plan(rows: tuple[Row, ...], stones: tuple[Tombstone, ...]) -> Iterator[PageSpec]:
    """Every list of records in every order, and the page that leads to them.

    Args:
        rows: All records, newest first.
        stones: The removed records.
    """
    yield from _list(ALL, Order.NEWEST, newest_pages(rows), len(rows))
    if rows:
        yield from _list(ALL, Order.OLDEST, plain_pages(rows[::-1]), len(rows))
        yield from _list(ALL, Order.SCORE, plain_pages(by_score(rows)), len(rows))
    found = sorted_out(rows)
    for (facet, word), those in found.items():
        name = f"{facet.value}/{slug(word)}"
        if facet is Facet.STATE and word == RecordState.REMOVED.value:
            yield _removed(name, stones)
            continue
        yield from _list(name, Order.NEWEST, newest_pages(those), len(those))
        if len(those) > 1:
            yield from _list(name, Order.OLDEST, plain_pages(those[: -CAP - 1 : -1]), len(those))
            yield from _list(name, Order.SCORE, plain_pages(by_score(those)[:CAP]), len(those))
    yield PageSpec(
        path="browse/index.html",
        builder="facets",
        template="facets.html",
        counts=counts(found, len(stones)),
        number=len(rows),
    )


def _removed(name: str, stones: tuple[Tombstone, ...]) -> PageSpec:
    return PageSpec(
        path=f"{folder(name)}index.html",
        builder="browse",
        template="browse.html",
        stones=stones,
        name=f"{name} {Order.NEWEST.value}",
        counts=(("total", len(stones)), ("last", 1), ("stops", 0), ("before", 0), ("after", 0)),
    )


def counts(found: dict[tuple[Facet, str], list[Row]], removed: int) -> tuple[tuple[str, int], ...]:
    """``facet word`` -> how many records have it, in the order of the facets."""
    gone = (Facet.STATE, RecordState.REMOVED.value)
    return tuple(
        (f"{facet.value} {word}", removed if (facet, word) == gone else len(rows))
        for (facet, word), rows in found.items()
    )
