"""Pages that list records: every facet in every order, and the page that leads to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.facets import ALL, CAP, NO_TOPIC, Facet, Order, folder, slug
from sovereign_registry.website.views import scales, topics, words
from sovereign_registry.website.views.list_parts import (
    TONES,
    CountPart,
    CountTable,
    RowPart,
    row_part,
)
from sovereign_registry.website.views.parts import Link, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.website.model import PageSpec, SiteInfo

CAPTIONS = {
    Facet.TIER: (
        "Quality tier",
        "A triage, not a ranking of truth: the rules stop at the first that matches.",
    ),
    Facet.GATE: (
        "Gate 2",
        "Verified needs a proof that checks or a sealed re-run; nothing else gives it.",
    ),
    Facet.LEVEL: ("Verification level", "The highest rung that all claims of a record reach."),
    Facet.STATE: ("State", "What happened to a record after it was published."),
    Facet.YEAR: ("Year", "Of publication here."),
    Facet.TOPIC: (
        "Topic",
        (
            "The arXiv category that a paper names first, of the papers that claims were taken "
            "from. A record can have several."
        ),
    ),
    Facet.SOURCE: ("Where the papers came from", "What was searched to make the record."),
}
"""Caption of a facet's table and what a reader must know to read it."""
SOURCES = {
    "corpus": "The bundled sample",
    "arxiv": "arXiv, searched live",
    "snapshot": "A snapshot of arXiv's metadata",
    "import": "An imported document",
}
ORDERS = {
    Order.NEWEST: "Newest first",
    Order.OLDEST: "Oldest first",
    Order.SCORE: "Highest review score first",
}


class Choice(Part, frozen=True):
    """One order that the list can be read in."""

    label: str
    path: str
    current: bool


class BrowsePage(msgspec.Struct, frozen=True, kw_only=True):
    """What one page of a list prints."""

    heading: str
    about: str
    summary: str
    rows: tuple[RowPart, ...]
    removed: tuple[Link, ...]
    """Pages that stay where a record's text was removed."""
    orders: tuple[Choice, ...]
    up: Link | None
    """The page that leads to all lists; None on the list of all records."""
    previous: Link | None
    following: Link | None
    last: Link | None
    more: Link | None
    """Where the rest stands, for an order that stops."""
    empty: bool
    """Whether the registry has no record at all."""


class FacetsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of all facets prints."""

    total: str
    tables: tuple[CountTable, ...]


_LABELS: dict[Facet, Callable[[str], str]] = {
    Facet.TIER: lambda word: scales.tier_label(Tier(word)),
    Facet.GATE: lambda word: words.GATE[GateStatus(word)],
    Facet.LEVEL: lambda word: scales.level_words(int(word)),
    Facet.STATE: lambda word: words.state_word(RecordState(word)),
    Facet.YEAR: str,
    Facet.TOPIC: lambda word: "No topic stated" if word == NO_TOPIC else topics.topic_label(word),
    Facet.SOURCE: lambda word: SOURCES.get(word, word),
}


def word_label(facet: Facet, word: str) -> str:
    """The word of a facet as readers see it; the words come from the rules."""
    return _LABELS[facet](word)


def _word_of(name: str) -> tuple[Facet, str]:
    """The facet and the word behind a list's name."""
    kind, _, low = name.partition("/")
    facet = Facet(kind)
    members: dict[Facet, list[str]] = {
        Facet.TIER: [one.value for one in Tier],
        Facet.GATE: [one.value for one in GateStatus],
        Facet.STATE: [one.value for one in RecordState],
    }
    return facet, next((one for one in members.get(facet, ()) if slug(one) == low), low)


def _tone(facet: Facet, word: str) -> str:
    if facet is Facet.STATE:
        return TONES.get(RecordState(word), "care")
    return ""


def tables(
    counts: Sequence[tuple[str, int]], total: int, only: Sequence[Facet] = tuple(Facet)
) -> tuple[CountTable, ...]:
    """Every facet with every word and how many records have it, zeros and unflattering ones too."""
    found: dict[Facet, list[CountPart]] = {}
    for name, count in counts:
        kind, _, word = name.partition(" ")
        facet = Facet(kind)
        found.setdefault(facet, []).append(
            CountPart(
                word_label(facet, word),
                count,
                folder(f"{facet.value}/{slug(word)}"),
                round(1000 * count / total) if total else 0,
                _tone(facet, word),
            )
        )
    return tuple(
        CountTable(facet.value, *CAPTIONS[facet], tuple(found[facet]))
        for facet in only
        if facet in found
    )


def facets(counts: Sequence[tuple[str, int]], total: int, site: SiteInfo) -> dict[str, object]:
    """What ``facets.html`` is given.

    Args:
        counts: ``facet word`` -> how many records have it.
        total: How many records there are.
        site: What is said about the site.
    """
    del site
    page = FacetsPage(total=words.count(total, "record"), tables=tables(counts, total))
    return {"facets": page}


def _heading(name: str) -> tuple[str, str]:
    """The heading of a list, and what a reader must know to read it."""
    if name == ALL:
        return "All records", "Every record that is published here, whatever came of it."
    facet, word = _word_of(name)
    caption, note = CAPTIONS[facet]
    return f"{caption}: {word_label(facet, word)}", note


def _place(order: Order, known: dict[str, int], number: int) -> str:
    """Which part of the list this page is; only the first page tells how long the list is."""
    if number > 1:
        counted = ", counted from the oldest record" if order is Order.NEWEST else ""
        return f"{ORDERS[order]}. Page {number}{counted}."
    told = f"{words.count(known['total'], 'record')}, {ORDERS[order].lower()}"
    return f"{told}; this order shows the first {CAP}." if known["stops"] else f"{told}."


def _removed(stone: Tombstone) -> Link:
    return Link(f"{stone.record}, removed {stone.at[:10]}", f"records/{stone.record}/")


def browse(spec: PageSpec, site: SiteInfo) -> dict[str, object]:
    """What ``browse.html`` is given for one page of one list in one order."""
    del site
    name, _, kind = spec.name.rpartition(" ")
    order, known = Order(kind), dict(spec.counts)
    heading, about = _heading(name)
    first, last = spec.number == 1, known["last"]

    def link(text: str, number: int) -> Link | None:
        return Link(text, folder(name, order, number)) if number else None

    back, on = {
        Order.NEWEST: ("Newer records", "Older records"),
        Order.OLDEST: ("Older records", "Newer records"),
        Order.SCORE: ("Higher scores", "Lower scores"),
    }[order]
    several = not spec.stones and (known["total"] > 1 or not first)
    choices = tuple(Choice(label, folder(name, one), one is order) for one, label in ORDERS.items())
    page = BrowsePage(
        heading=heading if first else f"{heading}, page {spec.number}",
        about=about,
        summary=_place(order, known, spec.number),
        rows=tuple(map(row_part, spec.rows)),
        removed=tuple(map(_removed, spec.stones)),
        orders=choices if several else (),
        up=Link("All lists", "browse/") if name != ALL else None,
        previous=link(back, known["before"]),
        following=link(on, known["after"]),
        last=link("Last page", last) if first and last != 1 else None,
        more=Link("All of them, newest first", folder(name))
        if known["stops"] and not known["after"]
        else None,
        empty=name == ALL and first and not known["total"],
    )
    return {"browse": page}
