"""Reading by layout accepts exactly the canonical bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
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
