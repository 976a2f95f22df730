"""What ``check`` tells of contracts: the version that each file names, what a newer one adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.versions import Version
from sovereign_registry.store import Registry
from sovereign_registry.store.check import check_registry, use_of
from sovereign_registry.wiring.history import remove
from tests.cli.histories import FixedClock, enter
from tests.store.logs import World, record_name

if TYPE_CHECKING:
    from pathlib import Path

NEWER = "Nothing is wrong with the file: update sovereign-registry, then check again."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A registry with two records, one of them with two entries."""
    world = World(tmp_path)
    world.publish(1, 2)
    enter(world.root, record_name(1), Event.CONCERN)
    enter(world.root, record_name(1), Event.CONCERN_LIFTED)
    return world.root


def _said(root: Path, where: str) -> str:
    return "\n".join(str(one) for one in check_registry(root).faults if one.where == where)


def _rename(path: Path, old: str, new: str) -> None:
    data = path.read_text(encoding="utf-8")
    assert f'contract: "{old}"' in data
    path.write_text(data.replace(f'contract: "{old}"', f'contract: "{new}"'), encoding="utf-8")


def test_each_version_is_counted(root: Path) -> None:
    """Of manifests and entries; where none is newer, no file is listed."""
    found = {use.name: (use.files, use.newer, use.where) for use in check_registry(root).contracts}
    assert {"history-entry-v1": (2, (), ()), "paper-manifest-v1.1": (2, (), ())} == found


def test_what_a_newer_version_adds_is_told_with_the_files_that_stay() -> None:
    """With a table of a time to come, since there is one version of each today."""
    table = {"note": (Version(name="note-v1"), Version(name="note-v2", adds="a colour."))}
    use = use_of("note-v1", ["a.yaml", "b.yaml"], table)
    assert (("note-v2 adds: a colour.",), ("a.yaml", "b.yaml")) == (use.newer, use.where)
    assert ((), ()) == (use_of("note-v2", ["c.yaml"], table).newer, use_of("x", ["d"], table).where)


def test_a_manifest_of_a_newer_version_is_named_as_such(root: Path) -> None:
    """Which file, which contract, and that the software is what is old."""
    where = f"manifests/records/{record_name(2)}/manifest.yaml"
    _rename(root / where, "paper-manifest-v1.1", "paper-manifest-v1.2")
    said = _said(root, where)
    assert "contract: is paper-manifest-v1.2, which is newer than all that this software" in said
    assert said.count("\n") == 0
    assert said.endswith(NEWER)


def test_an_entry_of_a_newer_version_is_named_as_such(root: Path) -> None:
    """The rest of the registry is checked all the same."""
    where = f"manifests/records/{record_name(1)}/history/0002-state-change.yaml"
    _rename(root / where, "history-entry-v1", "history-entry-v2")
    assert NEWER in _said(root, where)
    assert 2 == check_registry(root).records


def test_a_version_that_there_never_was_is_a_change(root: Path) -> None:
    """Not a reason to update."""
    where = f"manifests/records/{record_name(2)}/manifest.yaml"
    _rename(root / where, "paper-manifest-v1.1", "paper-manifest-v1.0")
    assert "a version that there never was" in _said(root, where)
    assert "Restore the published file." in _said(root, where)


def test_a_tombstone_and_a_registry_of_newer_versions_are_named(root: Path) -> None:
    """As manifests are."""
    remove(
        Registry(root), record_name(2), legal="Order 7", note="x", by="owner", clock=FixedClock()
    )
    where = f"manifests/records/{record_name(2)}/tombstone.yaml"
    _rename(root / where, "tombstone-v1", "tombstone-v2")
    assert NEWER in _said(root, where)
    _rename(root / "manifests/registry.yaml", "registry-v1", "registry-v2")
    with pytest.raises(RecordFault, match="registry-v2, which is newer") as found:
        check_registry(root)
    assert "manifests/registry.yaml" == found.value.where
