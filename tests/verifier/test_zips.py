"""A bundle as a stranger's archive: one form is taken, and nothing is unpacked on trust."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.verifier.files import MAX_FILE, SiteFault
from sovereign_registry.verifier.zips import MAX_UNPACKED, read_zip
from sovereign_registry.website.zips import EPOCH, zipped

NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z0-9.-]{1,8}x){0,2}", fullmatch=True)
FILES = st.dictionaries(NAMES, st.binary(max_size=400), min_size=1, max_size=6).filter(
    lambda files: (
        not any(other.startswith(f"{name}/") for name in files for other in files if other != name)
    )
)
GOOD = {"a.txt": b"A text of our own.\n" * 20, "b/c.json": b"{}", "d": b""}


def made(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with these members in this order, otherwise in the form of bundles."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members:
            member = zipfile.ZipInfo(name, EPOCH)
            member.create_system, member.external_attr = 3, 0o100644 << 16
            member.compress_type = method
            archive.writestr(member, data, compresslevel=9)
    return file.getvalue()


@given(FILES)
def test_what_was_packed_is_what_is_read(files: dict[str, bytes]) -> None:
    """In the order of the names, and any other tool reads the same."""
    packed = zipped(files)
    found = read_zip(packed, "bundle.zip")
    assert found == files
    assert list(found) == sorted(files)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_equal_files_give_equal_bytes() -> None:
    """Whatever the order in which they come."""
    assert zipped(GOOD) == zipped(dict(reversed(GOOD.items())))


@settings(max_examples=300)
@given(st.data())
def test_no_changed_bit_changes_a_file(data: st.DataObject) -> None:
    """The bits that fill up a deflate stream's last byte mean nothing; any other is refused."""
    packed = zipped(GOOD)
    at = data.draw(st.integers(0, len(packed) - 1))
    bit = data.draw(st.integers(0, 7))
    spoilt = packed[:at] + bytes([packed[at] ^ 1 << bit]) + packed[at + 1 :]
    try:
        found = read_zip(spoilt, "bundle.zip")
    except SiteFault:
        pass
    else:
        assert found == GOOD
        assert packed[at + 1 : at + 3] == b"PK"


@given(st.binary(max_size=300))
def test_anything_else_is_refused_in_words(data: bytes) -> None:
    """Never with another error than the one for bad files."""
    with pytest.raises(SiteFault):
        read_zip(data, "bundle.zip")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (made(("../x", b"1")), "a name that no file of a bundle has"),
        (made(("/etc/x", b"1")), "a name that no file of a bundle has"),
        (made(("a\\b", b"1")), "a name that no file of a bundle has"),
        (made(("a/../b", b"1")), "a name that no file of a bundle has"),
        (made((".hidden", b"1")), "a name that no file of a bundle has"),
        (made(("b", b"1"), ("a", b"1")), "not sorted"),
        (made(("a", b"1"), ("a/b", b"1")), "is a file and a folder"),
        (made(("a", bytes(2_000_000))), "would unpack from"),
        (made(("a", b"1" * 50), method=zipfile.ZIP_BZIP2), "is not written as bundles are"),
        (zipped(GOOD) + b"more", "is no ZIP archive of one part"),
        (b"before" + zipped(GOOD), "its directory does not end where the archive does"),
        (zipped(GOOD)[:-5], "is no ZIP archive"),
    ],
)
def test_hostile_archives_are_refused(data: bytes, said: str) -> None:
    """Paths that lead out, doubles, bombs, leading and trailing bytes."""
    with pytest.raises(SiteFault, match=said):
        read_zip(data, "bundle.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused() -> None:
    """Two tools could see two different files."""
    with pytest.raises(SiteFault, match="not sorted, or one stands twice"):
        read_zip(made(("a", b"1"), ("a", b"2")), "bundle.zip")


def test_sizes_are_added_up_before_anything_is_unpacked() -> None:
    """Many members, each within bounds, are refused for their sum."""
    count = MAX_UNPACKED // MAX_FILE + 1
    size = MAX_FILE
    local, central = b"", b""
    for number in range(count):
        name = f"f{number}".encode()
        packed = size // 200
        sizes = struct.pack("<3L2H", 0, packed, size, len(name), 0)
        start = len(local)
        local += b"PK\3\4" + struct.pack("<5H", 20, 0, 8, 0, 0x21) + sizes + name
        central += b"PK\1\2" + struct.pack("<6H", 20 | 3 << 8, 20, 0, 8, 0, 0x21) + sizes
        central += struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, start) + name
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(central), len(local), 0)
    with pytest.raises(SiteFault, match="would unpack to"):
        read_zip(local + central + end, "bundle.zip")


def test_a_member_that_unpacks_to_more_than_it_states_is_refused() -> None:
    """Its size is a bound, not a hint."""
    packed = bytearray(zipped({"a": b"x" * 1000}))
    for head in (packed.index(b"PK\3\4") + 22, packed.index(b"PK\1\2") + 24):
        packed[head : head + 4] = struct.pack("<L", 900)
    with pytest.raises(SiteFault, match="does not unpack to what the archive states"):
        read_zip(bytes(packed), "bundle.zip")


def test_the_level_of_packing_is_no_part_of_the_form() -> None:
    """Another deflate library may pack the same files into other bytes."""
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        for name, data in sorted(GOOD.items()):
            member = zipfile.ZipInfo(name, EPOCH)
            member.create_system, member.external_attr = 3, 0o100644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED if data else zipfile.ZIP_STORED
            archive.writestr(member, data, compresslevel=zlib.Z_BEST_SPEED)
    assert read_zip(other.getvalue(), "bundle.zip") == GOOD
