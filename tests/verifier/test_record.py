"""One record alone: a few files and tiles prove it, and what is wrong with them is found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.history import Event
from sovereign_registry.verifier.files import MemoryFiles
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.verify import Known, verify_site
from sovereign_registry.wiring.history import remove
from tests.verifier.sites import (
    IMPORTED,
    RETRACTED,
    WITH_HISTORY,
    World,
    faults,
    look,
    without_seal,
)
from tests.verifier.test_tamper import changed, mutations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sovereign_registry.verifier.findings import Report
    from tests.verifier.conftest import Published


def one(
    files: Mapping[str, bytes], record: str = WITH_HISTORY, kept: bytes | None = None
) -> Report:
    """Check one record of a site in memory."""
    old = None if kept is None else (kept, "kept-checkpoint")
    return verify_site(MemoryFiles(files), record=record, known=Known(checkpoint=old))


def test_every_record_can_be_checked_alone(published: Published) -> None:
    """With less read than for the whole site, and the older checkpoint too."""
    for record in (WITH_HISTORY, IMPORTED, published.computed):
        report = one(published.now, record, published.before["log/checkpoint"])
        assert "" == faults(report)
        assert report.bytes < sum(map(len, published.now.values())) / 2
        assert {Check.NEWEST, Check.EXTENDS} <= {line.check for line in report.checks}


def test_a_record_that_is_not_there_is_wrong_usage(published: Published) -> None:
    """It is no fault of the site."""
    with pytest.raises(UsageError, match="holds no record"):
        one(published.now, "sr-2605-00000009")


@pytest.mark.parametrize("kind", ["manifest", "history entry", "record.json", "record page"])
def test_a_change_of_the_record_is_found(published: Published, kind: str) -> None:
    """As it is in the check of the whole site."""
    for way, path, new in mutations(published.now, kind):
        record = path.split("/")[1]
        report = one(changed(published.now, path, new), record)
        named = {re.split(r"[: ]", found.where)[0] for found in report.faults}
        assert path in named, f"{way} of {path}: {faults(report) or 'nothing found'}"


def test_the_newest_entry_dropped_is_found_through_the_heads(published: Published) -> None:
    """The shard, proved against the checkpoint, names a newer one."""
    newest = f"records/{WITH_HISTORY}/history/0004-state-change.yaml"
    report = one(without_seal(changed(published.now, newest, None)))
    assert "is not its newest: 4 is" in faults(report)


@pytest.mark.parametrize(
    "pattern", ["log/checkpoint", r"log/tile/0/.*p/\d+", r"log/heads/.*\.json", "log/keys.*"]
)
def test_a_log_file_that_was_changed_proves_nothing(published: Published, pattern: str) -> None:
    """Whichever of those that the proof rests on."""
    paths = [path for path in published.now if re.fullmatch(pattern, path)]
    newest = max(paths, key=lambda path: int((re.findall(r"\d+", path) or ["0"])[-1]))
    records = (published.computed, IMPORTED, WITH_HISTORY, RETRACTED)
    for path in paths if "heads" in pattern else [newest]:
        data = bytearray(published.now[path])
        data[-9] ^= 1  # within the last entry, the signature or the last head
        site = published.now | {path: bytes(data)}
        assert any(one(site, record).faults for record in records), path


def test_a_rolled_back_site_is_found(published: Published) -> None:
    """By the kept checkpoint, for one record as for all."""
    assert "rolled back" in faults(one(published.before, kept=published.now["log/checkpoint"]))


def test_a_removed_record_is_accepted_and_said(tmp_path: Path) -> None:
    """Its tombstone is logged; one that nobody logged is found."""
    world = World(tmp_path)
    world.import_record(IMPORTED)
    world.import_record(WITH_HISTORY)
    world.enter(WITH_HISTORY, Event.ADDENDUM)
    world.log()
    remove(
        world.registry,
        WITH_HISTORY,
        legal="Order 7",
        note="A court ordered it.",
        by="owner",
        clock=world.clock,
    )
    forged = look(without_seal(world.publish(seal=False)))
    assert "LOGGED" in faults(forged)
    world.log()
    report = look(world.publish())
    assert "" == faults(report)
    assert any("was removed on" in found.what for found in report.open)
    assert "" == faults(one(world.publish(), WITH_HISTORY))
