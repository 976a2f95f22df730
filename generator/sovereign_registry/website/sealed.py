"""Cache files that notice damage: a digest, then the content; replaced in one step."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

SEAL_BYTES = 16
"""Bytes before the content."""


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=SEAL_BYTES).digest()


def write_sealed(path: Path, data: bytes) -> None:
    """Replace a file; readers see the old content or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(_digest(data) + data)
    part.replace(path)


def read_sealed(path: Path) -> bytes | None:
    """The content, or None where the file is missing or not as it was written."""
    try:
        found = path.read_bytes()
    except OSError:
        return None
    data = found[SEAL_BYTES:]
    return data if len(found) >= SEAL_BYTES and _digest(data) == found[:SEAL_BYTES] else None


class SealedBytecodeCache(jinja2.BytecodeCache):
    """Compiled templates; Jinja itself checks only that the source is the same.

    Args:
        folder: Where they lie; it must belong to one version of the code.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket where a sound file is there."""
        data = read_sealed(self._folder / bucket.key)
        if data is not None:
            bucket.bytecode_from_string(data)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a bucket holds."""
        write_sealed(self._folder / bucket.key, bucket.bytecode_to_string())
