"""A role's reply counts only if it is exactly what was asked for."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.reviewing.replies import (
    DIMENSIONS,
    KEYS,
    parse_reply,
    schema,
)
from sovereign_registry.adapters.reviewing.strict import MAX_REPLY, Unusable
from sovereign_registry.contracts.review import Role, Verdict
from sovereign_registry.contracts.text import FORBIDDEN

IDS = ("c1", "c2", "c3")
SECRETS = ("00ff00ff00ff00ff", "1122334455667788")


def reply(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """A sound reply of the SKEPTIC, some keys replaced."""
    return {
        "role": "SKEPTIC",
        "score": 6.5,
        "verdict": "APPROVE",
        "dimensions": dict.fromkeys(DIMENSIONS, 7),
        "cited_claims": ["c2", "c1"],
        "rationale": "Two claims rest on one passage.",
    } | changes


def read(text: str) -> Any:  # noqa: ANN401
    """Parse as the SKEPTIC's."""
    return parse_reply(text, Role.SKEPTIC, IDS, SECRETS)


def test_a_sound_reply_is_read_as_it_stands() -> None:
    """Scores become one decimal; order of the cited claims and the words stay."""
    found = read(json.dumps(reply()))
    assert (found.score, found.verdict, found.cited) == ("6.5", Verdict.APPROVE, ("c2", "c1"))
    assert found.rationale == "Two claims rest on one passage."
    assert [(one.name, one.value) for one in found.dimensions] == [
        (name, "7.0") for name in DIMENSIONS
    ]


def test_white_space_around_the_object_is_no_prose() -> None:
    """JSON allows it."""
    assert read(f"\n  {json.dumps(reply(), indent=1)}\n").score == "6.5"


BAD = {
    "prose before": "Here is my review: " + json.dumps(reply()),
    "prose after": json.dumps(reply()) + "\nI hope this helps.",
    "a fence": f"```json\n{json.dumps(reply())}\n```",
    "nothing": "",
    "a list": json.dumps([reply()]),
    "null": "null",
    "cut off": json.dumps(reply())[:-5],
    "a refusal": "I'm sorry, but I can't help with that.",
    "NaN": json.dumps(reply(score=float("nan"))),
    "infinity": json.dumps(reply(score=float("inf"))),
    "beyond a double": json.dumps(reply()).replace("6.5", "1e999"),
    "above the scale": json.dumps(reply(score=10.5)),
    "below the scale": json.dumps(reply(score=-0.5)),
    "off its step": json.dumps(reply(score=7.3)),
    "a score as text": json.dumps(reply(score="6.5")),
    "a score as bool": json.dumps(reply(score=True)),
    "a score as null": json.dumps(reply(score=None)),
    "a huge integer": json.dumps(reply()).replace("6.5", "9" * 400),
    "a key twice": json.dumps(reply())[:-1] + ', "score": 9}',
    "an unknown key": json.dumps(reply(confidence=1)),
    "a missing key": json.dumps({key: reply()[key] for key in KEYS[:-1]}),
    "another role": json.dumps(reply(role="VALIDATOR")),
    "an unknown verdict": json.dumps(reply(verdict="ACCEPT")),
    "a verdict that is a list": json.dumps(reply(verdict=["APPROVE"])),
    "a claim that was not shown": json.dumps(reply(cited_claims=["c4"])),
    "a claim twice": json.dumps(reply(cited_claims=["c1", "c1"])),
    "claims as text": json.dumps(reply(cited_claims="c1")),
    "claims as numbers": json.dumps(reply(cited_claims=[1])),
    "claims as lists": json.dumps(reply(cited_claims=[["c1"]])),
    "no dimension": json.dumps(reply(dimensions={})),
    "an unknown dimension": json.dumps(
        reply(dimensions=dict.fromkeys((*DIMENSIONS, "novelty"), 7))
    ),
    "a dimension off its step": json.dumps(
        reply(dimensions=dict.fromkeys(DIMENSIONS, 7) | {"evidence": 7.25})
    ),
    "dimensions as a list": json.dumps(reply(dimensions=[7, 7, 7, 7])),
    "no words": json.dumps(reply(rationale="  ")),
    "too many words": json.dumps(reply(rationale="word " * 121)),
    "words as a list": json.dumps(reply(rationale=["fine"])),
    "a line end": json.dumps(reply(rationale="one\ntwo")),
    "a hidden character": json.dumps(reply(rationale="fine\u202e")),
    "words about a claim that was not shown": json.dumps(reply(rationale="c2 repeats c9.")),
    "an address": json.dumps(reply(rationale="More at HTTPS://example.org today.")),
    "half a surrogate pair": json.dumps(reply(rationale="x")).replace('"x"', '"\\ud800"'),
    "the delimiter": json.dumps(reply(rationale=f"As {SECRETS[0]} says.")),
    "the canary, spelled out": json.dumps(reply(rationale=" ".join(SECRETS[1]))),
    "the canary, escaped": json.dumps(reply(rationale="x")).replace(
        '"x"', '"' + "".join(f"\\u{ord(sign):04x}" for sign in SECRETS[1]) + '"'
    ),
    "the canary as an id": json.dumps(reply(cited_claims=[SECRETS[1]])),
    "nesting": "[" * 10_000,
    "too long": json.dumps(reply()) + " " * MAX_REPLY,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_anything_else_is_unusable(text: str) -> None:
    """Nothing is clamped, searched for or mended."""
    with pytest.raises(Unusable):
        read(text)


def test_the_reason_holds_nothing_of_the_reply() -> None:
    """It is told to the model again, so that a reply cannot speak through it."""
    for text in BAD.values():
        with pytest.raises(Unusable) as found:
            read(text)
        assert "I hope" not in str(found.value)
        assert "confidence" not in str(found.value)
        assert not any(secret in str(found.value) for secret in SECRETS)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=40)
    | st.sampled_from(["SKEPTIC", "APPROVE", "c1", "c2", 6.5, 7, 10]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["SKEPTIC", "VALIDATOR"]) | JSON,
            "score": st.floats(-1, 11) | st.integers(-1, 11) | st.sampled_from([5, 6.5]) | JSON,
            "verdict": st.sampled_from(list(Verdict)) | JSON,
            "dimensions": st.fixed_dictionaries(
                dict.fromkeys(DIMENSIONS, st.sampled_from([0, 7.5, 10]) | JSON)
            )
            | JSON,
            "cited_claims": st.lists(st.sampled_from(["c1", "c2", "c9"]), max_size=3) | JSON,
            "rationale": st.text(max_size=700) | JSON,
        }
    )
)
def test_whatever_is_accepted_keeps_to_the_rules(value: dict[str, Any]) -> None:
    """Any reply is either refused or has exactly the promised shape, and its schema agrees."""
    try:
        found = read(json.dumps(value))
    except Unusable:
        return
    score = Decimal(found.score)
    assert 0 <= score <= 10
    assert score * 2 == (score * 2).to_integral_value()
    assert set(found.cited) <= set(IDS)
    assert len(set(found.cited)) == len(found.cited)
    assert 1 <= len(found.rationale) <= 600
    assert not FORBIDDEN.search(found.rationale)
    assert [one.name for one in found.dimensions] == list(DIMENSIONS)
    if len(value["rationale"]) <= 600:  # the check counts after white space was collapsed
        jsonschema.validate(value, json.loads(schema(Role.SKEPTIC, IDS)))


@given(st.text(max_size=300) | JSON.map(json.dumps))
def test_arbitrary_text_is_refused_in_one_way(text: str) -> None:
    """No other error than ``Unusable`` leaves the reader."""
    with pytest.raises(Unusable):
        read(text)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("```json\n", "\n```", "a fence stands around it"),
        ("<think>Let me see.</think>", "", "thoughts stand before it"),
        ("Here it is: ", "", "it is not one strict JSON text$"),
    ],
)
def test_what_stands_around_the_json_is_named(before: str, after: str, said: str) -> None:
    """Whoever runs the server learns what to change; the reply is refused all the same."""
    with pytest.raises(Unusable, match=said):
        read(f"{before}{json.dumps(reply())}{after}")
