"""Artifact folders from outside: plain files within bounds, or one clear refusal."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.canonical import content_sha256, file_sha256
from sovereign_registry.contracts.errors import BadInput, RecordFault
from sovereign_registry.contracts.manifest import Manifest
from sovereign_registry.store import artifacts, layout
from sovereign_registry.store.canonical_yaml import emit
from tests.contracts import samples
from tests.contracts.gate_samples import falsified, verified
from tests.gate_world import SCRIPT, repro, write_artifact
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLAIM = samples.claim(1, "Trams wait 12.5 seconds at the second junction.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound artifact's folder."""
    return write_artifact(tmp_path / "art", repro(CLAIM, "12.5"))


def test_the_digest_covers_names_sizes_and_bytes_and_nothing_else(folder: Path) -> None:
    """It can be made again with a list of digests."""
    found = artifacts.read_artifact(folder)
    rows = [
        {"path": name, "sha256": file_sha256(data), "bytes": len(data)}
        for name, data in sorted(found.files.items())
    ]
    assert content_sha256(rows) == found.sha256
    (folder / "main.py").touch()
    assert found.sha256 == artifacts.read_artifact(folder).sha256


def test_what_an_interpreter_leaves_is_no_part_of_it(folder: Path) -> None:
    """Byte code beside a script that was tried at home."""
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "main.cpython-311.pyc").write_bytes(b"x")
    assert {"main.py", "repro.yaml"} == artifacts.read_artifact(folder).files.keys()


def fifo(folder: Path) -> None:
    """A pipe that would block its reader."""
    os.mkfifo(folder / "data.csv")


def link(folder: Path) -> None:
    """A link to a file of the machine."""
    (folder / "data.csv").symlink_to("/etc/passwd")


def linked_folder(folder: Path) -> None:
    """A link to a folder of the machine."""
    (folder / "data").symlink_to("/etc")


def device_socket(folder: Path) -> None:
    """A socket."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(folder / "data.csv"))


def large(folder: Path) -> None:
    """A file larger than any may be; sparse, so that it costs nothing."""
    with (folder / "data.csv").open("wb") as file:
        file.truncate(1 << 40)


def many(folder: Path) -> None:
    """More files than there may be."""
    for number in range(70):
        (folder / f"d{number}.csv").write_bytes(b"")


def heavy(folder: Path) -> None:
    """Files that are too large together."""
    for number in range(3):
        (folder / f"d{number}.csv").write_bytes(bytes(3_500_000))


def deep(folder: Path) -> None:
    """Folders below folders."""
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "a" / "b" / "c" / "d.csv").write_bytes(b"")


@pytest.mark.parametrize(
    "damage", [fifo, link, linked_folder, device_socket, large, many, heavy, deep]
)
def test_what_is_no_plain_file_within_bounds_is_refused(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    """Without following, blocking on, or reading all of it."""
    damage(folder)
    with pytest.raises(BadInput):
        artifacts.read_artifact(folder)


@pytest.mark.parametrize(
    "name", [".env", "a b.py", "page.html", "x.svg", "run", "-rf.py", "x\n.py", "ä.py", "x" * 99]
)
def test_names_that_a_shell_a_browser_or_a_reader_could_mistake_are_refused(
    folder: Path, name: str
) -> None:
    """Published files have plain names and endings that no browser runs."""
    (folder / name).write_bytes(b"")
    with pytest.raises(BadInput, match="cannot be the name"):
        artifacts.read_artifact(folder)


def test_one_contract_is_due(folder: Path) -> None:
    """Neither none nor two."""
    (folder / "lean.yaml").write_bytes(b"x: 1\n")
    with pytest.raises(RecordFault, match=r"repro\.yaml and lean\.yaml where one"):
        artifacts.read_artifact(folder)
    (folder / "lean.yaml").unlink()
    (folder / "repro.yaml").unlink()
    with pytest.raises(RecordFault, match="neither"):
        artifacts.read_artifact(folder)


def test_a_link_to_a_folder_is_no_artifact(folder: Path, tmp_path: Path) -> None:
    """What is named is read, and nothing behind it."""
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(BadInput, match="is no folder"):
        artifacts.read_artifact(tmp_path / "link")


def test_a_script_of_the_same_name_is_another_artifact(folder: Path) -> None:
    """Its digest is stated, so it does not pass unnoticed."""
    (folder / "main.py").write_bytes(SCRIPT + b"#")
    with pytest.raises(RecordFault, match=r"repro\.yaml names") as found:
        artifacts.read_artifact(folder)
    assert found.value.where == f"{folder}/main.py"


def test_a_record_with_attempts_is_read_by_its_layout() -> None:
    """What is left out where it is empty is read where it is there, byte for byte."""
    record = bare_manifest()
    for verdicts in ((), (verified(1),), (verified(1), falsified(2))):
        gate = msgspec.structs.replace(record.gate, verdicts=verdicts)
        data = emit(msgspec.structs.replace(record, gate=gate))
        assert (b"verdicts:" in data) is bool(verdicts)
        assert data == emit(layout.read(data, Manifest))
