"""What the checks of lists, search, feeds and log need of a record, once the record was checked.

Ten thousand whole records take a gigabyte of memory; these slices take a tenth of it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.log.entries import RecordLogged
from sovereign_registry.verifier.data import row
from sovereign_registry.verifier.exports import Told, listed_changes
from sovereign_registry.verifier.lists import papers_of
from sovereign_registry.verifier.searching import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.fold import RecordView


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """One record."""

    id: str
    row: dict[str, Any]
    """Its row of ``records.json``."""
    changes: tuple[Told, ...]
    """Its corrections and changes of state."""
    papers: tuple[str, ...]
    """Keys of the papers that it leans on, sorted; of all, where it does not say on which."""
    named: tuple[str, ...]
    """The words of its title, question and id that the search finds it by."""
    claimed: tuple[str, ...]
    """The words of its claims that are not among those."""
    heads: tuple[str, ...]
    """Digests of its manifest and of each history entry: what the next one follows."""
    due: tuple[RecordLogged, ...]
    """What its files call for in a log."""


def slice_of(view: RecordView, due: tuple[RecordLogged, ...]) -> Slice:
    """The slice of a record, and of what its files call for in a log."""
    named, claimed = words_of(view.record)
    return Slice(
        id=view.record.id,
        row=row(view),
        changes=tuple(listed_changes(view)),
        papers=_once(papers_of(view.record)),
        named=_once(named),
        claimed=_once(claimed),
        heads=(view.manifest_content_sha256, *map(content_sha256, view.history)),
        due=due,
    )


def interned(one: Slice) -> Slice:
    """A slice that another process made, with texts that are kept in memory once for all."""
    return msgspec.structs.replace(
        one, papers=_once(one.papers), named=_once(one.named), claimed=_once(one.claimed)
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts, sorted, each kept in memory once however many records hold it."""
    return tuple(map(sys.intern, sorted(texts)))
