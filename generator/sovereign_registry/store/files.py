"""Writing so that a kill at any moment leaves either the old state or the new one."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import RecordFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file durably; its folder must exist."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_once(path: Path, data: bytes, scratch: Path) -> None:
    """Write a new file in one atomic step.

    Args:
        path: The file to create; its folder must exist.
        data: Its bytes.
        scratch: A folder on the same file system for the work in progress.

    Raises:
        RecordFault: the file exists with other bytes; published files never change.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    temporary = scratch / f"{path.name}.{secrets.token_hex(6)}"
    try:
        write_bytes(temporary, data)
        os.link(temporary, path)  # unlike rename, never replaces what is there
    except FileExistsError as error:
        if path.read_bytes() != data:
            raise RecordFault(
                "exists with other content", where=str(path), todo="Nothing was written."
            ) from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_folder(target: Path, files: Mapping[str, bytes], scratch: Path) -> None:
    """Create a folder with all its files in one atomic step.

    Args:
        target: The folder to create; must not exist.
        files: Relative path -> bytes.
        scratch: A folder on the same file system for the work in progress.

    Raises:
        RecordFault: the target exists.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    work = scratch / f"{target.name}.{secrets.token_hex(6)}"
    try:
        for name, data in sorted(files.items()):
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data)
        for folder in sorted({(work / name).parent for name in files} | {work}):
            sync_folder(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            work.rename(target)
        except OSError as error:
            if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
                raise
            raise RecordFault(
                "exists already", where=str(target), todo="Nothing was written."
            ) from error
        sync_folder(target.parent)
    finally:
        if work.exists():
            shutil.rmtree(work)


def clear_scratch(scratch: Path) -> None:
    """Remove work that a killed process left behind; the caller holds the registry's lock."""
    if scratch.exists():
        shutil.rmtree(scratch)
