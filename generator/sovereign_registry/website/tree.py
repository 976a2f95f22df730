"""The output folder: written file by file, compared before, renamed into place, pruned after.

Output is disposable, so nothing is synced to disk.  What is there already is replaced in one step;
a kill leaves ``.part`` files, which the next build removes.  What is not there yet is written where
it belongs, and a kill may leave it cut short: no state speaks of it, or only of one with another
inode, so the next build compares its bytes and makes it again.
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
    from collections.abc import Iterable, Iterator, Mapping

PART = ".part"
_RECORD = RECORD_ID_PATTERN.strip("^$")
OWNED = re.compile(
    rf"(?:records/{_RECORD}/.+|records/(?:oldest/|score/)?(?:page/\d+/)?index\.html"
    r"|browse/.+\.html|sources/.+\.html|search/.+\.(?:html|json)|llms\.txt|opensearch\.xml"
    r"|corrections/(?:[a-z/-]+/)?(?:page/\d+/)?index\.html|corrections\.atom"
    r"|contracts/[a-z0-9.-]+(?:/index\.html|\.schema\.json)?|contracts/index\.html|static/.+"
    r"|index\.html|404\.html|records\.json|feed\.atom|sitemap(?:-\d+)?\.xml|robots\.txt"
    r"|\.nojekyll|digests\.txt|dump\.tar\.gz|log/.+)(?:\.part)?"
    r"|.+\.part"
)
"""What a build may have made; searched only where the state of the last build is lost."""


class Stamp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one output file was when it was written."""

    size: int
    mtime_ns: int
    inode: int
    digest: bytes
    """SHA-256, 32 bytes, as the site's digest list has it."""


def digest_of(data: bytes) -> bytes:
    """The digest that stamps hold."""
    return hashlib.sha256(data).digest()


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
        self._fresh = "//"  # no path starts with this

    def path(self, name: str) -> str:
        """The file of an output path."""
        return f"{self.root}/{name}"

    def same(self, folder: str, stamps: Mapping[str, Stamp]) -> bool:
        """Whether all files have the sizes, times and inodes that they were left with.

        Args:
            folder: What their output paths start with.
            stamps: The rest of each output path, and the file's stamp.
        """
        start = f"{self.root}/{folder}"
        try:
            for name, stamp in stamps.items():
                found = os.lstat(start + name)
                if (
                    found.st_mtime_ns != stamp.mtime_ns
                    or found.st_size != stamp.size
                    or found.st_ino != stamp.inode
                    or not stat.S_ISREG(found.st_mode)
                ):
                    return False
        except OSError:
            return False
        return True

    def intact(self, name: str, stamp: Stamp | None) -> Stamp | None:
        """The stamp of a file that still holds what was written, by content where need be."""
        if stamp is None:
            return None
        if self.same("", {name: stamp}):
            return stamp
        try:
            found = os.lstat(f"{self.root}/{name}")
            if not stat.S_ISREG(found.st_mode) or found.st_size != stamp.size:
                return None
            data = _read(f"{self.root}/{name}")
        except OSError:
            return None
        return _stamp(found, stamp.digest) if digest_of(data) == stamp.digest else None

    def read(self, name: str, stamp: Stamp) -> bytes | None:
        """The bytes of a file that still holds what was written, looked at by content."""
        path = f"{self.root}/{name}"
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                return None
            data = _read(path)
        except OSError:
            return None
        return data if digest_of(data) == stamp.digest else None

    def holds(self, name: str, data: bytes) -> bool:
        """Whether a file holds exactly these bytes."""
        path = f"{self.root}/{name}"
        try:
            return _holds(path, os.lstat(path), data)
        except OSError:
            return False

    def enter(self, folder: str) -> None:
        """Say that files of a folder are put next; where it is new, none of them is there yet."""
        path = f"{self.root}/{folder}"
        self._fresh = "//"
        try:
            os.mkdir(path)  # noqa: PTH102 - hot: Path costs as much as the call
        except FileExistsError:
            return
        except OSError:
            return  # whatever it is, writing the first file meets it again
        self._fresh = f"{folder}/"

    def put(self, name: str, data: bytes, digest: bytes | None = None) -> Stamp:
        """Make a file hold these bytes; leave it alone where it does.

        Args:
            name: The output path.
            data: What it is to hold.
            digest: Their SHA-256, where the caller knows it.

        Raises:
            BuildFailed: the file cannot be written.
        """
        target = f"{self.root}/{name}"
        digest = digest or digest_of(data)
        found = None
        if not name.startswith(self._fresh):
            try:
                found = os.lstat(target)
            except OSError:
                pass
            else:
                if _holds(target, found, data):
                    self.tally.unchanged += 1
                    return _stamp(found, digest)
        try:
            written = _create(target, data) if found is None else _replace(target, data)
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


def _holds(target: str, found: os.stat_result, data: bytes) -> bool:
    return found.st_size == len(data) and stat.S_ISREG(found.st_mode) and _read(target) == data


def _open(path: str, flags: int) -> int:
    flags |= os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o644)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - hot, as above
        return os.open(path, flags, 0o644)


def _fill(handle: int, data: bytes) -> os.stat_result:
    try:
        done = os.write(handle, data)
        while done < len(data):
            done += os.write(handle, memoryview(data)[done:])
        return os.fstat(handle)
    finally:
        os.close(handle)


def _create(target: str, data: bytes) -> os.stat_result:
    try:
        handle = _open(target, os.O_EXCL)
    except FileExistsError:
        return _replace(target, data)
    return _fill(handle, data)


def _replace(target: str, data: bytes) -> os.stat_result:
    part = target + PART
    written = _fill(_open(part, os.O_TRUNC), data)
    os.rename(part, target)  # noqa: PTH104 - as above
    return written


def _remove_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
