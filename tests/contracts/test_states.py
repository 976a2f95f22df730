"""The state machine: what may follow what, what counts, and what each state still shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.commands import COMMANDS
from sovereign_registry.contracts.documents.structs import CorrectionState
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.history import EntryKind, Event
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules import states_v1
from sovereign_registry.contracts.rules.states_v1 import (
    SHOWS,
    TRANSITIONS,
    Situation,
    follow,
    possible,
)

CLAIMS = ("c1", "c2", "c3")
OTHER = "sr-2605-0000000b"


def after(*events: Event) -> Situation:
    """The situation after these events; partial retractions take the next claim."""
    now = Situation()
    for event in events:
        now = _next(now, event)
    return now


def _next(now: Situation, event: Event) -> Situation:
    left = [claim for claim in CLAIMS if claim not in now.retracted_claims]
    return follow(
        now,
        event,
        all_claims=CLAIMS,
        claims=left[:1] if event is Event.PARTIAL_RETRACTION else (),
        superseded_by=OTHER if event is Event.SUPERSESSION else None,
    )


def test_every_event_has_one_line_and_every_state_says_what_it_shows() -> None:
    """No event and no state is left out of the tables."""
    assert set(TRANSITIONS) == set(Event)
    assert set(SHOWS) == set(RecordState)


def test_a_type_is_set_exactly_where_an_event_counts() -> None:
    """The column of types and the column of counts agree."""
    for row in TRANSITIONS.values():
        assert row.counts == (row.correction_type is not None), row.event


def test_a_re_evaluation_and_a_registration_are_history_but_no_correction() -> None:
    """They leave the state and the count as they are."""
    for event in (Event.RE_EVALUATION, Event.REGISTRATION, Event.ADDENDUM, Event.OWNER_DECISION):
        assert not TRANSITIONS[event].counts
        assert Situation() == after(event)


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ((), RecordState.CURRENT),
        ((Event.CORRECTION,), RecordState.CORRECTED),
        ((Event.CHALLENGE,), RecordState.UNDER_REVIEW),
        ((Event.CHALLENGE, Event.CHALLENGE_CLOSED), RecordState.CURRENT),
        ((Event.CHALLENGE, Event.CORRECTION), RecordState.UNDER_REVIEW),
        ((Event.CHALLENGE, Event.CORRECTION, Event.CHALLENGE_CLOSED), RecordState.CORRECTED),
        ((Event.CONCERN,), RecordState.EXPRESSION_OF_CONCERN),
        ((Event.CONCERN, Event.CHALLENGE), RecordState.EXPRESSION_OF_CONCERN),
        ((Event.CONCERN, Event.CONCERN_LIFTED), RecordState.CORRECTED),
        ((Event.PARTIAL_RETRACTION,), RecordState.PARTIALLY_RETRACTED),
        ((Event.PARTIAL_RETRACTION, Event.CORRECTION), RecordState.PARTIALLY_RETRACTED),
        ((Event.PARTIAL_RETRACTION, Event.REINSTATEMENT), RecordState.CORRECTED),
        ((Event.RETRACTION,), RecordState.RETRACTED),
        ((Event.CONCERN, Event.RETRACTION), RecordState.RETRACTED),
        ((Event.CONCERN, Event.RETRACTION, Event.REINSTATEMENT), RecordState.CORRECTED),
        (
            (Event.PARTIAL_RETRACTION, Event.RETRACTION, Event.REINSTATEMENT),
            RecordState.PARTIALLY_RETRACTED,
        ),
        ((Event.WITHDRAWAL,), RecordState.WITHDRAWN),
        ((Event.SUPERSESSION,), RecordState.SUPERSEDED),
        ((Event.SUPERSESSION, Event.CONCERN), RecordState.SUPERSEDED),
        ((Event.SUPERSESSION, Event.RETRACTION), RecordState.RETRACTED),
        ((Event.SUPERSESSION, Event.REINSTATEMENT), RecordState.CORRECTED),
        ((Event.REMOVAL,), RecordState.REMOVED),
    ],
)
def test_what_is_shown_after(events: tuple[Event, ...], shown: RecordState) -> None:
    """Worked examples of the table."""
    assert shown is after(*events).shown


@pytest.mark.parametrize(
    ("events", "refused"),
    [
        ((), Event.CHALLENGE_CLOSED),
        ((), Event.CONCERN_LIFTED),
        ((), Event.REINSTATEMENT),
        ((Event.CONCERN,), Event.CONCERN),
        ((Event.CHALLENGE,), Event.CONCERN_LIFTED),
        ((Event.RETRACTION,), Event.CORRECTION),
        ((Event.RETRACTION,), Event.RETRACTION),
        ((Event.CONCERN, Event.RETRACTION), Event.CONCERN_LIFTED),
        ((Event.WITHDRAWAL,), Event.SUPERSESSION),
        ((Event.SUPERSESSION,), Event.SUPERSESSION),
        ((Event.REMOVAL,), Event.REINSTATEMENT),
        ((Event.REMOVAL,), Event.ADDENDUM),
    ],
)
def test_what_may_not_follow_is_refused_with_what_may(
    events: tuple[Event, ...], refused: Event
) -> None:
    """The message names the state, and the command of every event that could follow."""
    now = after(*events)
    with pytest.raises(RecordFault, match="may not follow in the state") as caught:
        _next(now, refused)
    due = [COMMANDS[event] for event in possible(now) if event is not Event.OWNER_DECISION]
    named = ", ".join(due) or "nothing"
    assert caught.value.todo == f"What may follow, as commands: {named}."


def test_a_reinstated_record_is_replaced_by_nothing() -> None:
    """The successor goes with the supersession."""
    assert OTHER == after(Event.SUPERSESSION).superseded_by
    assert after(Event.SUPERSESSION, Event.REINSTATEMENT).superseded_by is None


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ((), "no claim named"),
        (("c9",), "no such claim"),
        (("c1", "c2", "c3"), "every claim"),
    ],
)
def test_a_partial_retraction_names_some_claims_of_the_record(
    claims: tuple[str, ...], words: str
) -> None:
    """None, unknown ones and all of them are refused."""
    with pytest.raises(RecordFault, match=words):
        follow(Situation(), Event.PARTIAL_RETRACTION, all_claims=CLAIMS, claims=claims)


def test_a_claim_is_not_retracted_twice() -> None:
    """A second retraction names other claims."""
    now = after(Event.PARTIAL_RETRACTION)
    with pytest.raises(RecordFault, match="retracted already"):
        follow(now, Event.PARTIAL_RETRACTION, all_claims=CLAIMS, claims=("c1",))


def test_a_retracted_record_keeps_its_text_and_loses_its_tier() -> None:
    """Only a removal takes text away."""
    assert [RecordState.REMOVED] == [state for state, row in SHOWS.items() if not row.full_text]
    retracted = SHOWS[RecordState.RETRACTED]
    assert (retracted.banner, retracted.tier, retracted.rely) == (True, False, False)
    assert "RETRACTED: " == retracted.title_prefix


def test_the_three_words_of_the_contract() -> None:
    """Every state has its word; SUPERSEDED is the only state with that word."""
    superseded = {s for s, r in SHOWS.items() if r.correction_state is CorrectionState.SUPERSEDED}
    current = {s for s, r in SHOWS.items() if r.correction_state is CorrectionState.CURRENT}
    assert {RecordState.SUPERSEDED} == superseded
    assert {RecordState.CURRENT, RecordState.UNDER_REVIEW} == current


@given(st.lists(st.sampled_from(list(Event)), max_size=30))
def test_any_sequence_either_follows_the_table_or_is_refused(events: list[Event]) -> None:
    """What ``possible`` lists is what ``follow`` accepts; counted events never lead to CURRENT."""
    now, counted = Situation(), False
    for event in events:
        # A partial retraction may be refused for want of claims, which is no matter of order.
        spare = len(now.retracted_claims) < len(CLAIMS) - 1
        if event is Event.PARTIAL_RETRACTION and not spare:
            continue
        if event not in possible(now):
            with pytest.raises(RecordFault):
                _next(now, event)
            continue
        now = _next(now, event)
        counted |= TRANSITIONS[event].counts
        assert now.base not in {RecordState.UNDER_REVIEW, RecordState.EXPRESSION_OF_CONCERN}
        if counted:
            assert now.shown is not RecordState.CURRENT
        assert (now.superseded_by is not None) or now.base is not RecordState.SUPERSEDED


def test_kinds_of_state_changes_name_their_event() -> None:
    """A bare kind ``state-change`` stands for several events, so the entry must say which."""
    several = [row for row in TRANSITIONS.values() if row.kind is EntryKind.STATE_CHANGE]
    assert len(several) > 1
    for kind in set(EntryKind) - {EntryKind.STATE_CHANGE, EntryKind.RE_EVALUATION}:
        assert 1 == sum(row.kind is kind for row in TRANSITIONS.values())
    # An entry that is older than events and of this kind can only have been a re-evaluation.
    evaluations = {row.event for row in TRANSITIONS.values() if row.kind is EntryKind.RE_EVALUATION}
    assert {Event.RE_EVALUATION, Event.ARTIFACT_ACCEPTED} == evaluations
    assert "states-v1" == states_v1.RULES
