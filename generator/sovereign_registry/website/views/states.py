"""The state machine of a record, drawn and as a table, made from the rules' own table.

The drawing is laid out from ``states_v1.TRANSITIONS``: a new line there is a new arrow here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules import states_v1
from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.rules.states_v1 import Transition
    from sovereign_registry.website.model import SiteInfo

BOX = 350
"""Width of a state's box, in units of the drawing."""
HIGH = 56
GAP = 18
"""Height of a box, and the space between two."""
BOX_RIGHT = 190
TO = 600
"""Where the boxes of the right column begin; arrows and their words stand between the columns."""


class Box(Part, frozen=True):
    """One state in the drawing."""

    label: str
    by: str
    """What leads to it."""
    x: int
    y: int
    tone: str


class Arrow(Part, frozen=True):
    """One event that leads from a column of states to a state."""

    label: str
    y: int
    back: bool
    """Whether it leads from the right to the left."""


class EventRow(Part, frozen=True):
    """One line of the table: one event."""

    event: str
    after: str
    to: str
    counts: str
    type: str
    shown: str


class StateRow(Part, frozen=True):
    """What a record in one state still shows."""

    state: str
    definition: str
    shows: tuple[str, ...]


class StatesPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page prints."""

    left: tuple[Box, ...]
    right: tuple[Box, ...]
    over: tuple[Box, ...]
    """States that are open over another one."""
    arrows: tuple[Arrow, ...]
    events: tuple[EventRow, ...]
    states: tuple[StateRow, ...]
    height: int
    width: int
    box: int
    box_right: int
    high: int
    edge: int
    """Where the left column ends."""
    to: int
    """Where the right column begins."""
    rules: str
    says: str


def _names(states: Iterable[RecordState]) -> str:
    return ", ".join(map(words.state_word, states))


def _shown(row: Transition) -> str:
    if row.opens is not None:
        return f"opens “{words.state_word(row.opens)}” over it"
    if row.closes and row.needs_open:
        return f"closes “{_names(row.closes)}”"
    return f"closes what is open ({_names(row.closes)})" if row.closes else "nothing else"


def _leads(row: Transition) -> str:
    if row.to is not None:
        return words.state_word(row.to)
    if row.counts:
        return "Corrected where it was Current, else the same"
    return "the same"


def _event(row: Transition) -> EventRow:
    return EventRow(
        words.EVENTS[row.event],
        _names(row.after),
        _leads(row),
        "yes" if row.counts else "no",
        words.TYPES[row.correction_type] if row.correction_type else "none",
        _shown(row),
    )


def _state(state: RecordState) -> StateRow:
    found = states_v1.SHOWS[state]
    shows = (
        ("all of its text" if found.full_text else "no text, only digests and the reason"),
        ("a banner" if found.banner else "no banner"),
        ("its tier" if found.tier else "no tier"),
        (f"“{found.title_prefix.strip()}” before its title" if found.title_prefix else "its title"),
        (
            "the publisher stands behind it"
            if found.rely
            else "the publisher no longer stands behind it"
        ),
    )
    return StateRow(words.state_word(state), words.state_says(state), shows)


def _leading_to(state: RecordState) -> str:
    """The events that lead to a state, as the drawing's left column names them."""
    rows = states_v1.TRANSITIONS.values()
    if state is RecordState.CURRENT:
        return "at publication"
    found = [row for row in rows if state in {row.to, row.opens}]
    if state is RecordState.CORRECTED:
        found += [row for row in rows if row.to is None and row.counts]
    return ", ".join(words.EVENTS[row.event].lower() for row in found)


def _column(states: Iterable[RecordState], x: int, first: int = 0) -> tuple[Box, ...]:
    return tuple(
        Box(
            words.state_word(state),
            _leading_to(state) if x == 0 else "",
            x,
            (first + place) * (HIGH + GAP),
            "" if states_v1.SHOWS[state].rely else "fail",
        )
        for place, state in enumerate(states)
    )


def states(site: SiteInfo) -> dict[str, object]:
    """What ``states.html`` is given."""
    del site
    rows = states_v1.TRANSITIONS.values()
    ends = tuple(
        dict.fromkeys(row.to for row in rows if row.to is not None and row.to not in states_v1.LIVE)
    )
    left, right = _column(states_v1.LIVE, 0), _column(ends, TO)
    opened = dict.fromkeys(row.opens for row in rows if row.opens is not None)
    over = _column(opened, 0, len(left))
    columns = max(len(left) + len(over), len(right))
    drawn = [
        Arrow(words.EVENTS[row.event], _middle(right, ends.index(row.to)), back=False)
        for row in rows
        if row.to in ends
    ]
    undoing = [row for row in rows if row.to in states_v1.LIVE and set(row.after) & set(ends)]
    height = columns * (HIGH + GAP)
    drawn += [
        Arrow(words.EVENTS[row.event], height + place * GAP, back=True)
        for place, row in enumerate(undoing)
    ]
    page = StatesPage(
        left=left,
        right=right,
        over=over,
        arrows=tuple(drawn),
        events=tuple(map(_event, rows)),
        states=tuple(map(_state, RecordState)),
        height=height + max(1, len(undoing)) * GAP,
        width=TO + BOX_RIGHT,
        box=BOX,
        box_right=BOX_RIGHT,
        high=HIGH,
        edge=BOX,
        to=TO,
        rules=states_v1.RULES,
        says="On the left the states that the publisher stands behind, with the events that lead "
        "to each; on the right those that end that. Arrows start from the left column as a whole: "
        "the table below says exactly which states an event may follow.",
    )
    return {"states": page}


def _middle(column: tuple[Box, ...], place: int) -> int:
    return column[place].y + HIGH // 2
