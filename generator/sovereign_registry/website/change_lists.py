"""What the site says about changes as a whole: the list of corrections by type, its feed, removals.

The list holds every correction and every change of state of every record.  A filter is a page of
its own, so it works without scripts, and it is there from the start: an empty one says so.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.history import CorrectionType
from sovereign_registry.contracts.rules import states_v1
from sovereign_registry.website.change_feeds import changes_atom, removal_atom
from sovereign_registry.website.feeds import FEED_LENGTH
from sovereign_registry.website.model import PageSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.website.desk import Context, Desk
    from sovereign_registry.website.model import TrailEntry

PER_PAGE = 100
"""Entries of one page of the list."""

ALL = ""
_CHANGES = tuple(
    event.value for event, row in states_v1.TRANSITIONS.items() if row.kind == "state-change"
)
FILTERS: tuple[str, ...] = (
    ALL,
    *(one.value.lower().replace("_", "-") for one in CorrectionType),
    *_CHANGES,
)
"""The filters by the names that their addresses have: all, the six types, the changes of state."""


def matches(entry: TrailEntry, name: str) -> bool:
    """Whether a filter shows an entry."""
    if name == ALL or (entry.event is not None and entry.event.value == name):
        return True
    kind = entry.correction_type
    return kind is not None and kind.value.lower().replace("_", "-") == name


def filter_path(name: str, number: int = 1) -> str:
    """Where one page of a filter stands."""
    folder = f"corrections/type/{name}/" if name else "corrections/"
    return folder if number == 1 else f"{folder}page/{number}/"


def plan(changes: tuple[TrailEntry, ...], stones: tuple[Tombstone, ...]) -> Iterator[PageSpec]:
    """The pages of the list, its feed, and what stands in the place of removed records."""
    found = {name: tuple(one for one in changes if matches(one, name)) for name in FILTERS}
    counts = tuple((name, len(entries)) for name, entries in found.items())
    for name, entries in found.items():
        pages = max(1, -(-len(entries) // PER_PAGE))
        for number in range(1, pages + 1):
            yield PageSpec(
                path=f"{filter_path(name, number)}index.html",
                builder="corrections",
                template="corrections.html",
                entries=entries[(number - 1) * PER_PAGE : number * PER_PAGE],
                counts=counts,
                name=name,
                number=number,
                total=pages,
            )
    yield PageSpec(
        path="corrections.atom", builder="corrections_feed", entries=changes[:FEED_LENGTH]
    )
    for stone in stones:
        yield from _removed(stone)


def _removed(stone: Tombstone) -> Iterator[PageSpec]:
    """The addresses that were published for a record's page, history, data and feed stay."""
    folder = f"records/{stone.record}/"
    for path in (f"{folder}index.html", f"{folder}history/index.html"):
        yield PageSpec(path=path, builder="tombstone", template="tombstone.html", stones=(stone,))
    yield PageSpec(path=f"{folder}record.json", builder="tombstone_json", stones=(stone,))
    yield PageSpec(path=f"{folder}history.atom", builder="tombstone_feed", stones=(stone,))


def stone_line(stone: Tombstone) -> bytes:
    """A removed record in the index for machines."""
    return msgspec.json.encode(
        {
            "id": stone.record,
            "record_state": stone.record_state,
            "removed": stone.at,
            "reason": stone.note,
            "legal_reference": stone.legal_reference,
            "corrections": stone.correction_count,
        }
    )


def by_month(changes: tuple[TrailEntry, ...]) -> tuple[tuple[str, int], ...]:
    """Month (``2026-11``) -> how many corrections and changes of state, oldest first."""
    return tuple(sorted(Counter(entry.at[:7] for entry in changes).items()))


def _corrections(spec: PageSpec, desk: Desk) -> Context:
    return desk.view(
        "corrections",
        "corrections",
        spec.entries,
        spec.name,
        spec.counts,
        spec.number,
        spec.total,
        desk.site,
    )


def _corrections_feed(spec: PageSpec, desk: Desk) -> bytes:
    return changes_atom(spec.entries, desk.site)


def _tombstone(spec: PageSpec, desk: Desk) -> Context:
    return desk.view("tombstone", "tombstone", spec.stones[0], desk.site)


def _tombstone_json(spec: PageSpec, _: Desk) -> bytes:
    return msgspec.json.encode({"tombstone": spec.stones[0]}) + b"\n"


def _tombstone_feed(spec: PageSpec, desk: Desk) -> bytes:
    return removal_atom(spec.stones[0], desk.site)


BUILDERS: dict[str, Callable[[PageSpec, Desk], bytes | Context]] = {
    "corrections": _corrections,
    "corrections_feed": _corrections_feed,
    "tombstone": _tombstone,
    "tombstone_json": _tombstone_json,
    "tombstone_feed": _tombstone_feed,
}
"""Name in a ``PageSpec`` -> function of its slice."""
