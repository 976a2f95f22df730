"""Looks again at the sources of published records, and challenges the records affected.

What was said once in a record's history is not said again, whatever a person made of it: looking
twice adds nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.monitor import Trigger, look, unsaid, watched_versions
from sovereign_registry.contracts.registry import require_right
from sovereign_registry.contracts.rules import states_v1
from sovereign_registry.store.monitors import write_monitor
from sovereign_registry.wiring.history import Request, add, read
from sovereign_registry.wiring.ports import user_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sovereign_registry.adapters.arxiv_lookup import ArxivLookup
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.monitor import ReviewMonitor
    from sovereign_registry.contracts.ports import Clock, Progress
    from sovereign_registry.store import Registry

SAYS = "Looking again at the sources found: "


class Looked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What came of looking at one record's sources."""

    record: str
    looked: str | None
    """UTC date of the answers; None where it has no source that is monitored."""
    monitored: int
    """How many sources were asked about."""
    not_monitored: int
    active: tuple[Trigger, ...]
    new: tuple[str, ...]
    """What was found for the first time, in sentences."""
    wrote: str
    """The history entry that says so; empty where none was written."""


def default_lookup(progress: Progress) -> ArxivLookup:
    """Papers by id over arXiv's API."""
    from sovereign_registry.adapters.arxiv_lookup import ArxivLookup  # noqa: PLC0415 - heavy
    from sovereign_registry.adapters.arxiv_search import BASE_URL  # noqa: PLC0415 - same

    return ArxivLookup(
        user_cache() / "arxiv",
        SystemClock(),
        base_url=os.environ.get("SOVEREIGN_ARXIV_URL") or BASE_URL,
        progress=progress,
    )


def look_again(  # noqa: PLR0913 - one argument an option of the command
    registry: Registry,
    ids: Sequence[str],
    lookup: ArxivLookup,
    *,
    by: str,
    dry_run: bool = False,
    clock: Clock | None = None,
) -> Iterator[Looked]:
    """Look at the sources of the records, of all of them where none is named.

    Args:
        registry: The registry.
        ids: Records.
        lookup: Whom the papers are asked of.
        by: The role in which that is done.
        dry_run: Write nothing.
        clock: Says when an entry is made.

    Raises:
        UsageError: the role may not challenge records.
        BadInput: a record is not published.
        SourceFailure: the papers could not be asked for; nothing was written.
    """
    if not dry_run:
        require_right(registry.info, by, Event.CHALLENGE)
    views = [read(registry, record_id) for record_id in ids or registry.ids()]
    keys = {key for view in views for key in watched_versions(view.record)}
    listed = lookup.look(keys) if keys else {}
    date = lookup.date or (clock or SystemClock()).now().strftime("%Y-%m-%d")
    for view in views:
        found = look(view.record, listed, looked=date, by=by, source=lookup.name)
        yield _looked(registry, view, found, by=by, dry_run=dry_run, clock=clock)


def _looked(  # noqa: PLR0913 - one argument a fact
    registry: Registry,
    view: RecordView,
    found: ReviewMonitor,
    *,
    by: str,
    dry_run: bool,
    clock: Clock | None,
) -> Looked:
    new, wrote = unsaid(view, found), ""
    event = challenge_of(view) if new else None
    if not dry_run:
        if event:
            request = Request(event=event, by=by, note=SAYS + " ".join(new))
            wrote = add(registry, found.record, request, clock).history[-1].file_name
        with registry.lock():
            write_monitor(registry, found)
    return Looked(
        record=found.record,
        looked=found.looked if found.sources else None,
        monitored=len(found.sources),
        not_monitored=len(found.not_monitored),
        active=found.active_triggers,
        new=new,
        wrote=wrote,
    )


def challenge_of(view: RecordView) -> Event | None:
    """How a finding enters a history: as a challenge, beside an open one as a note, or not at all.

    A record that is no longer stood behind is not challenged.
    """
    now = states_v1.situation(view.record, view.history)
    if now.base not in states_v1.TRANSITIONS[Event.CHALLENGE].after:
        return None
    return Event.ADDENDUM if RecordState.UNDER_REVIEW in now.open else Event.CHALLENGE


def summary(rows: Sequence[Looked]) -> Mapping[str, int]:
    """How many records were looked at, have active triggers, and were challenged now."""
    return {
        "records": len(rows),
        "monitored": sum(row.monitored > 0 for row in rows),
        "affected": sum(bool(row.active) for row in rows),
        "challenged": sum(bool(row.wrote) for row in rows),
    }
