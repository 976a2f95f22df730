"""Files that can be made again: written whole or not at all, and trusted only if their sum holds.

Layout: eight bytes that name the format, four of the head's length, the head as JSON padded with
spaces so that the body starts at a multiple of 64, then the body.  The head holds the body's length
and a CRC-32 over the head's facts and the body.
"""

from __future__ import annotations

import mmap
import os
import threading
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.first_use import look_at

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ALIGN = 64
_LENGTH = 4
_HEAD_MOST = 64 * 1024 * 1024


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: dict[str, Any]
    length: int
    checksum: int


look_at(_Head)


def write_checked(
    path: Path, magic: bytes, about: dict[str, Any], body: Iterable[bytes | memoryview]
) -> None:
    """Write a file under a temporary name and rename it; of two writers the last one stays."""
    parts = list(body)
    total, crc = 0, zlib.crc32(msgspec.json.encode(about))
    for part in parts:
        total, crc = total + len(part), zlib.crc32(part, crc)
    head = msgspec.json.encode(_Head(about=about, length=total, checksum=crc))
    start = len(magic) + _LENGTH
    head += b" " * (-(start + len(head)) % ALIGN)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with temporary.open("wb") as file:
            file.write(magic + len(head).to_bytes(_LENGTH, "little") + head)
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def read_checked(path: Path, magic: bytes) -> tuple[dict[str, Any], memoryview] | None:
    """The head's facts and the body, mapped into memory; None where the file is not sound."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # ValueError: the file is empty
        return None
    whole = memoryview(mapped)
    start = len(magic) + _LENGTH
    if bytes(whole[: len(magic)]) != magic or len(whole) < start:
        return None
    length = int.from_bytes(whole[len(magic) : start], "little")
    if length > min(_HEAD_MOST, len(whole) - start):
        return None
    try:
        head = msgspec.json.decode(bytes(whole[start : start + length]), type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    body = whole[start + length :]
    due = zlib.crc32(body, zlib.crc32(msgspec.json.encode(head.about)))
    if len(body) != head.length or due != head.checksum:
        return None
    return head.about, body
