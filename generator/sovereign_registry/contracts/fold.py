"""The current view of a record is the fold of its history over its manifest.  Pure.

Replay applies patches and nothing else: no rule is run.  A chain that was edited, cut in the middle
or reordered does not fold.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import jsonpatch
import jsonpointer
import msgspec

from sovereign_registry.contracts.canonical import Sha256, content_sha256
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.history import HistoryEntry, PatchOperation
from sovereign_registry.contracts.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence


class RecordView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record as it stands now, with all that is needed to prove how it came to stand so."""

    record: Manifest
    """The manifest with every patch of the history applied."""
    history: tuple[HistoryEntry, ...]
    manifest_content_sha256: Sha256
    """Digest of the manifest as published, canonical JSON."""
    manifest_file_sha256: Sha256
    """Digest of the manifest's file."""
    manifest_bytes: int
    head_sha256: Sha256
    """Digest of the newest entry; of the manifest where there is none."""


def short_view(view: RecordView) -> dict[str, object]:
    """A record's view without what its manifest and history say word for word.

    ``record.json`` holds it where the site packs the record in its bundle only: of the record there
    are the id and the list of artifacts, everything else is as in ``RecordView``.
    """
    record = {"id": view.record.id, "artifacts": view.record.artifacts}
    return {name: getattr(view, name) for name in view.__struct_fields__} | {"record": record}


def operations(changes: Sequence[tuple[str, Any, Any]]) -> tuple[PatchOperation, ...]:
    """Guarded replacements: for each (pointer, old, new) a ``test`` and then a ``replace``."""
    return tuple(
        operation
        for pointer, old, new in changes
        for operation in (
            PatchOperation(op="test", path=pointer, value=msgspec.to_builtins(old)),
            PatchOperation(op="replace", path=pointer, value=msgspec.to_builtins(new)),
        )
    )


def apply_patch(record: Manifest, patch: Sequence[PatchOperation], where: str) -> Manifest:
    """Apply one entry's patch; the result must again satisfy the manifest's contract.

    Raises:
        RecordFault: a ``test`` fails, a pointer leads nowhere, or the result breaks the contract.
    """
    if not patch:
        return record
    steps = [
        {"op": step.op, "path": step.path}
        | ({} if step.op == "remove" else {"value": deepcopy(step.value)})
        for step in patch
    ]
    try:
        # Through JSON, because to_builtins leaves tuples, which a pointer cannot lead through.
        document = msgspec.json.decode(msgspec.json.encode(record))
        # In place, as the document is ours: copying a record takes longer than reading it.
        patched = jsonpatch.apply_patch(document, steps, in_place=True)
        return msgspec.convert(patched, Manifest)
    except (
        jsonpatch.JsonPatchException,
        jsonpointer.JsonPointerException,
        msgspec.ValidationError,
    ) as error:
        raise RecordFault(
            f"the patch cannot be applied: {error}",
            where=where,
            todo="A history file was changed, or was written against another state of the record.",
        ) from error


def _require(*, holds: bool, what: str, where: str) -> None:
    if not holds:
        raise RecordFault(
            what,
            where=where,
            todo="History is only ever added to: restore the file from the published registry.",
        )


def _digest(manifest: Manifest, where: str) -> str:
    try:
        return content_sha256(manifest)
    except ValueError as error:
        raise RecordFault(
            f"has no canonical form: {error}", where=where, todo="Integers end at 2**53."
        ) from error


def fold(
    manifest: Manifest,
    history: Sequence[HistoryEntry],
    *,
    file_sha256: str,
    file_bytes: int,
) -> RecordView:
    """Replay a history over a manifest and check every link of the chain.

    Raises:
        RecordFault: naming the entry whose record, sequence, previous digest, or digest before or
            after does not fit.
    """
    origin = previous = state = _digest(manifest, f"{manifest.id}/manifest.yaml")
    record = manifest
    for number, entry in enumerate(history, start=1):
        where = f"{manifest.id}/history/{entry.file_name}"
        _require(holds=entry.record == manifest.id, what=f"belongs to {entry.record}", where=where)
        _require(
            holds=entry.sequence == number,
            what=f"has sequence {entry.sequence} where {number} is due",
            where=where,
        )
        _require(
            holds=entry.previous == previous,
            what="does not follow the entry before it: the previous digest differs",
            where=where,
        )
        _require(
            holds=entry.record_before == state,
            what="was written against another state of the record: record_before differs",
            where=where,
        )
        record = apply_patch(record, entry.patch, where)
        state = content_sha256(record) if entry.patch else state
        _require(
            holds=entry.record_after == state,
            what="its patch does not lead to the state that it names: record_after differs",
            where=where,
        )
        previous = content_sha256(entry)
    return RecordView(
        record=record,
        history=tuple(history),
        manifest_content_sha256=origin,
        manifest_file_sha256=file_sha256,
        manifest_bytes=file_bytes,
        head_sha256=previous,
    )
