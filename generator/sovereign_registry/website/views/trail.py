"""The page of a record's history: every version, newest first, each beside the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.fold import operations
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules.states_v1 import tier_of
from sovereign_registry.website.holdings import holdings
from sovereign_registry.website.views import history, status, words
from sovereign_registry.website.views.parts import ChangePart, Fact, Link, Notice, Part
from sovereign_registry.website.views.previews import of_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry
    from sovereign_registry.website.model import SiteInfo

STATE = "/standing/record_state"


class VersionPart(Part, frozen=True):
    """One version of a record and the entry that led to it; version 1 is the manifest."""

    number: int
    title: str
    at: str
    by: str
    note: str
    counts: str
    state: str
    """The state that the version shows, in words."""
    compared: str
    """What the changes are a comparison of."""
    changes: tuple[ChangePart, ...]
    claims: str
    """Ids of the affected claims, or empty."""
    named: tuple[Link, ...]
    """Other records that the entry names, each with its state."""
    file: Link
    facts: tuple[Fact, ...]


class TrailPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of a record's history prints."""

    id: str
    title: str
    title_cut: bool
    state: str
    heading: str
    """Title for the browser, its state before it."""
    summary: str
    banners: tuple[Notice, ...]
    versions: tuple[VersionPart, ...]


def context(
    view: RecordView, site: SiteInfo, states: Mapping[str, str] | None = None
) -> dict[str, object]:
    """What ``history.html`` is given: one ``TrailPage`` under the name ``trail``.

    Args:
        view: The record as it stands.
        site: What is said about the site.
        states: Every record of the registry that is not CURRENT, with its state.
    """
    states = states or {}
    record = view.record
    state = record.standing.record_state
    page = TrailPage(
        id=record.id,
        title=record.work.title,
        title_cut=record.work.title_cut,
        state="" if state is RecordState.CURRENT else words.state_word(state),
        heading=f"{status.title_prefix(record)}History of {record.work.title}",
        summary=_summary(view),
        banners=status.standing(view, states, links=False),
        versions=_versions(view, site, states),
    )
    return {"trail": page, "preview": of_record(state, tier_of(record))}


def _summary(view: RecordView) -> str:
    versions = words.count(len(view.history) + 1, "version")
    corrections = view.record.standing.correction_count
    if corrections:
        return f"{versions}, {words.count(corrections, 'correction')}."
    return (
        f"{versions}, no correction. That none was added does not mean that the record is free of "
        "errors."
    )


def _versions(
    view: RecordView, site: SiteInfo, states: Mapping[str, str]
) -> tuple[VersionPart, ...]:
    state = RecordState.CURRENT
    found = [_first(view, site)]
    for entry in view.history:
        set_to = [step.value for step in entry.patch if step.path == STATE and step.op != "test"]
        state = RecordState(set_to[-1]) if set_to else state
        found.append(_version(view, entry, state, states))
    return tuple(reversed(found))


def _manifest(view: RecordView, site: SiteInfo) -> Link:
    """Where the manifest can be had: beside the page, or in the bundle."""
    held = next(one for one in holdings(view, site.publish) if one.name == "manifest.yaml")
    name = held.name if held.beside else f"{held.name}, in bundle.zip"
    return Link(name, held.path(view.record.id))


def _first(view: RecordView, site: SiteInfo) -> VersionPart:
    """Version 1: the manifest, and where it differs from the record of today."""
    record = view.record
    return VersionPart(
        number=1,
        title="As first published",
        at=f"as of {record.work.as_of}",
        by=record.work.kernel,
        note="The manifest, whose bytes never change. Every later version is this file with the "
        "entries above applied in their order.",
        counts="nothing came before it",
        state=words.state_word(RecordState.CURRENT),
        compared="Where the record of today differs from version 1",
        changes=_since(view.history, view) if len(view.history) > 1 else (),
        claims="",
        named=(),
        file=_manifest(view, site),
        facts=(
            Fact("Canonical content", view.manifest_content_sha256, code=True),
            Fact("File", view.manifest_file_sha256, code=True),
        ),
    )


def _since(entries: Sequence[HistoryEntry], view: RecordView) -> tuple[ChangePart, ...]:
    """The first and the last value of every field that an entry changed, where they differ."""
    first: dict[str, object] = {}
    last: dict[str, object] = {}
    for entry in entries:
        for step in entry.patch:
            if step.op == "test":
                first.setdefault(step.path, step.value)
            else:
                last[step.path] = step.value if step.op != "remove" else None
    changes = [
        (path, first.get(path), value) for path, value in last.items() if first.get(path) != value
    ]
    steps = operations(changes)
    return history.changes(steps, view.record)


def _version(
    view: RecordView, entry: HistoryEntry, state: RecordState, states: Mapping[str, str]
) -> VersionPart:
    facts = [Fact("Rules applied", ", ".join(entry.rules))] if entry.rules else []
    return VersionPart(
        number=entry.sequence + 1,
        title=words.entry_title(entry.happened, entry.correction_type),
        at=words.moment(entry.at),
        by=history.by(entry),
        note=entry.note,
        counts=history.counts(entry),
        state=words.state_word(state),
        compared=f"Version {entry.sequence + 1} beside version {entry.sequence}",
        changes=history.changes(entry.patch, view.record),
        claims=", ".join(entry.affected_claims),
        named=history.named(entry, states),
        file=Link(
            f"history/{entry.file_name}", f"records/{view.record.id}/history/{entry.file_name}"
        ),
        facts=(*facts, *history.digests(entry)),
    )
