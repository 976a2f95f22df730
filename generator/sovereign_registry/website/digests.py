"""``digests.txt``: the SHA-256 of every published file outside ``log/``, as ``sha256sum`` reads it.

The digests come from the stamps of the build, so that no file is read for it; where few changed,
their lines are changed in the last list, if that still holds the bytes that were written.  ``log
seal`` signs the list after the build, which takes an old seal away wherever the list changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from sovereign_registry.contracts.log.seal import DIGESTS, SEAL, digest_list
from sovereign_registry.website.log_copy import PREFIX
from sovereign_registry.website.state import PageState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sovereign_registry.website.state import RecordState
    from sovereign_registry.website.tree import Stamp, Tree

_PATH = 66
"""Where the path starts in a line: after 64 digits and two spaces."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """All files of a build."""

    records: Sequence[RecordState]
    """The records' files."""
    pages: Mapping[str, PageState]
    """All others; the list itself may be among them."""


def write_digests(tree: Tree, files: Files, last: Files | None) -> PageState:
    """Write the list of all files of a build; leave it, and its seal, alone where nothing changed.

    Args:
        tree: The output folder.
        files: What the list is of.
        last: The same of the build that wrote the last list; None where that is not known.

    Raises:
        BuildFailed: it cannot be written.
    """
    done = None if last is None else last.pages.get(DIGESTS)
    data = None
    if last is not None and done is not None:
        gone, new = _difference(files, last)
        if not gone and not new and tree.same("", {DIGESTS: done.stamp}):
            tree.tally.skipped += 1
            return done
        if len(new) <= len(files.records):
            data = _amended(tree, done.stamp, gone, new)
    if data is None:
        data = digest_list(_hex(_record_files(files.records) | _page_files(files.pages)))
    if not tree.holds(DIGESTS, data):
        tree.remove([SEAL])
    return PageState(b"", tree.put(DIGESTS, data))


def _record_files(records: Iterable[RecordState]) -> dict[str, Stamp]:
    return {
        f"records/{record.id}/{name}": stamp
        for record in records
        for name, stamp in record.files.items()
    }


def _page_files(pages: Mapping[str, PageState]) -> dict[str, Stamp]:
    return {
        path: page.stamp
        for path, page in pages.items()
        if path != DIGESTS and not path.startswith(PREFIX)
    }


def _hex(files: Mapping[str, Stamp]) -> dict[str, str]:
    return {path: stamp.digest.hex() for path, stamp in files.items()}


def _difference(files: Files, last: Files) -> tuple[set[str], dict[str, Stamp]]:
    """Paths whose line is no longer due, and the files that have a new one."""
    known = {id(record) for record in last.records}
    kept = {id(record) for record in files.records} & known  # the same objects: nothing was made
    due = _record_files(one for one in files.records if id(one) not in kept)
    held = _record_files(one for one in last.records if id(one) not in kept)
    due |= _page_files(files.pages)
    held |= _page_files(last.pages)
    gone = {
        path for path, stamp in held.items() if path not in due or due[path].digest != stamp.digest
    }
    return gone, {path: due[path] for path in due if path not in held or path in gone}


def _amended(tree: Tree, stamp: Stamp, gone: set[str], new: dict[str, Stamp]) -> bytes | None:
    """The last list with some lines taken out and others put in; None where it is not there."""
    data = tree.read(DIGESTS, stamp)
    if data is None:
        return None
    lines = [line for line in _lines(data) if line[_PATH:] not in gone]
    lines += _lines(digest_list(_hex(new)))
    lines.sort(key=itemgetter(slice(_PATH, None)))
    return "".join([f"{line}\n" for line in lines]).encode()


def _lines(data: bytes) -> list[str]:
    return data.decode().split("\n")[:-1]
