"""The history: newest first, every change with its old and its new text."""

from __future__ import annotations

import msgspec

from sovereign_registry.contracts.history import PatchOperation
from sovereign_registry.website.views.history import NOTHING, REMOVED, changes, entries, named
from tests.website.views import samples


def test_entries_stand_newest_first_and_say_whether_they_count() -> None:
    """An owner's decision is history but no correction."""
    found = entries(samples.revised(), {})
    assert [(entry.sequence, entry.title, entry.counts) for entry in found] == [
        (2, "Correction, claim", "counts as a correction"),
        (1, "Owner's decision", "no correction"),
    ]
    assert found[0].at == "2026-11-02 09:30:00 UTC"
    assert found[0].changes[0].old == "All sources come from one collection."
    assert found[0].changes[0].new == "Both sources come from this registry's own notes."


def test_added_and_removed_fields_are_told_in_words() -> None:
    """A change without an old or a new value says so."""
    patch = (
        PatchOperation(op="add", path="/a", value=[1]),
        PatchOperation(op="test", path="/b", value={"c": None}),
        PatchOperation(op="remove", path="/b"),
    )
    record = samples.manifest()
    assert [(one.field, one.old, one.new) for one in changes(patch, record)] == [
        ("/a", NOTHING, "[1]"),
        ("/b", '{"c":null}', REMOVED),
    ]


def test_records_named_in_an_entry_stand_with_their_states() -> None:
    """In the reason, in old and in new values; the values themselves stay as they are."""
    view = samples.revised()
    other, gone = "sr-2605-00000001", "sr-2605-00000002"
    step = PatchOperation(op="replace", path="/standing/superseded_by", value=other)
    entry = msgspec.structs.replace(view.history[0], note=f"See {gone}.", patch=(step,))
    links = named(entry, {gone: "RETRACTED"})
    assert [(link.text, link.path) for link in links] == [
        (other, f"records/{other}/"),
        (f"{gone} (Retracted)", f"records/{gone}/"),
    ]
    assert changes(entry.patch, view.record)[0].new == other
