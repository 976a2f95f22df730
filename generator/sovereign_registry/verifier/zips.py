"""Reads a record's ``bundle.zip`` as what it is until checked: a stranger's archive.

Only one form is taken, the one in which bundles are made: sorted names, fixed times, no comment,
no extra field, no gap.  So nothing can hide in the archive, no two tools can see two different
archives in it, and nothing is unpacked before its size is known to be bounded.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING, NoReturn

import msgspec

from sovereign_registry.contracts.log.seal import safe_path
from sovereign_registry.verifier.files import MAX_FILE, SiteFault

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MEMBERS = 12_000
"""Files of one bundle; a history alone may have 9,999."""
MAX_UNPACKED = 2 * MAX_FILE
"""Bytes of all files of one bundle."""
MAX_RATIO = 300
"""Most times that a file may shrink; texts shrink to a fifth, and one byte repeated to a 1030th."""
_NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}")
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_VERSION, _UNIX, _MODE, _DATE = 20, 3, 0o100644 << 16, 0x21
"""Version 2.0 of the format, a Unix file of mode 644, and the first of January 1980."""
STORED, DEFLATED = 0, 8
TODO = "Get it again from the registry's site; if it is the same there, tell the publisher."


class _Member(msgspec.Struct, frozen=True):
    name: bytes
    method: int
    crc: int
    packed: int
    size: int
    start: int
    """Where the local header stands."""

    def local(self) -> bytes:
        """The local header that belongs to it."""
        sizes = (self.crc, self.packed, self.size, len(self.name), 0)
        head = _LOCAL.pack(b"PK\3\4", _VERSION, 0, self.method, 0, _DATE, *sizes)
        return head + self.name

    def central(self) -> bytes:
        """The entry of the directory that belongs to it."""
        sizes = (self.crc, self.packed, self.size, len(self.name), 0, 0, 0, 0, _MODE, self.start)
        version = _VERSION | _UNIX << 8
        head = _ENTRY.pack(b"PK\1\2", version, _VERSION, 0, self.method, 0, _DATE, *sizes)
        return head + self.name


def read_zip(data: bytes, where: str) -> dict[str, bytes]:
    """Path -> bytes of the files of a bundle.

    Raises:
        SiteFault: the archive is not of the one form, or holds more than a bundle can.
    """
    members, directory = _directory(data, where)
    unpacked = sum(member.size for member in members)
    if unpacked > MAX_UNPACKED:
        _refuse(f"would unpack to {unpacked:,} bytes; {MAX_UNPACKED:,} is the limit", where)
    found: dict[str, bytes] = {}
    at = 0
    for member in members:
        head = member.local()
        if member.start != at or data[at : at + len(head)] != head:
            _refuse(f"its entry at byte {at:,} is not the one that its directory names", where)
        at += len(head) + member.packed
        found[member.name.decode()] = _unpack(member, data[at - member.packed : at], where)
    if at != directory:
        _refuse(f"holds {directory - at:,} bytes that belong to no file", where)
    return found


def _refuse(what: str, where: str) -> NoReturn:
    raise SiteFault(what, where=where, todo=TODO)


def _directory(data: bytes, where: str) -> tuple[list[_Member], int]:
    if len(data) > MAX_FILE:
        _refuse(f"holds {len(data):,} bytes", where)
    if len(data) < _END.size:
        _refuse("is no ZIP archive: it is too short", where)
    end = _END.unpack_from(data, len(data) - _END.size)
    mark, disk, first, here, count, length, start, comment = end
    last = len(data) - _END.size
    if mark != b"PK\5\6" or (disk, first, here, comment) != (0, 0, count, 0):
        _refuse("is no ZIP archive of one part, or was cut", where)
    if start + length != last:
        _refuse("its directory does not end where the archive does", where)
    if not 0 < count <= MAX_MEMBERS:
        _refuse(f"holds {count:,} files; {MAX_MEMBERS:,} is the limit", where)
    members = list(_entries(data[start:last], count, where))
    names = [member.name for member in members]
    if sorted(set(names)) != names:
        _refuse("its names are not sorted, or one stands twice", where)
    folders = {name[:at] for name in names for at, byte in enumerate(name) if byte == ord("/")}
    for name in sorted(folders.intersection(names)):
        _refuse(f"{name.decode()} is a file and a folder", where)
    return members, start


def _entries(data: bytes, count: int, where: str) -> Iterator[_Member]:
    at = 0
    for number in range(1, count + 1):
        if at + _ENTRY.size > len(data):
            _refuse(f"its directory ends within entry {number}", where)
        fields = _ENTRY.unpack_from(data, at)
        method, (crc, packed, size, length), start = fields[4], fields[7:11], fields[16]
        name = data[at + _ENTRY.size : at + _ENTRY.size + length]
        if not _NAME.fullmatch(name) or not safe_path(name.decode()):
            _refuse(f"entry {number} has a name that no file of a bundle has", where)
        member = _Member(name, method, crc, packed, size, start)
        entry = member.central()
        if data[at : at + len(entry)] != entry or method not in {STORED, DEFLATED}:
            _refuse(f"entry {number}, {name.decode()}, is not written as bundles are", where)
        if size > MAX_FILE or size > MAX_RATIO * max(packed, 1):
            _refuse(f"{name.decode()} would unpack from {packed:,} to {size:,} bytes", where)
        yield member
        at += len(entry)
    if at != len(data):
        _refuse("its directory holds more than it says", where)


def _unpack(member: _Member, packed: bytes, where: str) -> bytes:
    name = member.name.decode()
    data, whole = packed, True
    if member.method == DEFLATED:
        inflater = zlib.decompressobj(-15)
        try:
            data = inflater.decompress(packed, member.size + 1)
        except zlib.error as error:
            _refuse(f"{name} cannot be unpacked: {error}", where)
        whole = inflater.eof and not inflater.unused_data and not inflater.unconsumed_tail
    if not whole or len(data) != member.size or zlib.crc32(data) != member.crc:
        _refuse(f"{name} does not unpack to what the archive states of it", where)
    return data
