"""The formulas on the methodology page are those of the rule, constant by constant."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sovereign_registry.contracts.numbers import half_step, share
from sovereign_registry.contracts.review import Role
from sovereign_registry.contracts.rules import rubric_v1
from sovereign_registry.contracts.rules.rubric_v1 import Features

if TYPE_CHECKING:
    from pathlib import Path

COUNT = st.integers(0, 30)
NEAR_A_STEP = Fraction(1, 1_000_000)
"""Nearer than this to a rounding boundary, nine decimals of an input can decide."""


@pytest.fixture(scope="session")
def page(root: Path) -> str:
    """The methodology page."""
    return (root / "content" / "pages" / "methodology.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def formulas(page: str) -> dict[str, str]:
    """Every role's formula as printed, in one line."""
    block = next(
        part for part in page.split("\n\n") if part.startswith(f"    {Role.SKEPTIC.value} =")
    )
    names = "|".join(role.value for role in Role)
    found = re.findall(rf"({names}) =(.*?)(?=(?:{names}) =|\Z)", block, re.DOTALL)
    return {name: " ".join(text.split()) for name, text in found}


@st.composite
def features(draw: st.DrawFn) -> Features:
    """Counts that a dossier can have."""
    claims, words = draw(COUNT), draw(COUNT)
    verified = draw(st.integers(0, claims))
    return Features(
        claims=claims,
        verified=verified,
        unverified_with_number=draw(st.integers(0, claims - verified)),
        duplicate_pairs=draw(st.integers(0, 5)),
        question_words=words,
        covered_words=draw(st.integers(0, words)),
        papers=draw(COUNT),
        references=draw(st.integers(0, 6)),
        uncertainties=draw(st.integers(0, 3)),
        mean_credit=f"{draw(st.integers(0, 1000)) / 1000:.9f}",
    )


def _letters(found: Features) -> dict[str, Fraction]:
    """The letters of the page's table."""
    covered = Fraction(share(found.covered_words, found.question_words))
    off = 3 * found.covered_words < found.question_words or not found.question_words
    values: dict[str, Fraction | int | str] = {
        "v": Fraction(found.verified, found.claims or 1),
        "u": found.claims - found.verified,
        "n": found.unverified_with_number,
        "d": found.duplicate_pairs,
        "c": covered,
        "o": int(off),
        "m": found.mean_credit,
        "p": found.papers,
        "r": found.references,
        "s": 2 if found.uncertainties else 0,
    }
    return {letter: Fraction(value) for letter, value in values.items()}


@given(found=features())
@pytest.mark.parametrize("role", list(Role))
def test_a_printed_formula_gives_the_score_of_the_rule(
    formulas: dict[str, str], role: Role, found: Features
) -> None:
    """Whoever puts the printed inputs into the printed formula gets the printed score."""
    scope = {"__builtins__": {}, "min": min, **_letters(found)}
    value = Fraction(eval(formulas[role.value], scope))  # noqa: S307 - our own page, no builtins
    assume(abs((value * 2) % 1 - Fraction(1, 2)) > NEAR_A_STEP)
    assert half_step(float(value)) == rubric_v1.score(role, found)


def test_every_input_of_a_role_is_in_the_table(page: str) -> None:
    """By the name that stands on the record."""
    names = {name for read in rubric_v1.READS.values() for name in read}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
    assert all(f"| {letter} | " in page for letter in _letters(Features()))


def test_the_credit_and_the_weakness_are_those_of_the_rule(page: str, root: Path) -> None:
    """A near claim's credit, from where it counts, and what one more of them can do."""
    credit = rubric_v1.NEAR_CREDIT
    text = " ".join(page.split())
    assert f"gets {credit} if x is at least {rubric_v1.NEAR_FROM}, otherwise 0" in text
    assert "`0.5 + 0.5*min(1, (x - t)/t)`" in text
    # The worst case: one claim without any credit, and a near one beside it.
    one = Features(claims=1, mean_credit="0.000000000")
    two = Features(claims=2, mean_credit=f"{credit / 2:.9f}")
    rise = Decimal(rubric_v1.score(Role.VALIDATOR, two)) - Decimal(
        rubric_v1.score(Role.VALIDATOR, one)
    )
    limits = " ".join((root / "content" / "pages" / "limits.md").read_text("utf-8").split())
    for said in (text, limits):
        assert f"VALIDATOR by up to {rise}" in said
        assert f"score by up to {(rise / 3).quantize(Decimal('0.1'))}" in said
    assert f"cosine from {rubric_v1.NEAR_FROM}" in limits
