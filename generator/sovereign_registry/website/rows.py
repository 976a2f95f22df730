"""Record view -> the slim row that lists show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.history import EntryKind, Event
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules import states_v1
from sovereign_registry.website.model import Naming, Row, TrailEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.tombstone import Tombstone

_RECORD = re.compile(RECORD_ID_PATTERN)
_ANYWHERE = re.compile(rf"\b{RECORD_ID_PATTERN.strip('^$')}\b")
TOPIC = re.compile(r"[a-z]{1,12}(?:-[a-z]{1,12})?(?:\.(?:[A-Z]{2}|[a-z]{1,12}(?:-[a-z]{1,12})?))?")
"""An arXiv category such as ``cs.LG``, ``hep-th`` or ``cond-mat.mes-hall``."""
_NEAR = ("same question", "near-duplicate")
_LISTED = (EntryKind.CORRECTION, EntryKind.STATE_CHANGE)


def row_of(view: RecordView) -> Row:
    """The row of a record as it stands now."""
    record = view.record
    decisions = [entry.at for entry in view.history if entry.kind is EntryKind.OWNER_DECISION]
    published = decisions[0][:10] if decisions else record.work.as_of
    return Row(
        id=record.id,
        title=record.work.title,
        title_cut=record.work.title_cut,
        question=record.question.text,
        as_of=record.work.as_of,
        published=published,
        updated=view.history[-1].at if view.history else f"{published}T00:00:00Z",
        score=record.review.score,
        verdict=record.review.verdict,
        policy=record.review.policy,
        tier=states_v1.tier_of(record),
        paper_level=record.assessment.level.paper_level,
        public_level=record.assessment.provenance.public_level,
        gate=record.gate.status,
        record_state=record.standing.record_state,
        approval=record.standing.approval,
        claims=len(record.claims),
        verified=sum(claim.verification.passed for claim in record.claims),
        sources=len(record.sources),
        flags=len(record.flags),
        unresolved_flags=sum(flag.unresolved for flag in record.flags),
        corrections=record.standing.correction_count,
        history=len(view.history),
        head=view.head_sha256,
        origin=record.origin,
        source=source_of(record),
        topics=topics_of(record),
    )


def source_of(record: Manifest) -> str:
    """Where the papers of a record came from."""
    if record.config is None or record.provenance.method == "import":
        return "import"
    return record.config.source.partition(":")[0]


def topics_of(record: Manifest) -> tuple[str, ...]:
    """The arXiv categories that the papers behind its claims name first, sorted.

    Papers that gave no claim do not count: what a query brought up need not be what a record is
    about.  Other classifications among a paper's categories are no topic.
    """
    taken = {claim.locator.paper for claim in record.claims if claim.locator is not None}
    first = {
        next(filter(TOPIC.fullmatch, source.categories), "")
        for source in record.sources
        if source.ref in taken
    }
    return tuple(sorted(first - {""}))


def newest_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The order of every list: newest publication first, equal dates by id."""
    return tuple(sorted(sorted(rows, key=lambda row: row.id), key=_published, reverse=True))


def _published(row: Row) -> str:
    return row.published


def trail_of(view: RecordView) -> tuple[TrailEntry, ...]:
    """The record's corrections and changes of state, oldest first."""
    record = view.record
    return tuple(
        TrailEntry(
            record=record.id,
            title=record.work.title,
            title_cut=record.work.title_cut,
            record_state=record.standing.record_state,
            sequence=entry.sequence,
            event=entry.happened,
            correction_type=entry.correction_type,
            at=entry.at,
            by=entry.by.role,
            note=entry.note,
        )
        for entry in view.history
        if entry.kind in _LISTED
    )


def trail_of_stone(stone: Tombstone) -> TrailEntry:
    """The removal of a record's text."""
    return TrailEntry(
        record=stone.record,
        title="",
        title_cut=False,
        record_state=RecordState.REMOVED,
        sequence=stone.sequence,
        event=Event.REMOVAL,
        correction_type=states_v1.TRANSITIONS[Event.REMOVAL].correction_type,
        at=stone.at,
        by=stone.by.role,
        note=stone.note,
    )


def newest_changes(entries: Iterable[TrailEntry]) -> tuple[TrailEntry, ...]:
    """The order of the list of corrections: newest first, equal times by id and number."""
    ordered = sorted(entries, key=lambda one: (one.record, one.sequence))
    return tuple(sorted(ordered, key=lambda one: one.at, reverse=True))


def near_records(record: Manifest) -> tuple[tuple[str, Naming], ...]:
    """The records that a record says it asks or repeats again, each with what it says."""
    return tuple(
        (one.record, Naming(record=record.id, relation=one.relation, basis=one.basis))
        for one in record.index.related
        if one.relation in _NEAR and one.record != record.id
    )


def named_records(view: RecordView) -> tuple[str, ...]:
    """Ids of the other records that a record's pages name, sorted: their states stand there too."""
    record = view.record
    found = {one.record for one in record.index.related}
    found |= {about for flag in record.flags for about in flag.about if _RECORD.match(about)}
    if record.standing.superseded_by:
        found.add(record.standing.superseded_by)
    for entry in view.history:
        found.update(records_in(entry))
    return tuple(sorted(found - {record.id}))


def records_in(entry: HistoryEntry) -> frozenset[str]:
    """Ids of the records that an entry names in its reason, or in what it sets or replaces."""
    texts = [entry.note]
    texts += [msgspec.json.encode(step.value).decode() for step in entry.patch]
    return frozenset(name for text in texts for name in _ANYWHERE.findall(text))
