"""Removing a record's text: the tombstone, and what check says about it."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.history import Event
from sovereign_registry.store import Registry
from sovereign_registry.store.tombstones import RecordRemoved
from sovereign_registry.wiring.history import remove
from tests.cli.console import COMMAND, QUESTION, call, environment, tree
from tests.cli.histories import (
    BY,
    FixedClock,
    correct_title,
    do,
    done,
    enter,
    faults,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_removed_record_leaves_a_tombstone_that_check_accepts(
    registry: tuple[Path, str, str],
) -> None:
    """No word of the record stays; digests, reason and legal reference do; it is said so."""
    root, strong, weak = registry
    correct_title(root, strong, "A private matter")
    enter(root, weak, Event.SUPERSESSION, superseded_by=strong)
    view = Registry(root).read(strong)
    printed = done(root, "remove", strong, "--legal", "Order 12/345", *BY, "--json")
    stone = json.loads(printed)
    assert (view.manifest_content_sha256, view.head_sha256) == (
        stone["manifest"]["content_sha256"],
        stone["previous"],
    )
    assert len(view.record.artifacts) == len(stone["artifacts"])
    folder = root / "manifests" / "records" / strong
    assert ["tombstone.yaml"] == [path.name for path in folder.iterdir()]
    text = (folder / "tombstone.yaml").read_text()
    assert "Order 12/345" in text
    assert QUESTION not in text
    assert "private" not in text
    checked = call("check", str(root), "--quiet")
    assert 0 == checked.returncode, checked.stdout
    assert "1 record removed" in checked.stdout
    with pytest.raises(RecordRemoved, match="Order 12/345") as caught:
        Registry(root).read(strong)
    assert strong == caught.value.tombstone.record
    assert "removed" in do(root, "annotate", strong, *BY).stderr
    assert 3 == do(root, "remove", strong, "--legal", "x", *BY).returncode
    assert "removed" in do(root, "run", QUESTION, "--quiet").stderr
    assert "Order 12/345" in done(root, "show", strong)
    assert stone == json.loads(done(root, "show", strong, "--json"))
    earlier = do(root, "show", strong, "--at", "1")
    assert 2 == earlier.returncode
    assert "version 1 cannot be shown: the record's text was removed on" in earlier.stderr
    rows = {row["id"]: row["state"] for row in json.loads(done(root, "show", "--json"))}
    assert "REMOVED" == rows[strong]


def test_a_removal_that_was_interrupted_is_named_and_finished(
    registry: tuple[Path, str, str],
) -> None:
    """What a kill leaves: the tombstone with some of the files; entering it again ends it."""
    root, strong, _ = registry
    folder = root / "manifests" / "records" / strong
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    remove(Registry(root), strong, legal="Order", by="owner", note="A letter.", clock=FixedClock())
    stone = (folder / "tombstone.yaml").read_bytes()
    for path, data in kept.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    assert "is still there" in faults(root)
    done(root, "remove", strong, "--legal", "Another", *BY)
    assert {"tombstone.yaml": stone} == tree(folder)


@pytest.mark.parametrize("number", range(4))
def test_a_killed_removal_loses_nothing_but_what_it_was_to_remove(
    registry: tuple[Path, str, str], number: int
) -> None:
    """SIGKILL late in the command: the record is whole or its tombstone stands; again ends it."""
    root, strong, weak = registry
    folder = root / "manifests" / "records" / strong
    whole, other = tree(folder), tree(folder.parent / weak)
    command = ["remove", strong, "--legal", "Order 1", *BY, "--registry", str(root)]
    start = time.monotonic()
    assert 0 == call("show", strong, "--registry", str(root)).returncode
    seconds = time.monotonic() - start
    with subprocess.Popen(
        [*COMMAND, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        time.sleep((0.8 + number / 10) * seconds)
        process.send_signal(signal.SIGKILL)
    left = tree(folder)
    assert left == whole or "tombstone.yaml" in left
    if set(left) != {"tombstone.yaml"}:
        done(root, *command[:-2])
    assert ["tombstone.yaml"] == list(tree(folder))
    assert other == tree(folder.parent / weak)
    assert 0 == call("check", str(root), "--quiet").returncode


@pytest.mark.parametrize("part", [b"Order 1", b"REMOVED", b"removal"])
def test_an_edited_tombstone_is_named(registry: tuple[Path, str, str], part: bytes) -> None:
    """A tombstone in another form, or of another record, is refused."""
    root, strong, weak = registry
    remove(Registry(root), strong, legal="Order 1", by="owner", note="N.", clock=FixedClock())
    path = root / "manifests" / "records" / strong / "tombstone.yaml"
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"' + part + b'"', part) + b"\n")
    assert "tombstone.yaml" in faults(root)
    path.write_bytes(data.replace(strong.encode(), weak.encode()))
    assert "in the folder" in faults(root)
