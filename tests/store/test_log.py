"""A log on the disk: appended to, proved from, and every kind of tampering named."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import BadInput, RegistryError, UsageError
from sovereign_registry.contracts.log.entries import HeadsLogged, HistoryLogged, ManifestLogged
from sovereign_registry.contracts.log.faults import LogFault, NotAnExtension
from sovereign_registry.contracts.log.proofs import parse_record_proof, verify_record_proof
from sovereign_registry.store.log import audit_log
from sovereign_registry.store.log_files import LogFiles
from sovereign_registry.store.log_reader import LogReader
from sovereign_registry.store.log_state import LogState
from sovereign_registry.wiring.earlier import read_checkpoint
from tests.store.logs import ORIGIN, World, record_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three appends: 1 key, 3 records, then histories, then 300 records more."""
    world = World(tmp_path_factory.mktemp("grown"))
    world.publish(1, 2, 3)
    world.start()
    world.append()
    world.annotate(1)
    world.annotate(1, note="Again.")
    world.append()
    world.publish(*range(10, 310))
    world.append()
    return world


@pytest.fixture
def world(grown: World, tmp_path: Path) -> World:
    """A copy that may be changed."""
    copy = World.__new__(World)
    copy.root, copy.key = tmp_path / "registry", tmp_path / "log.key"
    copy.log = copy.root / "manifests" / "log"
    shutil.copytree(grown.root, copy.root)
    shutil.copy(grown.key, copy.key)
    return copy


def test_an_untouched_log_has_no_fault(grown: World) -> None:
    """And nothing waits to be logged."""
    assert ([], [], 0) == audit_log(grown.registry)


def test_a_registry_without_a_log_has_no_fault(tmp_path: Path) -> None:
    """It is simply not logged."""
    world = World(tmp_path)
    world.publish(1)
    assert ([], [], 0) == audit_log(world.registry)
    with pytest.raises(UsageError, match="nothing is logged yet"):
        LogReader(world.registry)
    with pytest.raises(UsageError, match="is missing"):
        world.append()


def test_entries_stand_in_order_and_every_append_ends_with_the_heads(grown: World) -> None:
    """By (time, id, sequence) within an append."""
    state = LogState(LogFiles(grown.registry))
    kinds = [type(entry) for entry in state.entries]
    assert [0, 4, 7, 308] == [0, *(at for at, kind in enumerate(kinds) if kind is HeadsLogged)]
    assert [5, 8, 309] == state.sizes
    first = [entry for entry in state.entries[:4] if isinstance(entry, ManifestLogged)]
    assert [record_name(number) for number in (1, 2, 3)] == [entry.id for entry in first]
    second = [entry for entry in state.entries[5:7] if isinstance(entry, HistoryLogged)]
    assert [1, 2] == [entry.sequence for entry in second]
    assert "2026-05-28T00:00:00Z" == first[0].time


def test_appending_again_changes_no_byte(world: World) -> None:
    """Idempotent."""
    before = world.files()
    assert 0 == world.append().added
    assert before == world.files()


def test_the_same_registry_gives_the_same_log(grown: World, tmp_path: Path) -> None:
    """One append of everything, twice, byte for byte: no clock, no chance."""
    trees = []
    for name in ("a", "b"):
        other = World(tmp_path / name)
        shutil.copytree(grown.registry.records, other.registry.records)
        shutil.copy(grown.key, other.key)
        other.start()
        other.append()
        trees.append(other.files())
    assert trees[0] == trees[1]


def test_a_clock_that_ran_backwards_cannot_reorder_a_record(tmp_path: Path) -> None:
    """The sequence decides; the time stays as it stands in the file."""
    world = World(tmp_path)
    world.publish(1)
    world.annotate(1, at="2026-06-10T00:00:00Z")
    world.annotate(1, at="2020-01-01T00:00:00Z")
    world.start()
    world.append()
    state = LogState(LogFiles(world.registry))
    entries = [one for one in state.entries if isinstance(one, ManifestLogged | HistoryLogged)]
    assert [0, 1, 2] == [entry.sequence for entry in entries]
    assert "2020-01-01T00:00:00Z" == entries[2].time


def test_checkpoints_and_exactly_their_partial_tiles_stay(grown: World) -> None:
    """Of the heads only the newest."""
    files = grown.files()
    assert {"checkpoints/5", "checkpoints/8", "checkpoints/309", "checkpoint"} <= set(files)
    assert files["checkpoint"] == files["checkpoints/309"]
    tiles = sorted(path for path in files if path.startswith("tile/"))
    assert [
        "tile/0/000",
        "tile/0/000.p/5",
        "tile/0/000.p/8",
        "tile/0/001.p/53",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/000.p/5",
        "tile/entries/000.p/8",
        "tile/entries/001.p/53",
    ] == tiles
    assert {"309"} == {path.split("/")[1] for path in files if path.startswith("heads/")}


def test_every_record_is_proved_by_its_file_alone(grown: World) -> None:
    """The proof needs the log's name and key and nothing else."""
    reader = LogReader(grown.registry)
    for number, entries in ((1, 3), (2, 1), (309, 1)):
        text = reader.prove(record_name(number)).tlog_proof()
        proven = verify_record_proof(parse_record_proof(text), ORIGIN, reader.signers)
        assert entries == len(proven.entries)
        assert 309 == proven.checkpoint.size
    with pytest.raises(UsageError, match="no record of this registry"):
        reader.prove(record_name(999))


def test_what_cannot_be_proved_is_named_for_what_it_is(world: World) -> None:
    """Published and not logged; no record id at all; a size that no checkpoint has."""
    world.publish(900)
    reader = LogReader(world.registry)
    with pytest.raises(UsageError, match=r"is not logged\. Run `log append`"):
        reader.prove(record_name(900))
    with pytest.raises(BadInput, match="'nope' is no record id"):
        reader.prove("nope")
    with pytest.raises(UsageError, match=r"no checkpoint of 27 .* there are: 5, \d+, 309\."):
        reader.kept(27)


def test_every_kept_checkpoint_is_continued(grown: World) -> None:
    """Consistency between all pairs; not backwards."""
    reader = LogReader(grown.registry)
    for old, new in ((5, 8), (5, 309), (8, 309), (309, 309)):
        found = reader.consistency(reader.kept(old), reader.kept(new))
        assert (old, new) == (found.old_size, found.new_size)
    with pytest.raises(NotAnExtension, match="cannot continue"):
        reader.consistency(reader.kept(8), reader.kept(5))
    with pytest.raises(UsageError, match="no checkpoint of 6 entries was signed"):
        reader.kept(6)


MUTATIONS = ("flip", "cut", "drop", "empty", "extend", "link", "zero")


def mutate(folder: Path, name: str, kind: str, data: st.DataObject) -> None:
    """Change one file in one way."""
    path = folder / name
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1)) if content else 0
    match kind:
        case "flip":
            bit = 1 << data.draw(st.integers(0, 7))
            path.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        case "cut":
            path.write_bytes(content[:at])
        case "drop":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "extend":
            path.write_bytes(content + b"\n")
        case "link":
            other = path.parents[len(path.relative_to(folder).parts)] / "elsewhere"
            path.rename(other)
            path.symlink_to(other)
        case _:
            changed = content[:at] + bytes(len(content) - at)
            path.write_bytes(changed if changed != content else content + b"\0")


@settings(max_examples=200)
@given(data=st.data())
def test_any_change_of_any_file_is_found_and_named(
    grown: World, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Every kind of file of the log, every kind of mutation."""
    name = data.draw(st.sampled_from(sorted(grown.files())))
    kind = data.draw(st.sampled_from(MUTATIONS))
    copy = World(tmp_path_factory.mktemp("tampered"))
    shutil.copytree(grown.log, copy.log)
    mutate(copy.log, name, kind, data)
    try:
        state = LogState(LogFiles(copy.registry))
        lines = [str(fault) for fault in state.faults()] or list(map(str, state.unfinished()))
    except RegistryError as error:
        lines = [str(error)]
    assert any(name in line for line in lines), (kind, name, lines)
    shutil.rmtree(copy.root)


def test_a_record_changed_after_it_was_logged_is_refused(world: World) -> None:
    """Although the change is a valid manifest."""
    path = world.registry.record_dir(record_name(2)) / "manifest.yaml"
    path.write_bytes(path.read_bytes().replace(b"An abstract of our own.", b"Another abstract."))
    assert any(f"{record_name(2)}/manifest.yaml" in line for line in world.faults())
    with pytest.raises(LogFault, match="changed after it was logged"):
        world.append()


def test_a_dropped_newest_entry_and_a_dropped_record_are_refused(world: World) -> None:
    """What the chain alone cannot see."""
    newest = world.registry.record_dir(record_name(1)) / "history" / "0002-annotation.yaml"
    newest.unlink()
    shutil.rmtree(world.registry.record_dir(record_name(3)))
    lines = world.faults()
    assert any(f"{record_name(1)}/history/0002" in line and "missing" in line for line in lines)
    assert any(f"{record_name(3)}/manifest.yaml" in line for line in lines)
    with pytest.raises(LogFault, match="is missing"):
        world.append()


def test_a_rolled_back_log_does_not_continue_the_published_one(world: World) -> None:
    """The newest append dropped with its checkpoint: only an older copy of it shows that."""
    old = world.root / "published"
    shutil.copy(world.log / "checkpoint", old)
    shutil.rmtree(world.log)
    for number in range(10, 310):
        shutil.rmtree(world.registry.record_dir(record_name(number)))
    world.start()
    world.append()
    assert [] == world.faults()
    with pytest.raises(NotAnExtension, match="rolled back"):
        world.append(extends=old)
    with pytest.raises(NotAnExtension, match="rolled back"):
        LogReader(world.registry).consistency(read_checkpoint(str(old)))


def test_a_fork_at_an_old_size_does_not_continue_the_published_one(world: World) -> None:
    """The same size, another past."""
    old = world.root / "published"
    shutil.copy(world.log / "checkpoints" / "8", old)
    shutil.rmtree(world.log)
    world.annotate(2)
    world.start()
    world.append()
    with pytest.raises(NotAnExtension, match="fork"):
        world.append(extends=old)
    with pytest.raises(NotAnExtension, match="does not continue"):
        LogReader(world.registry).consistency(read_checkpoint(str(old)))


def test_the_published_checkpoint_is_continued(world: World) -> None:
    """The ordinary case of --extends."""
    world.annotate(2)
    assert 2 == world.append(extends=world.log / "checkpoints" / "8").added


def test_a_checkpoint_of_another_log_or_key_is_refused(world: World, tmp_path: Path) -> None:
    """By its signature; what is no address of the web is refused."""
    other = World(tmp_path / "other")
    other.publish(1)
    other.start()
    other.append()
    with pytest.raises(LogFault, match="not signed by a known key"):
        world.append(extends=other.log / "checkpoint")
    with pytest.raises(UsageError, match="private key is of"):
        world.append(key=other.key)
    with pytest.raises(UsageError, match="no address of a site"):
        read_checkpoint("ftp://example.org/log/checkpoint")


def test_two_branches_that_were_merged_are_named_as_such(tmp_path: Path) -> None:
    """Both appended to the same log; the files of both lie in one folder."""
    base = World(tmp_path / "base")
    base.publish(1)
    base.start()
    base.append()
    branches = []
    for name, count in (("ours", 1), ("theirs", 2)):
        branch = World(tmp_path / name)
        shutil.rmtree(branch.root)
        shutil.copytree(base.root, branch.root)
        shutil.copy(base.key, branch.key)
        branch.publish(*range(10 * count, 10 * count + count))
        branch.append()
        branches.append(branch)
    ours, theirs = branches
    shutil.copytree(theirs.root, ours.root, dirs_exist_ok=True)
    assert any("rebased, never merged" in line for line in ours.faults())
    with pytest.raises(RegistryError, match="rebased, never merged"):
        ours.append()
    shutil.rmtree(ours.log)
    shutil.copytree(theirs.log, ours.log)
    assert 2 == ours.append().added
    assert [] == ours.faults()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", range(16))
def test_a_kill_at_any_write_leaves_the_old_log_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """A reader in between sees a whole log; the next append gives the undisturbed one."""
    world, undisturbed = World(tmp_path / "killed"), World(tmp_path / "undisturbed")
    world.publish(1, 2)
    world.start()
    world.append()
    old = (world.log / "checkpoint").read_bytes()
    world.annotate(1)
    shutil.copytree(world.root, undisturbed.root, dirs_exist_ok=True)
    shutil.copy(world.key, undisturbed.key)
    undisturbed.append()
    left = [moment]

    def until_killed(call: Callable[..., None]) -> Callable[..., None]:
        def counted(*arguments: Any, **options: Any) -> None:  # noqa: ANN401
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            call(*arguments, **options)

        return counted

    with monkeypatch.context() as patched:
        for name in ("rename", "replace", "link", "unlink"):
            patched.setattr(os, name, until_killed(getattr(os, name)))
        with contextlib.suppress(Killed):
            world.append()
    reader = LogReader(world.registry)
    assert reader.note in (old, undisturbed.files()["checkpoint"])
    assert record_name(1) == reader.prove(record_name(1)).id
    world.append()
    assert undisturbed.files() == world.files()
    assert [] == world.faults()


def test_what_a_kill_left_is_cleaned(world: World) -> None:
    """Leavings of a kill are named by the audit and removed by the next append."""
    (world.log / "tile" / "0" / "001.p" / "60").write_bytes(b"half")
    (world.log / "checkpoint").write_bytes((world.log / "checkpoints" / "8").read_bytes())
    lines = world.faults()
    assert any("tile/0/001.p/60: belongs to no checkpoint" in line for line in lines)
    assert any("checkpoint: is not the newest signed one" in line for line in lines)
    assert 1 == world.append().cleaned
    assert [] == world.faults()
