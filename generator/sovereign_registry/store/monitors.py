"""``manifests/monitor/<id>.yaml``: the last look at a record's sources.

The only files of ``manifests/`` that are written anew: they state what was found on one day, and no
digest, history or log covers them.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import RecordFault, RegistryError
from sovereign_registry.contracts.monitor import CONTRACT, ReviewMonitor
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.files import sync_folder, write_bytes
from sovereign_registry.store.loading import load_canonical
from sovereign_registry.store.registry import RECORD_ID, read_bounded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sovereign_registry.store.registry import Registry

FOLDER = "monitor"
_AGAIN = "Delete the file and run `sovereign-registry monitor`."


def monitor_path(registry: Registry, record_id: str) -> Path:
    """Where a record's last look is kept."""
    return registry.manifests / FOLDER / f"{registry.record_dir(record_id).name}.yaml"


def load_monitor(data: bytes, record_id: str, where: str) -> ReviewMonitor:
    """Read the last look at a record.

    Raises:
        RecordFault: it breaks its contract, or is of another record.
    """
    found = load_canonical(data, ReviewMonitor, CONTRACT, where)
    if found.record != record_id:
        raise RecordFault(f"is of the record {found.record}", where=where, todo=_AGAIN)
    return found


def read_monitor(registry: Registry, record_id: str) -> ReviewMonitor | None:
    """The last look at a record; None where nobody has looked.

    Raises:
        RecordFault: the file breaks its contract.
    """
    path = monitor_path(registry, record_id)
    if not path.exists():
        return None
    return load_monitor(read_bounded(path), record_id, registry.relative(path))


def write_monitor(registry: Registry, found: ReviewMonitor) -> None:
    """Put a look in the place of the last one, in one step; under the registry's lock."""
    path = monitor_path(registry, found.record)
    path.parent.mkdir(parents=True, exist_ok=True)
    registry.scratch.mkdir(parents=True, exist_ok=True)
    temporary = registry.scratch / f"{path.name}.{secrets.token_hex(6)}"
    try:
        write_bytes(temporary, emit(found))
        os.replace(temporary, path)  # noqa: PTH105 - as the other writers do
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def monitors(registry: Registry) -> dict[str, ReviewMonitor]:
    """The last looks at all published records that anybody has looked at, by id.

    Raises:
        RecordFault: a file breaks its contract.
    """
    folder = registry.manifests / FOLDER
    if not folder.is_dir():
        return {}
    names = {path.name for path in folder.iterdir()}
    here = (one for one in registry.ids() if f"{one}.yaml" in names)
    found = ((record_id, read_monitor(registry, record_id)) for record_id in here)
    return {record_id: one for record_id, one in found if one is not None}


def monitor_faults(registry: Registry) -> Iterator[tuple[str, str, str]]:
    """(where, what, what to do) of everything in the folder that does not belong there."""
    folder = registry.manifests / FOLDER
    if not folder.exists():
        return
    if not folder.is_dir() or folder.is_symlink():
        yield registry.relative(folder), "is no folder", "Remove it."
        return
    known = set(registry.ids())
    for path in sorted(folder.iterdir()):
        where = registry.relative(path)
        if path.suffix != ".yaml" or not RECORD_ID.match(path.stem) or path.stem not in known:
            yield where, "is of no published record", "Remove it."
            continue
        try:
            read_monitor(registry, path.stem)
        except RegistryError as error:
            yield where, error.what, error.todo
