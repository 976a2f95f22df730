"""The canonical YAML form: what it says is what any YAML reader reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.text import FORBIDDEN
from sovereign_registry.store.canonical_yaml import emit, read_fast
from sovereign_registry.store.strict_yaml import load

texts = st.text(
    st.characters(exclude_categories=["Cs", "Cn", "Cc"]).filter(lambda c: not FORBIDDEN.match(c)),
    max_size=40,
)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
keys = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True) | texts.filter(bool)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=25,
)
documents = st.dictionaries(keys, values, min_size=1, max_size=6)


@given(documents)
def test_libyaml_reads_what_was_emitted(document: dict[str, Any]) -> None:
    """Any YAML reader loads the emitted bytes as the emitted value."""
    assert document == yaml.load(emit(document), Loader=yaml.CSafeLoader)


@given(documents)
def test_the_strict_reader_accepts_what_was_emitted(document: dict[str, Any]) -> None:
    """The strict reader refuses nothing that is in canonical form."""
    assert document == load(emit(document), "file.yaml")


@given(documents)
def test_the_fast_reader_guesses_every_contract_shaped_value(document: dict[str, Any]) -> None:
    """Wherever emitting the guess gives back the bytes, the guess is the value."""
    data = emit(document)
    try:
        guess = json.loads(read_fast(data))
    except ValueError:
        return
    if emit(guess) == data:
        assert document == guess


def test_the_fast_reader_reads_nested_records() -> None:
    """Mappings in lists in mappings, the shape of every record, are read without a YAML parser."""
    document = {
        "a": "x: y # z",
        "b": {"c": [1, None, True, "- d"], "e": [], "f": {}},
        "g": [{"h": [{"i": 1}, {"i": 2, "j": {"k": "l"}}], "m": "n"}, {"h": [], "m": "o"}],
        "p": {"q": {"r": {"s": "t"}}},
        "u": False,
    }
    assert document == json.loads(read_fast(emit(document)))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('a: "1"\na: "2"\n', 2, "twice"),
        ("a: 2604.10210\n", 1, "double quotes"),
        ("a: no\n", 1, "double quotes"),
        ('a: &x "1"\nb: *x\n', 1, "anchor"),
        ("a: !!python/name:os.system x\n", 1, "tag"),
        ('a: "1"\n---\nb: "2"\n', 2, "more than one document"),
        ("- 1\n", 1, "mapping"),
        ("", 1, "empty"),
        ('a: "\u202eevil"\n', 1, "U+202E"),
        ('x: "ok"\na: "b\x07c"\n', 2, "U+0007"),
        ("a: .nan\n", 1, "double quotes"),
        ("a: [1, 2\n", 2, "not YAML"),
        ("a: 99999999999999999999\n", 1, "double quotes"),
        ("? [a]\n: 1\n", 1, "plain string"),
        ("a: " + "[" * 60 + "]" * 60 + "\n", 1, "nested"),
    ],
)
def test_hostile_yaml_is_one_clear_error(text: str, line: int, words: str) -> None:
    """Each refusal names the file, the line and what was found."""
    with pytest.raises(RecordFault) as caught:
        load(text.encode("utf-8"), "m.yaml")
    assert f"m.yaml:{line}" == caught.value.where
    assert words in str(caught.value)


def test_bytes_that_are_not_utf8_name_their_line() -> None:
    """A byte that is not UTF-8 is named with its line."""
    with pytest.raises(RecordFault, match=r"m\.yaml:2: byte 0xff"):
        load(b'a: "1"\nb: "\xff"\n', "m.yaml")


def test_a_file_of_50_megabytes_is_refused_unread() -> None:
    """Size is checked before anything is parsed."""
    with pytest.raises(RecordFault, match="limit"):
        load(b"a" * 50_000_000, "m.yaml")
