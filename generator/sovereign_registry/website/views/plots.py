"""Plots of a record as shapes: where its claims lie against the threshold, and how roles scored.

A plot holds numbers and short labels; the template draws it as SVG.  Places along the scale are
percentages and everything else is pixels, so a plot stretches with its column and its words do not.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import Dot, Plot, Range, Tick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim, LexicalCheck

NAMED = 40
"""Up to so many claims each gets a line of its own; more are drawn as a cloud without names."""
ROW, CLOUD_ROW, CLOUD_ROWS = 19, 7, 10
"""Pixels from line to line, in a cloud likewise, and how many lines a cloud has."""
HEAD, FOOT = 22, 20
"""Pixels above the first line and below the last, for the words of the scale."""
FULL = Decimal(10)
"""The top of the scale of review scores."""
_NUMBER = re.compile(r"\d(?:\.\d+)?")
_STEP = Decimal("0.1")


def percent(value: Decimal, whole: Decimal) -> str:
    """A value's place on a scale from 0 to ``whole``, clipped, as an SVG length."""
    tenths = max(0, min(1000, round(value * 1000 / whole)))
    return f"{tenths // 10}.{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"


def cosine(check: LexicalCheck | None) -> Decimal | None:
    """The number that can be drawn, or None where a document states none."""
    if check is None:
        return None
    drawn = check.value or check.display
    return Decimal(drawn) if _NUMBER.fullmatch(drawn) else None


def _top(values: Sequence[Decimal]) -> Decimal:
    """The end of the axis: a tenth that leaves a quarter of it free, at most 1."""
    wanted = (max(values) * Decimal("1.25")).quantize(_STEP, rounding=ROUND_CEILING)
    return min(Decimal(1), max(Decimal("0.3"), wanted))


def _label(drawn: Sequence[tuple[Claim, Decimal]], threshold: str, left: int) -> str:
    """All that the plot shows, in words."""
    passed = sum(claim.verification.passed for claim, _ in drawn)
    every = ", ".join(f"{claim.id} {claim.verification.display}" for claim, _ in drawn)
    rest = f" {left} without a number." if left else ""
    return (
        f"Cosine of {words.count(len(drawn), 'claim')} against the threshold of {threshold}, "
        f"highest first; {passed} marked as verified: {every}.{rest}"
    )


def claims_plot(claims: Sequence[Claim]) -> Plot | None:
    """Every claim's cosine against the threshold, highest first; None where there is no number."""
    found = [(claim, cosine(claim.verification)) for claim in claims]
    drawn = [(claim, value) for claim, value in found if value is not None]
    if not drawn:
        return None
    drawn.sort(key=lambda one: (-one[1], int(one[0].id[1:])))
    threshold = drawn[0][0].verification.threshold
    top = _top([*(value for _, value in drawn), Decimal(threshold)])
    named = len(drawn) <= NAMED
    dots = tuple(
        _dot(number, claim, value, top, named=named) for number, (claim, value) in enumerate(drawn)
    )
    height = dots[-1].y if named else HEAD + CLOUD_ROWS * CLOUD_ROW
    return Plot(
        label=_label(drawn, threshold, len(claims) - len(drawn)),
        height=height + FOOT + 8,
        ticks=(
            Tick("0%", "0", "start"),
            Tick("100%", f"{top:f}", "end"),
        ),
        limit=percent(Decimal(threshold), top),
        limit_name=f"threshold {threshold}",
        named=named,
        dots=dots,
    )


def _dot(number: int, claim: Claim, value: Decimal, top: Decimal, *, named: bool) -> Dot:
    check = claim.verification
    other = cosine(claim.corroboration)
    x = percent(value, top)
    row = number * ROW if named else number % CLOUD_ROWS * CLOUD_ROW
    return Dot(
        y=HEAD + 8 + row,
        x=x,
        other=percent(other, top) if named and other is not None and other != value else "",
        tone="pass" if check.passed else "fail",
        name=f"{'✓' if check.passed else '✗'} {claim.id} {check.display}" if named else "",
    )


def scores(values: Sequence[str], low: str, high: str) -> Range:
    """Scores on the scale from 0 to 10: one dot a round, the last one filled.

    Args:
        values: Scores as printed, in the order of the rounds; a word where there is none.
        low: Below this score a report is rejected.
        high: From this score on it is approved.
    """
    found = [Decimal(one) for one in values if _score(one)]
    drawn = tuple(percent(one, FULL) for one in found)
    return _range(found, drawn[:-1], drawn[-1] if drawn else "", low, high)


def spread(values: Sequence[str], mean: str, low: str, high: str) -> Range:
    """The scores of one round as a line from the lowest to the highest, and their mean."""
    found = [Decimal(one) for one in values if _score(one)]
    return _range(found, (), percent(Decimal(mean), FULL) if _score(mean) else "", low, high)


def _range(
    found: Sequence[Decimal], before: tuple[str, ...], last: str, low: str, high: str
) -> Range:
    lowest, highest = min(found, default=FULL), max(found, default=FULL)
    return Range(
        limits=tuple(percent(Decimal(one), FULL) for one in (low, high)),
        start=percent(lowest, FULL) if highest > lowest else "",
        length=percent(highest - lowest, FULL),
        before=before,
        last=last,
    )


def _score(text: str) -> bool:
    return re.fullmatch(r"\d{1,2}(?:\.\d+)?", text) is not None
