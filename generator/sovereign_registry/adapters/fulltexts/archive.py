"""Unpacks an e-print in memory: a tar, a gzipped tar, one gzipped file, or one plain file.

Nothing is written to disk.  Every member's bytes are read only within the limits, whatever its
header announces.
"""

from __future__ import annotations

import io
import re
import tarfile
import zlib

from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.parsed import Unreadable

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_DRIVE = re.compile(r"^[A-Za-z]:")
_TEXT = (".tex", ".ltx", ".latex", ".bbl", ".txt", ".tikz", ".pgf", ".inc", ".sty", ".cls", "")


def unpack(body: bytes) -> dict[str, bytes]:
    """The files of an e-print by path; a single file is called ``main.tex``.

    Only files that may hold TeX are kept; all are counted against the limits.

    Raises:
        Unreadable: it is none of the known forms, is cut off, holds a link, a device, an absolute
            path or one that leaves the archive, or is larger than the limits.
    """
    data = _gunzip(body) if body.startswith(_GZIP) else body
    if data.startswith(b"%PDF"):
        raise Unreadable("the e-print is a PDF, not a source")
    if _is_tar(data):
        return _members(data, len(body))
    if data.startswith(_GZIP):
        raise Unreadable("the e-print is packed more than once")
    if b"\0" in data[:4096] or b"\\" not in data:
        raise Unreadable("the e-print is no TeX source")
    return {"main.tex": data}


def _gunzip(body: bytes) -> bytes:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    out = bytearray()
    rest = body
    try:
        while rest and not inflater.eof:
            out += inflater.decompress(rest, _CHUNK)
            _require_ratio(len(out), len(body))
            rest = inflater.unconsumed_tail
    except zlib.error as error:
        raise Unreadable("the e-print's gzip stream is broken") from error
    if not inflater.eof:
        raise Unreadable("the e-print's gzip stream is cut off")
    return bytes(out)


def _require_ratio(unpacked: int, packed: int) -> None:
    if unpacked > limits.ARCHIVE_BYTES:
        raise Unreadable(f"the e-print unpacks to more than {limits.ARCHIVE_BYTES:,} bytes")
    if unpacked > max(limits.MEGABYTE, limits.ARCHIVE_RATIO * packed):
        raise Unreadable(f"the e-print unpacks to more than {limits.ARCHIVE_RATIO} times its size")


def _is_tar(data: bytes) -> bool:
    if len(data) < tarfile.BLOCKSIZE:
        return False
    try:
        tarfile.TarInfo.frombuf(data[: tarfile.BLOCKSIZE], "utf-8", "replace")
    except tarfile.HeaderError:
        return False
    return True


def _members(data: bytes, packed: int) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errorlevel=0) as archive:
            for number, member in enumerate(archive, start=1):
                if number > limits.ARCHIVE_MEMBERS:
                    raise Unreadable(f"more than {limits.ARCHIVE_MEMBERS:,} files in the e-print")
                name = _checked(member)
                if name is None:
                    continue
                total += max(0, member.size)
                _require_ratio(total, packed)
                if not name.lower().endswith(_TEXT[:-1]) and "." in name.rpartition("/")[2]:
                    continue
                stream = archive.extractfile(member)
                content = stream.read(limits.MEMBER_BYTES + 1) if stream else b""
                if len(content) != member.size:
                    raise Unreadable("the e-print's archive is cut off")
                files[name] = content
    except (
        tarfile.TarError,
        EOFError,
        OverflowError,
        RecursionError,
        ValueError,
        OSError,
    ) as error:
        raise Unreadable("the e-print's archive is broken") from error
    return files


def _checked(member: tarfile.TarInfo) -> str | None:
    """A member's path within the archive; None for a folder.

    Raises:
        Unreadable: the member is no plain file or folder, or its path is hostile.
    """
    path = member.name
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith("/") or ".." in parts or "\\" in path or _DRIVE.match(path):
        raise Unreadable("a path in the e-print leaves its folder")
    if len(path) > limits.PATH_CHARACTERS or len(parts) > limits.PATH_DEPTH:
        raise Unreadable("a path in the e-print is too long or too deep")
    if not path.isprintable():
        raise Unreadable("a path in the e-print holds control characters")
    if member.isdir():
        return None
    if not member.isreg() or member.issparse():
        raise Unreadable("the e-print holds a link, a device or another special file")
    if member.size > limits.MEMBER_BYTES:
        raise Unreadable(f"a file of the e-print holds more than {limits.MEMBER_BYTES:,} bytes")
    return "/".join(parts)
