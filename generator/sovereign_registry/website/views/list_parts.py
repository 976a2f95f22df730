"""The parts that pages with lists of records are made of."""

from __future__ import annotations

from sovereign_registry.website.views.parts import Part


class RowPart(Part, frozen=True):
    """One record in a list."""

    title: str
    title_cut: bool
    path: str
    state: str
    tone: str
    id: str
    dated: str
    level: str
    gate: str
    tier: str
    review: str
    claims: str


class CountPart(Part, frozen=True):
    """One value and how many records have it."""

    label: str
    count: int


class CountTable(Part, frozen=True):
    """The records counted by one scale; every word of the scale stands there, zeros too."""

    caption: str
    rows: tuple[CountPart, ...]
