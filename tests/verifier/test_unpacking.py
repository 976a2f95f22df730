"""A packed dump is read as a stranger's archive: one form, plain names, bounded."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import RegistryError, UsageError
from sovereign_registry.store import Registry
from sovereign_registry.verifier import unpacking
from sovereign_registry.verifier.files import SiteFault
from sovereign_registry.verifier.unpacking import is_packed_dump, unpack
from sovereign_registry.website.dump import write_dump
from sovereign_registry.wiring.verify import read_known, verify
from tests.verifier.sites import IMPORTED, WITH_HISTORY, World, faults

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = (b"a", b"b", b"c")
FORMS = (".tar.gz", ".zip")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A logged registry of three records."""
    world = World(tmp_path_factory.mktemp("packed"))
    world.adopt(1)
    world.import_record(IMPORTED)
    world.import_record(WITH_HISTORY)
    world.correct(WITH_HISTORY, "Another title")
    world.log()
    return world


@pytest.fixture(scope="module", params=FORMS)
def dump(request: pytest.FixtureRequest, world: World) -> Path:
    """A dump in each form."""
    path = world.root.parent / f"dump{request.param}"
    write_dump(world.registry, path)
    return path


def test_a_packed_dump_is_checked_like_an_unpacked_one(dump: Path, tmp_path: Path) -> None:
    """The same report but for its name; nothing stays of what was unpacked."""
    folder = unpack(dump, tmp_path)
    packed, unpacked = verify(str(dump), jobs=2), verify(str(folder))
    assert faults(packed) == ""
    assert packed.checks == unpacked.checks
    assert (packed.site, packed.records, packed.files) == (str(dump), 3, unpacked.files)


def test_an_older_checkpoint_and_one_record(dump: Path, world: World, tmp_path: Path) -> None:
    """As for a folder: the log must continue it, and of one record alone is told."""
    kept = tmp_path / "checkpoint"
    kept.write_bytes((world.registry.manifests / "log" / "checkpoint").read_bytes())
    known = read_known(checkpoint=str(kept))
    report = verify(str(dump), record=IMPORTED, known=known)
    assert faults(report) == ""
    assert report.record == IMPORTED
    assert any("continues what was published" in line.check.value for line in report.checks)
    with pytest.raises(UsageError, match="holds no record sr-2605-0000zzzz"):
        verify(str(dump), record="sr-2605-0000zzzz")


def test_a_changed_file_in_a_dump_is_found(world: World, tmp_path: Path) -> None:
    """Whoever packs it again with another word is told apart by log and digests."""
    path = tmp_path / "dump.zip"
    write_dump(world.registry, path)
    with zipfile.ZipFile(path) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    name = f"registry/manifests/records/{IMPORTED}/manifest.yaml"
    files[name] = files[name].replace(b"sr-2605", b"sr-2606")
    path.write_bytes(zipped(files))
    said = faults(verify(str(path)))
    assert f"manifests/records/{IMPORTED}/manifest.yaml: is not the file that SHA256SUMS" in said


def member(name: str, data: bytes = b"x", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """One member of a tar archive, as dumps have them but for what is named."""
    found = tarfile.TarInfo(name)
    found.size, found.mode, found.mtime = len(data), 0o644, 0
    for key, value in fields.items():
        setattr(found, key, value)
    return found, data


def tarred(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """A packed tar archive."""
    file = io.BytesIO()
    with tarfile.TarFile(fileobj=file, mode="w", format=form) as tar:
        for one, data in members:
            tar.addfile(one, io.BytesIO(data))
    return gzip.compress(file.getvalue(), mtime=0)


def zipped(files: dict[str, bytes], **fields: object) -> bytes:
    """A ZIP archive, as dumps are but for what is named."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            one = zipfile.ZipInfo(name)
            one.external_attr = 0o100644 << 16
            one.compress_type = zipfile.ZIP_DEFLATED
            for key, value in fields.items():
                setattr(one, key, value)
            archive.writestr(one, data)
    return file.getvalue()


GOOD = member("registry/README.txt")
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "climbs": (lambda: tarred(member("registry/../x")), "no file of a dump is called"),
    "absolute": (lambda: tarred(member("/registry/x")), "all of a dump stands in registry/"),
    "odd name": (lambda: tarred(member("registry/a b")), "no file of a dump is called"),
    "link": (lambda: tarred(member("registry/x", b"", type=tarfile.SYMTYPE, linkname="/etc")), "x"),
    "hard link": (
        lambda: tarred(member("registry/x", b"", type=tarfile.LNKTYPE, linkname="registry/y")),
        "is not written as those",
    ),
    "device": (lambda: tarred(member("registry/x", b"", type=tarfile.CHRTYPE)), "is not written"),
    "folder": (lambda: tarred(member("registry/x", b"", type=tarfile.DIRTYPE)), "is not written"),
    "another kind": (
        lambda: tarred(member("registry/" + "x" * 180), form=tarfile.PAX_FORMAT),
        "is not written as those of dumps",
    ),
    "setuid": (lambda: tarred(member("registry/x", mode=0o4755)), "is not written as those"),
    "twice": (lambda: tarred(GOOD, GOOD), "README.txt stands twice"),
    "file and folder": (
        lambda: tarred(member("registry/x"), member("registry/x/y")),
        "as a file and a folder",
    ),
    "bomb": (lambda: tarred(member("registry/x", bytes(60_000_000))), "more than 300 times"),
    "cut": (lambda: tarred(GOOD)[:-40], "cannot be unpacked"),
    "no end": (lambda: gzip.compress(gzip.decompress(tarred(GOOD))[:1024]), "it was cut"),
    "behind the end": (lambda: tarred(GOOD) + gzip.compress(b"more"), "behind the mark of its end"),
    "garbage behind": (lambda: tarred(GOOD) + b"more", "cannot be unpacked"),
    "checksum": (
        lambda: gzip.compress(gzip.decompress(tarred(GOOD)).replace(b"README", b"REEDME")),
        "is not written as those",
    ),
    "zip climbs": (lambda: zipped({"registry/x": b"", "registry/../x": b""}), "is called"),
    "zip outside": (lambda: zipped({"registry/x": b"", "other/x": b""}), "stands in registry/"),
    "zip link": (
        lambda: zipped({"registry/x": b"/etc"}, external_attr=0o120777 << 16),
        "is no plain file",
    ),
    "zip method": (
        lambda: zipped({"registry/x": b"x"}, compress_type=zipfile.ZIP_BZIP2),
        "not packed as in dumps",
    ),
    "zip bomb": (lambda: zipped({"registry/x": bytes(9_000_000)}), "more than 300 times"),
    "zip comment": (lambda: zipped({"registry/x": b""}) + b"more", "or was cut"),
    "zip folder": (lambda: zipped({"registry/x": b"", "registry/x/y": b""}), "and a folder"),
    "zip overlap": (lambda: overlapping(3), "overlap"),
    "zip count": (lambda: counted(2_000_000), "states 2,000,000 files"),
}


def overlapping(count: int) -> bytes:
    """A directory with the same file so many times under so many names."""
    data = zipped({"registry/a": bytes(range(256)) * 40})
    start = struct.unpack("<L", data[-6:-2])[0]
    entry = data[start:-22]
    every = b"".join(entry.replace(b"registry/a", b"registry/" + one) for one in NAMES[:count])
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(every), start, 0)
    return data[:start] + every + end


def counted(count: int) -> bytes:
    """An archive whose end states so many files."""
    data = zipped({"registry/a": b""})
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, 46 * count, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(data) - 22, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    return data[:-22] + end64 + locator + end


@pytest.mark.parametrize("name", list(HOSTILE))
def test_what_no_dump_is_is_refused(name: str, tmp_path: Path) -> None:
    """With one error that names the archive, and nothing outside its folder."""
    make, said = HOSTILE[name]
    path, folder = tmp_path / "dump", tmp_path / "into"
    path.write_bytes(make())
    folder.mkdir()
    assert is_packed_dump(path.read_bytes()[:64]) or name == "absolute"
    with pytest.raises((SiteFault, UsageError)) as caught:
        unpack(path, folder)
    assert caught.value.where == str(path)
    assert said in str(caught.value)
    assert {one.name for one in tmp_path.iterdir()} == {"dump", "into"}
    assert all(one.is_file() or one.is_dir() for one in folder.rglob("*"))
    assert not any(one.is_symlink() for one in folder.rglob("*"))


def test_too_many_files_and_too_many_bytes(
    monkeypatch: pytest.MonkeyPatch, dump: Path, tmp_path: Path
) -> None:
    """The limits of a dump, made small here."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with monkeypatch.context() as small:
        small.setattr(unpacking, "MAX_MEMBERS", 3)
        with pytest.raises(SiteFault, match=r"[34] files|3 is the limit"):
            unpack(dump, tmp_path / "a")
    with monkeypatch.context() as small:
        small.setattr(unpacking, "MAX_UNPACKED", 1000)
        with pytest.raises(SiteFault, match=r"2,000 bytes|1,000 bytes are"):
            unpack(dump, tmp_path / "b")


@settings(max_examples=150)
@given(data=st.data())
def test_a_flipped_byte_never_ends_in_another_error(data: st.DataObject) -> None:
    """Whatever a broken archive holds: it is refused, or its files are as they were."""
    import tempfile  # noqa: PLC0415 - a folder for each example

    made = {"registry/README.txt": b"read me " * 30, "registry/SHA256SUMS": b"none"}
    tar = tarred(*(member(name, one) for name, one in made.items()))
    source = data.draw(st.sampled_from([tar, zipped(made)]))
    at = data.draw(st.integers(2, len(source) - 1))
    broken = source[:at] + bytes([source[at] ^ data.draw(st.integers(1, 255))]) + source[at + 1 :]
    with tempfile.TemporaryDirectory() as name:
        path, folder = Path(name) / "dump", Path(name) / "into"
        path.write_bytes(broken)
        folder.mkdir()
        refused = ""
        try:
            unpack(path, folder)
        except RegistryError as error:
            refused = error.where
        assert refused in {"", str(path)}
        found = {f"registry/{one.name}": one.read_bytes() for one in folder.rglob("*.*")}
        whole = {name: one for name, one in found.items() if len(one) == len(made.get(name, b""))}
        assert refused or all(one in made.values() for one in whole.values())


def test_a_dump_without_its_list_is_none(world: World, tmp_path: Path) -> None:
    """An archive of a folder that is called registry, and no dump."""
    path = tmp_path / "dump.tar.gz"
    path.write_bytes(tarred(GOOD))
    with pytest.raises(UsageError, match="is an archive, and no dump"):
        verify(str(path))
    assert Registry(world.root).ids()
