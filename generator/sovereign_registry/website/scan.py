"""What lies in ``manifests/records``: names and a signature of each record's files, unread.

Equal signature (names, sizes, times, inodes): the bytes are those of the last build.  A fresh
checkout has new times, and then everything is read and compared by digest.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import BadInput, RecordFault
from sovereign_registry.store.registry import RECORD_ID

if TYPE_CHECKING:
    from pathlib import Path


class Found(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One record's files on disk."""

    id: str
    signature: bytes
    history: tuple[str, ...]
    """Names of the files in ``history/``, sorted."""
    artifacts: tuple[str, ...]
    """Names of the files in ``artifacts/``, sorted."""


def scan(records: Path) -> list[Found]:
    """List every record, ordered by id.

    Raises:
        BadInput: the folder holds something that is no record.
        RecordFault: a record has no manifest.
    """
    try:
        with os.scandir(records) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except FileNotFoundError:
        return []
    for name in names:
        if not RECORD_ID.match(name):
            raise BadInput(
                "is no record: its name is no record id",
                where=f"manifests/records/{name}",
                todo="Move it out of manifests/records.",
            )
    root = str(records)
    return [_found(root, name) for name in names]


def _found(root: str, name: str) -> Found:
    lines: list[str] = []
    history: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    manifest = False
    try:
        with os.scandir(f"{root}/{name}") as entries:
            for entry in sorted(entries, key=_name):
                if entry.name == "manifest.yaml":
                    manifest = True
                    lines.append(_line(entry))
                elif entry.name == "history":
                    history = _files(entry.path, lines)
                elif entry.name == "artifacts":
                    artifacts = _files(entry.path, lines)
    except NotADirectoryError as error:
        raise RecordFault(
            "is a file where a folder is due",
            where=f"manifests/records/{name}",
            todo="Restore the published record.",
        ) from error
    if not manifest:
        raise RecordFault(
            "is missing",
            where=f"manifests/records/{name}/manifest.yaml",
            todo="Restore the published file.",
        )
    signature = hashlib.blake2b("".join(lines).encode(), digest_size=16).digest()
    return Found(name, signature, history, artifacts)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _files(folder: str, lines: list[str]) -> tuple[str, ...]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=_name)
    lines.append(f"{len(found)}\n")
    lines.extend(map(_line, found))
    return tuple(entry.name for entry in found)


def _line(entry: os.DirEntry[str]) -> str:
    found = entry.stat(follow_symlinks=False)
    return (
        f"{entry.name}\0{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"
        f" {found.st_mode}\n"
    )
