"""The history of a record, newest first, with every change as old and new text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.history import EntryKind
from sovereign_registry.contracts.pointers import by_id, in_words
from sovereign_registry.website.rows import records_in
from sovereign_registry.website.views import status, words
from sovereign_registry.website.views.gate import brief
from sovereign_registry.website.views.parts import ChangePart, EntryPart, Fact, Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry, PatchOperation
    from sovereign_registry.contracts.manifest import Manifest

NOTHING = "(nothing)"
REMOVED = "(removed)"


def _value(value: object) -> str:
    """A patched value as text: strings as they are, everything else as JSON."""
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def changes(patch: Iterable[PatchOperation], record: Manifest) -> tuple[ChangePart, ...]:
    """Pair every change with the ``test`` of its old value that stands before it.

    Args:
        patch: A patch, which names a claim by its place.
        record: The record at any point of its history: ids and places of claims never change.
    """
    old: dict[str, str] = {}
    found: list[ChangePart] = []
    for step in patch:
        if step.op == "test":
            old[step.path] = brief(step.path, step.value) or _value(step.value)
            continue
        before = old.pop(step.path, NOTHING)
        now = brief(step.path, step.value) or _value(step.value)
        after = REMOVED if step.op == "remove" else now
        field = by_id(record, step.path)
        found.append(ChangePart(field, in_words(field), before, after))
    return tuple(found)


def counts(entry: HistoryEntry) -> str:
    """Whether an entry counts as a correction, in words."""
    counted = entry.kind is EntryKind.CORRECTION or entry.correction_type is not None
    return "counts as a correction" if counted else "no correction"


def by(entry: HistoryEntry) -> str:
    """Who made an entry, and what that is worth."""
    return f"{entry.by.role} (as declared; nothing here proves an identity)"


def digests(entry: HistoryEntry) -> tuple[Fact, ...]:
    """The digests that tie an entry to the record and to the entry before it."""
    return (
        Fact("Record before", entry.record_before, code=True),
        Fact("Record after", entry.record_after, code=True),
        Fact("Follows", entry.previous, code=True),
    )


def named(entry: HistoryEntry, states: Mapping[str, str]) -> tuple[Link, ...]:
    """The other records that an entry names in its reason, old or new values, with their states.

    The values themselves stay as they are: what is quoted is not touched.
    """
    found = records_in(entry) - {entry.record}
    return tuple(status.to_record(name, name, states) for name in sorted(found))


def _entry(entry: HistoryEntry, record: Manifest, states: Mapping[str, str]) -> EntryPart:
    name = f"history/{entry.file_name}"
    return EntryPart(
        sequence=entry.sequence,
        title=words.entry_title(entry.happened, entry.correction_type),
        at=words.moment(entry.at),
        by=by(entry),
        note=entry.note,
        counts=counts(entry),
        changes=changes(entry.patch, record),
        claims=", ".join(entry.affected_claims),
        named=named(entry, states),
        file=Link(name, f"records/{record.id}/{name}"),
    )


def entries(view: RecordView, states: Mapping[str, str]) -> tuple[EntryPart, ...]:
    """All entries, newest first; their digests stand on the page of the history."""
    return tuple(_entry(entry, view.record, states) for entry in reversed(view.history))
