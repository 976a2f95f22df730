"""Pages that list records: the first page and the paginated list."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.review import Verdict
from sovereign_registry.contracts.rules import levels_v1, tiers_v1
from sovereign_registry.contracts.rules.states_v1 import SHOWS
from sovereign_registry.website.views import scales, words
from sovereign_registry.website.views.list_parts import CountPart, CountTable, RowPart
from sovereign_registry.website.views.parts import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sovereign_registry.website.model import Row, SiteInfo

LATEST = 8
"""How many records the first page shows."""
_LOUD = {RecordState.CURRENT: ""}


class HomePage(msgspec.Struct, frozen=True, kw_only=True):
    """What the first page prints."""

    total: str
    summary: str
    latest: tuple[RowPart, ...]
    counts: tuple[CountTable, ...]


class BrowsePage(msgspec.Struct, frozen=True, kw_only=True):
    """What one page of the list prints."""

    heading: str
    rows: tuple[RowPart, ...]
    previous: Link | None
    following: Link | None
    pages: tuple[Link, ...]
    number: int


def browse_path(number: int) -> str:
    """Where one page of the list stands: ``records/``, then ``records/page/2/`` and so on."""
    return "records/" if number == 1 else f"records/page/{number}/"


def row_part(row: Row) -> RowPart:
    """One record in a list, its state never left out."""
    score = "no score" if row.score is None else f"{row.score} of 10"
    return RowPart(
        title=row.title,
        title_cut=row.title_cut,
        path=row.path,
        state="" if row.record_state is RecordState.CURRENT else words.state_word(row.record_state),
        tone=_LOUD.get(row.record_state, "care"),
        id=row.id,
        dated=row.published,
        level=f"{scales.position(row.paper_level)}, {levels_v1.LADDER[row.paper_level].label}",
        gate=f"Gate 2: {words.GATE[row.gate]}",
        tier=scales.tier_label(row.tier) if SHOWS[row.record_state].tier else words.NOT_TIERED,
        review=f"Review {score}, {row.verdict.value}",
        claims=f"{row.verified} of {words.count(row.claims, 'claim')} passed the {words.LEXICAL}"
        + (" (declared)" if row.origin.value == "declared" else ""),
    )


def _table(
    caption: str, labels: Iterable[tuple[object, str]], found: Counter[object]
) -> CountTable:
    return CountTable(caption, tuple(CountPart(label, found[member]) for member, label in labels))


def _counts(rows: Sequence[Row], removed: int) -> tuple[CountTable, ...]:
    """Every word of every scale with its count, zeros and unflattering ones included."""
    return (
        _table(
            "Gate 2",
            [(one, words.GATE[one]) for one in GateStatus],
            Counter(row.gate for row in rows),
        ),
        _table(
            "Verification level",
            [(rung.level, scales.label(rung.level)) for rung in levels_v1.LADDER],
            Counter(row.paper_level for row in rows),
        ),
        _table(
            "Tribunal verdict",
            [(one, one.value) for one in Verdict],
            Counter(row.verdict for row in rows),
        ),
        _table(
            "Quality tier",
            [(rule.tier, rule.label) for rule in tiers_v1.THRESHOLDS],
            Counter(row.tier for row in rows),
        ),
        _table(
            "State",
            [(one, words.state_word(one)) for one in RecordState],
            Counter(row.record_state for row in rows) + Counter({RecordState.REMOVED: removed}),
        ),
    )


def _summary(rows: Sequence[Row]) -> str:
    claims = sum(row.claims for row in rows)
    verified = sum(row.verified for row in rows)
    strong = sum(row.gate is GateStatus.VERIFIED for row in rows)
    quarantine = sum(row.tier is Tier.QUARANTINE_CANDIDATE for row in rows)
    return (
        f"{words.count(len(rows), 'record')} with {words.count(claims, 'claim')}. "
        f"{verified:,} of the claims passed the {words.LEXICAL}, which counts shared words. "
        f"{words.count(strong, 'record is', 'records are')} verified at Gate 2 by a proof or a "
        f"sealed re-run; {words.count(quarantine, 'record is a', 'records are')} quarantine "
        f"{'candidate' if quarantine == 1 else 'candidates'}."
    )


def home(rows: Sequence[Row], site: SiteInfo, removed: int = 0) -> dict[str, object]:
    """What ``home.html`` is given.

    Args:
        rows: All records, newest first.
        site: What is said about the site.
        removed: How many records' text was removed.
    """
    del site
    page = HomePage(
        total=words.count(len(rows), "record"),
        summary=_summary(rows),
        latest=tuple(map(row_part, rows[:LATEST])),
        counts=_counts(rows, removed),
    )
    return {"home": page}


def _window(number: int, total: int) -> list[int]:
    """The first, the last and the pages around this one, in order."""
    near = {1, total, *range(number - 2, number + 3)}
    return sorted(page for page in near if 1 <= page <= total)


def browse(rows: Sequence[Row], number: int, total: int, site: SiteInfo) -> dict[str, object]:
    """What ``browse.html`` is given for page ``number`` of ``total``; ``rows`` are that page's."""
    del site
    page = BrowsePage(
        heading=f"Records, page {number} of {total}",
        rows=tuple(map(row_part, rows)),
        previous=Link("Newer records", browse_path(number - 1)) if number > 1 else None,
        following=Link("Older records", browse_path(number + 1)) if number < total else None,
        pages=tuple(Link(str(one), browse_path(one)) for one in _window(number, total)),
        number=number,
    )
    return {"browse": page}
