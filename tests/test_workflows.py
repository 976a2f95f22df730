"""The published workflows are well-formed, safe, pinned, and ask for no more than they need."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment; its output is read, not shown."""
    program = Path(sys.executable).parent / command
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_zizmor_finds_nothing() -> None:
    """The auditor for workflow security has no finding."""
    done = run("zizmor", "--offline", "--no-progress", str(ROOT / ".github"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_would_find_an_injection(tmp_path: Path) -> None:
    """The auditor bites: the same workflow with the address put into the script is refused."""
    good = (ROOT / ".github/workflows/pages.yml").read_text("utf-8")
    bad = good.replace("--registry .", "--registry ${{ github.head_ref }}")
    assert bad != good
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "pages.yml").write_text(bad, "utf-8")
    done = run("zizmor", "--offline", "--no-progress", str(tmp_path / ".github"))
    assert done.returncode != 0
    assert "template-injection" in done.stdout


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.dependabot", [ROOT / ".github" / "dependabot.yml"]),
    ],
)
def test_files_are_what_their_schema_says(schema: str, files: list[Path]) -> None:
    """Each file is valid under the schema that GitHub publishes."""
    done = run("check-jsonschema", "--builtin-schema", schema, *map(str, files))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned(path: Path) -> None:
    """Every action is named by a commit digest, with its version beside it."""
    uses = [line.strip().lstrip("- ") for line in path.read_text("utf-8").splitlines()]
    uses = [line for line in uses if line.startswith("uses:")]
    assert uses
    assert [line for line in uses if not PINNED.match(line)] == []


def test_only_the_deploy_job_may_write() -> None:
    """No job but the deployment has a permission to write, and none is given by default."""
    writers = set()
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text("utf-8"))
        assert workflow["permissions"] == {}
        for name, job in workflow["jobs"].items():
            if "write" in job["permissions"].values():
                writers.add((path.name, name))
    assert writers == {("pages.yml", "deploy")}
