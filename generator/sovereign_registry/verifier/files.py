"""Where a published site is read from: a folder, or memory; ``fetch`` reads an address."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.log.seal import safe_path

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FILE = 64_000_000
"""Bytes of one file; the largest are reports as PDF."""
MAX_FILES = 2_000_000
"""Files of one site."""
NOT_PUBLISHED = frozenset({".git"})
"""Folders beside the site's files that no web server hands out."""


class SiteFault(BadInput):
    """A file of the site cannot be read, or is more than any site's file can be."""


class Files(Protocol):
    """The files of a site, by path below its root."""

    where: str
    """The folder or the address, for messages."""

    def find(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none.

        Raises:
            SiteFault: it cannot be read, or is too large.
        """
        ...

    def names(self) -> frozenset[str] | None:
        """All paths; None where they cannot be listed, as on a web server."""
        ...


class MemoryFiles:
    """A site in memory.

    Args:
        files: Path -> bytes.
    """

    def __init__(self, files: Mapping[str, bytes], where: str = "memory") -> None:
        self.where = where
        self._files = files

    def find(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none."""
        return self._files.get(path)

    def names(self) -> frozenset[str] | None:
        """All paths."""
        return frozenset(self._files)


class FolderFiles:
    """A site in a folder; no link is followed.

    Args:
        folder: The site's root.
    """

    def __init__(self, folder: Path) -> None:
        self.where = str(folder)
        self._folder = folder

    def find(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none.

        Raises:
            SiteFault: it is a link, no regular file, too large, or cannot be read.
        """
        if not safe_path(path):
            raise SiteFault("leads out of the site", where=path)
        try:
            handle = os.open(self._folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SiteFault(f"cannot be read: {error.strerror}", where=path) from error
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise SiteFault("is no regular file", where=path)
            if found.st_size > MAX_FILE:
                raise SiteFault(f"holds {found.st_size:,} bytes", where=path)
            return file.read(MAX_FILE)

    def names(self) -> frozenset[str] | None:
        """All paths, links among them.

        Raises:
            SiteFault: there are too many.
        """
        found: set[str] = set()
        for folder, folders, files in os.walk(self._folder):
            below = Path(folder).relative_to(self._folder).as_posix()
            prefix = "" if below == "." else f"{below}/"
            links = [name for name in folders if Path(folder, name).is_symlink()]
            if not prefix:
                folders[:] = [name for name in folders if name not in NOT_PUBLISHED]
            found.update(prefix + name for name in (*files, *links))
            if len(found) > MAX_FILES:
                raise SiteFault(f"holds more than {MAX_FILES:,} files", where=self.where)
        return frozenset(found)


class Ledger:
    """Reads a site and remembers the digest of every file that was read.

    Args:
        files: The site.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self.digests: dict[str, str] = {}
        """Path -> hexadecimal SHA-256 of what was read."""
        self.sizes: dict[str, int] = {}
        """Path -> bytes of what was read."""

    def find(self, path: str) -> bytes | None:
        """As ``Files.find``."""
        data = self.files.find(path)
        if data is not None:
            self.sizes[path] = len(data)
            self.digests[path] = hashlib.sha256(data).hexdigest()
        return data

    @property
    def bytes(self) -> int:
        """Bytes of all files that were read, each counted once."""
        return sum(self.sizes.values())

    def take(self, read: Mapping[str, tuple[str, int]]) -> None:
        """Add what another ledger holds: path -> digest and bytes of what was read."""
        for path, (digest, size) in read.items():
            self.digests[path], self.sizes[path] = digest, size
