"""A registry on disk: written once, added to, never half-written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.errors import BadInput, RecordFault
from sovereign_registry.contracts.gate import GateStatus, GateVerdict
from sovereign_registry.contracts.manifest import Approval
from sovereign_registry.store import Queue, Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.loading import load_manifest, load_view
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 10, 6, 30, 49, tzinfo=UTC)
REGISTRY = """contract: "registry-v1"
title: "A registry for tests"
publisher: "Nobody in particular"
description: "Records of our own."
base_url: ""
language: "en"
records_licence: "CC BY 4.0"
report_problem: "Write a letter."
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """An empty registry."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "registry.yaml").write_text(REGISTRY)
    return Registry(tmp_path)


def test_a_folder_without_registry_yaml_is_no_registry(tmp_path: Path) -> None:
    """The error says what is missing and what to do."""
    with pytest.raises(BadInput, match=r"registry\.yaml is missing.*--registry"):
        Registry(tmp_path)


def test_a_manifest_comes_back_as_it_was_written() -> None:
    """Emitting and loading are inverse."""
    record = bare_manifest()
    assert record == load_manifest(emit(record), "manifest.yaml")


def test_a_manifest_that_is_not_canonical_is_refused_with_the_line_due() -> None:
    """A comment, however harmless, makes other bytes of the same record."""
    data = emit(bare_manifest()).replace(b"origin:", b"origin: ", 1)
    with pytest.raises(RecordFault, match="line due is: origin"):
        load_manifest(data, "manifest.yaml")


def test_every_fault_of_a_manifest_is_listed() -> None:
    """Two wrong fields give two named faults."""
    data = emit(bare_manifest())
    data = data.replace(b'as_of: "2026-05-28"', b'as_of: "May"')
    data = data.replace(b"retrieved: 0", b"retrieved: -1")
    with pytest.raises(RecordFault) as caught:
        load_manifest(data, "manifest.yaml")
    assert "work.as_of" in str(caught.value)
    assert "retrieval.retrieved" in str(caught.value)


def test_a_verified_verdict_without_artifact_cannot_be_constructed() -> None:
    """Neither code nor a file can state VERIFIED with nothing behind it."""
    gate = bare_manifest().gate
    with pytest.raises(ValueError, match="digest of an artifact"):
        msgspec.structs.replace(gate, status=GateStatus.VERIFIED)
    data = emit(bare_manifest()).replace(b'status: "UNVERIFIED"', b'status: "VERIFIED"')
    with pytest.raises(RecordFault):
        load_manifest(data, "manifest.yaml")
    assert isinstance(gate, GateVerdict)


def test_approving_publishes_the_queued_bytes_with_the_decision(registry: Registry) -> None:
    """The manifest moves byte for byte; the decision is entry 1; the queue is empty after."""
    queue = Queue(registry)
    data = emit(bare_manifest())
    with registry.lock():
        queue.add(data, {})
        view = queue.approve("sr-2605-0000000a", at=NOW, role="owner", note="As an example.")
    assert data == (registry.record_dir("sr-2605-0000000a") / "manifest.yaml").read_bytes()
    assert view == registry.read("sr-2605-0000000a")
    assert view.record.standing.approval is Approval.OWNER_APPROVED
    assert [] == queue.ids()
    assert ["sr-2605-0000000a"] == registry.ids()


def test_refusing_leaves_no_record_and_a_refusal_stands(registry: Registry) -> None:
    """A refused record cannot be approved later."""
    queue = Queue(registry)
    with registry.lock():
        queue.add(emit(bare_manifest()), {})
        queue.reject("sr-2605-0000000a", at=NOW, role="owner", note="Off topic.")
        with pytest.raises(BadInput, match="was refused"):
            queue.approve("sr-2605-0000000a", at=NOW, role="owner", note="After all.")
    assert [] == registry.ids()
    refusal = queue.refusal("sr-2605-0000000a")
    assert refusal is not None
    assert "Off topic." == refusal.note


def test_a_published_record_is_never_written_again(registry: Registry) -> None:
    """A second publication of the same id is refused."""
    data = emit(bare_manifest())
    with registry.lock():
        registry.publish(data, {})
        with pytest.raises(RecordFault, match="exists already"):
            registry.publish(data, {})


def test_ids_cannot_climb_out_of_the_registry(registry: Registry) -> None:
    """Only a well-formed id leads to a folder."""
    for bad in ("../../etc", "sr-2605-0000000a/..", "", "SR-2605-0000000A", "sr-2605-0000000u"):
        with pytest.raises(BadInput, match="no record id"):
            registry.record_dir(bad)


@pytest.mark.parametrize("damage", ["edit", "rename", "swap", "drop"])
def test_a_damaged_history_does_not_fold(registry: Registry, damage: str) -> None:
    """An edited, renamed, swapped or dropped entry is named."""
    queue = Queue(registry)
    with registry.lock():
        queue.add(emit(bare_manifest()), {})
        queue.approve("sr-2605-0000000a", at=NOW, role="owner", note="As an example.")
    manifest, history = registry.raw("sr-2605-0000000a")
    name, data = history[0]
    damaged = {
        "edit": [(name, data.replace(b"OWNER_APPROVED", b"AUTO_APPROVED"))],
        "rename": [("0002-owner-decision.yaml", data)],
        "swap": [(name, data), (name, data)],
        "drop": [("0002-owner-decision.yaml", data.replace(b"sequence: 1", b"sequence: 2"))],
    }[damage]
    with pytest.raises(RecordFault, match=r"history/000\d-owner-decision\.yaml"):
        load_view(manifest, damaged)


def test_a_kill_between_publishing_and_clearing_the_queue_is_swept(registry: Registry) -> None:
    """What is published no longer waits, whatever a killed process left."""
    queue = Queue(registry)
    data = emit(bare_manifest())
    with registry.lock():
        queue.add(data, {})
        registry.publish(data, {})
        assert [] == queue.ids()
        queue.sweep()
    assert not (queue.folder / "sr-2605-0000000a").exists()


def test_an_integer_beyond_2_to_the_53_is_refused() -> None:
    """JSON readers would not agree on it, so it has no digest."""
    data = emit(bare_manifest()).replace(b"retrieved: 0", b"retrieved: 99999999999999999")
    with pytest.raises(RecordFault, match=r"2\*\*53"):
        load_view(data)
