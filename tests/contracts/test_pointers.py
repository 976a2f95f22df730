"""Differences, their inverses, and pointers that name claims by id."""

from __future__ import annotations

from typing import Any

import jsonpatch
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.amend import Setting, amend
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.fold import apply_patch
from sovereign_registry.contracts.history import Event, HistoryEntry, PatchOperation
from sovereign_registry.contracts.pointers import (
    by_id,
    by_place,
    changes_between,
    difference,
    document,
    guarded,
    in_words,
    invert,
)
from tests.contracts.records import amendment, computed_record, view_of

RECORD = computed_record()


def correct(pointer: str, value: Any) -> HistoryEntry:  # noqa: ANN401 - JSON value
    """The entry of one correction."""
    settings = (Setting(pointer=pointer, value=value),)
    return amend(view_of(RECORD), amendment(Event.CORRECTION, settings=settings))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b/c", "d~e"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def _bytes(value: Any) -> bytes:  # noqa: ANN401 - JSON value
    """JSON with sorted keys: to Python ``true`` is 1, here it is not."""
    return msgspec.json.encode(value, order="sorted")


@given(JSON, JSON)
def test_a_difference_applied_gives_the_new_value_and_its_inverse_the_old(
    old: Any,  # noqa: ANN401 - JSON value
    new: Any,  # noqa: ANN401 - JSON value
) -> None:
    """For any two JSON values in a field, ``true`` and ``1`` kept apart."""
    patch = guarded(list(difference({"x": old}, {"x": new})))
    steps = msgspec.to_builtins(patch)
    done = jsonpatch.apply_patch({"x": old}, steps)
    assert _bytes({"x": new}) == _bytes(done)
    back = msgspec.to_builtins(invert(patch))
    undone = jsonpatch.apply_patch({"x": new}, back)
    assert _bytes({"x": old}) == _bytes(undone)


def test_additions_and_removals_are_undone_too() -> None:
    """An insertion is removed; a guarded removal is put back; an unguarded one is refused."""
    insert = (PatchOperation(op="add", path="/uncertainties/0", value="First."),)
    after = apply_patch(RECORD, insert, "")
    assert RECORD == apply_patch(after, invert(insert), "")
    test = PatchOperation(op="test", path="/uncertainties/0", value=RECORD.uncertainties[0])
    drop = PatchOperation(op="remove", path="/uncertainties/0")
    after = apply_patch(RECORD, (test, drop), "")
    assert RECORD == apply_patch(after, invert((test, drop)), "")
    with pytest.raises(RecordFault, match="without a test"):
        invert((drop,))


def test_a_patch_whose_test_fails_is_refused() -> None:
    """A patch made against another state of the record does not apply."""
    entry = correct("/work/title", "A better title")
    changed = apply_patch(RECORD, correct("/work/title", "Another").patch, "")
    with pytest.raises(RecordFault, match="cannot be applied"):
        apply_patch(changed, entry.patch, "here")


def test_pointers_by_id_and_by_place_are_the_same_field() -> None:
    """Every field of every claim goes there and back."""
    for place, claim in enumerate(RECORD.claims):
        assert f"/claims/{place}/text" == by_place(RECORD, f"/claims/{claim.id}/text")
        assert f"/claims/{claim.id}/text" == by_id(RECORD, f"/claims/{place}/text")
    assert "claim c3, verification, passed" == in_words("/claims/c3/verification/passed")
    assert "flags, no. 1, unresolved" == in_words("/flags/0/unresolved")


def test_versions_are_compared_field_by_field() -> None:
    """Claims are named by id, with old and new value."""
    after = apply_patch(RECORD, correct("/work/title", "New").patch, "")
    changes = {one.pointer: (one.old, one.new) for one in changes_between(RECORD, after)}
    assert (RECORD.work.title, "New") == changes["/work/title"]
    assert [] == list(difference(document(after), document(after)))
