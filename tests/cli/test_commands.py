"""The commands as a user meets them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.commands import COMMANDS as ENTERED
from sovereign_registry.contracts.history import Event
from tests.cli.console import QUESTION, WEAK_QUESTION, call, new_registry, tree

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = (
    "init",
    "run",
    "import",
    "owner",
    "owner list",
    "owner show",
    "owner approve",
    "owner reject",
    "check",
    "build",
    "serve",
    "schema",
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
    "show",
    "history",
    "diff",
    "keys new",
    "keys show",
    "keys rotate",
    "keys revoke",
    "log append",
    "log prove",
    "log consistency",
    "log show",
)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with one published and one waiting record; tests work on copies."""
    root = new_registry(tmp_path_factory.mktemp("answered"))
    for question in (QUESTION, WEAK_QUESTION):
        done = call("run", question, "--registry", str(root), "--quiet")
        assert 0 == done.returncode, done.stderr
    return root


@pytest.fixture
def registry(answered: Path, tmp_path: Path) -> Path:
    """A copy of the answered registry."""
    return shutil.copytree(answered, tmp_path / "registry")


def test_the_commands_that_messages_name_are_there() -> None:
    """Each is among those that explain themselves; those of the gate are tested with it."""
    named = {words.split(" --")[0] for words in ENTERED.values()}
    assert named - {*COMMANDS} == {"gate run", "gate accept"}
    assert set(ENTERED) == set(Event)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    """--help exits 0 and shows a command line that could be typed."""
    done = call(*command.split(), "--help")
    assert 0 == done.returncode
    assert f"sovereign-registry {command.split(maxsplit=1)[0]}" in done.stdout


def test_the_same_question_finds_its_record(registry: Path) -> None:
    """A second run changes nothing and says that the record was found."""
    before = tree(registry / "manifests")
    done = call("run", QUESTION, "--registry", str(registry), "--json", "--quiet")
    assert 0 == done.returncode, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["found"] is True
    assert "published" == outcome["state"]
    assert before == tree(registry / "manifests")


def test_a_weak_record_waits_and_the_owner_decides(registry: Path) -> None:
    """What policy does not approve is not public until the owner approves it."""
    waiting = json.loads(call("owner", "list", "--registry", str(registry), "--json").stdout)
    assert 1 == len(waiting)
    record_id = waiting[0]["id"]
    queued = registry / ".sovereign" / "queue" / record_id / "manifest.yaml"
    data = queued.read_bytes()
    shown = call("owner", "show", record_id, "--registry", str(registry))
    assert "guard failed" in shown.stdout
    by = ("--by", "owner", "--reason", "Kept as an example of a weak record.")
    done = call("owner", "approve", record_id, *by, "--registry", str(registry))
    assert 0 == done.returncode, done.stderr
    folder = registry / "manifests" / "records" / record_id
    assert data == (folder / "manifest.yaml").read_bytes()
    assert ["0001-owner-decision.yaml"] == [path.name for path in (folder / "history").iterdir()]
    assert not queued.exists()
    assert 0 == call("check", str(registry)).returncode


def test_the_owner_may_confirm_what_policy_published(registry: Path) -> None:
    """An automatically approved record gets the decision as its next history entry."""
    record = next((registry / "manifests" / "records").iterdir())
    by = ("--by", "owner", "--reason", "Read and kept.")
    done = call("owner", "approve", record.name, *by, "--registry", str(registry))
    assert 0 == done.returncode, done.stderr
    assert (record / "history" / "0001-owner-decision.yaml").is_file()
    again = call("owner", "approve", record.name, *by, "--registry", str(registry))
    assert 3 == again.returncode
    assert "already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run",), 2, "QUESTION"),
        (("run", "x", "--source", "library"), 2, "no source"),
        (("run", ""), 3, "empty"),
        (("run", "w " * 5000), 3, "characters"),
        (("run", "routing load balance " * 25), 3, "repeats itself"),
        (("run", "what \u202eis\u202c this model"), 3, "U+202E"),
        (("run", "the of and"), 3, "content word"),
        (("run", QUESTION, "--as-of", "tomorrow"), 2, "as-of"),
        (("run", QUESTION, "--source", "snapshot:missing.jsonl"), 3, "missing.jsonl"),
        (("owner", "approve", "--by", "owner", "--reason", "x"), 2, "--all"),
        (("owner", "show", "sr-0000-00000000"), 3, "does not wait"),
        (("schema", "nothing"), 2, "no contract"),
    ],
)
def test_wrong_calls_and_bad_input_are_one_clear_line(
    registry: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """The exit code tells wrong usage from bad input; the message says what to do."""
    where = () if arguments[0] == "schema" else ("--registry", str(registry))
    done = call(*arguments, *where)
    assert code == done.returncode, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_registry_is_named(tmp_path: Path) -> None:
    """The message names the folder and the option."""
    done = call("check", str(tmp_path))
    assert 3 == done.returncode
    assert "registry.yaml is missing" in done.stderr


def test_check_names_every_fault_by_file(registry: Path) -> None:
    """Several faults in several files are all named, and the exit code is 1."""
    record = next((registry / "manifests" / "records").iterdir())
    (record / "artifacts" / "report.md").write_text("Something else.\n")
    (record / "notes.txt").write_text("A stray file.\n")
    (registry / "manifests" / "records" / "sr-evil").mkdir()
    done = call("check", str(registry), "--quiet")
    assert 1 == done.returncode
    for name in ("report.md", "notes.txt", "sr-evil"):
        assert name in done.stdout


def test_a_changed_number_does_not_follow_from_the_evidence(registry: Path) -> None:
    """A cosine raised by hand is found although the file is still canonical."""
    path = next((registry / "manifests" / "records").iterdir()) / "manifest.yaml"
    text = path.read_text()
    start = text.index('value: "0.') + len('value: "0.')
    path.write_text(text[:start] + "9" + text[start + 1 :])
    done = call("check", str(registry), "--quiet")
    assert 1 == done.returncode
    assert "evidence states" in done.stdout or "recomputed" in done.stdout
    assert "manifest.yaml" in done.stdout


def test_the_schema_of_a_contract_is_printed() -> None:
    """The printed schema is JSON and names its dialect."""
    printed = json.loads(call("schema", "gate-verdict-v1").stdout)
    assert "https://json-schema.org/draft/2020-12/schema" == printed["$schema"]
