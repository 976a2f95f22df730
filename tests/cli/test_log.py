"""``log`` and ``keys`` as a user meets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.log.note import parse_public
from sovereign_registry.contracts.log.proofs import parse_record_proof, verify_record_proof
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from tests.cli.console import call, new_registry
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "sr-2605-0000000a"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry with one published record."""
    root = new_registry(tmp_path / "registry")
    opened = Registry(root)
    with opened.lock():
        opened.publish(emit(bare_manifest(RECORD)), {})
    return root


def run(registry: Path, *arguments: str, code: int = 0) -> str:
    """Run a command that must end with this code; its output and its message."""
    done = call(
        *arguments,
        "--registry",
        str(registry),
        SOVEREIGN_LOG_KEY=str(registry.parent / "log.key"),
    )
    assert code == done.returncode, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "log",
        "log append",
        "log prove",
        "log consistency",
        "log show",
        "keys",
        "keys new",
        "keys show",
        "keys rotate",
        "keys revoke",
    ],
)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    """--help exits 0 and shows a command line that could be typed."""
    done = call(*command.split(), "--help")
    assert 0 == done.returncode
    assert f"sovereign-registry {command}" in done.stdout


def test_a_first_round_ends_in_a_proof_that_a_stranger_checks(
    registry: Path, tmp_path: Path
) -> None:
    """Key, append, show, prove; then the file with the key's public text is enough."""
    assert "nothing is logged yet" in run(registry, "log", "show", code=2)
    assert "vouched for by no key" in run(registry, "keys", "new", "--reason", "The first.")
    assert "added 3 entries" in run(registry, "log", "append")
    assert "nothing to add" in run(registry, "log", "append")
    facts = json.loads(run(registry, "log", "show", "--json"))
    assert (3, [3], 0, []) == (
        facts["size"],
        facts["checkpoints"],
        facts["not_logged_yet"],
        facts["faults"],
    )
    file = tmp_path / "record.tlog-proof"
    run(registry, "log", "prove", RECORD, "--output", str(file))
    keys = [parse_public(text) for text in facts["signed_by"]]
    proven = verify_record_proof(
        parse_record_proof(file.read_text(encoding="utf-8")), facts["origin"], keys
    )
    assert [RECORD] == [entry.id for entry in proven.entries]


def test_rotation_revocation_and_consistency_from_the_command_line(registry: Path) -> None:
    """The whole life of a key, and the log goes on."""
    run(registry, "keys", "new", "--reason", "The first.")
    run(registry, "log", "append")
    new = str(registry.parent / "new.key")
    assert "rotated, counts up to 3 entries" in run(
        registry, "keys", "rotate", "--new-key", new, "--reason", "Once a year."
    )
    assert "active key is" in run(registry, "log", "append", code=2)
    assert "added 2 entries" in run(registry, "log", "append", "--key", new)
    assert "continues that of 3" in run(registry, "log", "consistency", "3", "5")
    old = str(registry / "manifests" / "log" / "checkpoints" / "3")
    assert "continues that of 3" in run(registry, "log", "consistency", old)
    rows = json.loads(run(registry, "keys", "show", "--json"))["keys"]
    assert ["rotated", "active"] == [row["state"] for row in rows]
    found = run(registry, "keys", "revoke", rows[1]["id"], "--reason", "Stolen.")
    assert "compromised, counts up to 5 entries" in found


def test_a_revocation_below_the_newest_checkpoint_warns_and_says_the_way(registry: Path) -> None:
    """And the checkpoint that nobody vouches for is named by append and check alike."""
    run(registry, "keys", "new", "--reason", "The first.")
    run(registry, "log", "append")
    run(registry, "annotate", RECORD, "--by", "owner", "--reason", "Noted.")
    run(registry, "log", "append")
    key = json.loads(run(registry, "keys", "show", "--json"))["keys"][0]["id"]
    said = run(registry, "keys", "revoke", key, "--good-until", "3", "--reason", "Stolen.")
    assert "warning: no key that counts vouches for the checkpoints of 5 entries any more" in said
    assert "back to the checkpoint of 3 entries" in said
    new = str(registry.parent / "new.key")
    run(registry, "keys", "new", "--key", new, "--reason", "After it.")
    for said in (
        run(registry, "log", "append", "--key", new, code=3),
        call("check", str(registry), "--quiet").stdout,
    ):
        assert "a compromised key that counts up to 3 entries; this checkpoint has 5" in said
        assert "another" not in said


def test_a_build_warns_of_what_is_not_logged(registry: Path) -> None:
    """Only where there is a log, and not once all is appended."""
    output = ("--output", str(registry.parent / "site"), "--jobs", "1", "--quiet")
    assert "not logged" not in run(registry, "build", *output)
    run(registry, "keys", "new", "--reason", "The first.")
    said = run(registry, "build", *output)
    assert "warning: 1 entry is not logged" in said
    assert "`sovereign-registry log append`, then build again" in said
    run(registry, "log", "append")
    assert "not logged" not in run(registry, "build", *output)


def test_a_size_or_record_that_there_is_not_is_named_as_such(registry: Path) -> None:
    """With the sizes that there are."""
    run(registry, "keys", "new", "--reason", "The first.")
    run(registry, "log", "append")
    said = run(registry, "log", "consistency", "27", code=2)
    assert "no checkpoint of 27 entries was signed. The sizes that there are: 3." in said
    assert "'nope' is no record id" in run(registry, "log", "prove", "nope", code=3)


def test_no_output_ever_holds_the_private_key(registry: Path) -> None:
    """Of any command, failures with a broken key file included."""
    key = registry.parent / "log.key"
    said = run(registry, "keys", "new", "--reason", "The first.")
    said += run(registry, "keys", "show", "--json") + run(registry, "log", "append")
    secret = key.read_text(encoding="utf-8").strip().rpartition("+")[2]
    key.write_text(key.read_text(encoding="utf-8")[:-3] + "\n", encoding="utf-8")
    said += run(registry, "log", "append", code=3)
    assert secret[:16] not in said


def test_an_append_without_a_key_says_what_to_name(registry: Path) -> None:
    """Usage, not a traceback."""
    done = call("log", "append", "--registry", str(registry))
    assert 2 == done.returncode
    assert "--key" in done.stderr
