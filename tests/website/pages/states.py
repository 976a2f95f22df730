"""A registry with one record in every state, brought there by entries as commands make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from benchmarks.synthetic import write_registry
from sovereign_registry.contracts.amend import Amendment, Setting
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.manifest import RecordState, Related
from sovereign_registry.contracts.registry import FileGroup
from sovereign_registry.contracts.tombstone import bury
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.website.options import BuildReport, Options
from sovereign_registry.website.session import Session
from sovereign_registry.website.theme import bundled
from tests.contracts.records import computed_record, with_events

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest

HOSTILE = "<script>alert('x')</script> ]]> --> \" onload=alert(1) {{ 7 * 7 }} </del> مرحبا"
"""A reason with markup in it."""
LOST = "Zanzibar"
"""A word that stood in the record whose text was removed."""
EDITOR = "editor: A. Name"

_TITLE = Setting(pointer="/work/title", value="How do trams wait, put right?")
PATHS: dict[RecordState, tuple[tuple[Event, dict[str, object]], ...]] = {
    RecordState.CURRENT: (),
    RecordState.CORRECTED: ((Event.CORRECTION, {"settings": (_TITLE,)}),),
    RecordState.UNDER_REVIEW: ((Event.CHALLENGE, {}),),
    RecordState.EXPRESSION_OF_CONCERN: ((Event.CONCERN, {}),),
    RecordState.PARTIALLY_RETRACTED: ((Event.PARTIAL_RETRACTION, {"claims": ("c2",)}),),
    RecordState.RETRACTED: (
        (Event.CORRECTION, {"settings": (_TITLE,)}),
        (Event.RETRACTION, {}),
    ),
    RecordState.WITHDRAWN: ((Event.WITHDRAWAL, {}),),
    RecordState.SUPERSEDED: ((Event.SUPERSESSION, {"superseded_by": "sr-2605-00000005"}),),
    RecordState.REMOVED: (),
}
"""State -> the events that lead there from publication."""


def record_id(state: RecordState) -> str:
    """The id of the record in a state; SUPERSEDED is replaced by the one that was RETRACTED."""
    return f"sr-2605-0000000{list(PATHS).index(state)}"


def published(state: RecordState) -> Manifest:
    """The record as it was published; the one that stays CURRENT names all others."""
    base = computed_record()
    word = f" {LOST}" if state is RecordState.REMOVED else ""
    title = f"How do trams {list(PATHS).index(state)} wait?{word}"
    record = msgspec.structs.replace(
        base, id=record_id(state), work=msgspec.structs.replace(base.work, title=title)
    )
    if state is not RecordState.CURRENT:
        return record
    others = tuple(
        Related(record=record_id(other), relation="related", basis="similarity 0.40")
        for other in PATHS
        if other is not state
    )
    index = msgspec.structs.replace(record.index, related=others)
    return msgspec.structs.replace(record, index=index)


def state_view(state: RecordState) -> RecordView:
    """The record in a state, brought there by its events."""
    amendments = [
        msgspec.structs.replace(
            Amendment(event=event, at=f"2026-06-1{day}T06:30:49Z", by=EDITOR, note=HOSTILE),
            **fields,
        )
        for day, (event, fields) in enumerate(PATHS[state])
    ]
    return with_events(published(state), *amendments)


class States:
    """The registry on disk, and what is built of it.

    Args:
        root: An empty folder.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.output = root, root / "output"
        root.mkdir(parents=True, exist_ok=True)
        write_registry(root, 0)
        settings = root / "manifests" / "registry.yaml"
        beside = "".join(f'    - "{group.value}"\n' for group in FileGroup)
        settings.write_text(
            f"{settings.read_text(encoding='utf-8')}publish:\n  beside:\n{beside}",
            encoding="utf-8",
        )
        for state in PATHS:
            self.publish(state)
        self.remove(RecordState.REMOVED)

    def folder(self, state: RecordState) -> Path:
        """The source folder of the record in a state."""
        return self.root / "manifests" / "records" / record_id(state)

    def publish(self, state: RecordState) -> None:
        """Write a record with its history."""
        folder, view = self.folder(state), state_view(state)
        (folder / "history").mkdir(parents=True)
        (folder / "artifacts").mkdir()
        (folder / "manifest.yaml").write_bytes(emit(published(state)))
        for entry in view.history:
            (folder / "history" / entry.file_name).write_bytes(emit(entry))

    def remove(self, state: RecordState) -> None:
        """Take a record's text away."""
        registry = Registry(self.root)
        view = registry.read(record_id(state))
        stone = bury(
            view,
            registry.raw(view.record.id)[1],
            at="2026-06-20T06:30:49Z",
            by="owner",
            note=HOSTILE,
            legal_reference="Court order 12/34",
        )
        with registry.lock():
            registry.bury(stone)

    def build(self, address: str = "https://registry.example/ledger") -> BuildReport:
        """Build with the real theme and views, without the prose pages."""
        options = Options(
            root=self.root,
            output=self.output,
            theme=bundled("theme"),
            site_url=address,
            jobs=1,
        )
        session = Session(options)
        with session.lock():
            return session.run()

    def text(self, path: str) -> str:
        """A published file."""
        return (self.output / path).read_text(encoding="utf-8")
