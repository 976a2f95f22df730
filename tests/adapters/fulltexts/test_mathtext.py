"""How a formula stands in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.fulltexts.mathtext import LONGEST, math_text
from sovereign_registry.adapters.splitter import SentencexSplitter


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("k=2", "k=2"),
        ("", ""),
        (r"10\times", "10\u00d7"),
        (r"5\,\%", "5 %"),
        (r"\pm 0.3", "\u00b10.3"),
        (r"\mathcal{O}(n)", r"$\mathcal{O}(n)$"),
        (r"E=\frac{P}{v},", r"$E=\frac{P}{v}$,"),
        (r"\left\{ x \right.", r"$\left\{ x \right.$"),
        ("a$b", "a b"),
        ("x" * (LONGEST + 1), "[formula]"),
    ],
)
def test_simple_formulas_are_plain_and_others_stay_tex(tex: str, text: str) -> None:
    """One line, sentence marks outside, dollar signs balanced."""
    assert math_text(tex) == text


@given(st.text(alphabet="abc\\{}^_$.,;= 12", max_size=600))
def test_no_sentence_ends_inside_a_formula(tex: str) -> None:
    """Whatever the formula is, its dollar signs stay in one sentence."""
    formula = math_text(tex)
    assert formula.count("$") in {0, 2}
    text = f"The speed is {formula} on the hill. The next sentence is here."
    spans = SentencexSplitter().spans(text)
    assert all(text[start:end].count("$") % 2 == 0 for start, end in spans)
