"""The log's benchmark from end to end, on a few records that pass every check."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import floor
from benchmarks.__main__ import main
from benchmarks.genuine import EVERY, originals, write_registry
from sovereign_registry.store import Registry
from sovereign_registry.store.recompute import recompute
from sovereign_registry.store.registry import read_bounded

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = 7


@pytest.fixture(autouse=True)
def search_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that are started find what the tests found."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))


@pytest.mark.slow
def test_every_part_is_measured(tmp_path: Path) -> None:
    """Each command ends well, so the site verifies; a reader of one record downloads kilobytes."""
    out, scratch = tmp_path / "results.json", tmp_path / "scratch"
    scratch.mkdir()
    options = ["--records", str(RECORDS), "--runs", "1", "--work", str(scratch)]

    assert main([*options, "--only", "log", "--out", str(out)]) == 0

    parts = json.loads(out.read_bytes())["parts"]
    assert not list(scratch.iterdir())
    figures = {one["name"]: one["measured"] for part in parts for one in part["figures"]}
    assert all(value > 0 for value in figures.values())
    assert figures["of it, of the log"] < figures["downloaded in all"] < 1000
    assert figures["size of the proof file"] < 20
    commands = {cost["name"] for part in parts for cost in part["costs"]}
    assert {"log append, everything", "log append, one entry more", "log prove"} <= commands
    assert {"verify, the whole site", "verify --record, from an address"} <= commands


def test_the_copies_are_other_records_that_follow_from_their_inputs(tmp_path: Path) -> None:
    """Ids of their own, numbers that come out again, and a note on every fifth."""
    count = len(originals()) + 1

    ids = write_registry(tmp_path, count)

    registry = Registry(tmp_path)
    assert sorted(ids) == registry.ids()
    assert len(set(ids)) == count
    for number, identity in enumerate(ids):
        view = registry.read(identity)
        assert len(view.history) == (number % EVERY == 0)
        faults = recompute(view.record, None)
        assert [line for line in faults if "the evidence that they are" not in line] == []


def test_the_floor_hashes_every_manifest_and_entry(tmp_path: Path) -> None:
    """In the order of their names, and no artifact."""
    write_registry(tmp_path, 2)
    whole = hashlib.sha256()
    paths = [*tmp_path.rglob("manifest.yaml"), *tmp_path.rglob("0001-*.yaml")]
    for path in sorted(paths, key=lambda one: (one.parts[len(tmp_path.parts) + 2], len(one.parts))):
        whole.update(hashlib.sha256(read_bounded(path)).digest())

    assert floor.hash_records(tmp_path / "manifests" / "records") == whole.hexdigest()
