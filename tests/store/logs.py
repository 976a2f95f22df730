"""A registry with records of our own, and a log over it, for the tests of the log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.history import Actor, EntryKind, HistoryEntry
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.log import audit_log
from sovereign_registry.wiring.log import append_log, new_key
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.store.log import Appended

REGISTRY = """contract: "registry-v1"
title: "A registry for tests"
publisher: "Nobody in particular"
description: "Records of our own."
base_url: "https://example.org/registry"
language: "en"
records_licence: "CC BY 4.0"
report_problem: "Write a letter."
"""
ORIGIN = "example.org/registry/log"


class Stopped:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Always the same second."""
        return datetime(2026, 6, 10, 6, 30, 49, tzinfo=UTC)


def record_name(number: int) -> str:
    """The id of a numbered record."""
    return f"sr-2605-{number:08d}"


class World:
    """A registry, its private key beside it, and the ways in which it changes."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "registry"
        self.key = folder / "log.key"
        (self.root / "manifests").mkdir(parents=True)
        (self.root / "manifests" / "registry.yaml").write_text(REGISTRY)
        self.log = self.root / "manifests" / "log"

    @property
    def registry(self) -> Registry:
        """Opened anew, as every command does."""
        return Registry(self.root)

    def publish(self, *numbers: int) -> None:
        """Publish records."""
        for number in numbers:
            with self.registry.lock():
                self.registry.publish(emit(bare_manifest(record_name(number))), {})

    def annotate(self, number: int, at: str = "2026-06-10T06:30:49Z", note: str = "Noted.") -> None:
        """Add a history entry that changes no field."""
        view = self.registry.read(record_name(number))
        state = content_sha256(view.record)
        entry = HistoryEntry(
            contract="history-entry-v1",
            record=view.record.id,
            sequence=len(view.history) + 1,
            kind=EntryKind.ANNOTATION,
            at=at,
            by=Actor(role="owner"),
            note=note,
            correction_type=None,
            affected_fields=(),
            affected_claims=(),
            rules=(),
            patch=(),
            record_before=state,
            record_after=state,
            previous=view.head_sha256,
        )
        with self.registry.lock():
            self.registry.append(entry)

    def start(self) -> None:
        """Make the first key."""
        new_key(self.registry, self.key, note="The first key.", clock=Stopped())

    def append(self, *, key: Path | None = None, extends: Path | None = None) -> Appended:
        """Log what is new."""
        return append_log(
            self.registry, key or self.key, extends=None if extends is None else str(extends)
        )

    def faults(self) -> list[str]:
        """All that an audit finds, as lines."""
        faults, unfinished, _ = audit_log(self.registry)
        return [str(fault) for fault in (*faults, *unfinished)]

    def files(self) -> dict[str, bytes]:
        """The log's files."""
        return {
            path.relative_to(self.log).as_posix(): path.read_bytes()
            for path in sorted(self.log.rglob("*"))
            if path.is_file()
        }
