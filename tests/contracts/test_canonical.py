"""Canonical JSON is RFC 8785's, by whichever way it is made."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any, Literal

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.canonical import _float_free, canonical_json
from sovereign_registry.contracts.manifest import Manifest

INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["1,2.5", "\uffff", "\U00010000", '"', "\\", "a:1e5", "\x00\x1f\x7f", ",1234567890123456"]
)


class Colour(StrEnum):
    """An enum for the tests."""

    RED = "red"


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """A record without floats."""

    zeta: str
    alpha: int | None
    flags: tuple[bool, ...]
    counts: dict[str, int]
    colour: Colour = Colour.RED


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """A record of records."""

    name: Literal["tree"] = "tree"
    leaves: tuple[Leaf, ...]


class Loose(msgspec.Struct, frozen=True, kw_only=True):
    """A record that can hold anything."""

    value: Any


LEAVES = st.builds(
    Leaf,
    zeta=TEXTS,
    alpha=st.none() | INTEGERS,
    flags=st.lists(st.booleans()).map(tuple),
    counts=st.dictionaries(TEXTS, INTEGERS),
)


@given(st.lists(LEAVES).map(lambda leaves: Tree(leaves=tuple(leaves))))
def test_agrees_with_the_reference(value: Tree) -> None:
    """Whatever a record without floats holds, the bytes are the reference implementation's."""
    assert canonical_json(value) == rfc8785.dumps(msgspec.to_builtins(value))


@pytest.mark.parametrize("number", [math.nan, math.inf, 2**53 + 1])
def test_refuses_what_json_cannot_hold(number: float) -> None:
    """Numbers that are not finite or not exact are refused, wherever they stand."""
    leaf = Leaf(zeta="", alpha=2**60, flags=(), counts={})
    for value in (number, [number], Loose(value={"a": number}), leaf):
        with pytest.raises(ValueError, match=r".+"):
            canonical_json(value)


def test_keys_are_ordered_by_utf16() -> None:
    """A key beyond the basic plane sorts before one at its end, as RFC 8785 says."""
    leaf = Leaf(zeta="", alpha=0, flags=(), counts={"\uffff": 1, "\U0001f600": 2})
    assert '{"\U0001f600":2,"\uffff":1}'.encode() in canonical_json(leaf)


def test_manifests_go_the_fast_way() -> None:
    """No field of a manifest can hold a float."""
    assert _float_free(Manifest)
