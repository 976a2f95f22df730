"""Citations in sentences."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.pipeline.citations import without_citations

DEFINITION = re.compile(r"\[[\d,;\s\u2013-]+\]|\((?:[A-Z][\w.&\s-]+,? \d{4}[a-z]?[;,\s]*)+\)")
"""What a citation is; its time is not bounded."""


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("It grows [1, 3-5].", "It grows ."),
        ("It grows (Smith et al., 2020; Doe 2021a).", "It grows ."),
        ("It grows (see Smith 2020).", "It grows (see Smith 2020)."),
        ("It grows (Smith, and not 2020).", "It grows (Smith, and not 2020)."),
        ("It grows (by 20 percent).", "It grows (by 20 percent)."),
        ("It grows ().", "It grows ()."),
    ],
)
def test_citations_are_taken_out(text: str, bare: str) -> None:
    """Numbers in square brackets, and names with years in round ones; nothing else."""
    assert without_citations(text) == bare


@given(st.text(alphabet="Aa 2019,;()[].b\n-\u2013", max_size=24))
def test_the_walk_agrees_with_the_definition(text: str) -> None:
    """On any short text, where the definition is fast enough to ask."""
    assert without_citations(text) == DEFINITION.sub("", text)


@given(st.lists(st.sampled_from(["Aa 2020", "; ", ", ", " ", "B", "c 1999d", "1", "(", ")"])))
def test_the_walk_agrees_on_what_looks_like_citations(parts: list[str]) -> None:
    """The same, with more of what matters in it."""
    text = f"({''.join(parts[:9])})"
    assert without_citations(text) == DEFINITION.sub("", text)


def test_a_hostile_bracket_takes_no_time() -> None:
    """A hundred years in a bracket that never closes as a citation."""
    began = time.perf_counter()
    assert "2020" in without_citations("(" + "Aa 2020 " * 60 + "!)")
    assert time.perf_counter() - began < 1
