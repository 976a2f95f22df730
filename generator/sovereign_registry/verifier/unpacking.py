"""Unpacks a dump into a folder as what it is until checked: a stranger's archive.

Only the forms that ``dump`` writes are taken: regular files below ``registry/`` with plain names,
each once, in a tar archive of the plain old kind or a ZIP archive.  No link, no other name, nothing
behind the end, and no more files, no more bytes and no better packed than a dump can be.
"""

from __future__ import annotations

import gzip
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NoReturn, Protocol

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.log.seal import safe_path
from sovereign_registry.verifier.files import MAX_FILE, SiteFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOP = "registry"
"""The folder that a dump unpacks into."""
GZIP, ZIP = b"\x1f\x8b", b"PK\3\4"
MAX_MEMBERS = 1_000_000
MAX_UNPACKED = 8_000_000_000
"""Bytes of all files of one dump."""
MAX_RATIO = 300
"""Most times that a dump may shrink; texts shrink to a fifth, and one byte repeated to a 1030th."""
MAX_DIRECTORY = 200_000_000
"""Bytes of the directory of a ZIP archive, which is read at once."""
TODO = "Get it again from where it was published; if it is the same there, tell the publisher."
_NAME = re.compile(rf"{TOP}/[A-Za-z0-9_][A-Za-z0-9._/-]{{0,199}}")
_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 1_000_000
_FREE = 1_000_000
"""Unpacked bytes before the ratio counts."""
_MODE = 0o644
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")


def is_packed_dump(start: bytes) -> bool:
    """Whether a file that starts like this can be a packed dump; a bundle has other names.

    Args:
        start: The first 64 bytes of it, or more.
    """
    return start.startswith(GZIP) or (
        start.startswith(ZIP) and start[30:].startswith(f"{TOP}/".encode())
    )


def unpack(path: Path, folder: Path) -> Path:
    """Unpack a dump; the folder in which its files lie.

    Args:
        path: The archive.
        folder: An empty folder that nobody else writes to.

    Raises:
        SiteFault: it is not of the forms in which dumps are written, was cut, or holds too much.
        UsageError: it is an archive of something else.
    """
    target = _Target(folder, str(path))
    with path.open("rb") as file, _understood(str(path)):
        if file.read(2) == GZIP:
            file.seek(0)
            _from_tar(file, target)
        else:
            _from_zip(file, target)
    return folder / TOP


def _refuse(what: str, where: str) -> NoReturn:
    raise SiteFault(what, where=where, todo=TODO)


@contextmanager
def _understood(where: str) -> Iterator[None]:
    """Whatever a library says of a broken archive, as one error of our own."""
    try:
        yield
    except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, EOFError) as error:
        _refuse(f"cannot be unpacked: {error}", where)
    except (NotImplementedError, struct.error, UnicodeError) as error:
        _refuse(f"is not written as dumps are: {error}", where)


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Target:
    """Writes what a dump holds, and counts."""

    def __init__(self, folder: Path, where: str) -> None:
        self.where = where
        self._folder = folder
        self._members = 0
        self._bytes = 0

    def refuse(self, what: str) -> NoReturn:
        _refuse(what, self.where)

    def check(self, name: str, size: int) -> None:
        """Refuse what no file of a dump is called, and what is too much."""
        self._members += 1
        self._bytes += size
        if not name.startswith(f"{TOP}/"):
            what = f"holds {name[:80]!r} where all of a dump stands in {TOP}/"
            raise UsageError(what, where=self.where, todo="Name a dump, or a bundle.zip.")
        if not _NAME.fullmatch(name) or not safe_path(name):
            self.refuse(f"holds a file named {name[:80]!r}, which no file of a dump is called")
        if size > MAX_FILE:
            self.refuse(f"{name} would unpack to {size:,} bytes; {MAX_FILE:,} is the limit")
        if self._members > MAX_MEMBERS or self._bytes > MAX_UNPACKED:
            limit = f"{MAX_MEMBERS:,} files and {MAX_UNPACKED:,} bytes are the limit"
            self.refuse(f"holds {self._members:,} files, {self._bytes:,} bytes, or more: {limit}")

    def write(self, name: str, size: int, source: _Source) -> None:
        """Write one file, of exactly so many bytes of the source."""
        path = self._folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except (FileExistsError, NotADirectoryError):
            self.refuse(f"{name} stands twice in it, or as a file and a folder")
        with os.fdopen(handle, "wb") as file:
            while size:
                data = source.read(min(size, _CHUNK))
                if not data:
                    self.refuse(f"ends within {name}")
                file.write(data)
                size -= len(data)


def _from_tar(file: IO[bytes], target: _Target) -> None:
    source = _Inflated(file, target)
    while (head := source.read(_BLOCK)) != bytes(_BLOCK):
        if len(head) < _BLOCK:
            target.refuse("ends without the mark of its end: it was cut")
        name, size = _tar_member(head, target)
        target.check(name, size)
        target.write(name, size, source)
        if any(source.read(-size % _BLOCK)):
            target.refuse(f"holds something between {name} and the file after it")
    while data := source.read(_CHUNK):
        if any(data):
            target.refuse("holds something behind the mark of its end")


class _Inflated:
    """A stream that stops where it unpacks to more than a dump can.

    Args:
        file: The packed stream.
        target: Says what is wrong.
    """

    def __init__(self, file: IO[bytes], target: _Target) -> None:
        self._file = file
        self._gzip = gzip.GzipFile(fileobj=file)
        self._target = target
        self._read = 0

    def read(self, size: int) -> bytes:
        """So many bytes; fewer only where it ends."""
        data = self._gzip.read(size)
        self._read += len(data)
        if self._read > _FREE + MAX_RATIO * self._file.tell():
            self._target.refuse(f"unpacks to more than {MAX_RATIO} times its size")
        if self._read > 2 * MAX_UNPACKED:
            self._target.refuse(f"unpacks to more than {2 * MAX_UNPACKED:,} bytes")
        return data


def _tar_member(head: bytes, target: _Target) -> tuple[str, int]:
    """Name and size of a member, if its header is one that a dump has: any other is refused."""
    parts = (head[345:500], head[:100])
    name = "/".join(part.split(b"\0", 1)[0].decode("ascii") for part in parts if part[:1] != b"\0")
    octal = head[124:135]
    size = int(octal, 8) if re.fullmatch(rb"[0-7]{11}", octal) else 0
    due = tarfile.TarInfo(name)
    due.size, due.mode, due.mtime = size, _MODE, 0
    try:
        same = due.tobuf(tarfile.USTAR_FORMAT) == head
    except ValueError:
        same = False  # a name that fits into no header of this kind
    if not same:
        target.refuse(f"the header of {name[:80]!r} is not written as those of dumps are")
    return name, size


def _from_zip(file: IO[bytes], target: _Target) -> None:
    size = file.seek(0, os.SEEK_END)
    _check_directory(file, size, target)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        packed = 0
        for member in members:
            target.check(member.filename, member.file_size)
            kind = stat.S_IFMT(member.external_attr >> 16)
            plain = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
            if kind != stat.S_IFREG or member.flag_bits or member.comment or not plain:
                target.refuse(f"{member.filename} is no plain file, or not packed as in dumps")
            if member.file_size > MAX_RATIO * max(member.compress_size, 1):
                target.refuse(f"{member.filename} unpacks to more than {MAX_RATIO} times its size")
            if not 0 <= member.header_offset < size:
                target.refuse(f"{member.filename} would stand outside of the archive")
            packed += member.compress_size
        if packed > size:
            target.refuse("its files overlap")
        for member in members:
            with archive.open(member) as source:
                target.write(member.filename, member.file_size, source)
                if source.read(1):
                    target.refuse(f"{member.filename} is longer than the archive says")


def _check_directory(file: IO[bytes], size: int, target: _Target) -> None:
    """Refuse a directory that is too large to read, before anything reads it."""
    end = _tail(file, size, _END, target)
    mark, _, _, _, count, length, _, comment = end
    if mark != b"PK\5\6" or comment:
        target.refuse("is no ZIP archive without a comment, or was cut")
    if count == 2**16 - 1 or length == 2**32 - 1 or end[6] == 2**32 - 1:
        locator = _tail(file, size - _END.size, _LOCATOR, target)
        end64 = _tail(file, size - _END.size - _LOCATOR.size, _END64, target)
        if locator[0] != b"PK\6\7" or end64[0] != b"PK\6\6":
            target.refuse("its directory is not where a dump has it")
        count, length = end64[7], end64[8]
    if count > MAX_MEMBERS or length > MAX_DIRECTORY:
        target.refuse(f"states {count:,} files; {MAX_MEMBERS:,} is the limit")


def _tail(file: IO[bytes], end: int, form: struct.Struct, target: _Target) -> tuple[Any, ...]:
    """What stands in a file just before a place."""
    if end < form.size:
        target.refuse("is too short to be a dump")
    file.seek(end - form.size)
    return form.unpack(file.read(form.size))
