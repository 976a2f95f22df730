"""Histories under damage: edited, dropped, forked by a merge, killed while written."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.history import Event
from tests.cli.console import COMMAND, call, environment, tree
from tests.cli.histories import (
    BY,
    NOW,
    correct_title,
    do,
    done,
    enter,
    faults,
    history_of,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def three(registry: tuple[Path, str, str]) -> tuple[Path, Path]:
    """A registry whose strong record has three entries, and that history's folder."""
    root, strong, _ = registry
    for number in (1, 2, 3):
        correct_title(root, strong, f"Title {number}", NOW.replace(second=number))
    return root, history_of(root, strong)


def _edit(folder: Path) -> None:
    path = folder / "0002-correction.yaml"
    path.write_bytes(path.read_bytes().replace(b"For a test.", b"For a rest."))


def _drop(folder: Path) -> None:
    (folder / "0002-correction.yaml").unlink()


def _swap(folder: Path) -> None:
    one, two = folder / "0001-correction.yaml", folder / "0002-correction.yaml"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def _truncate(folder: Path) -> None:
    path = folder / "0003-correction.yaml"
    path.write_bytes(path.read_bytes()[:-40])


def _empty(folder: Path) -> None:
    (folder / "0003-correction.yaml").write_bytes(b"")


def _rename(folder: Path) -> None:
    (folder / "0003-correction.yaml").rename(folder / "0004-correction.yaml")


def _stray(folder: Path) -> None:
    (folder / "notes.txt").write_text("Nothing that belongs here.\n")


def _link(folder: Path) -> None:
    path = folder / "0003-correction.yaml"
    path.rename(folder.parent.parent.parent / "elsewhere.yaml")
    path.symlink_to(folder.parent.parent.parent / "elsewhere.yaml")


def _early(folder: Path) -> None:
    path = folder / "0003-correction.yaml"
    path.write_bytes(path.read_bytes().replace(b"2026-01-02", b"2025-01-02"))


def _manifest(folder: Path) -> None:
    path = folder.parent / "manifest.yaml"
    path.write_bytes(path.read_bytes().replace(b"title_cut: false", b"title_cut: true"))


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (_edit, "history/000"),
        (_drop, "history/0003-correction.yaml"),
        (_swap, "history/0001-correction.yaml"),
        (_truncate, "history/0003-correction.yaml"),
        (_empty, "history/0003-correction.yaml"),
        (_rename, "history/0004-correction.yaml"),
        (_stray, "history/notes.txt"),
        (_link, "history/0003-correction.yaml"),
        (_early, "history/0003-correction.yaml"),
        (_manifest, "history/0001-correction.yaml"),
    ],
)
def test_every_damage_to_a_history_is_named_and_nothing_can_be_added(
    three: tuple[Path, Path], damage: object, named: str
) -> None:
    """Edited, dropped, reordered, truncated, renamed, foreign: check names the file."""
    root, folder = three
    damage(folder)  # type: ignore[operator]
    assert named in faults(root)
    if damage is not _early:  # an entry that is only dated wrongly still folds
        before = tree(root / "manifests")
        assert 3 == do(root, "annotate", folder.parent.name, *BY).returncode
        assert before == tree(root / "manifests")


def test_a_change_beside_the_rules_is_found_although_every_digest_fits(
    three: tuple[Path, Path],
) -> None:
    """An entry whose type was taken out makes a sound chain and an unsound history."""
    root, folder = three
    path = folder / "0003-correction.yaml"
    path.write_bytes(
        path.read_bytes().replace(b'correction_type: "METADATA"', b"correction_type: null")
    )
    assert "correction_type" in faults(root)


def test_two_branches_that_added_an_entry_are_named_with_the_way_out(
    registry: tuple[Path, str, str], tmp_path: Path
) -> None:
    """Check names both files and prints the commands that enter them again; following it works."""
    root, strong, _ = registry
    other = shutil.copytree(root, tmp_path / "other")
    correct_title(root, strong, "Ours")
    enter(other, strong, Event.CONCERN)
    enter(other, strong, Event.CONCERN_LIFTED)
    for path in history_of(other, strong).iterdir():
        shutil.copy(path, history_of(root, strong) / path.name)
    printed = faults(root)
    assert "0001-correction.yaml and 0001-state-change.yaml" in printed
    again = f"sovereign-registry concern {strong} --reason 'For a test.' --by editor"
    assert again in printed
    assert f"sovereign-registry concern --lift {strong}" in printed
    assert f"sovereign-registry correct {strong} --type METADATA --set" in printed
    (history_of(root, strong) / "0001-state-change.yaml").unlink()
    (history_of(root, strong) / "0002-state-change.yaml").unlink()
    enter(root, strong, Event.CONCERN)
    enter(root, strong, Event.CONCERN_LIFTED)
    assert 0 == call("check", str(root), "--quiet").returncode


def test_a_merge_that_joined_two_entries_in_one_file_is_named(three: tuple[Path, Path]) -> None:
    """Conflict marks in a file are called what they are."""
    root, folder = three
    path = folder / "0003-correction.yaml"
    data = path.read_bytes()
    path.write_bytes(b"<<<<<<< ours\n" + data + b"=======\n" + data + b">>>>>>> theirs\n")
    printed = faults(root)
    assert "two entries that a merge joined" in printed
    assert "git checkout" in printed


@pytest.mark.parametrize("number", range(8))
def test_a_killed_command_leaves_all_or_nothing(
    registry: tuple[Path, str, str], number: int
) -> None:
    """SIGKILL at any moment, most of them late: no half entry, and the next command goes on."""
    root, strong, _ = registry
    before = tree(root / "manifests")
    arguments = ["annotate", strong, *BY, "--registry", str(root)]
    start = time.monotonic()
    assert 0 == call("show", strong, "--registry", str(root)).returncode
    seconds = time.monotonic() - start
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        time.sleep((0.5 + number / 10) * seconds)
        process.send_signal(signal.SIGKILL)
    left = set(tree(root / "manifests")) - set(before)
    first = f"records/{strong}/history/0001-annotation.yaml"
    assert left in (set(), {first})
    done(root, *arguments[:-2])
    expected = len(left) + 1
    assert expected == len(list(history_of(root, strong).iterdir()))
    assert 0 == call("check", str(root), "--quiet").returncode
    assert not any((root / ".sovereign" / "tmp").glob("*"))
