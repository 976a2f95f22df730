"""Activity over time as a drawing of bars, made when the site is built, with the same as a table.

Above the line stand records by the month of their publication, below it corrections and changes of
state by the month in which they were added.  Both have one scale, so that they can be compared.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 12
"""Months that are drawn at least, so that a single bar does not look like a trend."""
MOST = 60
"""Months that are drawn at most; a longer time is drawn by year."""
STEP = 20
"""Width of one bar with its gap, in units of the drawing."""
HIGH = 120
"""Height of the highest bar."""
LEAST = 2
"""Height of a bar that is not zero."""


class Bar(Part, frozen=True):
    """One span of time."""

    label: str
    x: int
    records: int
    changes: int
    up: int
    """Height of the bar above the line."""
    down: int
    """Height of the bar below it."""
    tick: str
    """What stands under it: the first and the last bar are named."""


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """The drawing."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    line: int
    """Where the line between both sorts of bars stands."""
    top: int
    """The greatest number, which the scale is named by."""
    says: str
    """What the drawing shows, in words."""
    span: str
    """``month`` or ``year``."""


def _months(first: str, last: str) -> list[str]:
    """Every month from one to another, both included."""
    year, month = map(int, first.split("-"))
    found = [first]
    while found[-1] < last:
        year, month = (year + 1, 1) if month >= 12 else (year, month + 1)  # noqa: PLR2004
        found.append(f"{year:04d}-{month:02d}")
    return found


def _earlier(month: str, by: int) -> str:
    year, number = map(int, month.split("-"))
    at = year * 12 + number - 1 - by
    return f"{at // 12:04d}-{at % 12 + 1:02d}"


def _says(records: Counter[str], changes: Counter[str], spans: Sequence[str], span: str) -> str:
    most = max(spans, key=lambda one: (records[one], one))
    return (
        f"From {spans[0]} to {spans[-1]}: {words.count(sum(records.values()), 'record')} and "
        f"{words.count(sum(changes.values()), 'correction or change', 'corrections or changes')} "
        f"of state. Most records in one {span}: {records[most]:,}, in {most}."
    )


def activity(published: Sequence[str], changed: Sequence[tuple[str, int]]) -> Plot | None:
    """The drawing; None where there is nothing to draw.

    Args:
        published: Dates of publication, ``YYYY-MM-DD``.
        changed: Month -> how many corrections and changes of state.
    """
    records = Counter(date[:7] for date in published)
    changes = Counter(dict(changed))
    known = sorted({*records, *changes})
    if not known:
        return None
    first = min(known[0], _earlier(known[-1], FEWEST - 1))
    spans, span = _months(first, known[-1]), "month"
    if len(spans) > MOST:
        span = "year"
        records = _by_year(records)
        changes = _by_year(changes)
        last = int(known[-1][:4])
        spans = [f"{year:04d}" for year in range(max(int(first[:4]), last - MOST + 1), last + 1)]
    return _drawn(records, changes, spans, span)


def _by_year(months: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for month, count in months.items():
        found[month[:4]] += count
    return found


def _drawn(records: Counter[str], changes: Counter[str], spans: Sequence[str], span: str) -> Plot:
    top = max(1, *(records[one] for one in spans), *(changes[one] for one in spans))

    def height(count: int) -> int:
        return max(LEAST, round(HIGH * count / top)) if count else 0

    above = max(height(records[one]) for one in spans)
    below = max(height(changes[one]) for one in spans)
    bars = tuple(
        Bar(
            one,
            place * STEP,
            records[one],
            changes[one],
            height(records[one]),
            height(changes[one]),
            one if place in {0, len(spans) - 1} else "",
        )
        for place, one in enumerate(spans)
    )
    return Plot(
        bars=bars,
        width=len(spans) * STEP,
        height=above + below + 1,
        line=above,
        top=top,
        says=_says(records, changes, spans, span),
        span=span,
    )
