"""The published workflows are well-formed, safe, pinned, and ask for no more than they need."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.judges import Judges

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "starter"
PAGES = ROOT / ".github" / "workflows" / "pages.yml"
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), STARTER / "pages.yml"]
PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
INSTALL = {
    PAGES: """\
          python -m pip install --require-hashes --only-binary :all: -r requirements/site.txt
          python -m pip install --no-build-isolation --no-deps --editable .
""",
    STARTER / "pages.yml": """\
          python -m pip install --require-hashes --only-binary :all: -r software/requirements.txt
          python -m pip install --no-index --no-deps software/*.whl
""",
}
"""The only lines in which our own workflow and that of a new registry differ."""

Workflow = dict[str, Any]


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment; its output is read, not shown."""
    program = Path(sys.executable).parent / command
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def in_place(folder: Path, text: str) -> str:
    """Put a workflow where an auditor looks for it; returns the folder to audit."""
    workflows = folder / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "pages.yml").write_text(text, "utf-8")
    return str(folder / ".github")


def read(path: Path) -> Workflow:
    """A workflow's content; YAML 1.1 reads the key ``on`` as true."""
    workflow: Workflow = yaml.safe_load(path.read_text("utf-8"))
    return workflow


@pytest.fixture(scope="module")
def pages() -> Workflow:
    """What a new registry publishes with."""
    return read(STARTER / "pages.yml")


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    """The auditor for workflow security has no finding, in ours and in a new registry's."""
    started = in_place(tmp_path, (STARTER / "pages.yml").read_text("utf-8"))
    for folder in (str(ROOT / ".github"), started):
        done = run("zizmor", "--offline", "--no-progress", folder)
        assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_would_find_an_injection(tmp_path: Path) -> None:
    """The auditor bites: the same workflow with a branch's name put into the script is refused."""
    good = PAGES.read_text("utf-8")
    bad = good.replace("run: sovereign-registry check", "run: echo ${{ github.head_ref }}")
    assert bad != good
    done = run("zizmor", "--offline", "--no-progress", in_place(tmp_path, bad))
    assert done.returncode != 0
    assert "template-injection" in done.stdout


@pytest.mark.judges
def test_actionlint_finds_nothing(judges: Judges) -> None:
    """No unknown step, job, key or untrusted input in any workflow."""
    assert judges.actionlint(*WORKFLOWS) == []


@pytest.mark.judges
def test_actionlint_would_find_a_job_that_is_not_there(judges: Judges, tmp_path: Path) -> None:
    """The linter bites: a job that waits for none is refused."""
    bad = tmp_path / "pages.yml"
    bad.write_text(PAGES.read_text("utf-8").replace("needs: build", "needs: biuld"), "utf-8")
    assert any("biuld" in one for one in judges.actionlint(bad))


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        (
            "vendor.dependabot",
            [ROOT / ".github" / "dependabot.yml", STARTER / "dependabot.yml"],
        ),
    ],
)
def test_files_are_what_their_schema_says(schema: str, files: list[Path]) -> None:
    """Each file is valid under the schema that GitHub publishes."""
    done = run("check-jsonschema", "--builtin-schema", schema, *map(str, files))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.parent.name + path.stem)
def test_actions_are_pinned(path: Path) -> None:
    """Every action is named by a commit digest, with its version beside it."""
    uses = [line.strip().lstrip("- ") for line in path.read_text("utf-8").splitlines()]
    uses = [line for line in uses if line.startswith("uses:")]
    assert uses
    assert [line for line in uses if not PINNED.match(line)] == []


def test_an_action_has_one_digest_everywhere() -> None:
    """No workflow lags behind another."""
    found: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for name, pin in re.findall(r"uses: (\S+)@(.+)", path.read_text("utf-8")):
            found.setdefault(name, set()).add(pin)
    assert {name: pins for name, pins in found.items() if len(pins) > 1} == {}


def test_ours_and_that_of_a_new_registry_agree() -> None:
    """They differ in nothing but how the software is installed."""
    same = set()
    for path, lines in INSTALL.items():
        text = path.read_text("utf-8")
        assert text.count(lines) == 2
        same.add(text.replace(lines, ""))
    assert len(same) == 1


def test_only_what_publishes_may_write() -> None:
    """No permission is given by default; what allows a write stands in the job that needs it."""
    writers = {}
    for path in WORKFLOWS:
        workflow = read(path)
        assert workflow["permissions"] == {}
        for name, job in workflow["jobs"].items():
            write = {what for what, may in job["permissions"].items() if may == "write"}
            if write:
                writers[path.parent.name, name] = write
    due = {
        "log": {"contents"},
        "attest": {"id-token", "attestations"},
        "deploy": {"pages", "id-token"},
    }
    assert writers == {
        (folder, name): what for folder in ("workflows", "starter") for name, what in due.items()
    }


def scripts(job: Workflow) -> list[str]:
    """What a job runs, in order: the text of each script, or the name of the action."""
    return [step.get("run") or step["uses"].partition("@")[0] for step in job["steps"]]


def test_the_site_is_checked_built_sealed_and_verified_before_it_is_kept(pages: Workflow) -> None:
    """In this order, in one job, against what is published; hidden files are part of it."""
    steps = scripts(pages["jobs"]["build"])
    order = [
        "sovereign-registry check",
        "actions/configure-pages",
        "sovereign-registry build",
        "sovereign-registry log seal",
        'sovereign-registry verify output --extends "$SITEURL"',
        "actions/upload-pages-artifact",
    ]
    places = [next(n for n, step in enumerate(steps) if text in step) for text in order]
    assert places == sorted(places)
    upload = pages["jobs"]["build"]["steps"][-1]["with"]
    assert upload == {"path": "output", "include-hidden-files": True}


def test_nothing_is_deployed_that_was_not_verified(pages: Workflow) -> None:
    """Deployment and attestation wait for the build, and the build for the log."""
    jobs = pages["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "log": None,
        "build": "log",
        "attest": "build",
        "deploy": "build",
    }
    for name in ("attest", "deploy"):
        assert "needs.build.result == 'success'" in jobs[name]["if"]
    assert "needs.log.result != 'failure'" in jobs["build"]["if"]


def test_the_key_is_seen_by_two_steps_and_never_beside_a_token(pages: Workflow) -> None:
    """The steps that sign get the secret, the step that pushes gets the token, no other either."""
    steps = [step for job in pages["jobs"].values() for step in job["steps"]]
    signing = [step for step in steps if "REGISTRY_LOG_KEY" in str(step)]
    pushing = [step for step in steps if "github.token" in str(step)]
    assert ["log append", "log seal"] == [
        next(word for word in ("log append", "log seal") if word in step["run"]) for step in signing
    ]
    for step in signing:
        assert "umask 077" in step["run"]
        assert "trap 'rm -f \"$RUNNER_TEMP/log.key\"' EXIT" in step["run"]
    assert len(pushing) == 1
    assert "sovereign-registry" not in pushing[0]["run"]


SCRIPTS = [
    pytest.param(step["run"], id=f"{path.parent.name}-{job}-{number}")
    for path in WORKFLOWS
    for job, one in read(path)["jobs"].items()
    for number, step in enumerate(one["steps"])
    if "run" in step
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_shell_that_parses(script: str) -> None:
    """Bash reads every script without a word."""
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
