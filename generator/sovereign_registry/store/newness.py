"""A registry that declares itself new: the only one that may be without records.

``new: true`` in ``registry.yaml`` says that no record was ever published.  Publishing the first one
takes the line out, so that from then on an empty ``records/`` means that records are missing.
"""

from __future__ import annotations

import os
import re
import secrets
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.store.files import sync_folder, write_bytes
from sovereign_registry.store.loading import load_registry_info
from sovereign_registry.store.log_files import LogFiles

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.registry import RegistryInfo
    from sovereign_registry.store.registry import Registry

FIRST_RECORD = (
    "Publish a first one: `sovereign-registry run` answers a question, `sovereign-registry import` "
    "takes over documents, and `sovereign-registry owner list` shows what waits for a decision."
)
_LINE = re.compile(rb"^new:[ \t]+true[ \t]*(?:#[^\n]*)?(?:\n|\Z)", re.MULTILINE)


def without_line(data: bytes, where: str) -> bytes | None:
    """The bytes of a ``registry.yaml`` without the line ``new: true``.

    Args:
        data: The file's bytes, a valid ``registry-v1``.
        where: How errors name the file.

    Returns:
        None where the line does not stand by itself, as in a file of one line; ``check`` names
        such a file once the registry has records.

    Raises:
        RecordFault: the bytes are no valid ``registry-v1``.
    """
    declared = load_registry_info(data, where)
    cut, found = _LINE.subn(b"", data)
    if found != 1 or not declared.new:
        return None
    same: bool = load_registry_info(cut, where) == msgspec.structs.replace(declared, new=False)
    return cut if same else None


def take_line_out(marker: Path, where: str, scratch: Path) -> RegistryInfo | None:
    """Take ``new: true`` out of a ``registry.yaml`` in one atomic step.

    Args:
        marker: The file.
        where: How errors name it.
        scratch: A folder on the same file system for the work in progress.

    Returns:
        What the file says from now on; None where it was left as it is.

    Raises:
        RecordFault: the file is no valid ``registry-v1``.
    """
    cut = without_line(marker.read_bytes(), where)
    if cut is None:
        return None
    scratch.mkdir(parents=True, exist_ok=True)
    part = scratch / f"registry.{secrets.token_hex(6)}"
    try:
        write_bytes(part, cut)
        os.replace(part, marker)  # noqa: PTH105 - one step, over the file that is there
    finally:
        part.unlink(missing_ok=True)
    sync_folder(marker.parent)
    return load_registry_info(cut, where)


def newness_fault(registry: Registry) -> tuple[str, str, str] | None:
    """What is wrong with how many records there are, as (where, what, what to do).

    Raises:
        LogFault: a kept checkpoint of the log is not named by a size.
    """
    marker = registry.relative(registry.manifests / "registry.yaml")
    records = registry.relative(registry.records)
    some = bool(registry.ids() or registry.removed_ids())
    if some and registry.info.new:
        return marker, "new: says true, and there are records", "Take the line out."
    if some:
        return None
    logged = max(LogFiles(registry).sizes(), default=0)
    if logged:
        what = f"holds no record, and the log lists {logged:,} entries"
        return records, what, "Restore the published records."
    if registry.info.new:
        return None
    todo = f"Restore them; or, if it never had one, add the line `new: true` to {marker}."
    return records, "the registry has no records", f"{todo} {FIRST_RECORD}"


def require_meant(registry: Registry) -> None:
    """Let a registry without records through only where that is meant.

    Raises:
        BuildFailed: it had records, or does not say that it is new.
    """
    fault = newness_fault(registry)
    if fault is not None:
        where, what, todo = fault
        raise BuildFailed(what, where=where, todo=todo)
