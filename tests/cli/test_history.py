"""Histories as a user meets them: added by commands, checked, and safe under every damage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.history import Event
from sovereign_registry.store import Registry
from tests.cli.console import QUESTION, call, tree
from tests.cli.histories import (
    BY,
    NOW,
    correct_title,
    do,
    done,
    enter,
    history_of,
)

if TYPE_CHECKING:
    from pathlib import Path

READING = ("show", "history", "diff")
WRITING = (
    "correct",
    "retract",
    "withdraw",
    "supersede",
    "concern",
    "challenge",
    "reinstate",
    "annotate",
    "register",
    "remove",
)


@pytest.mark.parametrize("command", [*READING, *WRITING])
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    """--help shows a command line that could be typed."""
    assert f"sovereign-registry {command}" in call(command, "--help").stdout


def test_a_correction_adds_one_file_and_touches_nothing_else(
    registry: tuple[Path, str, str],
) -> None:
    """The manifest's bytes stay; the current view changes; every version can be asked for."""
    root, strong, _ = registry
    before = tree(root / "manifests")
    args = ("--type", "CLAIM", "--set", "/claims/c2/text=Corrected words.", "--affects", "c3")
    done(root, "correct", strong, *args, *BY)
    after = tree(root / "manifests")
    name = f"records/{strong}/history/0001-correction.yaml"
    assert {name} == set(after) - set(before)
    assert all(after[path] == data for path, data in before.items())
    now = json.loads(done(root, "show", strong, "--json"))
    then = json.loads(done(root, "show", strong, "--at", "1", "--json"))
    assert "Corrected words." == now["claims"][1]["text"]
    assert "Corrected words." != then["claims"][1]["text"]
    entry = json.loads(done(root, "history", strong, "--json"))[0]
    assert ["c2", "c3"] == entry["affected_claims"]
    assert "/claims/c2/text" in entry["affected_fields"]
    assert 0 == call("check", str(root), "--quiet").returncode


def test_a_difference_is_told_in_words_with_old_and_new_text(
    registry: tuple[Path, str, str],
) -> None:
    """Field by field, claims by id, either way round."""
    root, strong, _ = registry
    correct_title(root, strong, "A new title")
    printed = done(root, "diff", strong, "1", "2")
    assert "work, title  (/work/title)" in printed
    assert f"- {QUESTION}" in printed
    assert "+ A new title" in printed
    changes = json.loads(done(root, "diff", strong, "2", "1", "--json"))
    assert {"field", "words", "old", "new"} == set(changes[0])
    assert "hold the same" in done(root, "diff", strong, "1", "1")
    assert 2 == do(root, "diff", strong, "1", "3").returncode


def test_a_whole_life_is_entered_by_commands(registry: tuple[Path, str, str]) -> None:
    """Every command once, in an order that the table allows; check finds no fault."""
    root, strong, weak = registry
    steps = [
        ("challenge", "UNDER_REVIEW"),
        ("challenge --close", "CURRENT"),
        ("concern", "EXPRESSION_OF_CONCERN"),
        ("concern --lift", "CORRECTED"),
        ("retract --claims c1 c2", "PARTIALLY_RETRACTED"),
        ("annotate", "PARTIALLY_RETRACTED"),
        ("register --doi 10.1234/abcd", "PARTIALLY_RETRACTED"),
        ("reinstate", "CORRECTED"),
        (f"supersede --with {weak}", "SUPERSEDED"),
        ("reinstate", "CORRECTED"),
        ("withdraw", "WITHDRAWN"),
        ("reinstate", "CORRECTED"),
        ("retract", "RETRACTED"),
    ]
    for step, state in steps:
        name, *options = step.split()
        assert state in done(root, name, strong, *options, *BY), step
    found = json.loads(done(root, "show", strong, "--json"))
    assert "https://doi.org/10.1234/abcd" == found["provenance"]["external_record"]
    assert found["standing"]["superseded_by"] is None
    entries = json.loads(done(root, "history", strong, "--json"))
    assert found["standing"]["correction_count"] == sum(
        entry["correction_type"] is not None for entry in entries
    )
    assert len(steps) == len(entries)
    listed = {row["id"]: row["state"] for row in json.loads(done(root, "show", "--json"))}
    assert {strong: "RETRACTED", weak: "CURRENT"} == listed
    assert 0 == call("check", str(root), "--quiet").returncode
    assert "may not follow" in do(root, "concern", strong, *BY).stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("correct", "ID", "--type", "METADATA", "--set", "/work/title"), 2, "POINTER=VALUE"),
        (("correct", "ID", "--type", "TYPO", "--set", "/work/title=x"), 2, "TYPO"),
        (("correct", "ID", "--type", "CLAIM", "--set", "/claims/0/text=x"), 3, "no claim '0'"),
        (("correct", "ID", "--type", "CLAIM", "--set", "/claims/c1/level=7"), 3, "rule"),
        (("correct", "ID", "--type", "METADATA", "--set", "/work/title=" + "[" * 9999), 0, ""),
        (("retract", "ID", "--claims", "c99"), 3, "no claim c99"),
        (("supersede", "ID", "--with", "sr-2605-0000000a"), 3, "not published"),
        (("supersede", "ID", "--with", "../x"), 3, "no record id"),
        (("supersede", "ID", "--with", "ID"), 3, "leads back"),
        (("concern", "ID", "--lift"), 3, "may not follow"),
        (("register", "ID"), 2, "--doi or --url"),
        (("register", "ID", "--doi", "eleven"), 2, "no DOI"),
        (("register", "ID", "--url", "javascript:x"), 2, "no web address"),
        (("register", "ID", "--doi", "10.1234/<script>"), 2, "--doi: '10.1234/<script>' is no DOI"),
        (("correct", "ID", "--type", "METADATA", "--set", "/work/title= "), 3, "cannot be blank"),
        (("correct", "ID", "--type", "METADATA", "--set", "/work/title=null"), 2, "never null"),
        (("correct", "ID", "--type", "METADATA", "--set", "/claims/c1/text=x"), 3, "type: CLAIM"),
        (("annotate", "sr-2605-0000000a"), 3, "not published"),
        (("annotate", "../../etc"), 3, "no record id"),
    ],
)
def test_wrong_calls_write_nothing_and_say_why(
    registry: tuple[Path, str, str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    """One clear line, the right exit code, the tree unchanged."""
    root, strong, _ = registry
    before = tree(root / "manifests")
    finished = do(root, *(strong if one == "ID" else one for one in arguments), *BY)
    assert code == finished.returncode, finished.stderr
    assert words in finished.stderr
    assert "Traceback" not in finished.stderr
    assert (before == tree(root / "manifests")) == (code != 0)


def test_a_reason_or_role_that_is_too_long_names_its_option(
    registry: tuple[Path, str, str],
) -> None:
    """With the length that was found and the one that may be."""
    root, strong, _ = registry
    long = do(root, "annotate", strong, "--by", "editor", "--reason", "x" * 4001)
    assert (3, "--reason: has 4,001 characters where 4,000 are the most") == (
        long.returncode,
        long.stderr.strip().removeprefix("error: ").partition(". ")[0],
    )
    long = do(root, "annotate", strong, "--by", "editor: " + "x" * 80, "--reason", "x")
    assert "--by: has 88 characters where 80 are the most" in long.stderr


def test_a_value_is_json_where_the_field_takes_it_and_text_elsewhere(
    registry: tuple[Path, str, str],
) -> None:
    """``2026`` is a title, ``true`` is a mark, a list is a list, quoted text loses its quotes."""
    root, strong, _ = registry
    for text, pointer, value in (
        ("2026", "/work/title", "2026"),
        ('"In quotes"', "/work/title", "In quotes"),
        ("0.15", "/work/title", "0.15"),
        ("NaN", "/work/title", "NaN"),
        ("true", "/work/title_cut", True),
        ('["One.", "Two."]', "/uncertainties", ["One.", "Two."]),
    ):
        enter(root, strong, Event.CORRECTION, sets=(f"{pointer}={text}",))
        record = Registry(root).read(strong).history[-1]
        assert value in [step.value for step in record.patch if step.path == pointer], text


def test_a_reason_with_markup_stays_text(registry: tuple[Path, str, str]) -> None:
    """It is stored as typed; control characters are refused with their name."""
    root, strong, _ = registry
    note = "<script>alert('x')</script> {{ 7*7 }} & <b>"
    done(root, "annotate", strong, "--by", "editor", "--reason", note)
    assert note == Registry(root).read(strong).history[-1].note
    hidden = do(root, "annotate", strong, "--by", "editor", "--reason", "a\u202eb")
    assert 3 == hidden.returncode
    assert "U+202E" in hidden.stderr


def test_a_clock_that_runs_backwards_is_refused(registry: tuple[Path, str, str]) -> None:
    """Nothing is dated before the newest entry; the message names both times."""
    root, strong, _ = registry
    correct_title(root, strong, "One")
    with pytest.raises(BadInput, match=r"2025.*lies before.*2026.*clock"):
        correct_title(root, strong, "Two", NOW.replace(year=2025))
    assert 1 == len(list(history_of(root, strong).iterdir()))


def test_roles_are_kept_to_what_the_registry_lets_them(registry: tuple[Path, str, str]) -> None:
    """With a list in registry.yaml, a reader may challenge and not retract."""
    root, strong, _ = registry
    with (root / "manifests" / "registry.yaml").open("a") as marker:
        marker.write('roles:\n  - role: "reader"\n    may: ["challenge", "addendum"]\n')
        marker.write('  - role: "owner"\n    may: "anything"\n')
    reader = ("--by", "reader", "--reason", "I doubt it.")
    refused = do(root, "retract", strong, *reader)
    assert 2 == refused.returncode
    assert "owner" in refused.stderr
    done(root, "challenge", strong, *reader)
    done(root, "retract", strong, "--by", "owner: A. Name", "--reason", "True.")
    assert "is no role" in do(root, "annotate", strong, *BY).stderr


def test_two_records_never_replace_each_other(registry: tuple[Path, str, str]) -> None:
    """A circle is refused, and so is a record that nobody stands behind."""
    root, strong, weak = registry
    enter(root, strong, Event.SUPERSESSION, superseded_by=weak)
    with pytest.raises(BadInput, match="leads back"):
        enter(root, weak, Event.SUPERSESSION, superseded_by=strong)
    enter(root, strong, Event.REINSTATEMENT)
    enter(root, strong, Event.RETRACTION)
    with pytest.raises(BadInput, match="RETRACTED itself"):
        enter(root, weak, Event.SUPERSESSION, superseded_by=strong)
