"""Numbers as records publish them: decimal strings, quantised before any comparison.

No float ever enters a manifest.  A cosine is quantised half-even to 1e-9, a review score half-up to
0.1; what is decided is decided on the quantised value, which is the one that is printed.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Annotated

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

DecimalText = Annotated[str, msgspec.Meta(pattern=r"^-?(?:0|[1-9]\d{0,8})(?:\.\d{1,9})?$")]
"""A finite decimal number written out: no exponent, at most nine decimals."""

Score = Annotated[str, msgspec.Meta(pattern=r"^(?:10\.0|\d\.\d)$")]
"""A score from 0.0 to 10.0 with one decimal."""

_NINE = Decimal("0.000000001")
_SIX = Decimal("0.000001")
_TENTH = Decimal("0.1")


def _plain(value: Decimal) -> str:
    # str() would write small values with an exponent (0E-9), and zero may carry a sign.
    return f"{abs(value) if value == 0 else value:f}"


def quantise(value: float) -> str:
    """Write a finite float with nine decimals, rounded half-even.

    Raises:
        ValueError: the value is NaN or infinite.
    """
    if not math.isfinite(value):
        message = f"{value} is not a finite number"
        raise ValueError(message)
    return _plain(Decimal(value).quantize(_NINE, ROUND_HALF_EVEN))


def quantise_six(value: float) -> str:
    """Write a finite float with six decimals, rounded half-even; for values of other models.

    Raises:
        ValueError: the value is NaN or infinite.
    """
    if not math.isfinite(value):
        message = f"{value} is not a finite number"
        raise ValueError(message)
    return _plain(Decimal(value).quantize(_SIX, ROUND_HALF_EVEN))


def margin(value: str, threshold: str) -> str:
    """The signed distance of a quantised value from its threshold, nine decimals."""
    return _plain((Decimal(value) - Decimal(threshold)).quantize(_NINE))


def share(part: int, whole: int) -> str:
    """``part / whole`` with nine decimals, ``0.000000000`` where the whole is 0."""
    return _plain((Decimal(part) / Decimal(whole or 1)).quantize(_NINE, ROUND_HALF_EVEN))


def mean_score(scores: Sequence[str]) -> str:
    """The mean of role scores, rounded half-up to one decimal, exact before rounding.

    Raises:
        ValueError: there is no score.
    """
    if not scores:
        message = "a mean needs at least one score"
        raise ValueError(message)
    total = sum((Decimal(score) for score in scores), Decimal(0))
    return str((total / len(scores)).quantize(_TENTH, ROUND_HALF_UP))


def half_step(value: float) -> str:
    """Clip to 0..10 and round half-up to the nearest 0.5; the step of a role's score."""
    clipped = min(10.0, max(0.0, value))
    doubled = Decimal(str(round(clipped, 9))) * 2
    return str((doubled.quantize(Decimal(1), ROUND_HALF_UP) / 2).quantize(_TENTH))


def show(value: str, places: int = 3) -> str:
    """A quantised value as pages print it: ``places`` decimals, rounded half-even.

    The raw value and its margin always stand beside it, because rounding can hide a comparison.
    """
    return _plain(Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))
