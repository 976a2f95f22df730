"""Feeds of changes: one per record, one of the whole registry.

The id of an entry is made of the record's id and the entry's number, so it is the same in both
feeds, under every address of the site, and for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.website.feeds import FeedEntry, feed, marked
from sovereign_registry.website.views.words import entry_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry
    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.website.model import SiteInfo, TrailEntry


def entry_name(record: str, sequence: int) -> str:
    """What an entry's permanent id is made of; number 0 is the manifest as published."""
    return f"history {record} {sequence}"


def version_place(record: str, sequence: int) -> str:
    """Where the version stands that an entry led to: entry n leads to version n + 1."""
    return f"records/{record}/history/#v{sequence + 1}"


def _says(record: str, by: str, note: str) -> str:
    return f"{note} — Record {record}. By {by}, as declared."


def changes_atom(entries: Sequence[TrailEntry], site: SiteInfo) -> bytes:
    """The newest corrections and changes of state of all records."""
    found = [
        FeedEntry(
            id=entry_name(one.record, one.sequence),
            title=f"{entry_title(one.event, one.correction_type)}: "
            f"{marked(one.title or one.record, one.record_state)}",
            published=one.at,
            updated=one.at,
            path=version_place(one.record, one.sequence) if one.title else one.path,
            summary=_says(one.record, one.by, one.note),
        )
        for one in entries
    ]
    title = f"{site.title}: corrections"
    return feed("corrections.atom", f"corrections {site.publisher}", title, found, site)


def history_atom(view: RecordView, site: SiteInfo) -> bytes:
    """Everything that happened to one record, newest first, its publication last."""
    record = view.record
    title = marked(record.work.title, record.standing.record_state)

    def entry(one: HistoryEntry) -> FeedEntry:
        return FeedEntry(
            id=entry_name(record.id, one.sequence),
            title=f"{entry_title(one.happened, one.correction_type)}: {title}",
            published=one.at,
            updated=one.at,
            path=version_place(record.id, one.sequence),
            summary=_says(record.id, one.by.role, one.note),
        )

    first = FeedEntry(
        id=entry_name(record.id, 0),
        title=f"Version 1, as first published: {title}",
        published=f"{record.work.as_of}T00:00:00Z",
        updated=f"{record.work.as_of}T00:00:00Z",
        path=version_place(record.id, 0),
        summary=f"The manifest of record {record.id}. Its bytes never change. "
        "The time is that of its newest input.",
    )
    entries = [*map(entry, reversed(view.history)), first]
    path = f"records/{record.id}/history.atom"
    return feed(path, f"history {record.id}", f"History of {record.id}: {title}", entries, site)


def removal_atom(stone: Tombstone, site: SiteInfo) -> bytes:
    """What stays of a removed record's feed: the removal."""
    entry = FeedEntry(
        id=entry_name(stone.record, stone.sequence),
        title=marked(stone.record, stone.record_state),
        published=stone.at,
        updated=stone.at,
        path=f"records/{stone.record}/",
        summary=_says(stone.record, stone.by.role, f"{stone.note} ({stone.legal_reference})"),
    )
    title = f"History of {marked(stone.record, stone.record_state)}"
    path = f"records/{stone.record}/history.atom"
    return feed(path, f"history {stone.record}", title, [entry], site)
