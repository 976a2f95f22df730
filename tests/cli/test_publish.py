"""The scripts of the workflow do what they say: run by bash, one after another, as a runner would.

The actions are played: a clone of a bare repository for the checkout, a loopback server for the
published site, a copy for the deployment.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.console import QUESTION, ROOT, call, environment
from tests.web import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "a-token-for-tests"  # noqa: S105 - it opens nothing
PUSHED = f"https://x-access-token:{TOKEN}@github.com/owner/name"


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; returns what it printed."""
    done = subprocess.run(
        ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Runner:
    """A machine that runs the workflow of a new registry.

    Args:
        folder: A fresh folder.
    """

    def __init__(self, folder: Path) -> None:
        workflow = yaml.safe_load((ROOT / "starter" / "pages.yml").read_text("utf-8"))
        self.jobs: dict[str, Any] = workflow["jobs"]
        self.folder = folder
        self.bare = folder / "github.git"
        self.published = folder / "published"
        self.temp = folder / "temp"
        self.out = folder / "out.txt"
        self.address = ""
        for place in (self.published, self.temp, folder / "bin"):
            place.mkdir()
        program = folder / "bin" / "sovereign-registry"
        code = "from sovereign_registry.cli import main; main()"
        program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n", "utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", str(self.bare))

    def checkout(self, name: str) -> Path:
        """A fresh clone of what was pushed."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        git(self.folder, "clone", "--quiet", str(self.bare), name)
        return self.folder / name

    def step(self, job: str, start: str, clone: Path, **variables: str) -> tuple[int, str]:
        """Run the one step of a job whose name begins so; its exit code and what it printed."""
        (step,) = (one for one in self.jobs[job]["steps"] if one.get("name", "").startswith(start))
        needed = set(step.get("env", ()))
        assert needed == variables.keys(), f"{start}: the step asks for {needed}"
        settings = environment(
            PATH=f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            RUNNER_TEMP=str(self.temp),
            GITHUB_OUTPUT=str(self.out),
            GITHUB_REPOSITORY="owner/name",
            GITHUB_REF="refs/heads/main",
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0=f"url.{self.bare}.insteadOf",
            GIT_CONFIG_VALUE_0=PUSHED,
            **variables,
        )
        self.out.write_text("", "utf-8")
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=clone,
            env=settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert list(self.temp.iterdir()) == [], "a step left a file behind"
        return done.returncode, done.stdout + done.stderr

    def append(self, key: str) -> tuple[int, str]:
        """Run the job ``log``."""
        clone = self.checkout("log")
        code, said = self.step("log", "Append", clone, LOG_KEY=key)
        return (code, said) if code else self.step("log", "Commit", clone, TOKEN=TOKEN)

    def build(self, clone: Path, *, key: str = "", first: str = "") -> tuple[int, str]:
        """Run the job ``build`` up to its first failure; a success is deployed."""
        steps: list[tuple[str, dict[str, str]]] = [
            ("Check", {}),
            ("Build", {"SITEURL": self.address}),
            ("Seal", {"LOG_KEY": key}),
            ("Verify", {"SITEURL": self.address, "FIRST": first}),
            ("Name", {}),
        ]
        said = ""
        for start, variables in steps:
            code, printed = self.step("build", start, clone, **variables)
            said += printed
            if code:
                return code, said
        shutil.copytree(clone / "output", self.published, dirs_exist_ok=True)
        return 0, said


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """A machine whose published site is served below a path."""
    made = Runner(tmp_path)
    with serving(made.published, "/name/") as made.address:
        yield made


@pytest.fixture
def registry(runner: Runner) -> Path:
    """A new registry that was pushed."""
    place = runner.folder / "registry"
    started = call("init", str(place), "--publisher", "Nobody")
    assert started.returncode == 0, started.stderr
    git(place, "init", "--quiet", "--initial-branch", "main")
    git(place, "remote", "add", "origin", str(runner.bare))
    push(place)
    return place


def push(place: Path) -> None:
    """Commit everything and push it."""
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "More")
    git(place, "push", "--quiet", "origin", "main")


def start_log(registry: Path, key: Path) -> str:
    """A key of a log, kept outside; returns its text."""
    key.parent.mkdir()
    where = ("--key", str(key), "--registry", str(registry))
    made = call("keys", "new", *where, "--reason", "The first key.")
    assert made.returncode == 0, made.stderr
    return key.read_text("utf-8").strip()


def test_from_nothing_to_a_sealed_site_that_only_grows(runner: Runner, registry: Path) -> None:
    """First an empty site, said to be the first; then a record, logged and sealed, extends it."""
    code, said = runner.build(runner.checkout("one"))
    assert (code, "--first" in said) == (1, True), said
    code, said = runner.build(runner.checkout("one"), first="true")
    assert code == 0, said
    assert "published without a seal" in said

    ran = call("run", QUESTION, "--registry", str(registry), "--quiet")
    assert ran.returncode == 0, ran.stderr
    key = start_log(registry, runner.folder / "keys" / "log.key")
    push(registry)
    code, said = runner.append(key)
    assert code == 0, said
    clone = runner.checkout("two")
    assert f"commit={git(clone, 'rev-parse', 'HEAD')}" == runner.out.read_text("utf-8").strip()
    assert "Append to the log" in git(clone, "log", "-1", "--format=%an: %s")
    assert TOKEN not in git(clone, "log", "-p")
    code, said = runner.build(clone, key=key, first="false")
    assert code == 0, said
    assert (runner.published / "seal").is_file()
    assert runner.out.read_text("utf-8").startswith("sha256=")
    at = git(clone, "rev-parse", "HEAD")
    assert runner.append(key)[0] == 0, "nothing to add is no fault"
    assert f"commit={at}" == runner.out.read_text("utf-8").strip()


def test_what_was_published_is_not_taken_back(runner: Runner, registry: Path) -> None:
    """A site without a record that is public now stops before it is deployed, log or no log."""
    ran = call("run", QUESTION, "--registry", str(registry), "--quiet")
    assert ran.returncode == 0, ran.stderr
    push(registry)
    assert runner.build(runner.checkout("one"), first="true")[0] == 0
    (record,) = (registry / "manifests" / "records").iterdir()
    shutil.rmtree(record)
    push(registry)
    code, said = runner.build(runner.checkout("two"))
    assert (code, "no records" in said) == (1, True), said
    declared = registry / "manifests" / "registry.yaml"
    declared.write_text(declared.read_text("utf-8").rstrip() + "\nnew: true\n", "utf-8")
    push(registry)
    code, said = runner.build(runner.checkout("two"), first="true")
    assert code == 1, said
    assert record.name in said
    assert (runner.published / "records" / record.name / "index.html").is_file()
