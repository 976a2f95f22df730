"""Plots: every place within its axis, every claim drawn or counted as not drawn."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.website.views.plots import NAMED, claims_plot, percent, scores, spread
from tests.website.views import imported, samples

COSINE = st.integers(0, 10**9).map(lambda number: f"{Decimal(number).scaleb(-9):f}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.150000000", "15%"), ("1.2", "100%"), ("-0.1", "0%"), ("0.1234", "12.3%")],
)
def test_a_place_stays_within_its_scale(value: str, expected: str) -> None:
    """Values are clipped, and rounded to a tenth of a percent."""
    assert percent(Decimal(value), Decimal(1)) == expected


@given(st.lists(COSINE, min_size=1, max_size=60))
def test_every_claim_has_a_dot_within_the_axis(values: list[str]) -> None:
    """Highest first, and named where there is room for names."""
    base = samples.manifest().claims[0]
    claims = [
        msgspec.structs.replace(
            base,
            id=f"c{number}",
            verification=msgspec.structs.replace(base.verification, value=value, display=value[:5]),
        )
        for number, value in enumerate(values, start=1)
    ]
    plot = claims_plot(claims)
    assert plot is not None
    assert len(plot.dots) == len(values)
    places = [Decimal(dot.x.removesuffix("%")) for dot in plot.dots]
    assert places == sorted(places, reverse=True)
    assert all(0 <= place <= 100 for place in places)
    assert all(0 < dot.y < plot.height for dot in plot.dots)
    assert plot.named is (len(values) <= NAMED)
    assert all(bool(dot.name) is plot.named for dot in plot.dots)
    assert all(f"c{number} " in plot.label for number in range(1, len(values) + 1))


def test_the_words_of_a_plot_say_what_it_shows() -> None:
    """Threshold, count and every value, for those who do not see it."""
    plot = claims_plot(samples.computed().record.claims)
    assert plot is not None
    assert plot.label == (
        "Cosine of 5 claims against the threshold of 0.15, highest first; 3 marked as verified: "
        "c1 0.412, c2 0.231, c3 0.150, c4 0.149, c5 0.035."
    )
    assert [dot.tone for dot in plot.dots] == ["pass"] * 3 + ["fail"] * 2
    assert plot.dots[0].name == "✓ c1 0.412"


def test_a_stated_mark_is_drawn_as_stated() -> None:
    """An imported claim at the threshold that was marked as not verified stays so."""
    plot = claims_plot(imported.declared().record.claims)
    assert plot is not None
    assert [dot.name for dot in plot.dots if "0.15" in dot.name] == ["✗ c3 0.15"]


def test_what_cannot_be_drawn_is_counted() -> None:
    """A figure that is no number is left out and said."""
    claims = imported.declared().record.claims
    odd = msgspec.structs.replace(
        claims[0], verification=msgspec.structs.replace(claims[0].verification, display="high")
    )
    plot = claims_plot([odd, *claims[1:]])
    assert plot is not None
    assert plot.label.endswith("1 without a number.")
    assert claims_plot([odd]) is None
    assert claims_plot([]) is None


def test_scores_that_are_none_are_not_drawn() -> None:
    """A role without a valid opinion leaves an empty scale."""
    empty = scores(["no valid opinion"], "5.0", "6.5")
    assert (empty.start, empty.before, empty.last) == ("", (), "")
    assert spread([], "", "5.0", "6.5").last == ""
