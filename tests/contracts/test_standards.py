"""The examples of the standards that histories rest on: RFC 8785, RFC 6901 and RFC 6902."""

from __future__ import annotations

import json
import struct
from typing import Any

import jsonpatch
import jsonpointer
import msgspec
import pytest

from sovereign_registry.contracts.canonical import canonical_json
from sovereign_registry.contracts.history import PatchOperation
from sovereign_registry.contracts.pointers import invert

# RFC 8785, appendix B: the bits of a number (IEEE 754), and its text.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize("bits", NUMBERS)
def test_numbers_are_written_as_the_standard_says(bits: str) -> None:
    """RFC 8785, appendix B."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert NUMBERS[bits].encode() == canonical_json(number)


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000"])
def test_what_is_no_number_is_refused(bits: str) -> None:
    """RFC 8785, appendix B: not a number, and infinity."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(ValueError, match=r".+"):
        canonical_json([number])


def test_the_standards_document_is_written_as_it_says() -> None:
    """RFC 8785, section 3.2.2 and 3.2.4."""
    given = r"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    due = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA' + "'" + r'B\"\\\\\"/"}'
    )
    assert due.encode() == canonical_json(json.loads(given))


def test_keys_are_ordered_as_the_standard_says() -> None:
    """RFC 8785, section 3.2.3: by UTF-16 code units."""
    due = ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
    shuffled = {key: number for number, key in enumerate(sorted(due, reverse=True))}
    assert due == list(json.loads(canonical_json(shuffled)))


# RFC 6901, section 5.
POINTED: dict[str, Any] = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}
POINTERS: dict[str, Any] = {
    "": POINTED,
    "/foo": ["bar", "baz"],
    "/foo/0": "bar",
    "/": 0,
    "/a~1b": 1,
    "/c%d": 2,
    "/e^f": 3,
    "/g|h": 4,
    "/i\\j": 5,
    '/k"l': 6,
    "/ ": 7,
    "/m~0n": 8,
}


@pytest.mark.parametrize("pointer", POINTERS)
def test_a_pointer_leads_where_the_standard_says(pointer: str) -> None:
    """RFC 6901, section 5."""
    assert POINTERS[pointer] == jsonpointer.resolve_pointer(POINTED, pointer)


Step = dict[str, Any]
# RFC 6902, appendix A, for the four operations that a history may hold: document, patch, result.
PATCHES: dict[str, tuple[Any, list[Step], Any]] = {
    "A.1 adding a member": (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux"}],
        {"baz": "qux", "foo": "bar"},
    ),
    "A.2 adding an element": (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    "A.3 removing a member": (
        {"baz": "qux", "foo": "bar"},
        [{"op": "remove", "path": "/baz"}],
        {"foo": "bar"},
    ),
    "A.4 removing an element": (
        {"foo": ["bar", "qux", "baz"]},
        [{"op": "remove", "path": "/foo/1"}],
        {"foo": ["bar", "baz"]},
    ),
    "A.5 replacing a value": (
        {"baz": "qux", "foo": "bar"},
        [{"op": "replace", "path": "/baz", "value": "boo"}],
        {"baz": "boo", "foo": "bar"},
    ),
    "A.8 a test that holds": (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [
            {"op": "test", "path": "/baz", "value": "qux"},
            {"op": "test", "path": "/foo/1", "value": 2},
        ],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    "A.10 adding a nested object": (
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}},
    ),
    "A.14 the order of escapes": (
        {"/": 9, "~1": 10},
        [{"op": "test", "path": "/~01", "value": 10}],
        {"/": 9, "~1": 10},
    ),
    "A.16 adding an array": (
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
}
REFUSED: dict[str, tuple[Any, list[Step]]] = {
    "A.9 a test that fails": ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}]),
    "A.12 a target that is not there": (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz/bat", "value": "qux"}],
    ),
    "A.15 a text is no number": (
        {"/": 9, "~1": 10},
        [{"op": "test", "path": "/~01", "value": "10"}],
    ),
    "an element beyond the end": ({"a": [1]}, [{"op": "add", "path": "/a/2", "value": 2}]),
    "removing what is not there": ({"a": 1}, [{"op": "remove", "path": "/b"}]),
    "replacing what is not there": ({"a": 1}, [{"op": "replace", "path": "/b", "value": 1}]),
    "an index with a zero before it": ({"a": [1, 2]}, [{"op": "remove", "path": "/a/01"}]),
}


@pytest.mark.parametrize("case", PATCHES)
def test_a_patch_gives_what_the_standard_says(case: str) -> None:
    """RFC 6902, appendix A, by what replays histories; the old document is left alone."""
    document, steps, due = PATCHES[case]
    before = json.dumps(document)
    assert due == jsonpatch.apply_patch(document, steps)
    assert before == json.dumps(document)
    assert steps == msgspec.to_builtins([_stated(one) for one in steps])


def _stated(step: Step) -> PatchOperation | Step:
    """The step as a history entry holds it; a removal carries no value."""
    made = msgspec.convert(step, PatchOperation)
    return step if made.op == "remove" else made


@pytest.mark.parametrize("case", REFUSED)
def test_a_patch_that_does_not_fit_is_refused(case: str) -> None:
    """RFC 6902, appendix A, and the rules of its section 4."""
    document, steps = REFUSED[case]
    with pytest.raises((jsonpatch.JsonPatchException, jsonpointer.JsonPointerException)):
        jsonpatch.apply_patch(document, steps)


@pytest.mark.parametrize("case", ["A.5 replacing a value", "A.3 removing a member"])
def test_a_guarded_patch_of_the_standard_can_be_undone(case: str) -> None:
    """A test of the old value stands before each change, so that the inverse is known."""
    document, steps, due = PATCHES[case]
    step = msgspec.convert(steps[0], PatchOperation)
    old = jsonpointer.resolve_pointer(document, step.path)
    patch = (PatchOperation(op="test", path=step.path, value=old), step)
    back = [
        {"op": one.op, "path": one.path} | ({} if one.op == "remove" else {"value": one.value})
        for one in invert(patch)
    ]
    assert document == jsonpatch.apply_patch(due, back)
