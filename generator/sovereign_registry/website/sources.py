"""Reads the published files of a record: regular ones, within bounds, never through a link."""

from __future__ import annotations

import hashlib
import os
import stat

from sovereign_registry.contracts.errors import RecordFault


def source_digest(manifest: bytes, history: list[tuple[str, bytes]]) -> bytes:
    """Digest of all bytes that a record view is made from."""
    hasher = hashlib.sha256(hashlib.sha256(manifest).digest())
    for name, data in history:
        hasher.update(f"{name}\0".encode())
        hasher.update(hashlib.sha256(data).digest())
    return hasher.digest()


def read_source(path: str, limit: int) -> bytes:
    """Read a regular file below the registry, never through a link.

    Raises:
        RecordFault: it is missing, no regular file, or larger than ``limit`` bytes.
    """
    where = path[path.rfind("manifests/records/") :]
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise RecordFault("is missing", where=where, todo="Restore the file.") from error
    except OSError as error:
        raise RecordFault(
            f"cannot be read: {error.strerror}", where=where, todo="Restore the file."
        ) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise RecordFault("is no regular file", where=where, todo="Restore the file.")
        if found.st_size > limit:
            raise RecordFault(
                f"holds {found.st_size:,} bytes; the limit is {limit:,}",
                where=where,
                todo="Keep large material elsewhere and publish its digest.",
            )
        data = os.read(handle, found.st_size + 1)
        while len(data) < found.st_size:  # a system may hand over less at once than was asked for
            more = os.read(handle, found.st_size - len(data))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(handle)
