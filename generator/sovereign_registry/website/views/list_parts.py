"""The parts that pages with lists of records are made of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.views import scales, words
from sovereign_registry.website.views.parts import Part

if TYPE_CHECKING:
    from sovereign_registry.website.model import Row

TONES = {
    RecordState.CURRENT: "",
    RecordState.RETRACTED: "fail",
    RecordState.WITHDRAWN: "fail",
    RecordState.REMOVED: "fail",
    RecordState.PARTIALLY_RETRACTED: "fail",
}
"""How loud a state's badge is; every other state asks for care."""


class RowPart(Part, frozen=True):
    """One record in a list."""

    title: str
    title_cut: bool
    path: str
    state: str
    """Empty for a record that is current."""
    tone: str
    id: str
    line: str
    """Date, Gate 2, level, lexical test, review and tier, in one line."""


class CountPart(Part, frozen=True):
    """One word of a scale and how many records have it."""

    label: str
    count: int
    path: str = ""
    """The page that lists them."""
    share: int = 0
    """Their share of all records in thousandths, for a bar."""
    tone: str = ""


class CountTable(Part, frozen=True):
    """The records counted by one scale; every word of the scale stands there, zeros too."""

    id: str
    caption: str
    note: str
    rows: tuple[CountPart, ...]


def line_of(row: Row) -> str:
    """The facts of a record that stand under its title wherever it is listed."""
    score = "no score" if row.score is None else f"review {row.score} of 10"
    declared = " (declared)" if row.origin.value == "declared" else ""
    return (
        f"{row.published} · Gate 2: {words.GATE[row.gate]} · {scales.position(row.paper_level)} · "
        f"lexical test {row.verified} of {row.claims}{declared} · "
        f"{score}, {row.verdict.value} · {scales.tier_label(row.tier)}"
    )


@lru_cache(maxsize=32_768)
def row_part(row: Row) -> RowPart:
    """One record in a list, its state never left out; made once however many lists show it."""
    state = row.record_state
    return RowPart(
        title=row.title,
        title_cut=row.title_cut,
        path=row.path,
        state="" if state is RecordState.CURRENT else words.state_word(state),
        tone=TONES.get(state, "care"),
        id=row.id,
        line=line_of(row),
    )
