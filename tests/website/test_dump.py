"""A dump: the whole registry in one archive, which is a registry again."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import BadInput, UsageError
from sovereign_registry.contracts.history import Event
from sovereign_registry.store import Registry
from sovereign_registry.store.check import check_registry
from sovereign_registry.verifier.findings import Check
from sovereign_registry.website.build import build
from sovereign_registry.website.dump import write_dump
from sovereign_registry.wiring.dump import dump_registry
from sovereign_registry.wiring.verify import verify
from tests.verifier.sites import IMPORTED, RETRACTED, World, faults

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three records, one retracted, logged."""
    made = World(tmp_path_factory.mktemp("dumped"))
    made.adopt(1)
    made.import_record(IMPORTED)
    made.import_record(RETRACTED)
    made.enter(RETRACTED, Event.RETRACTION, "It must not be relied on.")
    made.log()
    return made


def unpack(path: Path, folder: Path) -> Path:
    """The folder that an archive unpacks into."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)  # noqa: S202 - our own, made above
    else:
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
    return folder / "registry"


@pytest.mark.parametrize("name", ["all.tar.gz", "all.zip"])
def test_an_unpacked_dump_is_the_registry_again(world: World, tmp_path: Path, name: str) -> None:
    """Byte for byte: sha256sum, check and verify agree, and it can be built."""
    report = dump_registry(world.registry, tmp_path / name, world.key)
    assert (report.records, report.sealed) == (3, True)
    assert report.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    folder = unpack(tmp_path / name, tmp_path / "there")
    for path in world.registry.manifests.rglob("*"):
        if path.is_file():
            copy = folder / path.relative_to(world.root)
            assert copy.read_bytes() == path.read_bytes()
    sums = ["sha256sum", "-c", "--quiet", "SHA256SUMS"]
    assert subprocess.run(sums, cwd=folder, check=False).returncode == 0
    assert check_registry(folder).faults == check_registry(world.root).faults
    found = verify(str(folder))
    assert "" == faults(found)
    assert {Check.SEAL, Check.LOG, Check.LOGGED, Check.FILES} <= {
        line.check for line in found.checks if line.passed
    }
    assert build(folder, output=tmp_path / "site", jobs=1).records == 3


def test_a_dump_that_was_built_in_verifies_with_a_word_about_it(
    world: World, tmp_path: Path
) -> None:
    """What building wrote is said and left out; any other file is a fault as before."""
    dump_registry(world.registry, tmp_path / "all.zip", world.key)
    folder = unpack(tmp_path / "all.zip", tmp_path / "there")
    stray = folder / "output" / "index.html"
    stray.parent.mkdir()
    stray.write_text("x", encoding="utf-8")
    assert "output/index.html: does not stand in SHA256SUMS" in faults(verify(str(folder)))
    stray.unlink()
    stray.parent.rmdir()
    build(folder, jobs=1)
    assert stray.is_file()
    report = verify(str(folder))
    assert faults(report) == ""
    (said,) = [one for one in report.open if one.check is Check.FILES]
    assert "files were written here since by this registry's own commands" in said.what
    (folder / "manifests" / "stray.txt").write_text("x", encoding="utf-8")
    assert "manifests/stray.txt: does not stand in SHA256SUMS" in faults(verify(str(folder)))


@pytest.mark.parametrize("name", ["all.tar.gz", "all.zip"])
def test_equal_registries_give_equal_dumps(world: World, tmp_path: Path, name: str) -> None:
    """Neither the clock nor the archive's own name is in it."""
    first = write_dump(world.registry, tmp_path / name)
    second = write_dump(world.registry, tmp_path / f"other-{name}")
    assert first.sha256 == second.sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, f"other-{name}"])


CHANGES: list[tuple[str, Callable[[Path], object]]] = [
    (f"records/{IMPORTED}/manifest.yaml", lambda path: path.write_bytes(path.read_bytes() + b"\n")),
    (f"records/{RETRACTED}/history/0002-state-change.yaml", Path.unlink),
    ("log/checkpoint", Path.unlink),
    ("log/keys.yaml", lambda path: path.write_text("x: 1\n")),
    ("registry.yaml", lambda path: path.write_bytes(path.read_bytes() + b"# more\n")),
    ("more.txt", lambda path: path.write_text("more")),
]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=[name for name, _ in CHANGES])
def test_every_change_of_an_unpacked_dump_is_named(
    world: World, tmp_path: Path, name: str, change: Callable[[Path], object]
) -> None:
    """By its path in the dump."""
    dump_registry(world.registry, tmp_path / "all.zip", world.key)
    folder = unpack(tmp_path / "all.zip", tmp_path / "there")
    change(folder / "manifests" / name)
    assert f"manifests/{name}" in faults(verify(str(folder)))


def test_a_list_that_was_written_anew_is_found_by_its_seal(world: World, tmp_path: Path) -> None:
    """And without a seal that is said."""
    dump_registry(world.registry, tmp_path / "all.zip", world.key)
    folder = unpack(tmp_path / "all.zip", tmp_path / "there")
    readme = folder / "README.txt"
    old = hashlib.sha256(readme.read_bytes()).hexdigest()
    readme.write_text("Nothing to see here.\n")
    sums = folder / "SHA256SUMS"
    new = hashlib.sha256(readme.read_bytes()).hexdigest()
    sums.write_text(sums.read_text().replace(old, new))
    assert [Check.SEAL] == [found.check for found in verify(str(folder)).faults]
    (folder / "seal").unlink()
    report = verify(str(folder))
    assert "" == faults(report)
    assert Check.SEAL in {found.check for found in report.open}


def test_nothing_is_left_where_a_dump_cannot_be_written(world: World, tmp_path: Path) -> None:
    """What was there before stays."""
    (tmp_path / "all.zip").write_bytes(b"before")
    link = world.root / "manifests" / "records" / IMPORTED / "artifacts"
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(BadInput, match="cannot be read"):
            write_dump(world.registry, tmp_path / "all.zip")
    finally:
        link.unlink()
    assert [(tmp_path / "all.zip").read_bytes()] == [b"before"]
    assert ["all.zip"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["all.rar", "all", ".zip", "manifests/all.zip", "missing/all.zip"])
def test_a_path_that_cannot_be_is_wrong_usage(world: World, tmp_path: Path, name: str) -> None:
    """One clear error each."""
    base = world.root if name.startswith("manifests") else tmp_path
    with pytest.raises(UsageError):
        write_dump(world.registry, base / name)


def test_a_site_carries_its_dump_only_where_it_is_told_to(tmp_path: Path) -> None:
    """It stands in the digest list, is left alone where nothing changed, and goes when told."""
    world = World(tmp_path, publish="publish:\n  dump: true\n")
    world.import_record(IMPORTED)
    site = world.publish(seal=False)
    assert b"  dump.tar.gz\n" in site["digests.txt"]
    write_dump(Registry(world.root), tmp_path / "all.tar.gz")
    assert site["dump.tar.gz"] == (tmp_path / "all.tar.gz").read_bytes()
    assert build(world.root, output=world.output, jobs=1).files.written == 0
    world.import_record(RETRACTED)
    assert world.publish(seal=False)["dump.tar.gz"] != site["dump.tar.gz"]
    marker = world.root / "manifests" / "registry.yaml"
    marker.write_text(marker.read_text().replace("dump: true", "dump: false"))
    assert "dump.tar.gz" not in world.publish(seal=False)
