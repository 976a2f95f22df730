"""Where in the log the entries of each record stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.heads import ENTRY
from sovereign_registry.store.log_places import LogPlaces, count_unlogged, read_places
from sovereign_registry.store.log_reader import LogReader
from tests.store.logs import ORIGIN, World, record_name

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.logs import World as Grown


@pytest.fixture
def grown(tmp_path: Path) -> Grown:
    """Three records and a note, in two appends."""
    world = World(tmp_path)
    world.publish(1, 2)
    world.start()
    world.append()
    world.publish(3)
    world.annotate(1)
    world.append()
    return world


def test_without_a_log_there_is_no_place(tmp_path: Path) -> None:
    """And no name."""
    assert read_places(World(tmp_path).registry) == LogPlaces(origin="", key="", places={})


def test_places_follow_the_sequence_and_never_change(grown: Grown) -> None:
    """Whatever is appended later, to other records or to the same."""
    before = read_places(grown.registry)
    assert before.origin == ORIGIN
    assert before.key == str(LogReader(grown.registry).ring.active)
    assert {name: len(found) for name, found in before.places.items()} == {
        record_name(1): 2,
        record_name(2): 1,
        record_name(3): 1,
    }
    grown.annotate(1, note="Noted again.")
    grown.append()
    after = read_places(grown.registry)
    assert after.places[record_name(1)][:2] == before.places[record_name(1)]
    assert after.places[record_name(2)] == before.places[record_name(2)]


def test_what_is_not_logged_is_counted(grown: Grown) -> None:
    """Records and entries that are newer than the log; none where there is none, or all is in."""
    assert 0 == count_unlogged(grown.registry)
    grown.publish(4)
    grown.annotate(4)
    grown.annotate(2)
    assert 3 == count_unlogged(grown.registry)
    grown.append()
    assert 0 == count_unlogged(grown.registry)


def test_a_log_with_a_key_and_no_append_lacks_everything(tmp_path: Path) -> None:
    """Without a key there is no log that could lack anything."""
    world = World(tmp_path)
    world.publish(1, 2)
    assert 0 == count_unlogged(world.registry)
    world.start()
    assert 2 == count_unlogged(world.registry)


def test_a_damaged_log_is_named(grown: Grown) -> None:
    """A missing bundle, and a checkpoint that is none."""
    size = sum(len(found) for found in read_places(grown.registry).places.values()) + 3
    (grown.log / f"tile/entries/000.p/{size}").unlink()
    with pytest.raises(LogFault, match=r"tile/entries/000\.p/\d+: is missing"):
        read_places(grown.registry)
    (grown.log / "checkpoint").write_bytes(b"none")
    with pytest.raises(LogFault, match=r"log/checkpoint: is no signed note"):
        read_places(grown.registry)


def test_the_last_entry_stands_in_a_file_of_its_own(grown: Grown) -> None:
    """As in the last bundle; changed, dropped or left behind, the audit names it."""
    (path,) = [path for path in grown.files() if path.endswith(ENTRY)]
    data = grown.files()[path]
    newest = max(
        (name for name in grown.files() if "entries" in name),
        key=lambda name: int(name.rpartition("/")[2]),
    )
    assert grown.files()[newest].endswith(len(data).to_bytes(2, "big") + data)
    assert grown.faults() == []
    (grown.log / path).write_bytes(data.replace(b"heads", b"Heads"))
    assert any(path in fault for fault in grown.faults())
    (grown.log / path).unlink()
    assert any(path in fault and "is missing" in fault for fault in grown.faults())
