"""The driver of the Lean judge: whatever the judge does, only how it ended counts.

The judge is a script of ours; the real one is run by the workflow ``lean``.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.adapters.lean_judge import STREAM_BYTES, LakeJudge
from sovereign_registry.contracts.proof import LeanArtifact
from sovereign_registry.contracts.sealing import Ended
from tests.adapters.sealing.seal import bubblewrap
from tests.contracts import samples
from tests.gate_world import LEAN_FILES, SUBMISSION, TOOLCHAIN, lean

if TYPE_CHECKING:
    from sovereign_registry.contracts.runs import JudgeOutcome

CLAIM = samples.claim(1, "One and one are 2.")
HEAD = """#!/bin/sh
if [ "$1" = --version ]; then
  echo "Lake version 5.0.0-src (Lean version {version})"; exit 0
fi
if [ "$2" = --help ]; then [ "$1" = {name} ]; exit; fi
"""


def spec(wall: int = 20) -> LeanArtifact:
    """A sound proof artifact."""
    return msgspec.convert(
        lean(CLAIM, budget={"wall_seconds": wall, "memory_mib": 4096}), LeanArtifact
    )


def lake(
    folder: Path, body: str, *, version: str = "4.35.0", name: str = "comparator"
) -> LakeJudge:
    """A judge that does this when it is to judge."""
    path = folder / "lake"
    path.write_text(HEAD.format(version=version, name=name) + body)
    path.chmod(0o755)
    return LakeJudge(lake=str(path), home=str(folder))


def judged(folder: Path, body: str, wall: int = 20) -> JudgeOutcome:
    """How judging ends where the judge does this."""
    bubblewrap()
    work = folder / "work"
    work.mkdir()
    return lake(folder, body).judge(spec(wall), LEAN_FILES, str(work))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("exit 0", 0),
        ("exit 1", 1),
        ("exit 2", 2),
        ("exit 77", 77),
        ("echo 'Your solution is okay!'; exit 1", 1),
        ("echo 'declaration uses sorry' >&2; exit 0", 0),
    ],
)
def test_the_exit_code_is_all_that_is_read(tmp_path: Path, body: str, code: int) -> None:
    """Also where what is printed says the opposite."""
    found = judged(tmp_path, body)
    assert (Ended.EXITED, code) == (found.ended, found.exit_code)


def test_the_judge_gets_our_project_and_the_two_files(tmp_path: Path) -> None:
    """No line of the configuration comes from the submission; the environment is ours."""
    found = judged(tmp_path, 'echo "$@"; cat config.json lean-toolchain; env; exit 0')
    work = tmp_path / "work"
    assert SUBMISSION == (work / "Solution.lean").read_bytes()
    assert f"{TOOLCHAIN}\n" == (work / "lean-toolchain").read_text()
    config = msgspec.json.decode((work / "config.json").read_bytes())
    assert ["propext", "Quot.sound", "Classical.choice"] == config["permitted_axioms"]
    assert (["claim"], "Challenge", "Solution") == (
        config["theorem_names"],
        config["challenge_module"],
        config["solution_module"],
    )
    assert "comparator --config config.json" in found.tail
    assert f"ELAN_TOOLCHAIN={TOOLCHAIN}" in found.tail
    assert "no-sandbox" not in found.tail
    assert "VIRTUAL_ENV" not in found.tail


def test_a_judge_that_hangs_is_ended(tmp_path: Path) -> None:
    """At its deadline, with everything that it started."""
    start = time.monotonic()
    found = judged(tmp_path, "sleep 300 & sleep 300", wall=1)
    assert (Ended.TIMED_OUT, None) == (found.ended, found.exit_code)
    assert time.monotonic() - start < 10


def test_a_judge_that_floods_is_ended(tmp_path: Path) -> None:
    """What was kept of it is bounded."""
    found = judged(tmp_path, "yes 'Your solution is okay!'")
    assert (Ended.OUTPUT_LIMIT, None) == (found.ended, found.exit_code)
    assert len(found.tail) < STREAM_BYTES


def test_a_judge_that_kills_itself_did_not_judge(tmp_path: Path) -> None:
    """A signal is no exit code."""
    found = judged(tmp_path, "kill -9 $$")
    assert found.exit_code is None or found.exit_code > 2


def marked(mark: str) -> list[int]:
    """Processes of this machine with a mark in their command line."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and int(path.name) != os.getpid():
            try:
                line = (path / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in line:
                found.append(int(path.name))
    return found


def test_nothing_that_was_started_outlives_the_judge(tmp_path: Path) -> None:
    """Not even what left its session."""
    mark = f"sleep 31{os.getpid()}"
    found = judged(
        tmp_path, f"setsid {mark} >/dev/null 2>&1 & setsid nohup {mark} & sleep 0.2; exit 0"
    )
    assert 0 == found.exit_code
    left = marked(mark.replace(" ", "\0"))
    for _ in range(50):  # a killed process is seen until the kernel has taken it down
        if not left:
            break
        time.sleep(0.1)
        left = marked(mark.replace(" ", "\0"))
    assert [] == left


def test_a_judge_that_cannot_be_started_is_no_rejection(tmp_path: Path) -> None:
    """Bubblewrap's own exit code 1 is not taken for a judgement."""
    bubblewrap()
    judge = lake(tmp_path, "exit 0")
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    (tmp_path / "work").mkdir()
    other = LakeJudge(lake=str(tmp_path / "lake"), home=str(tmp_path), bwrap=str(broken))
    assert Ended.UNAVAILABLE is other.judge(spec(), LEAN_FILES, str(tmp_path / "work")).ended
    assert judge.preflight(TOOLCHAIN).available


@pytest.mark.parametrize("name", ["comparator", "challenge"])
def test_the_judge_is_found_under_either_of_its_names(tmp_path: Path, name: str) -> None:
    """Upstream renamed it."""
    bubblewrap()
    found = lake(tmp_path, "exit 0", name=name).preflight(TOOLCHAIN)
    assert (True, f"lake {name} (Lean 4.35.0)") == (found.available, found.tool)
    assert (TOOLCHAIN, 64) == (found.toolchain, len(found.executable_sha256 or ""))


def test_the_version_that_answers_is_told(tmp_path: Path) -> None:
    """Another one than asked for is for the rule to refuse."""
    bubblewrap()
    found = lake(tmp_path, "exit 0", version="4.36.0-rc1").preflight(TOOLCHAIN)
    assert "leanprover/lean4:v4.36.0-rc1" == found.toolchain


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("#!/bin/sh\nexit 1\n", "fails"),
        ("#!/bin/sh\necho Lake\n", "names no Lean version"),
        (HEAD.format(version="4.20.0", name="nothing") + "exit 1\n", "has no `lake comparator`"),
        ("no program", "cannot be started"),
    ],
)
def test_a_lake_without_the_judge_says_how_to_get_one(
    tmp_path: Path, script: str, why: str
) -> None:
    """And is not available."""
    bubblewrap()
    path = tmp_path / "lake"
    path.write_text(script)
    path.chmod(0o755)
    found = LakeJudge(lake=str(path), home=str(tmp_path)).preflight(TOOLCHAIN)
    assert not found.available
    assert why in found.why
    assert f"elan toolchain install {TOOLCHAIN}" in found.fix


def test_no_lake_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without Lean."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = LakeJudge().preflight(TOOLCHAIN)
    assert (False, "`lake` is not installed") == (found.available, found.why)
