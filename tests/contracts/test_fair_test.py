"""Whether an artifact is a fair test of a claim: every cheap way to a VERIFIED is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.fair_test import (
    stated_number,
    too_wide,
    unfair,
    widest,
    written_in,
)
from sovereign_registry.contracts.repro import Repro
from tests.contracts import samples
from tests.gate_world import SCRIPT, repro

TEXT = (
    "No plan of 64 stops can wait less than 5.84 times the mean, and 0.9 of them gain -1.3 points."
)
CLAIM = samples.claim(1, TEXT)


def faults(
    expected: str = "5.84",
    files: dict[str, bytes] | None = None,
    metric: dict[str, Any] | None = None,
    **changes: object,
) -> list[str]:
    """What is unfair about an artifact that is sound but for these changes."""
    held = {"main.py": SCRIPT} | (files or {})
    inputs = [{"path": path, "sha256": file_sha256(data)} for path, data in held.items()]
    made = repro(CLAIM, expected, **({"inputs": inputs} | changes))
    made["metrics"][0] |= metric or {}
    return list(unfair(msgspec.convert(made, Repro), held, TEXT))


def control(*words: str) -> dict[str, Any]:
    """A negative control with these words after ``python``."""
    return {"about": "Other.", "command": ["python", *words]}


def test_a_sound_artifact_is_fair() -> None:
    """With data, arguments and variables that do not give the number away."""
    rows = "\n".join(f"{one},{one * 3 % 17}" for one in range(200)).encode()
    assert [] == faults(
        files={"rows.csv": rows},
        command=["python", "main.py", "rows.csv", "--steps=12"],
        variables={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        control=control("main.py", "rows.csv", "--flat"),
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"metric": {"absolute": "2.92"}}, "is 2.92; 0.2970 is the most"),
        ({"metric": {"absolute": None, "relative": "0.5"}}, "0.2970 is the most"),
        ({"expected": "-5.84"}, "is -5.84, and the claim says 5.84"),
        ({"expected": "1.3"}, "is 1.3, and the claim says -1.3"),
        ({"expected": "64", "seed": 64}, "seed: is 64"),
        ({"command": ["python", "-c", "print(5.84)"]}, "the word after python is '-c'"),
        ({"command": ["python", "-m", "main"]}, "the word after python is '-m'"),
        ({"command": ["python", "gone.py"]}, "the word after python is 'gone.py'"),
        ({"command": ["python"]}, "the word after python is ''"),
        ({"control": control("-c", "pass")}, "control.command: the word after python is '-c'"),
        (
            {"files": {"other.py": b""}, "control": control("other.py")},
            "runs other.py where the run is of main.py",
        ),
        ({"command": ["python", "main.py", "5.8", "4"]}, "'5.8 4' gives the run"),
        ({"command": ["python", "main.py", "5", "84"]}, "'5 84' gives the run"),
        ({"command": ["python", "main.py", "5,84"]}, "'5 84' gives the run"),
        ({"command": ["python", "main.py", "x5.84y"]}, "'x5.84y' gives the run"),
        ({"command": ["python", "main.py", "584e-2"]}, "'584e-2' gives the run"),
        ({"command": ["python", "main.py", "-5.84"]}, "'-5.84' gives the run"),
        ({"variables": {"A": "5.8", "B": "4"}}, "variables: '5.8 4' gives the run"),
        ({"control": control("main.py", "5.84")}, "control.command: '5.84' gives the run"),
        ({"files": {"x.txt": b"5.84"}}, "x.txt has 4 bytes and 1 numbers, and holds 5.84"),
        (
            {"files": {"x.json": b'{"a": [1, 2, -5.840]}'}},
            "x.json has 21 bytes and 3 numbers, and holds 5.84",
        ),
        ({"files": {"x.txt": b"5.84\n" + b"7 " * 900}}, "holds 5.84"),
        ({"expected": "64", "files": {"x.txt": b"64"}}, "holds 64"),
        ({"files": {"x.txt": b"5.84" + b" padding" * 9000}}, "holds 5.84"),
        ({"files": {"r.lock": b"# 5.84"}}, "r.lock has 6 bytes"),
    ],
)
def test_each_cheap_way_is_refused_with_its_field(changes: dict[str, Any], says: str) -> None:
    """And the message says what to do instead."""
    found = faults(**changes)
    assert any(says in one for one in found), found


@pytest.mark.parametrize(
    "changes",
    [
        {"metric": {"absolute": "0.005"}},
        {"metric": {"absolute": None, "relative": "0.05"}},
        {"expected": "-1.3", "metric": {"absolute": "0.11"}},
        {"expected": "64", "files": {"x.csv": b"64," + b"1,2,3," * 30}},
        {"files": {"big.csv": b"5.84\n" + b"7 " * 4096}},
        {"expected": "64", "files": {"big.txt": b"64 words" + b" word" * 4096}},
        {"command": ["python", "main.py", "1e999999999"], "files": {"x.csv": b"9e999999999"}},
        {"expected": "64", "files": {"r.lock": b"six==1 --hash=sha256:a64b64c64"}},
        {
            "expected": "64",
            "files": {"rows64.csv": b"1"},
            "command": ["python", "main.py", "rows64.csv"],
        },
        {"expected": "0.9", "command": ["python", "main.py", "--level", "9"]},
    ],
)
def test_what_gives_nothing_away_is_not_refused(changes: dict[str, Any]) -> None:
    """A number among many, in much data, or in the name of an input."""
    assert [] == faults(**changes)


def test_a_number_beside_the_claim_may_have_a_wider_tolerance() -> None:
    """It is not said to have come again."""
    assert [] == faults(expected="7.77", metric={"absolute": "3"})


@pytest.mark.parametrize(
    ("expected", "due"),
    [
        ("5.84", "0.297"),
        ("30", "2"),
        ("-1.3", "0.115"),
        ("0", "0.5"),
        ("0.0", "0.05"),
        ("2", "0.6"),
    ],
)
def test_the_widest_tolerance_is_the_rounding_and_a_twentieth(expected: str, due: str) -> None:
    """Half a unit of the last digit and five percent."""
    assert Decimal(due) == widest(expected)


@given(st.decimals(min_value=1, max_value=10**6, places=2))
def test_no_tolerance_of_a_tenth_passes_for_a_number_with_two_places(expected: Decimal) -> None:
    """Except for the rounding, a twentieth is the most."""
    made = repro(CLAIM, f"{expected:f}")
    made["metrics"][0] |= {"absolute": None, "relative": "0.1"}
    assert too_wide(msgspec.convert(made, Repro).metrics[0])


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("64", "64 in “No plan of 64 stops can wait less than …”"),
        ("5.84", "5.84 in “… 64 stops can wait less than 5.84 times the mean, and 0.9 of …”"),
        ("-1.3", "-1.3 in “… mean, and 0.9 of them gain -1.3 points.”"),
        ("1.3", "-1.3 in “… mean, and 0.9 of them gain -1.3 points.”"),
    ],
)
def test_a_number_is_named_with_the_words_around_it(expected: str, told: str) -> None:
    """So that a reader sees which of the claim's numbers was run again."""
    found = stated_number(TEXT, expected)
    assert found is not None
    assert told == found.told


def test_a_number_that_stands_more_than_once_says_so() -> None:
    """And one that does not stand there is not named."""
    found = stated_number("8 of 8 stops", "8")
    assert found is not None
    assert "8 in “8 of 8 stops” (the first of 2 places)" == found.told
    assert stated_number(TEXT, "63") is None


@given(st.text(max_size=200), st.integers(0, 99), st.text(max_size=200))
def test_the_words_around_a_number_hold_it_and_are_short(
    before: str, number: int, after: str
) -> None:
    """Whatever stands around it."""
    found = stated_number(f"{before} {number} {after}", str(number))
    assert found is not None
    assert len(found.words) <= 120


def test_a_script_that_holds_the_expected_value_is_told_and_not_refused() -> None:
    """Readers are told to read it; a program may well need the number."""
    script = b"print(5.84)\n"
    inputs = [{"path": "main.py", "sha256": file_sha256(script)}]
    spec = msgspec.convert(repro(CLAIM, "5.84", inputs=inputs), Repro)
    assert [] == list(unfair(spec, {"main.py": script}, TEXT))
    (told,) = written_in(spec, {"main.py": script})
    assert "main.py holds the expected 5.84: read what it does with it" == told
    assert () == written_in(spec, {"main.py": b"print(8.54)"})
