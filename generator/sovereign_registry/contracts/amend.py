"""From a record as it stands and an intended change to the one history entry that records it.

Pure: the time comes in, nothing is written.  The same function makes an entry and audits it later:
an entry is sound if making it again from what it intends gives the same record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.errors import BadInput, RecordFault, on_one_line
from sovereign_registry.contracts.fold import RecordView, apply_patch
from sovereign_registry.contracts.history import (
    Actor,
    CorrectionType,
    EntryKind,
    Event,
    HistoryEntry,
)
from sovereign_registry.contracts.manifest import Approval, Manifest, RecordState
from sovereign_registry.contracts.pointers import (
    Change,
    by_id,
    by_place,
    document,
    guarded,
    invert,
    record_changes,
    resolve,
)
from sovereign_registry.contracts.rederive import Held, rederive
from sovereign_registry.contracts.rules import gate_v1, states_v1
from sovereign_registry.contracts.settable import refusal, type_for, value_faults
from sovereign_registry.contracts.text import require_clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.history import PatchOperation
    from sovereign_registry.contracts.rules.states_v1 import Situation

_COUNT, _STATE = "/standing/correction_count", "/standing/record_state"
_GATE = frozenset({Event.RE_EVALUATION, Event.ARTIFACT_ACCEPTED})
_SETTING = frozenset({Event.CORRECTION, Event.REGISTRATION, *_GATE})
MAX_SEQUENCE = 9999
OWNER = "owner"
"""The role that accepts an artifact as a test of a claim; declared, like every role."""


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One field that is to hold another value."""

    pointer: str
    """JSON Pointer; claims named by id."""
    value: Any
    """A JSON value."""


class Amendment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody intends to add to a record's history."""

    event: Event
    at: str
    """UTC, whole seconds: ``2026-06-10T06:30:49Z``."""
    by: str
    """A role, or a role and a name: ``editor: A. Name``; declared, not proved."""
    note: str
    """The public reason; plain text of one line."""
    settings: tuple[Setting, ...] = ()
    correction_type: CorrectionType | None = None
    """None takes the one that fits; refused where the event is no correction."""
    claims: tuple[str, ...] = ()
    """Claims that are affected besides those whose fields are set; for a partial retraction, the
    claims that are retracted."""
    superseded_by: str | None = None
    rules: tuple[str, ...] | None = None
    """The rules of an entry that is made again, to which it keeps; None takes the newest."""


def amend(view: RecordView, amendment: Amendment) -> HistoryEntry:
    """The entry that records an amendment, following on the record's newest entry.

    Raises:
        BadInput: the reason, role, time, claims or fields are not what they must be.
        RecordFault: the event may not follow, or the result would break the record's contract.
    """
    record = view.record
    now = _standing_now(view)
    _require_time(view, amendment.at)
    row = states_v1.TRANSITIONS[amendment.event]
    if amendment.event is Event.REMOVAL:
        raise BadInput("a removal leaves a tombstone, no entry", where=record.id)
    _require_claims(record, amendment.claims)
    after = _situation_after(now, amendment, record)
    changed, rules = _changed(record, amendment, Held.of(view.history, now, after))
    _require_gate(view, amendment, changed)
    changed = _with_standing(changed, amendment.event, after)
    changes = record_changes(record, changed)
    patch = guarded(changes)
    before = content_sha256(record)
    _require_effect(record, amendment, changes)
    entry = HistoryEntry(
        contract="history-entry-v1",
        record=record.id,
        sequence=len(view.history) + 1,
        kind=row.kind,
        event=amendment.event,
        at=amendment.at,
        by=Actor(role=require_clean(amendment.by, "by")),
        note=require_clean(amendment.note, "reason"),
        correction_type=_type(amendment, row),
        affected_fields=_affected_fields(record, amendment, changes, row.kind),
        affected_claims=_affected_claims(record, amendment, changes, now),
        rules=rules,
        patch=patch,
        record_before=before,
        record_after=content_sha256(changed) if patch else before,
        previous=view.head_sha256,
    )
    return _valid(entry)


def _valid(entry: HistoryEntry) -> HistoryEntry:
    if not entry.note.strip() or not entry.by.role.strip():
        raise BadInput("a role and a public reason are due", where=entry.record, todo="Say both.")
    if entry.sequence > MAX_SEQUENCE:
        raise BadInput(f"holds {MAX_SEQUENCE} entries, which is the limit", where=entry.record)
    for option, text, most in (("--reason", entry.note, 4000), ("--by", entry.by.role, 80)):
        if len(text) > most:
            raise BadInput(
                f"has {len(text):,} characters where {most:,} are the most",
                where=option,
                todo="Shorten it.",
            )
    try:
        return msgspec.json.decode(msgspec.json.encode(entry), type=HistoryEntry)
    except msgspec.ValidationError as error:
        what = f"the entry would break its contract: {error}"
        raise BadInput(what, where=entry.record) from error


def _standing_now(view: RecordView) -> Situation:
    now = states_v1.situation(view.record, view.history)
    shown = view.record.standing.record_state
    if shown is not now.shown:
        raise RecordFault(
            f"shows {shown} where its history gives {now.shown}",
            where=view.record.id,
            todo="Run `sovereign-registry check` and restore the published files first.",
        )
    return now


def _require_time(view: RecordView, at: str) -> None:
    if view.history and at < view.history[-1].at:
        raise BadInput(
            f"the time {at} lies before the newest entry ({view.history[-1].at})",
            where=view.record.id,
            todo="The clock ran backwards, here or where that entry was made: set it right.",
        )


def _require_claims(record: Manifest, claims: Sequence[str]) -> None:
    ids = [claim.id for claim in record.claims]
    unknown = [claim for claim in claims if claim not in ids]
    if unknown:
        raise BadInput(
            f"the record has no claim {', '.join(unknown)}",
            where=record.id,
            todo=f"Its claims: {', '.join(ids) or 'none'}.",
        )


def _situation_after(now: Situation, amendment: Amendment, record: Manifest) -> Situation:
    partial = amendment.event is Event.PARTIAL_RETRACTION
    try:
        return states_v1.follow(
            now,
            amendment.event,
            all_claims=[claim.id for claim in record.claims],
            claims=amendment.claims if partial else (),
            superseded_by=amendment.superseded_by,
        )
    except RecordFault as error:
        raise RecordFault(error.what, where=record.id, todo=error.todo) from error


def _changed(record: Manifest, plan: Amendment, held: Held) -> tuple[Manifest, tuple[str, ...]]:
    if not plan.settings:  # Gate 2 counts no claim that was retracted
        moved = held.moved and record.gate.verdicts
        return rederive(record, record, plan.rules, held) if moved else (record, ())
    value = document(record)
    for setting in plan.settings:
        place = by_place(record, setting.pointer)
        if reason := refusal(record, setting.pointer, plan.event):
            raise BadInput(f"{setting.pointer} {reason}", where=record.id)
        _put(value, place, setting)
    changed = as_record(record, value)
    for fault in value_faults(record, changed):
        raise BadInput(fault, where=record.id)
    _require_references(record, changed)
    return rederive(record, changed, plan.rules, held)


def _require_gate(view: RecordView, amendment: Amendment, changed: Manifest) -> None:
    """An attempt or acceptance is added one at a time, and nothing else changes a verdict."""
    if amendment.event not in _GATE or not amendment.settings:
        return
    sequence, accepts = len(view.history) + 1, amendment.event is Event.ARTIFACT_ACCEPTED
    if accepts and amendment.by.partition(":")[0].strip().casefold() != OWNER:
        raise BadInput(
            f"{amendment.by!r} may not accept an artifact",
            where=view.record.id,
            todo="Only the owner may.",
        )
    for fault in gate_v1.added_faults(view.record.gate, changed.gate, sequence, accepts=accepts):
        raise RecordFault(
            fault, where=view.record.id, todo="Enter it with `sovereign-registry gate`."
        )


def _put(value: Any, place: str, setting: Setting) -> None:  # noqa: ANN401 - JSON value
    parent, _, last = place.rpartition("/")
    holder = resolve(value, parent, setting.pointer)
    _require_clean_value(setting.value, setting.pointer)
    holder[int(last) if isinstance(holder, list) else last] = setting.value


def _require_clean_value(value: Any, where: str) -> None:  # noqa: ANN401 - JSON value
    if isinstance(value, str):
        require_clean(value, where)
    elif isinstance(value, list):
        for one in value:
            _require_clean_value(one, where)
    elif isinstance(value, dict):
        for key, one in value.items():
            _require_clean_value(key, where)
            _require_clean_value(one, where)


def as_record(record: Manifest, value: Any) -> Manifest:  # noqa: ANN401 - JSON value
    """A changed document as a record.

    Raises:
        RecordFault: it breaks the record's contract, naming the field.
    """
    try:
        return msgspec.convert(value, type(record))
    except msgspec.ValidationError as error:
        raise RecordFault(
            f"the result would break the contract {record.contract}: {error}",
            where=record.id,
            todo=f"See `sovereign-registry schema {record.contract}`.",
        ) from error


def _require_references(before: Manifest, after: Manifest) -> None:
    listed = {source.ref for source in after.sources}
    lost = [
        claim.id for claim in after.claims if claim.locator and claim.locator.paper not in listed
    ]
    if lost:
        raise RecordFault(
            f"{', '.join(lost)}: the paper that the claim is located in would not be listed",
            where=before.id,
            todo="Correct the claim's locator and the source together.",
        )


def _with_standing(record: Manifest, event: Event, after: Situation) -> Manifest:
    row = states_v1.TRANSITIONS[event]
    standing = msgspec.structs.replace(
        record.standing,
        record_state=after.shown,
        correction_count=record.standing.correction_count + row.counts,
        superseded_by=after.superseded_by,
        approval=Approval.OWNER_APPROVED
        if event is Event.OWNER_DECISION
        else record.standing.approval,
    )
    return msgspec.structs.replace(record, standing=standing)


def _require_effect(record: Manifest, amendment: Amendment, changes: Sequence[Change]) -> None:
    if amendment.settings and amendment.event not in _SETTING:
        raise BadInput(f"{amendment.event} sets no field", where=record.id)
    changed = {change.pointer for change in changes}
    if amendment.event is Event.CORRECTION and not changed - {_COUNT, _STATE}:
        raise BadInput(
            "nothing would change: the record holds these values already",
            where=record.id,
            todo="A note without a change is an annotation: `sovereign-registry annotate`.",
        )
    if amendment.event in {Event.OWNER_DECISION, Event.REGISTRATION} and not changed:
        raise BadInput("nothing would change", where=record.id, todo="It is so already.")


def _type(amendment: Amendment, row: states_v1.Transition) -> CorrectionType | None:
    if amendment.correction_type and not row.counts:
        raise BadInput(f"{amendment.event} is no correction and has no type")
    if amendment.event is Event.CORRECTION:
        return type_for([one.pointer for one in amendment.settings], amendment.correction_type)
    return amendment.correction_type or row.correction_type


def _affected_fields(
    record: Manifest, amendment: Amendment, changes: Sequence[Change], kind: EntryKind
) -> tuple[str, ...]:
    """What the patch changes, claims by id; the record's own bookkeeping is left out."""
    left_out = {_COUNT, _STATE} if kind is EntryKind.CORRECTION else {_COUNT}
    fields = [by_id(record, one.pointer) for one in changes if one.pointer not in left_out]
    if amendment.event is Event.PARTIAL_RETRACTION:
        fields += [f"/claims/{claim.id}" for claim in record.claims if claim.id in amendment.claims]
    return tuple(fields)


def _affected_claims(
    record: Manifest, amendment: Amendment, changes: Sequence[Change], now: Situation
) -> tuple[str, ...]:
    named = {*amendment.claims}
    named |= {
        by_id(record, one.pointer).split("/")[2]
        for one in changes
        if one.pointer.startswith("/claims/")
    }
    if amendment.event is Event.REINSTATEMENT and now.base is RecordState.PARTIALLY_RETRACTED:
        named |= {*now.retracted_claims}
    return tuple(claim.id for claim in record.claims if claim.id in named)


def intent(entry: HistoryEntry, record: Manifest) -> Amendment:
    """What an entry set out to do: its patch without what follows from it by rule.

    Args:
        entry: The entry.
        record: The record as it stood before it.

    Raises:
        RecordFault: the entry does not say what happened.
    """
    event = entry.happened
    if event is None:
        raise RecordFault("event: a change of state says which", todo="Re-enter it by a command.")
    replaced = [step for step in entry.patch if step.op != "test"]
    settings = tuple(
        Setting(pointer=by_id(record, step.path), value=step.value)
        for step in replaced
        if event in _SETTING and refusal(record, by_id(record, step.path), event) is None
    )
    return Amendment(
        event=event,
        at=entry.at,
        by=entry.by.role,
        note=entry.note,
        settings=settings,
        correction_type=entry.correction_type,
        claims=entry.affected_claims,
        superseded_by=_successor(replaced) if event is Event.SUPERSESSION else None,
        rules=entry.rules,
    )


def _successor(steps: Sequence[PatchOperation]) -> str | None:
    found = [step.value for step in steps if step.path == "/standing/superseded_by"]
    return str(found[-1]) if found and found[-1] else None


def entry_faults(view: RecordView, entry: HistoryEntry) -> list[str]:
    """What is unsound about an entry that its digests alone do not show.

    Args:
        view: The record as it stood before the entry.
        entry: The entry; its patch applies and its digests fit.
    """
    try:
        invert(entry.patch)
        again = amend(view, intent(entry, view.record))
    except (BadInput, RecordFault) as error:
        return [on_one_line("", error.what, error.todo)]
    names = ("kind", "correction_type", "affected_fields", "affected_claims", "rules")
    faults = [
        f"{name}: is {_brief(found)} where {_brief(due)} is due"
        for name in names
        if (found := getattr(entry, name)) != (due := getattr(again, name))
    ]
    if entry.record_after != again.record_after:
        found, due = (apply_patch(view.record, one.patch, view.record.id) for one in (entry, again))
        faults += [
            f"{by_id(due, one.pointer)}: is {_brief(one.old)} where {_brief(one.new)} follows"
            for one in record_changes(found, due)
        ]
    return faults


def _brief(value: Any) -> str:  # noqa: ANN401 - any value
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 120 else f"{text[:119]}…"  # noqa: PLR2004 - one line of a message
