"""JSON from outside: what two readers could take for two things is refused."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.strict_json import MAX_DEPTH, NotStrict, parse_strict

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Any text at all, half of a surrogate pair excepted.
    | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES, st.booleans())
def test_what_json_writes_is_read_back(value: Any, ascii_only: bool) -> None:  # noqa: ANN401, FBT001
    """Every JSON value comes back as it was, as text and as bytes."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert value == parse_strict(text) == parse_strict(text.encode())


@given(st.binary() | st.text())
def test_anything_else_is_refused_in_one_way(data: bytes | str) -> None:
    """No input raises anything but NotStrict."""
    try:
        value = parse_strict(data)
    except NotStrict:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 1}', "'a' stands twice"),
        ('[{"b": [], "a": {"x": 1, "x": 2}}]', "'x' stands twice"),
        ("NaN", "NaN is no JSON number"),
        ("[-Infinity]", "Infinity"),
        ("1e999", "too large"),
        ("1" * 400, "400 digits"),
        ('"\\ud800"', "surrogate"),
        ('{"\\udfff": 1}', "surrogate"),
        ("", "no JSON"),
        ("{} {}", "Extra data"),
        ("{'a': 1}", "line 1, column 2"),
        ("[" * 65 + "]" * 65, "deeper than 64"),
        ("\ufeff{}", "no JSON"),
    ],
)
def test_each_refusal_says_what_was_found(text: str, words: str) -> None:
    """Duplicates, numbers that are none, surrogates, depth, and what is no JSON."""
    with pytest.raises(NotStrict, match=words):
        parse_strict(text)


def test_brackets_in_strings_are_no_depth() -> None:
    """Only structure counts, whatever is escaped."""
    text = json.dumps(['["' + "[{" * 1000, "\\", '"]'])
    assert json.loads(text) == parse_strict(text)
    assert parse_strict("[" * MAX_DEPTH + "]" * MAX_DEPTH)


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, "[" * 1_000_000, '"' * 1_000_001])
def test_hostile_texts_take_no_longer_than_honest_ones(text: str) -> None:
    """A million characters are refused within a second."""
    began = time.monotonic()
    with pytest.raises(NotStrict):
        parse_strict(text)
    assert time.monotonic() - began < 1


def test_numbers_stay_what_they_are() -> None:
    """Whole numbers are whole, others finite."""
    values = parse_strict("[1, -0.5, 1e3, 12345678901234567890]")
    assert [1, -0.5, 1000.0, 12345678901234567890] == values
    assert [int, float, float, int] == [type(value) for value in values]
    assert all(map(math.isfinite, values))
