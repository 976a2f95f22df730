"""Histories on disk: whatever is changed before the newest entry is found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.amend import Amendment, amend
from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.text import normalise
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.check import check_registry
from sovereign_registry.store.histories import command
from sovereign_registry.store.queue import owner_decision
from tests.contracts.records import amendment
from tests.samples import bare_manifest
from tests.store.test_registry import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.manifest import Manifest

ID = "sr-2605-0000000a"
DECIDED = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = (Event.CONCERN, Event.ADDENDUM, Event.CONCERN_LIFTED)


def sound_manifest() -> Manifest:
    """A declared record whose question's digest follows from it."""
    bare = bare_manifest()
    digest = text_sha256(normalise(bare.question.text))
    question = msgspec.structs.replace(bare.question, sha256=digest)
    return msgspec.structs.replace(bare, question=question)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry with one record and four entries; whoever changes a file restores it."""
    root = tmp_path_factory.mktemp("registry")
    (root / "manifests").mkdir()
    (root / "manifests" / "registry.yaml").write_text(REGISTRY)
    made = Registry(root)
    with made.lock():
        view = made.publish(emit(sound_manifest()), {})
        view = made.append(owner_decision(view, at=DECIDED, role="owner", note="Let it be."))
        for event in EVENTS:
            view = made.append(amend(view, amendment(event)))
    return made


def files(registry: Registry) -> list[Path]:
    """The manifest and every entry but the newest."""
    folder = registry.record_dir(ID)
    return [folder / "manifest.yaml", *sorted((folder / "history").iterdir())[:-1]]


def test_an_untouched_history_has_no_fault(registry: Registry) -> None:
    """No false alarm."""
    report = check_registry(registry.root)
    assert () == report.faults
    assert len(EVENTS) + 1 == report.entries


def test_a_first_entry_before_its_record_is_told(registry: Registry) -> None:
    """The owner's clock was behind: no fault, since no time decides trust, but it is named."""
    told = [str(one) for one in check_registry(registry.root).open]
    due = "0001-owner-decision.yaml: is dated 2026-01-01T00:00:00Z, before the record's as-of date"
    assert any(due in one and "A clock ran backwards" in one for one in told)


@given(st.data())
def test_any_changed_byte_before_the_newest_entry_is_found(
    registry: Registry, data: st.DataObject
) -> None:
    """Flipped, dropped or inserted anywhere: check names a file of the record."""
    path = data.draw(st.sampled_from(files(registry)))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(1, 255))
    how = data.draw(st.sampled_from(["flip", "drop", "insert", "truncate"]))
    flipped = bytes([whole[at] ^ byte])
    changed = {
        "flip": whole[:at] + flipped + whole[at + 1 :],
        "drop": whole[:at] + whole[at + 1 :],
        "insert": whole[:at] + bytes([byte]) + whole[at:],
        "truncate": whole[:at],
    }[how]
    try:
        path.write_bytes(changed)
        report = check_registry(registry.root)
        assert any(ID in fault.where for fault in report.faults), (path.name, how, at)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (amendment(Event.RETRACTION), "retract {} --reason 'For a test.' --by editor"),
        (
            amendment(Event.PARTIAL_RETRACTION, claims=("c1", "c2")),
            "retract {} --claims c1 --claims c2 --reason 'For a test.' --by editor",
        ),
        (
            amendment(Event.ADDENDUM, note="It's $(rm -rf ~); `x`"),
            "annotate {} --reason 'It'\"'\"'s $(rm -rf ~); `x`' --by editor",
        ),
    ],
)
def test_the_command_that_enters_an_entry_again_is_safe_to_paste(
    asked: Amendment, line: str
) -> None:
    """Texts are quoted for a shell, whatever they hold."""
    assert f"sovereign-registry {line.format(ID)}" == command(asked, ID)
