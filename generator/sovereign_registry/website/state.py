"""What the last build left: per record and per page its key, and the stamp of every file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.website.model import Naming, Row, TrailEntry
from sovereign_registry.website.sealed import read_sealed, write_sealed
from sovereign_registry.website.tree import Stamp

if TYPE_CHECKING:
    from pathlib import Path


class RecordState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One record as the last build left it."""

    id: str
    signature: bytes
    """Names, sizes and times of its source files."""
    digest: bytes
    """Digest of its manifest and history."""
    copy_key: bytes
    data_key: bytes
    page_key: bytes
    trail_key: bytes
    bundle_key: bytes
    row: Row
    row_digest: bytes
    trail: tuple[TrailEntry, ...]
    named: tuple[str, ...]
    """Ids of the records whose states its page shows."""
    near: tuple[tuple[str, Naming], ...]
    """Ids of the records on whose pages it is named, with what it says of them."""
    files: dict[str, Stamp]
    """Output path below the record's folder -> stamp; pages, exports and copies."""
    papers: tuple[str, ...] = ()
    """Keys of the papers that it leans on, sorted."""
    details: bytes = b""
    """Digest of its details."""


class PageState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One page outside the records."""

    key: bytes
    stamp: Stamp


class SiteState(msgspec.Struct, kw_only=True):
    """The whole; trusted only under the same code and the same output folder."""

    version: bytes
    base: bytes = b""
    """Digest of what the keys of all records have in common."""
    places: bytes = b""
    """Digest of where in the log the records' entries stand."""
    lists: bytes = b""
    """Digest of what the pages outside the records are made from, besides the records."""
    shelves: bytes = b""
    """The same for the pages of source papers."""
    records: list[RecordState] = msgspec.field(default_factory=list)
    pages: dict[str, PageState] = msgspec.field(default_factory=dict)
    """Output path -> state; the prose pages' keys are empty, they are always made again."""


_UNKNOWN = PageState(b"", Stamp(-1, 0, 0, b""))


class StateFile:
    """The state of one output folder, and the mark of a build that is under way.

    Args:
        folder: The cache folder.
        output: The output folder that the state speaks of.
        version: Digest of the code that makes pages.
    """

    def __init__(self, folder: Path, output: Path, version: bytes) -> None:
        name = hashlib.sha256(str(output.resolve()).encode()).hexdigest()[:12]
        self._path = folder / f"site-state-{name}"
        self._mark = folder / f"site-building-{name}"
        self._version = version

    def load(self) -> tuple[SiteState, bool]:
        """The state, and whether it tells the whole truth about the output folder.

        It does not where it is missing, spoilt, of other code, or where a build was killed.
        """
        fresh = SiteState(version=self._version)
        marked = self._marked()
        for path in marked or ():
            fresh.pages[path] = _UNKNOWN
        data = read_sealed(self._path)
        try:
            state = msgspec.msgpack.decode(data or b"", type=SiteState)
        except msgspec.MsgspecError:
            return fresh, False
        if state.version != self._version:
            # Keys and rows are of other code; which pages were made still holds.
            fresh.pages |= dict.fromkeys(state.pages, _UNKNOWN)
            return fresh, False
        state.pages = fresh.pages | state.pages
        return state, marked is None

    def _marked(self) -> list[str] | None:
        """The prose pages of a build that was killed; None where none was."""
        if not self._mark.exists():
            return None
        try:
            return msgspec.msgpack.decode(read_sealed(self._mark) or b"", type=list[str])
        except msgspec.MsgspecError:
            return []

    def begin(self, prose: list[str]) -> None:
        """Mark that the output folder is being changed, and which prose pages it may get."""
        write_sealed(self._mark, msgspec.msgpack.encode(sorted(prose)))

    def save(self, state: SiteState | None) -> None:
        """Write the state of a finished build, None where it is as before; take the mark away."""
        if state is not None:
            write_sealed(self._path, msgspec.msgpack.encode(state))
        self._mark.unlink(missing_ok=True)
