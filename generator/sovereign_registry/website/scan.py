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
    removed: bool = False
    """Whether a tombstone stands in the record's place; whatever else is there counts no more."""


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
    folder = f"{root}/{name}"
    try:
        names = os.listdir(folder)  # noqa: PTH208 - hot: Path costs as much as the call
    except NotADirectoryError as error:
        raise RecordFault(
            "is a file where a folder is due",
            where=f"manifests/records/{name}",
            todo="Restore the published record.",
        ) from error
    if "tombstone.yaml" in names:
        return Found(name, _digest([_line(folder, "tombstone.yaml")]), (), (), removed=True)
    if "manifest.yaml" not in names:
        raise RecordFault(
            "is missing",
            where=f"manifests/records/{name}/manifest.yaml",
            todo="Restore the published file.",
        )
    lines = [_line(folder, "manifest.yaml")]
    history = _files(folder, "history", lines) if "history" in names else ()
    artifacts = _files(folder, "artifacts", lines) if "artifacts" in names else ()
    if "gate" in names:
        _tree(folder, "gate", lines)
    return Found(name, _digest(lines), history, artifacts)


def _digest(lines: list[str]) -> bytes:
    return hashlib.blake2b("".join(lines).encode(), digest_size=16).digest()


def _files(record: str, kind: str, lines: list[str]) -> tuple[str, ...]:
    folder = f"{record}/{kind}"
    names = sorted(os.listdir(folder))  # noqa: PTH208 - as above
    lines.append(f"{len(names)} {kind}\n")
    lines.extend([_line(folder, name) for name in names])
    return tuple(names)


def _tree(record: str, kind: str, lines: list[str]) -> None:
    """Every file below a folder of a record, whose names its history states."""
    for folder, below, names in os.walk(f"{record}/{kind}"):
        below.sort()
        lines.append(f"{len(names)} {folder[len(record) + 1 :]}\n")
        lines.extend([_line(folder, name) for name in sorted(names)])


def _line(folder: str, name: str) -> str:
    found = os.lstat(f"{folder}/{name}")
    return (
        f"{name}\0{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"
        f" {found.st_mode}\n"
    )
