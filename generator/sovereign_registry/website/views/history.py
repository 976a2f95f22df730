"""The history of a record, newest first, with every change as old and new text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.history import EntryKind
from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import ChangePart, EntryPart, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.history import HistoryEntry, PatchOperation

NOTHING = "(nothing)"
REMOVED = "(removed)"


def _value(value: object) -> str:
    """A patched value as text: strings as they are, everything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def changes(patch: Sequence[PatchOperation]) -> tuple[ChangePart, ...]:
    """Pair every change with the ``test`` of its old value that stands before it."""
    old: dict[str, str] = {}
    found: list[ChangePart] = []
    for step in patch:
        if step.op == "test":
            old[step.path] = _value(step.value)
            continue
        before = old.pop(step.path, NOTHING)
        after = REMOVED if step.op == "remove" else _value(step.value)
        found.append(ChangePart(step.path, before, after))
    return tuple(found)


def _entry(entry: HistoryEntry) -> EntryPart:
    title = words.ENTRIES[entry.kind]
    if entry.correction_type:
        title = f"{title}, {entry.correction_type.value.replace('_', ' ').lower()}"
    facts = [Fact("File", f"history/{entry.file_name}", code=True)]
    if entry.affected_claims:
        facts.append(Fact("Claims affected", ", ".join(entry.affected_claims)))
    if entry.rules:
        facts.append(Fact("Rules applied", ", ".join(entry.rules)))
    facts += [
        Fact("Record before", entry.record_before, code=True),
        Fact("Record after", entry.record_after, code=True),
        Fact("Follows", entry.previous, code=True),
    ]
    counts = entry.kind is EntryKind.CORRECTION or entry.correction_type is not None
    return EntryPart(
        sequence=entry.sequence,
        title=title,
        at=words.moment(entry.at),
        by=f"{entry.by.role} (as declared; nothing here proves an identity)",
        note=entry.note,
        counts="counts as a correction" if counts else "no correction",
        changes=changes(entry.patch),
        facts=tuple(facts),
    )


def entries(history: Sequence[HistoryEntry]) -> tuple[EntryPart, ...]:
    """All entries, newest first."""
    return tuple(map(_entry, reversed(history)))
