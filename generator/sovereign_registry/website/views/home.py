"""The first page: what this is, the registry at a glance, what is new, how to check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.review import Verdict
from sovereign_registry.website.facets import Facet, counts, sorted_out
from sovereign_registry.website.views import words
from sovereign_registry.website.views.activity import Plot, activity
from sovereign_registry.website.views.corrections import ChangeRow, change_row
from sovereign_registry.website.views.list_parts import CountPart, CountTable, RowPart, row_part
from sovereign_registry.website.views.lists import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.website.model import Row, SiteInfo, TrailEntry

LATEST = 8
"""How many records the first page shows."""
SHOWN = (Facet.GATE, Facet.TIER, Facet.LEVEL, Facet.STATE)
"""The scales that the first page counts; the page of all lists counts the others, too."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number with what it counts."""

    name: str
    """Under which key the reader's check compares it."""
    number: str
    label: str
    path: str


class HomePage(msgspec.Struct, frozen=True, kw_only=True):
    """What the first page prints."""

    total: str
    records: int
    figures: tuple[Figure, ...]
    latest: tuple[RowPart, ...]
    changes: tuple[ChangeRow, ...]
    counts: tuple[CountTable, ...]
    plot: Plot | None
    logged: bool
    machine: str
    """How the records came to be public, in a sentence."""


def _figures(rows: Sequence[Row], changes: int) -> tuple[Figure, ...]:
    claims = sum(row.claims for row in rows)
    passed = sum(row.verified for row in rows)
    gate = {one: sum(row.gate is one for row in rows) for one in GateStatus}
    return (
        Figure(name="records", number=f"{len(rows):,}", label="records published", path="records/"),
        Figure(name="claims", number=f"{claims:,}", label="claims in them", path="records/"),
        Figure(
            name="ticks",
            number=f"{passed:,}",
            label="claims passed the lexical test: enough shared words, not truth",
            path="methodology/",
        ),
        Figure(
            name="verified",
            number=f"{gate[GateStatus.VERIFIED]:,}",
            label="records verified at Gate 2, by a proof or a sealed re-run",
            path="browse/gate/verified/",
        ),
        Figure(
            name="falsified",
            number=f"{gate[GateStatus.FALSIFIED]:,}",
            label="records falsified at Gate 2",
            path="browse/gate/falsified/",
        ),
        Figure(
            name="changes",
            number=f"{changes:,}",
            label="corrections and changes of state",
            path="corrections/",
        ),
    )


def _verdicts(rows: Sequence[Row]) -> CountTable:
    """The tribunal's verdicts; they have no lists of their own, so nothing is linked."""
    return CountTable(
        "verdict",
        "Tribunal verdict",
        "Of three roles; a rejected record is public where its owner decided so.",
        tuple(
            CountPart(
                words.VERDICTS[one],
                sum(row.verdict is one for row in rows),
                "",
                round(1000 * sum(row.verdict is one for row in rows) / len(rows)) if rows else 0,
            )
            for one in Verdict
        ),
    )


def _machine(rows: Sequence[Row]) -> str:
    by_policy = sum(row.approval.value == "AUTO_APPROVED" for row in rows)
    by_owner = sum(row.approval.value == "OWNER_APPROVED" for row in rows)
    return (
        f"{words.count(by_policy, 'record was', 'records were')} published by rule, without a "
        f"person's review; for {by_owner:,} the owner decided."
    )


def home(
    rows: Sequence[Row],
    entries: Sequence[TrailEntry],
    months: Sequence[tuple[str, int]],
    removed: int,
    site: SiteInfo,
) -> dict[str, object]:
    """What ``home.html`` is given.

    Args:
        rows: All records, newest first.
        entries: The newest corrections and changes of state.
        months: Month -> how many corrections and changes of state.
        removed: How many records' text was removed.
        site: What is said about the site.
    """
    found = counts(sorted_out(rows), removed)
    gate, *others = tables(found, len(rows) + removed, SHOWN)
    page = HomePage(
        total=words.count(len(rows), "record"),
        records=len(rows),
        figures=_figures(rows, sum(count for _, count in months)),
        latest=tuple(map(row_part, rows[:LATEST])),
        changes=tuple(map(change_row, entries)),
        counts=(gate, _verdicts(rows), *others),
        plot=activity([row.published for row in rows], months),
        logged=site.logged,
        machine=_machine(rows),
    )
    return {"home": page}
