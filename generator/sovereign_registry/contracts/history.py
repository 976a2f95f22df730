"""history-entry-v1: what happened to a record after its manifest was written; only ever added.

Every entry carries as an explicit patch all that it changes, guards each change with a ``test`` of
the old value, and names the digest of the entry before it (for entry 1: of the manifest), so that
an edited, dropped or reordered entry breaks the chain.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.ids import RecordId

UtcTime = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")]
Pointer = Annotated[str, msgspec.Meta(pattern=r"^(?:/[^/]+)+$")]
"""An RFC 6901 JSON Pointer into the record; never the root."""


class EntryKind(StrEnum):
    """What an entry records."""

    OWNER_DECISION = "owner-decision"
    """The owner let the record be public."""
    CORRECTION = "correction"
    """Something in the record was changed; counts as a correction."""
    RE_EVALUATION = "re-evaluation"
    """A gate verdict or an assessment was made again; history, but no correction."""
    STATE_CHANGE = "state-change"
    """The record's state changed: challenged, retracted, superseded ..."""
    ANNOTATION = "annotation"
    """A note was added and no field changed."""
    REGISTRATION = "registration"
    """An external record such as a DOI was registered; history, but no correction."""


class Event(StrEnum):
    """What happened, exactly; ``contracts/rules/states_v1.py`` says what may follow what."""

    OWNER_DECISION = "owner-decision"
    """The owner let the record be public."""
    CORRECTION = "correction"
    """Fields were changed to say what they should have said."""
    RE_EVALUATION = "re-evaluation"
    """A gate verdict or an assessment was made again."""
    ARTIFACT_ACCEPTED = "artifact-accepted"
    """The owner accepted an artifact as a fair test of a claim; it may falsify from then on."""
    ADDENDUM = "addendum"
    """A note was added and no field changed."""
    REGISTRATION = "registration"
    """An external record such as a DOI was registered."""
    CHALLENGE = "challenge"
    """Somebody questions the record, and the question is open."""
    CHALLENGE_CLOSED = "challenge-closed"
    """The question was answered; the note says how."""
    CONCERN = "concern"
    """The publisher doubts the record and has not finished looking."""
    CONCERN_LIFTED = "concern-lifted"
    """The publisher has finished looking and doubts it no longer."""
    PARTIAL_RETRACTION = "partial-retraction"
    """The claims that are named must not be relied on."""
    RETRACTION = "retraction"
    """The record must not be relied on."""
    WITHDRAWAL = "withdrawal"
    """The owner takes the record back without saying that it is wrong."""
    SUPERSESSION = "supersession"
    """Another record replaces this one."""
    REINSTATEMENT = "reinstatement"
    """A retraction, withdrawal or supersession was undone."""
    REMOVAL = "removal"
    """The text was taken away for a legal reason; a tombstone stays."""


class CorrectionType(StrEnum):
    """The six types of correction-record-v1."""

    METADATA = "METADATA"
    ARTIFACT = "ARTIFACT"
    CLAIM = "CLAIM"
    BENCHMARK = "BENCHMARK"
    PROVENANCE = "PROVENANCE"
    QUALITY_ASSESSMENT = "QUALITY_ASSESSMENT"


class Actor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who did it, as they say themselves; nothing here proves an identity."""

    role: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    declared: Literal[True] = True


class PatchOperation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One RFC 6902 operation; a replace or remove stands behind a ``test`` of the old value."""

    op: Literal["test", "replace", "add", "remove"]
    path: Pointer
    value: Any = None


class HistoryEntry(
    # A field that may be absent is not written where it is: entries older than it keep their bytes.
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    omit_defaults=True,
):
    """One numbered file of a record's history."""

    contract: Literal["history-entry-v1"]
    record: RecordId
    sequence: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    kind: EntryKind
    event: Event | None = None
    """What happened, exactly; absent only where the kind says it all."""
    at: UtcTime
    by: Actor
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    """The public reason, in plain text."""
    correction_type: CorrectionType | None
    """Set exactly where the entry counts as a correction."""
    affected_fields: tuple[Pointer, ...]
    affected_claims: tuple[str, ...]
    rules: tuple[str, ...]
    """Versions of the rules under which derived fields were made again."""
    patch: tuple[PatchOperation, ...]
    record_before: Sha256
    """``content_sha256`` of the record as it stood before this entry."""
    record_after: Sha256
    previous: Sha256
    """``content_sha256`` of the previous entry; of the manifest for entry 1."""

    @property
    def happened(self) -> Event | None:
        """The event, or what the kind alone implies; None for a bare change of state."""
        return self.event or _IMPLIED.get(self.kind)

    @property
    def file_name(self) -> str:
        """``NNNN-<kind>.yaml``."""
        return f"{self.sequence:04d}-{self.kind}.yaml"


_IMPLIED = {
    EntryKind.OWNER_DECISION: Event.OWNER_DECISION,
    EntryKind.CORRECTION: Event.CORRECTION,
    EntryKind.RE_EVALUATION: Event.RE_EVALUATION,
    EntryKind.ANNOTATION: Event.ADDENDUM,
    EntryKind.REGISTRATION: Event.REGISTRATION,
}
