"""Search words: folding, splitting, what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts import search_words
from sovereign_registry.contracts.search_words import LONGEST, STOP, distinct, fold, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mixture-of-Experts, W4A4", ["mixture", "experts", "w4a4"]),
        ("Poincaré and Gödel", ["poincare", "godel"]),
        ("Straße, Ørsted, Łukasiewicz", ["strasse", "orsted", "lukasiewicz"]),
        ("ΣΟΦΟΣ", ["σοφοσ"]),
        ("ﬁne ① ²", ["fine"]),
        ("مُحَمَّد", ["محمد"]),
        ("a _ the 7", []),
    ],
)
def test_words_are_folded(text: str, expected: list[str]) -> None:
    """Case, accents, ligatures and odd letters make no difference; single characters go."""
    assert words(text) == expected


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing(text: str) -> None:
    """What was folded once is compared as it stands."""
    once = fold(text)
    assert fold(once) == once


@given(st.text(max_size=200))
def test_no_word_is_short_long_or_common(text: str) -> None:
    """Every word has 2 to 24 characters and is none that every record holds."""
    found = words(text)
    assert all(1 < len(word) <= LONGEST for word in found)
    assert not set(found) & set(STOP)


@given(st.lists(st.text(max_size=40), max_size=5))
def test_words_of_several_texts_stand_once_in_order(texts: list[str]) -> None:
    """Sorted, distinct, and exactly those of the single texts."""
    found = distinct(texts)
    assert list(found) == sorted({word for text in texts for word in words(text)})


def test_the_tables_fold_to_themselves() -> None:
    """No letter is written out as one that is written out itself."""
    assert all(fold(plain) == plain for plain in search_words.FOLDS.values())
    assert list(STOP) == sorted(set(STOP))
