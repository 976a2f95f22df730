"""The transparency log in the site: a copy of ``manifests/log`` as it stands, file by file."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.store.log_files import LogFiles
from sovereign_registry.website.state import PageState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.store import Registry
    from sovereign_registry.website.tree import Tree

PREFIX = "log/"


def copy_log(
    registry: Registry, tree: Tree, previous: Mapping[str, PageState]
) -> dict[str, PageState]:
    """Bring the site's copy of the log up to date; a file whose source is untouched is not read.

    Args:
        registry: The registry; without a log nothing is copied.
        tree: The output folder.
        previous: The files of the last build.

    Raises:
        BadInput: a log file is a link, or larger than any can be.
        BuildFailed: a file cannot be written.
    """
    files = LogFiles(registry)
    made: dict[str, PageState] = {}
    for name in sorted(files.names()):
        path = PREFIX + name
        key = _signature(files, name)
        last = previous.get(path)
        if last is not None and last.key == key and tree.same("", {path: last.stamp}):
            tree.tally.skipped += 1
            made[path] = last
        else:
            made[path] = PageState(key, tree.put(path, files.read(name)))
    return made


def _signature(files: LogFiles, name: str) -> bytes:
    try:
        found = os.lstat(files.folder / name)
    except OSError as error:
        raise BadInput(
            f"cannot be read: {error.strerror}", where=files.where(name), todo="Build again."
        ) from error
    line = f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino} {found.st_mode}"
    return hashlib.blake2b(line.encode(), digest_size=16).digest()
