"""The scripts apply patches as the registry does: RFC 6902, and what the registry makes itself."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import jsonpatch
import jsonpointer
import pytest
import rfc8785

from tests.website.verify.scripts import run

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

APPLY = """return given.map(([document, patch]) => {
  try { return lib.canonical(lib.applyPatch(JSON.parse(document), JSON.parse(patch), "p")); }
  catch (error) { if (error instanceof lib.Fault) return null; throw error; }
});"""
# RFC 6902, appendix A, as far as the registry's four operations go, and its neighbourhood.
CASES: list[tuple[Any, list[dict[str, Any]]]] = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}]),
    ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}]),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}]),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}]),
    ({"baz": "qux", "foo": "bar"}, [{"op": "replace", "path": "/baz", "value": "boo"}]),
    ({"baz": "qux", "foo": ["a", 2, "c"]}, [{"op": "test", "path": "/foo/1", "value": 2}]),
    ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}]),
    ({"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"grandchild": {}}}]),
    ({"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}]),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}]),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": "10"}]),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}]),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/2", "value": 1}]),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/1", "value": 1}]),
    ({"foo": ["bar"]}, [{"op": "replace", "path": "/foo/1", "value": 1}]),
    ({"foo": ["bar"]}, [{"op": "remove", "path": "/foo/-"}]),
    ({"foo": ["bar"]}, [{"op": "replace", "path": "/foo/00", "value": 1}]),
    ({"foo": ["bar"]}, [{"op": "remove", "path": "/bar"}]),
    ({"foo": None}, [{"op": "test", "path": "/foo", "value": None}]),
    ({"foo": {"a": 1, "b": [2]}}, [{"op": "test", "path": "/foo", "value": {"b": [2], "a": 1}}]),
    ({"foo": 1}, [{"op": "replace", "path": "/toString", "value": 1}]),
    ({"foo": 1}, [{"op": "add", "path": "/__proto__", "value": {"x": 1}}]),
]


def due(document: Any, patch: list[dict[str, Any]]) -> str | None:  # noqa: ANN401 - any JSON
    """What the registry's own library makes of it; None where it refuses."""
    try:
        return rfc8785.dumps(jsonpatch.apply_patch(copy.deepcopy(document), patch)).decode()
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        return None


def apply(scripts: Page, cases: list[tuple[Any, list[dict[str, Any]]]]) -> list[str | None]:
    """What the scripts make of each."""
    found: list[str | None] = run(
        scripts, APPLY, [[json.dumps(one), json.dumps(patch)] for one, patch in cases]
    )
    return found


def test_the_rfc_s_own_examples(scripts: Page) -> None:
    """Applied or refused as by the registry's library."""
    assert apply(scripts, CASES) == [due(*case) for case in CASES]


def test_whatever_patch_leads_from_one_document_to_another(scripts: Page) -> None:
    """Three hundred pairs, with a guard before each change, as the registry writes them."""
    draw = random.Random(7)  # noqa: S311 - a sample, no secret

    def value(depth: int) -> Any:  # noqa: ANN401 - any JSON
        kind = draw.randrange(6 if depth else 4)
        if kind < 4:
            return [None, draw.random() < 0.5, draw.randrange(99), draw.choice("abc/~é")][kind]
        if kind == 4:
            return [value(depth - 1) for _ in range(draw.randrange(4))]
        return {draw.choice(["a", "b/c", "~d", "é"]): value(depth - 1) for _ in range(3)}

    cases = []
    for _ in range(300):
        before, after = ({"r": value(3), "s": value(2)} for _ in range(2))
        steps = [one for one in jsonpatch.make_patch(before, after) if one["op"] != "move"]
        cases.append((before, steps))
        if steps and steps[0]["op"] == "replace":
            old = jsonpointer.resolve_pointer(before, steps[0]["path"])
            cases.append((before, [{"op": "test", "path": steps[0]["path"], "value": old}, *steps]))
    wanted = [due(*case) for case in cases]
    assert sum(one is not None for one in wanted) > 250
    assert apply(scripts, cases) == wanted
