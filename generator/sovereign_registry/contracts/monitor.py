"""review-monitor-v1: what was found when somebody looked again at a record's sources.

A monitor is no part of a record and of no digest: it is written anew at each look, and only what it
finds is added to the record's history, once, as a challenge that a person closes.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sovereign_registry.contracts.history import Actor, Event
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.papers import IsoDate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest

CONTRACT: Literal["review-monitor-v1"] = "review-monitor-v1"
_ARXIV = r"^(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})$"
ARXIV_KEY = re.compile(_ARXIV)
ArxivKey = Annotated[str, msgspec.Meta(pattern=_ARXIV)]
Version = Annotated[int, msgspec.Meta(ge=1)]


class Trigger(StrEnum):
    """What may have happened to a source since the record was made."""

    NEW_VERSION = "new-version"
    """A version is out that is newer than the one that was read."""
    WITHDRAWN = "withdrawn"
    """Its authors or arXiv say that it was withdrawn."""
    VANISHED = "vanished"
    """The source's address no longer knows it."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A paper as its source lists it today."""

    version: Version
    """The newest one."""
    withdrawn: bool


class Watched(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One monitored source as it was found at the last look."""

    paper: ArxivKey
    """The paper's arXiv id, without a version."""
    read_version: Version | None
    """The version that the record rests on; None where the record does not state it, so that no
    version counts as new."""
    newest_version: Version | None
    """None where the source no longer lists it."""
    active: tuple[Trigger, ...]
    """What happened to it."""


class ReviewMonitor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The last look at the sources of one record."""

    contract: Literal["review-monitor-v1"]
    """The contract that this file follows."""
    record: RecordId
    """The record whose sources were looked at."""
    looked: IsoDate
    """UTC date of the source's answers."""
    by: Actor
    """In what role somebody had it looked, declared."""
    source: str
    """Whom the papers were asked of."""
    monitored_triggers: tuple[Trigger, ...]
    """What was looked for; empty where the record has no source that is monitored, and without
    ``new-version`` where no source's version is stated."""
    active_triggers: tuple[Trigger, ...]
    """What was found, of any source."""
    sources: tuple[Watched, ...]
    """Ordered by paper."""
    not_monitored: tuple[str, ...]
    """References of sources that nobody is asked about, such as the registry's own notes."""

    def __post_init__(self) -> None:
        """Refuse a sum that does not follow from its parts.

        Raises:
            ValueError: naming the field.
        """
        if self.monitored_triggers != _possible(self.sources):
            message = "`monitored_triggers` does not fit `sources`"
            raise ValueError(message)
        if self.active_triggers != _union(self.sources):
            message = "`active_triggers` is not what `sources` say"
            raise ValueError(message)


def _possible(sources: tuple[Watched, ...]) -> tuple[Trigger, ...]:
    """What can be noticed at all: a new version only where it is known which one was read."""
    versions = any(one.read_version for one in sources)
    return tuple(
        trigger for trigger in Trigger if sources and (versions or trigger != Trigger.NEW_VERSION)
    )


def _union(sources: tuple[Watched, ...]) -> tuple[Trigger, ...]:
    found = {trigger for one in sources for trigger in one.active}
    return tuple(trigger for trigger in Trigger if trigger in found)


def watched_versions(record: Manifest) -> dict[str, int | None]:
    """The arXiv papers among a record's sources, with the version that was read, by key."""
    return {
        source.key: source.version
        for source in sorted(record.sources, key=lambda source: source.key)
        if ARXIV_KEY.match(source.key)
    }


def look(
    record: Manifest, listed: Mapping[str, Listed], *, looked: str, by: str, source: str
) -> ReviewMonitor:
    """What today's listing means for a record.

    Args:
        record: The record as it stands.
        listed: Papers by key, all that are still listed; monitored ones that lack have vanished.
        looked: UTC date of the answers.
        by: The role.
        source: Whom the papers were asked of.
    """
    versions = watched_versions(record)
    sources = tuple(_watched(key, read, listed.get(key)) for key, read in versions.items())
    return ReviewMonitor(
        contract=CONTRACT,
        record=record.id,
        looked=looked,
        by=Actor(role=by),
        source=source,
        monitored_triggers=_possible(sources),
        active_triggers=_union(sources),
        sources=sources,
        not_monitored=tuple(sorted(one.ref for one in record.sources if one.key not in versions)),
    )


def _watched(key: str, read: int | None, found: Listed | None) -> Watched:
    newer = found is not None and read is not None and found.version > read
    checks = {
        Trigger.NEW_VERSION: newer,
        Trigger.WITHDRAWN: found is not None and found.withdrawn,
        Trigger.VANISHED: found is None,
    }
    return Watched(
        paper=key,
        read_version=read,
        newest_version=found.version if found else None,
        active=tuple(trigger for trigger in Trigger if checks[trigger]),
    )


def findings(monitor: ReviewMonitor) -> tuple[str, ...]:
    """One short sentence for each active trigger of each source; the same at every look."""
    return tuple(_sentence(one, trigger) for one in monitor.sources for trigger in one.active)


def _sentence(one: Watched, trigger: Trigger) -> str:
    read = f"arXiv:{one.paper}" + (f"v{one.read_version}" if one.read_version else "")
    match trigger:
        case Trigger.NEW_VERSION:
            return f"{read} has the newer version {one.newest_version}."
        case Trigger.WITHDRAWN:
            return f"{read} is marked as withdrawn in version {one.newest_version}."
        case Trigger.VANISHED:
            return f"{read} is no longer listed."


def unsaid(view: RecordView, monitor: ReviewMonitor) -> tuple[str, ...]:
    """The findings that no challenge or note in the record's history has said yet."""
    notes = [
        entry.note for entry in view.history if entry.happened in {Event.CHALLENGE, Event.ADDENDUM}
    ]
    return tuple(one for one in findings(monitor) if not any(one in note for note in notes))
