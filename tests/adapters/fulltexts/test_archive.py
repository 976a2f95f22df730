"""Unpacking e-prints in memory."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.archive import unpack
from sovereign_registry.adapters.fulltexts.parsed import Unreadable

TEX = b"\\documentclass{article}"


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A tar of members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for member, data in members:
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def member(name: str, data: bytes = TEX, **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    """One member, with its header changed."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in changes.items():
        setattr(info, field, value)
    return info, data


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (TEX, {"main.tex"}),
        (gzip.compress(TEX, mtime=0), {"main.tex"}),
        (tar(member("a.tex"), member("./b/c.tex"), member("figure.png", b"\x89PNG")),
         {"a.tex", "b/c.tex"}),
        (gzip.compress(tar(member("a.tex")), mtime=0), {"a.tex"}),
    ],
)  # fmt: skip
def test_the_known_forms_are_unpacked(body: bytes, names: set[str]) -> None:
    """A tar, a gzipped tar, a gzipped file and a plain file; pictures are left."""
    assert set(unpack(body)) == names


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (tar(member("/etc/passwd")), "leaves its folder"),
        (tar(member("../up.tex")), "leaves its folder"),
        (tar(member("a/../../up.tex")), "leaves its folder"),
        (tar(member("C:/x.tex")), "leaves its folder"),
        (tar(member("a\\b.tex")), "leaves its folder"),
        (tar(member("x.tex", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")), "a link"),
        (tar(member("x.tex", b"", type=tarfile.LNKTYPE, linkname="y.tex")), "a link"),
        (tar(member("x.tex", b"", type=tarfile.CHRTYPE)), "a device"),
        (tar(member("x.tex", b"", type=tarfile.FIFOTYPE)), "special"),
        (tar(member("/".join("a" * 12) + ".tex")), "too long or too deep"),
        (tar(member("a" * 300 + ".tex")), "too long or too deep"),
        (tar(member("a\x1b[2J.tex")), "control characters"),
        (tar(member("a.tex", TEX * 600))[:-11_000], "broken|cut off"),
        (gzip.compress(TEX * 99, mtime=0)[:-9], "cut off"),
        (b"\x1f\x8b" + b"x" * 50, "broken"),
        (gzip.compress(gzip.compress(TEX, mtime=0), mtime=0), "packed more than once"),
        (b"\x00\x01\x02" * 500, "no TeX source"),
        (b"", "no TeX source"),
    ],
)  # fmt: skip
def test_hostile_and_broken_archives_are_refused(body: bytes, reason: str) -> None:
    """Paths out, links, devices and cut-off streams; nothing of them is taken."""
    with pytest.raises(Unreadable, match=reason):
        unpack(body)


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    """A gigabyte of zeros in a megabyte of gzip never stands in memory."""
    packer = io.BytesIO()
    with gzip.GzipFile(fileobj=packer, mode="wb", compresslevel=9) as file:
        for _ in range(256):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match=r"times its size|more than"):
            unpack(packer.getvalue())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * limits.ARCHIVE_BYTES


def test_a_tar_of_many_files_is_refused() -> None:
    """Counted as they come."""
    body = tar(*(member(f"{number}.tex", b"") for number in range(limits.ARCHIVE_MEMBERS + 1)))
    with pytest.raises(Unreadable, match="files in the e-print"):
        unpack(body)


def test_a_member_that_announces_more_than_there_is_is_refused() -> None:
    """A header is no proof of what follows it."""
    info, _ = member("a.tex")
    info.size = 10**12
    header = info.tobuf(tarfile.GNU_FORMAT)
    with pytest.raises(Unreadable, match=r"times its size|holds more than|broken"):
        unpack(header + TEX)


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=40),
            st.binary(max_size=200),
            st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE]),
        ),
        max_size=6,
    ),
    st.integers(min_value=0, max_value=4000),
    st.binary(max_size=30),
)
def test_any_tar_is_unpacked_within_its_folder_or_refused(
    files: list[tuple[str, bytes, bytes]], place: int, noise: bytes
) -> None:
    """Also with bytes overwritten anywhere: relative paths without ``..``, and nothing raised."""
    try:
        body = bytearray(
            tar(*(member(name, data if kind == tarfile.REGTYPE else b"", type=kind)
                  for name, data, kind in files))
        )  # fmt: skip
    except (ValueError, UnicodeError):  # a name that no tar can hold
        return
    body[place : place + len(noise)] = noise
    try:
        found = unpack(bytes(body))
    except Unreadable:
        return
    for name in found:
        assert not name.startswith("/")
        assert ".." not in name.split("/")
