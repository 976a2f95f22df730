"""Numbers are read strictly from what a stranger's run left, or not at all."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.metrics import (
    MAX_OUTPUT_BYTES,
    MalformedOutput,
    parse,
    read_metrics,
)
from sovereign_registry.contracts.repro import Metric


def metric(pointer: str = "/value", file: str = "result.json") -> Metric:
    """A metric that stands there."""
    return Metric(
        name="value", file=file, pointer=pointer, expected="1", absolute="0", relative=None
    )


def read(data: bytes, pointer: str = "/value") -> str:
    """The one number."""
    return read_metrics([metric(pointer)], {"result.json": data})[0]


@pytest.mark.parametrize(
    ("data", "due"),
    [
        (b'{"value": 1}', "1"),
        (b'{"value": 0.9611111111111111}', "0.9611111111111111"),
        (b'{"value": 1.50}', "1.5"),
        (b'{"value": -0.0}', "0"),
        (b'{"value": 1e5}', "100000"),
        (b'{"value": 2.5E-3}', "0.0025"),
        (b'{"value": 123456789012345678}', "123456789012345678"),
    ],
)
def test_a_number_is_taken_as_it_was_written(data: bytes, due: str) -> None:
    """No float stands in between, and one number has one way to be written out."""
    assert due == read(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"value": NaN}', "NaN is no number"),
        (b'{"value": Infinity}', "Infinity is no number"),
        (b'{"value": -Infinity}', "-Infinity is no number"),
        (b'{"value": "1"}', "text where a number is due"),
        (b'{"value": true}', "bool where a number is due"),
        (b'{"value": null}', "NoneType where a number is due"),
        (b'{"value": [1]}', "list where a number is due"),
        (b'{"value": 1, "value": 2}', "a key stands twice"),
        (b'{"other": 1}', "leads nowhere"),
        (b'{"value": 1e999999999}', "out of range"),
        (b'{"value": 1e-999999999}', "out of range"),
        (b'{"value": 1234567890123456789}', "out of range"),
        (b'{"value": ' + b"9" * 5000 + b"}", "a number has 5,000 characters"),
        (b'{"value": 1} {"value": 2}', "no JSON"),
        (b'{"value": 1', "no JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "no JSON"),
        (b"[" * 200_000, "nested deeper"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "nested deeper"),
        (b"[" + b"1," * 30_000 + b"1]", "more than 20,000 values"),
        (b" " * (MAX_OUTPUT_BYTES + 1), "the limit is"),
    ],
)
def test_anything_else_is_malformed_and_says_why(data: bytes, says: str) -> None:
    """Hostile output gives one reason and no number."""
    with pytest.raises(MalformedOutput, match=says):
        read(data)


def test_a_missing_output_is_named() -> None:
    """A run that left nothing has no numbers."""
    with pytest.raises(MalformedOutput, match=r"result\.json is missing"):
        read_metrics([metric()], {})


@pytest.mark.parametrize(
    ("pointer", "due"), [("/a/0/b~1c", "3"), ("/a/1", "4"), ("/d~0e", "5"), ("/01", "6")]
)
def test_pointers_are_followed_as_rfc_6901_says(pointer: str, due: str) -> None:
    """Lists by place, escaped slashes and tildes, numerals as keys of objects."""
    assert due == read(b'{"a": [{"b/c": 3}, 4], "d~e": 5, "01": 6}', pointer)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_give_a_value_or_one_kind_of_error(data: bytes) -> None:
    """Nothing else escapes the reader."""
    with suppress(MalformedOutput):
        parse(data, "x")


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    )
)
def test_what_is_written_equals_what_was_read(number: Decimal) -> None:
    """The decimal string has the number's exact value and is its only form."""
    found = read(f'{{"value": {number:f}}}'.encode())
    assert number == Decimal(found)
    assert found == read(f'{{"value": {found}}}'.encode())
    assert "E" not in found


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_brackets_within_texts_do_not_count(value: object) -> None:
    """Depth is counted outside of texts."""
    data = json.dumps({"x": value, "y": "[{" * 100, "value": 1}).encode()
    assert read(data) == "1"
