"""repro-v1 and lean-v1: what is read from people's files, and what is refused with its field."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.proof import LeanArtifact
from sovereign_registry.contracts.repro import Metric, Repro, stated_numbers
from sovereign_registry.store.artifacts import check_artifact
from sovereign_registry.store.canonical_yaml import emit
from tests.contracts import samples
from tests.gate_world import LEAN_FILES, SCRIPT, lean, repro

if TYPE_CHECKING:
    from collections.abc import Callable

CLAIM = samples.claim(1, "Trams wait 12.5 seconds at the second junction.")


def checked(spec: dict[str, Any], files: dict[str, bytes] | None = None) -> Repro | LeanArtifact:
    """What is read from an artifact with this contract."""
    name = "lean.yaml" if spec["contract"] == "lean-v1" else "repro.yaml"
    own = {"main.py": SCRIPT} if files is None else files
    return check_artifact({**own, name: emit(spec)}, "art").spec


def test_a_sound_contract_is_read() -> None:
    """Every field arrives as it was written."""
    found = checked(repro(CLAIM, "12.5"))
    assert isinstance(found, Repro)
    assert ("c1", ("python", "main.py"), 7) == (found.claim.id, found.command, found.seed)
    assert {"SEED": "7", "OUT": "/out"} == found.given(control=False)


def change(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Set one field of a contract."""

    def apply(spec: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
        here: Any = spec
        for part in way:
            here = here[part]
        here[last] = value

    return apply


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("contract", "repro-v2", "repro-v2"),
        ("surprise", "x", "surprise"),
        ("command", [], "command"),
        ("command", ["bash", "-c", "true"], "command: starts with 'bash'"),
        ("command", "python main.py", "command"),
        ("seed", -1, "seed"),
        ("inputs/0/path", "/etc/passwd", r"inputs\[0\]\.path"),
        ("inputs/0/path", "../main.py", r"inputs\[0\]\.path"),
        ("inputs/0/path", "a/../main.py", r"inputs\[0\]\.path"),
        ("inputs/0/path", ".hidden.py", r"inputs\[0\]\.path"),
        ("inputs/0/path", "page.html", r"inputs\[0\]\.path"),
        ("inputs/0/sha256", "00", r"inputs\[0\]\.sha256"),
        ("inputs/0/sha256", "0" * 64, "repro.yaml names 0000"),
        ("inputs/0/path", "other.py", "is named and is not there"),
        ("environment/python", "3", "environment.python"),
        ("environment/requirements", "gone.lock", "not among the inputs"),
        ("budget/wall_seconds", 0, "budget.wall_seconds"),
        ("budget/memory_mib", 10**9, "budget.memory_mib"),
        ("metrics", [], "metrics"),
        ("metrics/0/absolute", None, r"metrics\[0\]: a tolerance is due"),
        ("metrics/0/absolute", "-1", "is not negative"),
        ("metrics/0/absolute", "6.3", "tests nothing"),
        ("metrics/0/relative", "0.6", ""),
        ("metrics/0/expected", "NaN", r"metrics\[0\]\.expected"),
        ("metrics/0/expected", "1e3", r"metrics\[0\]\.expected"),
        ("metrics/0/file", "../result.json", r"metrics\[0\]\.file"),
        ("metrics/0/pointer", "", r"metrics\[0\]\.pointer"),
        ("control/command", ["python", "main.py"], "control: is the same as the run"),
        ("control/command", ["python", "main.py", "12.5"], "holds the expected value of value"),
        ("command", ["python", "main.py", "--x=12.50"], "holds the expected value of value"),
        ("variables", {"X": "1,12.5"}, "holds the expected value of value"),
        ("variables", {"PYTHONPATH": "x"}, "PYTHONPATH is set by the seal"),
        ("variables", {"LD_PRELOAD": "x"}, "LD_PRELOAD is set by the seal"),
        ("variables", {"lower": "x"}, "variables"),
    ],
)
def test_each_fault_names_its_field(path: str, value: object, says: str) -> None:
    """One error, with the file and the field or what was found."""
    spec = repro(CLAIM, "12.5")
    change(path, value)(spec)
    if not says:
        checked(spec)
        return
    with pytest.raises(RecordFault, match=says) as found:
        checked(spec)
    assert found.value.where.startswith("art")


@pytest.mark.parametrize("field", sorted(repro(CLAIM, "12.5").keys() - {"contract"}))
def test_no_field_may_be_missing(field: str) -> None:
    """Every required field is asked for by name."""
    spec = repro(CLAIM, "12.5")
    del spec[field]
    with pytest.raises(RecordFault, match=field):
        checked(spec)


def test_a_key_that_stands_twice_is_refused_with_its_line() -> None:
    """The last one would silently win in other readers."""
    data = emit(repro(CLAIM, "12.5")) + b"seed: 8\n"
    with pytest.raises(RecordFault, match="'seed' twice") as found:
        check_artifact({"main.py": SCRIPT, "repro.yaml": data}, "art")
    assert found.value.where.startswith("art/repro.yaml:")


def test_a_file_that_is_not_named_is_refused() -> None:
    """Nothing enters the sandbox that the digest of the artifact does not cover."""
    with pytest.raises(RecordFault, match="is there and is not named"):
        checked(repro(CLAIM, "12.5"), {"main.py": SCRIPT, "more.py": b""})


@given(
    st.decimals(min_value=-1000, max_value=1000, places=3),
    st.decimals(min_value=0, max_value=10, places=3),
    st.decimals(min_value=-1100, max_value=1100, places=3),
)
def test_within_is_the_distance_and_nothing_else(
    expected: Decimal, allowed: Decimal, value: Decimal
) -> None:
    """A value is within exactly if its distance is at most the tolerance; NaN never gets here."""
    spec = repro(CLAIM, "12.5")["metrics"][0] | {
        "expected": f"{expected.normalize() + 0:f}",
        "absolute": f"{allowed.normalize() + 0:f}",
    }
    metric = msgspec.convert(spec, Metric)
    assert metric.within(f"{value:f}") is (abs(value - expected) <= allowed)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("It saves 71.8 percent of 65,536 tokens.", {"71.8", "65536"}),
        ("A difference of -1.3 points for Mixtral 8x7B under W4A4.", {"1.3"}),
        ("Top-2 of 8, e.g. 3.", {"2", "8", "3"}),
        ("No number at all.", set()),
        ("Version 1.2.3 is no number.", set()),
    ],
)
def test_the_numbers_of_a_claim_are_those_written_in_digits(text: str, due: set[str]) -> None:
    """Parts of words are none, thousands are read, and signs do not matter."""
    assert {Decimal(one) for one in due} == {one for one in stated_numbers(text) if one >= 0}


def test_a_lean_contract_is_read_and_bound_to_its_review() -> None:
    """The review holds for this statement and these words alone."""
    found = checked(lean(CLAIM), LEAN_FILES)
    assert isinstance(found, LeanArtifact)
    assert found.reviewed
    unreviewed = checked(lean(CLAIM, reviewed=False), LEAN_FILES)
    assert isinstance(unreviewed, LeanArtifact)
    assert not unreviewed.reviewed


@pytest.mark.parametrize(
    ("changes", "statement", "says"),
    [
        ({"axioms": ["propext", "Lean.ofReduceBool"]}, None, "axioms"),
        ({"axioms": ["sorryAx"]}, None, "axioms"),
        ({"axioms": ["propext", "propext"]}, None, "a name stands twice"),
        ({"theorems": ["other"]}, None, "states no theorem other"),
        ({"theorems": ["bad\nname"]}, None, "theorems"),
        ({"toolchain": "stable"}, None, "toolchain"),
        ({"toolchain": "leanprover/lean4:nightly"}, None, "toolchain"),
        ({}, b"prelude\ntheorem claim : 1 = 1 := by sorry\n", "prelude"),
    ],
)
def test_a_lean_contract_allows_no_more_than_it_should(
    changes: dict[str, Any], statement: bytes | None, says: str
) -> None:
    """Other axioms, unpinned toolchains, missing theorems and fake preludes are refused."""
    files = dict(LEAN_FILES)
    spec = lean(CLAIM) | changes
    if statement is not None:
        files["Challenge.lean"] = statement
        spec["inputs"][0]["sha256"] = file_sha256(statement)
        spec["review"] = None
    with pytest.raises(RecordFault, match=says):
        checked(spec, files)


def test_a_review_of_another_statement_is_refused() -> None:
    """Somebody changed the statement after the review."""
    spec = lean(CLAIM)
    spec["review"]["statement_sha256"] = "0" * 64
    with pytest.raises(RecordFault, match="review: is of another statement"):
        checked(spec, LEAN_FILES)
