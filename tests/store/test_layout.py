"""Reading by layout accepts exactly the canonical bytes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sovereign_registry.contracts.history import HistoryEntry
from sovereign_registry.contracts.manifest import Manifest
from sovereign_registry.store import layout
from sovereign_registry.store.canonical_yaml import emit
from tests.samples import bare_manifest

RECORDS = Path(__file__).resolve().parents[2] / "manifests" / "records"
SHIPPED = [path.read_bytes() for path in sorted(RECORDS.glob("*/manifest.yaml"))]
SAMPLES = [emit(bare_manifest()), *SHIPPED[:3]]
PIECES = (
    b"\n",
    b" ",
    b"  ",
    b"- ",
    b'"',
    b",",
    b'","',
    b"null",
    b"[]",
    b"{}",
    b'"id":"x",',
    b"# note",
    b": ",
    b"\\u0041",
    b"\\/",
    b"1.0",
    b"]",
    b"}",
)


def accepted(data: bytes) -> Manifest | None:
    """The record, or None where the bytes are refused."""
    try:
        return layout.read(data, Manifest)
    except (ValueError, layout.NoLayout):
        return None


@pytest.mark.parametrize("data", SHIPPED)
def test_every_shipped_manifest_is_read(data: bytes) -> None:
    """The registry's own manifests take the fast way and come back byte for byte."""
    record = accepted(data)
    assert record is not None
    assert data == emit(record)


@settings(max_examples=400)
@given(data=st.data())
def test_mutated_bytes_are_accepted_only_if_they_are_canonical(data: st.DataObject) -> None:
    """Whatever is inserted, deleted, doubled or swapped: accepted bytes are the emitted bytes."""
    source = data.draw(st.sampled_from(SAMPLES))
    lines = source.split(b"\n")
    at = data.draw(st.integers(0, len(lines) - 2))
    kind = data.draw(st.sampled_from(["insert", "delete", "double", "swap", "join"]))
    if kind == "insert":
        place = data.draw(st.integers(0, len(lines[at])))
        piece = data.draw(st.sampled_from(PIECES))
        lines[at] = lines[at][:place] + piece + lines[at][place:]
    elif kind == "delete":
        del lines[at]
    elif kind == "double":
        lines.insert(at, lines[at])
    elif kind == "swap":
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    else:
        lines[at : at + 2] = [lines[at] + b"," + lines[at + 1].strip().removeprefix(b"- ")]
    mutated = b"\n".join(lines)
    record = accepted(mutated)
    assert record is None or mutated == emit(record)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'    - "balance"\n    - "imaginary"', b'    - "balance","imaginary"'),
        (b"title_cut: false\n  abstract", b'title_cut: false,"abstract'),
        (b"sources: []", b"sources: [] "),
        (b"config: null", b"config: {}"),
        (b'origin: "declared"', b"origin: 'declared'"),
        (b'origin: "declared"', b'origin: "\\u0064eclared"'),
        (b"dimension: 0", b"dimension: 00"),
        (b"dimension: 0", b"dimension: 0.0"),
    ],
)
def test_other_spellings_of_the_same_record_are_refused(old: bytes, new: bytes) -> None:
    """One record has one sequence of bytes."""
    source = emit(bare_manifest())
    assert old in source
    assert accepted(source.replace(old, new, 1)) is None


def test_a_type_with_free_form_values_has_no_layout() -> None:
    """History entries hold patches of any value and take the general way."""
    with pytest.raises(layout.NoLayout):
        layout.read(b"", HistoryEntry)


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record within a record."""

    word: str
    more: str | msgspec.UnsetType = msgspec.UNSET


class Grown(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A contract that grew: every kind of field that may be unset."""

    name: str
    text: str | msgspec.UnsetType = msgspec.UNSET
    maybe: int | msgspec.UnsetType | None = msgspec.UNSET
    inner: Inner | msgspec.UnsetType = msgspec.UNSET
    none: Inner | msgspec.UnsetType | None = msgspec.UNSET
    words: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    inners: tuple[Inner, ...] | msgspec.UnsetType = msgspec.UNSET
    free: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    last: bool | msgspec.UnsetType = msgspec.UNSET


@given(st.from_type(Grown))
def test_a_field_that_may_be_unset_is_read_where_it_is_set(record: Grown) -> None:
    """Whichever of them are; only one without a layout of its own takes the slow way."""
    words = () if record.words is msgspec.UNSET else record.words
    assume("," not in words)  # which looks like the end of one item and the start of the next
    if record.free is msgspec.UNSET:
        assert layout.read(emit(record), Grown) == record
    else:
        with pytest.raises(layout.NoLayout):
            layout.read(emit(record), Grown)


def test_a_field_in_another_place_is_refused() -> None:
    """Optional fields stand in the order of the contract, and once."""
    due = emit(Grown(name="a", text="b", maybe=1))
    name, text, maybe = due.split(b"\n")[:3]
    for lines in ([name, maybe, text], [text, name, maybe], [name, text, text, maybe]):
        with pytest.raises(layout.NotCanonical):
            layout.read(b"\n".join([*lines, b""]), Grown)
