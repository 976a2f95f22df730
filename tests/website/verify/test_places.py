"""A page names the places of its own entries in the log, and is made again only for them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sovereign_registry.contracts.history import Event
from tests.verifier.sites import IMPORTED, WITH_HISTORY, World

if TYPE_CHECKING:
    from pathlib import Path


def told(files: dict[str, bytes], record: str) -> dict[str, Any]:
    """What the page tells the script."""
    text = files[f"records/{record}/index.html"].decode()
    found = re.search(r'<script type="application/json" id="verify-data">(.*?)</script>', text)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_pages_follow_the_log(tmp_path: Path) -> None:
    """From no log to a first one, with what is not logged yet, build after build."""
    world = World(tmp_path)
    world.import_record(IMPORTED)
    none = told(world.publish(seal=False), IMPORTED)
    assert (none["origin"], none["key"], none["entries"]) == (None, None, [])
    world.log()
    first = told(world.publish(), IMPORTED)
    assert first["origin"] == "example.org/registry/log"
    assert first["key"].startswith("example.org/registry/log+")
    assert first["entries"] == [1, 2]  # its manifest and its owner's decision
    world.import_record(WITH_HISTORY)
    world.enter(IMPORTED, Event.ADDENDUM, "A note.")
    waiting = world.publish()
    assert told(waiting, WITH_HISTORY)["entries"] == []
    assert told(waiting, IMPORTED)["entries"] == [1, 2]
    world.log()
    logged = world.publish()
    assert told(logged, WITH_HISTORY)["entries"] == [4, 5]
    assert told(logged, IMPORTED)["entries"] == [1, 2, 6]


def test_the_same_site_is_made_in_one_step_or_in_several(tmp_path: Path) -> None:
    """A build after an append gives what a first build gives."""
    world = World(tmp_path)
    world.import_record(IMPORTED)
    world.log()
    world.publish()
    world.import_record(WITH_HISTORY)
    world.log()
    grown = world.publish()
    world.output = tmp_path / "fresh"
    assert world.publish() == grown
