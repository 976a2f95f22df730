"""What waits for the owner: ``.sovereign/queue/<id>/``; never public, never in git, never logged.

Approving moves the queued manifest, byte for byte, into ``records/`` together with its first
history entry, in one atomic step.  Refusing leaves a decision file here and no record.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256, content_sha256, file_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.errors import BadInput, RecordFault
from sovereign_registry.contracts.evidence import Evidence
from sovereign_registry.contracts.fold import apply_patch, operations
from sovereign_registry.contracts.history import Actor, EntryKind, HistoryEntry, UtcTime
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.manifest import Approval
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.files import write_folder, write_once
from sovereign_registry.store.loading import load_manifest
from sovereign_registry.store.recompute import recompute
from sovereign_registry.store.registry import RECORD_ID, read_bounded
from sovereign_registry.store.reported import report_faults

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.store.registry import Registry

MAX_ARTIFACT_BYTES = 50_000_000


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The owner's refusal of a queued record; stays in the queue beside it."""

    contract: Literal["owner-refusal-v1"]
    record: RecordId
    manifest_sha256: Sha256
    at: UtcTime
    by: Actor
    note: str


def utc(moment: datetime) -> str:
    """A time as entries carry it: UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def owner_decision(view: RecordView, *, at: datetime, role: str, note: str) -> HistoryEntry:
    """The entry by which the owner lets a record be public, following on the view's newest entry.

    Raises:
        BadInput: the owner has decided already.
    """
    record = view.record
    if record.standing.approval is Approval.OWNER_APPROVED:
        raise BadInput("the owner has approved it already", where=record.id, todo="Nothing to do.")
    patch = operations([("/standing/approval", record.standing.approval, Approval.OWNER_APPROVED)])
    return HistoryEntry(
        contract="history-entry-v1",
        record=record.id,
        sequence=len(view.history) + 1,
        kind=EntryKind.OWNER_DECISION,
        at=utc(at),
        by=Actor(role=role),
        note=note,
        correction_type=None,
        affected_fields=("/standing/approval",),
        affected_claims=(),
        rules=(),
        patch=patch,
        record_before=content_sha256(record),
        record_after=content_sha256(apply_patch(record, patch, record.id)),
        previous=view.head_sha256,
    )


def _require_sound(record: Manifest, artifacts: Mapping[str, bytes]) -> None:
    """Refuse a queued record whose numbers or words were changed after the run.

    Raises:
        RecordFault: naming the first value that does not follow from the record's evidence.
    """
    if record.origin is not Origin.COMPUTED:
        return
    kinds = {artifact.kind: artifacts.get(artifact.name) for artifact in record.artifacts}
    evidence, report = kinds.get("evidence"), artifacts.get("report.md")
    faults = recompute(record, msgspec.json.decode(evidence, type=Evidence) if evidence else None)
    if report is not None:
        faults += report_faults(record, report.decode("utf-8", "replace"))
    if faults:
        raise RecordFault(
            faults[0], where=record.id, todo="It was changed in the queue: run the question again."
        )


class Queue:
    """The queue of one registry."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.folder = registry.root / ".sovereign" / "queue"

    def _dir(self, record_id: str) -> Path:
        if not RECORD_ID.match(record_id):
            raise BadInput(
                f"{record_id[:80]!r} is no record id", todo="See `sovereign-registry owner list`."
            )
        return self.folder / record_id

    def ids(self) -> list[str]:
        """Ids of all that was queued and is not published, refused ones included, sorted."""
        if not self.folder.is_dir():
            return []
        return sorted(
            path.name
            for path in self.folder.iterdir()
            if RECORD_ID.match(path.name) and not self.registry.has(path.name)
        )

    def has(self, record_id: str) -> bool:
        """Whether the record waits here or was refused here."""
        return (self._dir(record_id) / "manifest.yaml").is_file()

    def read(self, record_id: str) -> Manifest:
        """Read a queued manifest.

        Raises:
            BadInput: nothing with this id waits.
        """
        path = self._dir(record_id) / "manifest.yaml"
        if not path.is_file():
            raise BadInput(
                "does not wait in the queue",
                where=record_id,
                todo="See `sovereign-registry owner list`.",
            )
        return load_manifest(read_bounded(path), self.registry.relative(path))

    def refusal(self, record_id: str) -> Refusal | None:
        """The owner's refusal, where there is one."""
        path = self._dir(record_id) / "decision.yaml"
        if not path.is_file():
            return None
        from sovereign_registry.store.strict_yaml import load  # noqa: PLC0415 - rarely needed

        where = self.registry.relative(path)
        try:
            return msgspec.convert(load(read_bounded(path), where), Refusal)
        except msgspec.ValidationError as error:
            raise RecordFault(str(error), where=where, todo="Remove the file.") from error

    def add(self, manifest: bytes, artifacts: Mapping[str, bytes]) -> None:
        """Put a record into the queue in one atomic step; under the registry's lock.

        Raises:
            RecordFault: it waits already.
        """
        record = load_manifest(manifest, "manifest.yaml")
        files = {"manifest.yaml": manifest}
        files |= {f"artifacts/{name}": data for name, data in artifacts.items()}
        write_folder(self._dir(record.id), files, self.registry.scratch)

    def artifacts(self, record: Manifest) -> dict[str, bytes]:
        """The bytes of a queued record's public artifacts, re-hashed.

        Raises:
            RecordFault: one is missing or its digest differs.
        """
        found: dict[str, bytes] = {}
        for artifact in record.artifacts:
            if not artifact.public:
                continue
            path = self._dir(record.id) / "artifacts" / artifact.name
            where = self.registry.relative(path)
            if path.is_symlink() or not path.is_file():
                raise RecordFault("is missing", where=where, todo="Run the question again.")
            if path.stat().st_size > MAX_ARTIFACT_BYTES:
                raise RecordFault("is too large", where=where, todo="Run the question again.")
            data = path.read_bytes()
            if file_sha256(data) != artifact.sha256:
                raise RecordFault(
                    "its digest is not the manifest's", where=where, todo="Run the question again."
                )
            found[artifact.name] = data
        return found

    def approve(self, record_id: str, *, at: datetime, role: str, note: str) -> RecordView:
        """Publish a queued record with the owner's decision as its first history entry.

        Raises:
            BadInput: it does not wait, or was refused.
            RecordFault: its files are not what the manifest says.
        """
        from sovereign_registry.store.loading import load_view  # noqa: PLC0415 - cycle-free, local

        record = self.read(record_id)
        if self.refusal(record_id):
            raise BadInput(
                "was refused", where=record_id, todo="A refusal stands; ask the question anew."
            )
        data = read_bounded(self._dir(record_id) / "manifest.yaml")
        artifacts = self.artifacts(record)
        _require_sound(record, artifacts)
        entry = owner_decision(load_view(data), at=at, role=role, note=note)
        view = self.registry.publish(data, artifacts, [entry])
        shutil.rmtree(self._dir(record_id))
        return view

    def reject(self, record_id: str, *, at: datetime, role: str, note: str) -> Refusal:
        """Write the owner's refusal beside the queued record; nothing becomes public.

        Raises:
            BadInput: it does not wait, or was refused already.
        """
        self.read(record_id)
        if self.refusal(record_id):
            raise BadInput("was refused already", where=record_id, todo="Nothing to do.")
        data = read_bounded(self._dir(record_id) / "manifest.yaml")
        refusal = Refusal(
            contract="owner-refusal-v1",
            record=record_id,
            manifest_sha256=file_sha256(data),
            at=utc(at),
            by=Actor(role=role),
            note=note,
        )
        write_once(self._dir(record_id) / "decision.yaml", emit(refusal), self.registry.scratch)
        return refusal

    def sweep(self) -> None:
        """Remove queued copies of what is published: a kill between the two steps leaves one."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if RECORD_ID.match(path.name) and self.registry.has(path.name):
                shutil.rmtree(path)
