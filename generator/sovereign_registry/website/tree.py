"""The output folder: written file by file, compared before, renamed into place, pruned after.

Output is disposable, so nothing is synced to disk; a kill leaves whole files and perhaps ``.part``
ones, which the next build removes.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PART = ".part"
_RECORD = RECORD_ID_PATTERN.strip("^$")
OWNED = re.compile(
    rf"(?:records/{_RECORD}/.+|records/page/\d+/index\.html|records/index\.html"
    r"|contracts/[a-z0-9.-]+(?:/index\.html|\.schema\.json)?|contracts/index\.html|static/.+"
    r"|index\.html|404\.html|records\.json|feed\.atom|sitemap(?:-\d+)?\.xml|robots\.txt"
    r"|\.nojekyll)(?:\.part)?"
    r"|.+\.part"
)
"""What a build may have made; searched only where the state of the last build is lost."""


class Stamp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one output file was when it was written."""

    size: int
    mtime_ns: int
    inode: int
    digest: bytes
    """BLAKE2b, 16 bytes: tells whether somebody changed the file, proves nothing to anyone."""


def digest_of(data: bytes) -> bytes:
    """The digest that stamps hold."""
    return hashlib.blake2b(data, digest_size=16).digest()


def _stamp(found: os.stat_result, digest: bytes) -> Stamp:
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino, digest)


class Tally(msgspec.Struct, kw_only=True):
    """What happened to the files of a build."""

    written: int = 0
    """Files whose bytes are new."""
    unchanged: int = 0
    """Files that were made again and came out the same."""
    skipped: int = 0
    """Files that needed no look but at their name, size and time."""
    bytes_written: int = 0

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.written += other.written
        self.unchanged += other.unchanged
        self.skipped += other.skipped
        self.bytes_written += other.bytes_written


class Tree:
    """Writes below one folder.

    Args:
        root: The output folder; created when the first file is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.tally = Tally()

    def path(self, name: str) -> str:
        """The file of an output path."""
        return f"{self.root}/{name}"

    def same(self, name: str, stamp: Stamp) -> bool:
        """Whether a file has the size, time and inode that it was left with."""
        try:
            found = os.lstat(f"{self.root}/{name}")
        except OSError:
            return False
        return (
            found.st_mtime_ns == stamp.mtime_ns
            and found.st_size == stamp.size
            and found.st_ino == stamp.inode
            and stat.S_ISREG(found.st_mode)
        )

    def intact(self, name: str, stamp: Stamp | None) -> Stamp | None:
        """The stamp of a file that still holds what was written, by content where need be."""
        if stamp is None:
            return None
        if self.same(name, stamp):
            return stamp
        try:
            found = os.lstat(f"{self.root}/{name}")
            if not stat.S_ISREG(found.st_mode) or found.st_size != stamp.size:
                return None
            data = _read(f"{self.root}/{name}")
        except OSError:
            return None
        return _stamp(found, stamp.digest) if digest_of(data) == stamp.digest else None

    def put(self, name: str, data: bytes) -> Stamp:
        """Make a file hold these bytes; leave it alone where it does.

        Raises:
            BuildFailed: the file cannot be written.
        """
        target = f"{self.root}/{name}"
        digest = digest_of(data)
        try:
            found = os.lstat(target)
        except OSError:
            pass
        else:
            if found.st_size == len(data) and stat.S_ISREG(found.st_mode) and _read(target) == data:
                self.tally.unchanged += 1
                return _stamp(found, digest)
        try:
            written = _replace(target, data)
        except OSError as error:
            raise BuildFailed(
                f"cannot be written: {error.strerror}", where=target, todo="Make room for it."
            ) from error
        self.tally.written += 1
        self.tally.bytes_written += len(data)
        return _stamp(written, digest)

    def remove(self, names: Iterable[str]) -> int:
        """Remove files, and folders that this leaves empty; return how many files went."""
        gone = 0
        for name in names:
            path = Path(self.root, name)
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                continue
            gone += 1
            for folder in path.parents:
                if str(folder) == self.root or not _remove_empty(folder):
                    break
        return gone

    def owned(self) -> Iterator[str]:
        """Every file that a build may have made, for when it is not known which ones were."""
        for folder, _, files in os.walk(self.root):
            below = os.path.relpath(folder, self.root).replace(os.sep, "/") + "/"
            for file in files:
                name = (below + file).removeprefix("./")
                if OWNED.fullmatch(name):
                    yield name


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - hot: Path costs as much as the read
        return file.readall()


def _replace(target: str, data: bytes) -> os.stat_result:
    part = target + PART
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    try:
        handle = os.open(part, flags, 0o644)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120 - as above
        handle = os.open(part, flags, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        written = os.fstat(handle)
    finally:
        os.close(handle)
    os.rename(part, target)  # noqa: PTH104 - as above
    return written


def _remove_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
