"""The registry's own list of corrections and changes of state, and its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.history import CorrectionType, Event
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.views import words
from sovereign_registry.website.views.list_parts import TONES
from sovereign_registry.website.views.parts import Link, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.website.model import SiteInfo, TrailEntry

_LABELS = {
    "": "All",
    **{one.value.lower().replace("_", "-"): f"Type {words.TYPES[one]}" for one in CorrectionType},
    **{one.value: words.EVENTS[one] for one in Event},
}


class ChangeRow(Part, frozen=True):
    """One correction or change of state in the list."""

    title: str
    title_cut: bool
    path: str
    state: str
    tone: str
    id: str
    what: str
    at: str
    by: str
    note: str
    version: Link


class FilterPart(Part, frozen=True):
    """One filter with how many entries it shows."""

    label: str
    path: str
    count: int
    current: bool


class CorrectionsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What one page of the list prints."""

    heading: str
    summary: str
    rows: tuple[ChangeRow, ...]
    filters: tuple[FilterPart, ...]
    previous: Link | None
    following: Link | None


def _path(name: str, number: int = 1) -> str:
    folder = f"corrections/type/{name}/" if name else "corrections/"
    return folder if number == 1 else f"{folder}page/{number}/"


def change_row(entry: TrailEntry) -> ChangeRow:
    """One correction or change of state in a list, beside the state that its record has now."""
    state = entry.record_state
    removed = state is RecordState.REMOVED
    number = entry.sequence + 1
    return ChangeRow(
        title="A record whose text was removed" if removed else entry.title,
        title_cut=entry.title_cut,
        path=f"records/{entry.record}/",
        state="" if state is RecordState.CURRENT else words.state_word(state),
        tone=TONES.get(state, "care"),
        id=entry.record,
        what=words.entry_title(entry.event, entry.correction_type),
        at=words.moment(entry.at),
        by=entry.by,
        note=entry.note,
        version=Link("What stays of it", entry.path)
        if removed
        else Link(f"Version {number} beside version {number - 1}", entry.path, f"v{number}"),
    )


def corrections(  # noqa: PLR0913, PLR0917 - one argument a fact of the page
    entries: Sequence[TrailEntry],
    name: str,
    counts: Sequence[tuple[str, int]],
    number: int,
    total: int,
    site: SiteInfo,
) -> dict[str, object]:
    """What ``corrections.html`` is given for one page of one filter.

    Args:
        entries: That page's entries, newest first.
        name: The filter; empty for all.
        counts: Every filter with how many entries it has.
        number: The page's number.
        total: How many pages the filter has.
        site: What is said about the site.
    """
    del site
    shown = dict(counts)[name]
    heading = "Corrections and changes of state"
    if name:
        heading = f"{heading}: {_LABELS[name].lower()}"
    page = CorrectionsPage(
        heading=heading if number == 1 else f"{heading}, page {number} of {total}",
        summary=f"{words.count(shown, 'entry', 'entries')}."
        + ("" if shown else " That none was added does not mean that nothing is wrong."),
        rows=tuple(map(change_row, entries)),
        filters=tuple(
            FilterPart(_LABELS[one], _path(one), count, one == name) for one, count in counts
        ),
        previous=Link("Newer entries", _path(name, number - 1)) if number > 1 else None,
        following=Link("Older entries", _path(name, number + 1)) if number < total else None,
    )
    return {"corrections": page}
