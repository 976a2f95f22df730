"""Removing a record's text: the one way in which published files ever go away."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.tombstone import Tombstone
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.files import sync_folder, write_once

if TYPE_CHECKING:
    from pathlib import Path


class RecordRemoved(RecordFault):
    """The record's text was removed; ``tombstone`` says when, why and on what ground."""

    def __init__(self, tombstone: Tombstone) -> None:
        self.tombstone = tombstone
        super().__init__(
            f"its text was removed on {tombstone.at[:10]} ({tombstone.legal_reference}): "
            f"{tombstone.note}",
            where=tombstone.record,
            todo="The tombstone keeps the digests of all that was published.",
        )


def load_tombstone(data: bytes, where: str) -> Tombstone:
    """Read a tombstone, which is accepted in its canonical form only.

    Raises:
        RecordFault: it is not what its contract says.
    """
    from sovereign_registry.store.loading import require_known  # noqa: PLC0415 - rarely needed
    from sovereign_registry.store.strict_yaml import load  # noqa: PLC0415 - rarely needed

    value = load(data, where)
    try:
        stone = msgspec.convert(value, Tombstone)
    except msgspec.ValidationError as error:
        require_known(value, "tombstone-v1", where)
        raise RecordFault(
            f"is no tombstone-v1: {error}", where=where, todo="Restore the published file."
        ) from error
    if emit(stone) != data:
        raise RecordFault(
            "is not in canonical form", where=where, todo="Restore the published file."
        )
    return stone


def bury_files(folder: Path, stone: bytes, scratch: Path) -> None:
    """Write the tombstone into the record's folder, then take all other files away."""
    write_once(folder / "tombstone.yaml", stone, scratch)
    for path in sorted(folder.iterdir()):
        if path.name == "tombstone.yaml":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    sync_folder(folder)
