"""states-v1: what may follow what in the life of a published record, as tables.

A record has a *base* state and may have two things open over it: a challenge and a concern.  What
is shown is the base once it says that the record is no longer stood behind or is replaced;
otherwise the open concern, then the open challenge, then the base.  Lifting a concern or closing a
challenge therefore shows again what was there before, and what was added meanwhile.

Invariant: a record that counts a correction never shows CURRENT again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.commands import COMMANDS
from sovereign_registry.contracts.documents.structs import CorrectionState
from sovereign_registry.contracts.documents.words import STATES
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.history import CorrectionType, EntryKind, Event
from sovereign_registry.contracts.manifest import RecordState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.history import HistoryEntry
    from sovereign_registry.contracts.manifest import Manifest

RULES = "states-v1"

LIVE = (RecordState.CURRENT, RecordState.CORRECTED, RecordState.PARTIALLY_RETRACTED)
"""Bases of a record that is stood behind, in whole or in part."""
UNDONE = (
    RecordState.RETRACTED,
    RecordState.WITHDRAWN,
    RecordState.SUPERSEDED,
    RecordState.PARTIALLY_RETRACTED,
)
"""Bases that a reinstatement can undo."""
KEPT = tuple(
    state
    for state in RecordState
    if state
    not in {RecordState.REMOVED, RecordState.UNDER_REVIEW, RecordState.EXPRESSION_OF_CONCERN}
)
"""Every base of a record whose text is there."""


class Transition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the table: one event."""

    event: Event
    kind: EntryKind
    """The kind of entry that records it."""
    after: tuple[RecordState, ...]
    """The bases that it may follow."""
    to: RecordState | None
    """The base that it leads to; None leaves the base, but for CURRENT where it counts."""
    counts: bool
    """Whether it is a correction."""
    correction_type: CorrectionType | None
    """The type where the publisher names none; None where it does not count."""
    opens: RecordState | None = None
    """What it opens over the base; refused where that is open already."""
    closes: tuple[RecordState, ...] = ()
    """What it closes."""
    needs_open: bool = False
    """Whether there must be something open for it to close."""
    crossref: str = ""
    """The nearest update type in Crossref's vocabulary; empty where there is none."""


_OVERLAYS = (RecordState.UNDER_REVIEW, RecordState.EXPRESSION_OF_CONCERN)


def _note(event: Event, kind: EntryKind) -> Transition:
    """An event that leaves the state as it is."""
    return Transition(
        event=event, kind=kind, after=KEPT, to=None, counts=False, correction_type=None
    )


def _change(  # noqa: PLR0913 - one argument a column
    event: Event,
    after: tuple[RecordState, ...],
    to: RecordState | None,
    correction_type: CorrectionType | None,
    *,
    opens: RecordState | None = None,
    closes: tuple[RecordState, ...] = (),
    needs_open: bool = False,
    crossref: str = "",
) -> Transition:
    return Transition(
        event=event,
        kind=EntryKind.CORRECTION if event is Event.CORRECTION else EntryKind.STATE_CHANGE,
        after=after,
        to=to,
        counts=correction_type is not None,
        correction_type=correction_type,
        opens=opens,
        closes=closes,
        needs_open=needs_open,
        crossref=crossref,
    )


def _evaluation(event: Event) -> Transition:
    """An event of Gate 2: of a record that is stood behind, and no correction."""
    return Transition(
        event=event,
        kind=EntryKind.RE_EVALUATION,
        after=LIVE,
        to=None,
        counts=False,
        correction_type=None,
    )


_QUESTIONABLE = (*LIVE, RecordState.SUPERSEDED)
_ROWS = (
    _note(Event.OWNER_DECISION, EntryKind.OWNER_DECISION),
    _note(Event.ADDENDUM, EntryKind.ANNOTATION),
    _note(Event.REGISTRATION, EntryKind.REGISTRATION),
    _evaluation(Event.RE_EVALUATION),
    _evaluation(Event.ARTIFACT_ACCEPTED),
    _change(Event.CORRECTION, LIVE, None, CorrectionType.METADATA, crossref="correction"),
    _change(Event.CHALLENGE, _QUESTIONABLE, None, None, opens=RecordState.UNDER_REVIEW),
    _change(
        Event.CHALLENGE_CLOSED,
        _QUESTIONABLE,
        None,
        None,
        closes=(RecordState.UNDER_REVIEW,),
        needs_open=True,
    ),
    _change(
        Event.CONCERN,
        _QUESTIONABLE,
        None,
        CorrectionType.QUALITY_ASSESSMENT,
        opens=RecordState.EXPRESSION_OF_CONCERN,
        crossref="expression_of_concern",
    ),
    _change(
        Event.CONCERN_LIFTED,
        _QUESTIONABLE,
        None,
        None,
        closes=(RecordState.EXPRESSION_OF_CONCERN,),
        needs_open=True,
    ),
    _change(
        Event.PARTIAL_RETRACTION,
        LIVE,
        RecordState.PARTIALLY_RETRACTED,
        CorrectionType.CLAIM,
        crossref="partial_retraction",
    ),
    _change(
        Event.RETRACTION,
        _QUESTIONABLE,
        RecordState.RETRACTED,
        CorrectionType.CLAIM,
        closes=_OVERLAYS,
        crossref="retraction",
    ),
    _change(
        Event.WITHDRAWAL,
        _QUESTIONABLE,
        RecordState.WITHDRAWN,
        CorrectionType.PROVENANCE,
        closes=_OVERLAYS,
        crossref="withdrawal",
    ),
    _change(Event.SUPERSESSION, LIVE, RecordState.SUPERSEDED, None, crossref="new_version"),
    _change(Event.REINSTATEMENT, UNDONE, RecordState.CORRECTED, CorrectionType.QUALITY_ASSESSMENT),
    _change(
        Event.REMOVAL,
        KEPT,
        RecordState.REMOVED,
        CorrectionType.ARTIFACT,
        closes=_OVERLAYS,
        crossref="removal",
    ),
)

TRANSITIONS: dict[Event, Transition] = {row.event: row for row in _ROWS}
"""The state machine: one line an event."""


class Shows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a record in one state still shows."""

    correction_state: CorrectionState
    """The state in the three words of correction-record-v1."""
    full_text: bool
    """Whether title, abstract, claims, report and artifacts stay readable."""
    banner: bool
    """Whether a banner stands above everything else, on every version."""
    title_prefix: str
    """What stands before the title in lists, feeds, exports and citations; the status field is
    carried besides, because a prefix alone is no proof."""
    tier: bool
    """Whether the quality tier is printed, else *Not tiered*; a falsified claim takes it too."""
    rely: bool
    """Whether the publisher stands behind it, in whole or in part."""


def _shows(
    state: RecordState, *, prefix: str = "", text: bool = True, tier: bool = True, rely: bool = True
) -> Shows:
    return Shows(
        correction_state=STATES[state].correction_state,
        full_text=text,
        banner=state is not RecordState.CURRENT,
        title_prefix=prefix,
        tier=tier,
        rely=rely,
    )


SHOWS: dict[RecordState, Shows] = {
    RecordState.CURRENT: _shows(RecordState.CURRENT),
    RecordState.CORRECTED: _shows(RecordState.CORRECTED),
    RecordState.UNDER_REVIEW: _shows(RecordState.UNDER_REVIEW),
    RecordState.EXPRESSION_OF_CONCERN: _shows(
        RecordState.EXPRESSION_OF_CONCERN, prefix="EXPRESSION OF CONCERN: "
    ),
    RecordState.PARTIALLY_RETRACTED: _shows(
        RecordState.PARTIALLY_RETRACTED, prefix="PARTIALLY RETRACTED: "
    ),
    RecordState.RETRACTED: _shows(
        RecordState.RETRACTED, prefix="RETRACTED: ", tier=False, rely=False
    ),
    RecordState.WITHDRAWN: _shows(
        RecordState.WITHDRAWN, prefix="WITHDRAWN: ", tier=False, rely=False
    ),
    RecordState.SUPERSEDED: _shows(RecordState.SUPERSEDED, prefix="SUPERSEDED: ", rely=False),
    RecordState.REMOVED: _shows(
        RecordState.REMOVED, prefix="REMOVED: ", text=False, tier=False, rely=False
    ),
}
"""Every state with what its record still shows.  Only a removal takes text away."""


def shown_tier(state: RecordState, gate: GateStatus, tier: Tier) -> Tier:
    """The one tier that is shown of a record: none where its state or Gate 2 takes it away."""
    kept = SHOWS[state].tier and gate is not GateStatus.FALSIFIED
    return tier if kept else Tier.NOT_TIERED


def tier_of(record: Manifest) -> Tier:
    """``shown_tier`` of a record as it stands."""
    state, gate = record.standing.record_state, record.gate.status
    return shown_tier(state, gate, record.assessment.tier.tier)


class Situation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a record stands between two entries; every record starts as CURRENT."""

    base: RecordState = RecordState.CURRENT
    open: tuple[RecordState, ...] = ()
    """UNDER_REVIEW and EXPRESSION_OF_CONCERN, where they are open, in that order."""
    retracted_claims: tuple[str, ...] = ()
    """Ids of the claims that were retracted and not reinstated, in the record's order."""
    superseded_by: str | None = None

    @property
    def shown(self) -> RecordState:
        """The one state that the record shows."""
        return self.open[-1] if self.open and self.base in LIVE else self.base


def follow(
    now: Situation,
    event: Event,
    *,
    all_claims: Sequence[str],
    claims: Sequence[str] = (),
    superseded_by: str | None = None,
) -> Situation:
    """The situation after an event.

    Args:
        now: The situation before.
        event: What happens.
        all_claims: Ids of the record's claims, in order.
        claims: Ids of the claims that a partial retraction names.
        superseded_by: The record that replaces this one, for a supersession.

    Raises:
        RecordFault: the event may not follow, saying what may.
    """
    row = TRANSITIONS[event]
    _require_order(now, row)
    if (superseded_by is not None) != (event is Event.SUPERSESSION):
        raise RecordFault(
            f"{event}: a supersession names the record that replaces this one, no other event does"
        )
    base = row.to or (RecordState.CORRECTED if row.counts else now.base)
    if row.to is None and now.base is not RecordState.CURRENT:
        base = now.base
    retracted = _retracted(now, event, claims, all_claims)
    if event is Event.REINSTATEMENT and retracted:
        base = RecordState.PARTIALLY_RETRACTED
    successor = now.superseded_by if event is not Event.REINSTATEMENT else None
    opened = {*now.open, *((row.opens,) if row.opens else ())} - {*row.closes}
    return Situation(
        base=base,
        open=tuple(overlay for overlay in _OVERLAYS if overlay in opened),
        retracted_claims=retracted,
        superseded_by=superseded_by or successor,
    )


def _require_order(now: Situation, row: Transition) -> None:
    if _may_follow(now, row):
        return
    allowed = [COMMANDS[event] for event in possible(now) if event is not Event.OWNER_DECISION]
    state = f"{now.base}" + (f" with {' and '.join(now.open)} open" if now.open else "")
    raise RecordFault(
        f"{row.event} may not follow in the state {state}",
        todo=f"What may follow, as commands: {', '.join(allowed) or 'nothing'}.",
    )


def _may_follow(now: Situation, row: Transition) -> bool:
    missing = row.needs_open and not set(row.closes) & set(now.open)
    return now.base in row.after and row.opens not in now.open and not missing


def possible(now: Situation) -> tuple[Event, ...]:
    """Every event that may follow, in the order of the table."""
    return tuple(row.event for row in _ROWS if _may_follow(now, row))


def _retracted(
    now: Situation, event: Event, claims: Sequence[str], all_claims: Sequence[str]
) -> tuple[str, ...]:
    if event is Event.REINSTATEMENT and now.base is RecordState.PARTIALLY_RETRACTED:
        return ()
    if event is not Event.PARTIAL_RETRACTION:
        return now.retracted_claims
    unknown = [claim for claim in claims if claim not in all_claims]
    again = [claim for claim in claims if claim in now.retracted_claims]
    gone = {*now.retracted_claims, *claims}
    if not claims or unknown:
        raise RecordFault(
            f"{', '.join(unknown)}: the record has no such claim" if unknown else "no claim named",
            todo=f"Its claims: {', '.join(all_claims) or 'none'}.",
        )
    if again:
        raise RecordFault(f"{', '.join(again)}: retracted already", todo="Name other claims.")
    if gone >= {*all_claims}:
        raise RecordFault(
            "every claim of the record would be retracted", todo="Retract the whole record."
        )
    return tuple(claim for claim in all_claims if claim in gone)


def situation(record: Manifest, history: Sequence[HistoryEntry]) -> Situation:
    """Where a record stands after its history.

    Args:
        record: The manifest, at any point of the history: ids of claims never change.
        history: The entries in order.

    Raises:
        RecordFault: an entry is of an event that may not follow, or names none.
    """
    now = Situation()
    for entry in history:
        now = step(now, entry, record)
    return now


def step(now: Situation, entry: HistoryEntry, record: Manifest) -> Situation:
    """The situation after one entry.

    Raises:
        RecordFault: its event may not follow, or it names none.
    """
    event = entry.happened
    if event is None:
        raise RecordFault("event: a change of state says which", todo="Re-enter it by a command.")
    successor = None
    if event is Event.SUPERSESSION:
        found = [op.value for op in entry.patch if op.path == "/standing/superseded_by"]
        successor = str(found[-1]) if found and found[-1] else None
    return follow(
        now,
        event,
        all_claims=[claim.id for claim in record.claims],
        claims=entry.affected_claims if event is Event.PARTIAL_RETRACTION else (),
        superseded_by=successor,
    )
