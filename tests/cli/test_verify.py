"""``verify`` and ``log seal`` as a user meets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from tests.cli.console import call, new_registry
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "sr-2605-0000000a"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A logged registry with one record, whose question's digest is not its own."""
    root = new_registry(tmp_path / "registry")
    opened = Registry(root)
    with opened.lock():
        opened.publish(emit(bare_manifest(RECORD)), {})
    return root


def run(registry: Path, *arguments: str, code: int = 0) -> str:
    """Run a command that must end with this code; its output and its message."""
    key = str(registry.parent / "log.key")
    done = call(*arguments, SOVEREIGN_LOG_KEY=key)
    assert code == done.returncode, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_append_build_seal_verify(registry: Path) -> None:
    """In this order it works; sealing after another append, or a change, is refused."""
    at = ("--registry", str(registry))
    site = str(registry / "output")
    run(registry, "build", *at, "--quiet")
    assert "nothing is logged yet" in run(registry, "log", "seal", *at, code=2)
    said = run(registry, "verify", site, code=1)
    assert "question.sha256: is not the digest" in said  # and nothing else
    assert "1 fault(s)" in said
    assert "not logged" in said
    run(registry, "keys", "new", "--reason", "The first.", *at)
    run(registry, "log", "append", *at)
    assert "Build again, then seal" in run(registry, "log", "seal", *at, code=1)
    run(registry, "build", *at, "--quiet")
    assert "beside a log of 3" in run(registry, "log", "seal", *at)
    report = json.loads(call("verify", site, "--json", "--quiet").stdout)
    assert ["question.sha256" in fault["what"] for fault in report["faults"]] == [True]
    assert {"log_size": 3, "records": 1}.items() <= report.items()
    page = registry / "output" / "index.html"
    page.write_text("<html>forged</html>", encoding="utf-8")
    assert "index.html" in run(registry, "log", "seal", *at, code=1)
    assert "index.html: its SHA-256" in run(registry, "verify", site, code=1)


def test_a_build_that_changes_something_takes_the_seal_away(registry: Path) -> None:
    """One that changes nothing leaves it."""
    at = ("--registry", str(registry))
    seal = registry / "output" / "seal"
    run(registry, "keys", "new", "--reason", "The first.", *at)
    run(registry, "log", "append", *at)
    run(registry, "build", *at, "--quiet")
    run(registry, "log", "seal", *at)
    run(registry, "build", *at, "--quiet")
    assert seal.is_file()
    run(registry, "annotate", RECORD, "--by", "owner", "--reason", "A note.", *at)
    run(registry, "build", *at, "--quiet")
    assert not seal.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "no-such-folder"), "is no folder"),
        (("verify", "."), "no such site"),
        (("verify", "ftp://example.org/"), "no address of a site"),
        (("verify", "https://me:secret@example.org/"), "no address of a site"),
    ],
)
def test_what_is_no_site_is_wrong_usage(
    registry: Path, arguments: tuple[str, ...], said: str
) -> None:
    """With one line that says what to name."""
    found = run(registry, *arguments, code=2)
    assert said in found
    assert "Name" in found


def test_one_record_is_checked_alone(registry: Path) -> None:
    """And a record that is not there is wrong usage."""
    run(registry, "build", "--registry", str(registry), "--quiet")
    site = str(registry / "output")
    assert f"record {RECORD}" in run(registry, "verify", site, "--record", RECORD, code=1)
    assert "holds no record" in run(
        registry, "verify", site, "--record", "sr-2605-0000000b", code=2
    )
