"""The files below ``manifests/log/``: read within bounds, written so that a kill loses nothing."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from sovereign_registry.contracts.log.checkpoint import parse_size
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.tiles import MAX_ENTRY, TILE_WIDTH
from sovereign_registry.store.files import sync_folder, write_bytes, write_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sovereign_registry.store.registry import Registry

MAX_FILE = TILE_WIDTH * (MAX_ENTRY + 2)
KEYS = "keys.yaml"
CHECKPOINT = "checkpoint"
CHECKPOINTS = "checkpoints"
HEADS = "heads"


class LogFiles:
    """The log's folder.

    Args:
        registry: The registry that it belongs to.
    """

    def __init__(self, registry: Registry) -> None:
        self.folder: Path = registry.manifests / "log"
        self._scratch = registry.scratch
        self._prefix = registry.relative(self.folder)

    def where(self, path: str) -> str:
        """A log file's path as messages name it."""
        return f"{self._prefix}/{path}"

    def has(self, path: str) -> bool:
        """Whether the file is there."""
        return (self.folder / path).is_file()

    def read(self, path: str) -> bytes:
        """A file's bytes; a ``Read`` function of the contracts.

        Raises:
            LogFault: it is missing, a link, or larger than any log file can be.
        """
        file = self.folder / path
        if file.is_symlink() or not file.is_file():
            raise LogFault(
                "is a link" if file.is_symlink() else "is missing",
                where=self.where(path),
                todo="Restore it from the published registry.",
            )
        if file.stat().st_size > MAX_FILE:
            raise LogFault(f"holds {file.stat().st_size:,} bytes", where=self.where(path))
        return file.read_bytes()

    def names(self) -> set[str]:
        """The relative paths of all files, links to folders included."""
        found: set[str] = set()
        for folder, folders, files in os.walk(self.folder):
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118 - a walk over many files
            base = os.path.relpath(folder, self.folder)
            found.update(name if base == "." else f"{base}/{name}" for name in (*files, *links))
        return found

    def sizes(self) -> list[int]:
        """The sizes of all signed checkpoints that are kept, ascending.

        Raises:
            LogFault: a file among them is not named by a size.
        """
        folder = self.folder / CHECKPOINTS
        names = os.listdir(folder) if folder.is_dir() else []  # noqa: PTH208 - names only
        return sorted(
            parse_size(name, f"{self.where(CHECKPOINTS)}/{name}: the name") for name in names
        )

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Write files, each whole or not at all; what stands there is replaced."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        folders: set[Path] = set()
        for path, data in sorted(files.items()):
            target = self.folder / path
            if target.parent not in folders:
                target.parent.mkdir(parents=True, exist_ok=True)
                folders.update(
                    parent for parent in target.parents if parent.is_relative_to(self.folder)
                )
            temporary = self._scratch / f"{target.name}.{secrets.token_hex(6)}"
            write_bytes(temporary, data)
            temporary.replace(target)
        for folder in sorted(folders, reverse=True):
            sync_folder(folder)

    def write_once(self, path: str, data: bytes) -> None:
        """Write a file that never changes again.

        Raises:
            RecordFault: it is there with other bytes.
        """
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_once(target, data, self._scratch)

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, and the folders that they leave empty."""
        for path in sorted(paths):
            (self.folder / path).unlink(missing_ok=True)
            parent = (self.folder / path).parent
            while parent != self.folder and not any(parent.iterdir()):
                parent.rmdir()
                parent = parent.parent
