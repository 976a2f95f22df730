"""tombstone-v1: what stays of a record whose text was removed for a legal reason.

It holds no word of the record: only what was removed, when, on what ground, and the digests, so
that the log and everybody who kept a copy can still tell what had been published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256, content_sha256, file_sha256
from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.history import Actor, EntryKind, UtcTime
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.papers import IsoDate
from sovereign_registry.contracts.text import require_clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.fold import RecordView

POLICY = (
    "Text is removed only where the law requires it. The reason, the legal reference, the date and "
    "the digests of all that was published stay, and so does every entry of the log."
)


class RemovedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file that was removed."""

    name: str
    """Path within the record's folder; an artifact is named by its kind, not by its file name."""
    file_sha256: Sha256
    """Digest of the bytes."""
    content_sha256: Sha256 | None
    """Digest of the canonical JSON; None for an artifact."""
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    """Size in bytes."""


class RemovedEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One history entry that was removed."""

    sequence: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    """Its number."""
    kind: EntryKind
    at: UtcTime
    """When it was made, UTC."""
    file: RemovedFile


class Tombstone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What stands in the place of a removed record."""

    contract: Literal["tombstone-v1"]
    record: RecordId
    record_state: Literal["REMOVED"]
    """Always REMOVED."""
    sequence: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    """The number that the removal has in the record's history."""
    event: Literal["removal"]
    """Always removal."""
    at: UtcTime
    by: Actor
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    """The public reason, in plain text."""
    legal_reference: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
    """The order, statute or request that the removal rests on."""
    policy: str
    """What the registry commits to about removals."""
    correction_count: Annotated[int, msgspec.Meta(ge=1)]
    """Corrections of the record, the removal among them."""
    as_of: IsoDate
    """The record's date, which dates its manifest in the log."""
    manifest: RemovedFile
    history: tuple[RemovedEntry, ...]
    artifacts: tuple[RemovedFile, ...]
    record_before: Sha256
    """``content_sha256`` of the record as it stood."""
    previous: Sha256
    """``content_sha256`` of the newest entry; of the manifest where there was none."""


def bury(  # noqa: PLR0913 - one argument a field that is not in the record
    view: RecordView,
    files: Sequence[tuple[str, bytes]],
    *,
    at: str,
    by: str,
    note: str,
    legal_reference: str,
) -> Tombstone:
    """The tombstone of a record.

    Args:
        view: The record as it stands.
        files: Its history files, (name, bytes) in order.
        at: When, UTC.
        by: The role that removes it.
        note: The public reason.
        legal_reference: What the removal rests on.

    Raises:
        BadInput: the time lies before the newest entry, or a text is empty or not clean.
    """
    record = view.record
    if view.history and at < view.history[-1].at:
        raise BadInput(
            f"the time {at} lies before the newest entry ({view.history[-1].at})",
            where=record.id,
            todo="The clock ran backwards, here or where that entry was made: set it right.",
        )
    stone = Tombstone(
        contract="tombstone-v1",
        record=record.id,
        record_state="REMOVED",
        sequence=len(view.history) + 1,
        event="removal",
        at=at,
        by=Actor(role=require_clean(by, "--by").strip()),
        note=require_clean(note, "--reason").strip(),
        legal_reference=require_clean(legal_reference, "--legal").strip(),
        policy=POLICY,
        correction_count=record.standing.correction_count + 1,
        as_of=record.work.as_of,
        manifest=RemovedFile(
            name="manifest.yaml",
            file_sha256=view.manifest_file_sha256,
            content_sha256=view.manifest_content_sha256,
            bytes=view.manifest_bytes,
        ),
        history=_entries(view, files),
        artifacts=tuple(
            RemovedFile(
                name=f"artifacts/{one.kind}",
                file_sha256=one.sha256,
                content_sha256=None,
                bytes=one.bytes,
            )
            for one in record.artifacts
        )
        + tuple(
            RemovedFile(
                name=f"{verdict.folder}/{file.path}",
                file_sha256=file.sha256,
                content_sha256=None,
                bytes=file.bytes,
            )
            for verdict in record.gate.verdicts
            for file in verdict.files
            if file.sha256 == verdict.run
        ),
        record_before=content_sha256(record),
        previous=view.head_sha256,
    )
    try:
        return msgspec.json.decode(msgspec.json.encode(stone), type=Tombstone)
    except msgspec.ValidationError as error:
        raise BadInput(
            f"the tombstone would break its contract: {error}",
            where=record.id,
            todo="A role, a reason and a legal reference are due.",
        ) from error


def _entries(view: RecordView, files: Sequence[tuple[str, bytes]]) -> tuple[RemovedEntry, ...]:
    return tuple(
        RemovedEntry(
            sequence=entry.sequence,
            kind=entry.kind,
            at=entry.at,
            file=RemovedFile(
                name=f"history/{name}",
                file_sha256=file_sha256(data),
                content_sha256=content_sha256(entry),
                bytes=len(data),
            ),
        )
        for entry, (name, data) in zip(view.history, files, strict=True)
    )
