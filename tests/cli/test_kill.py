"""Killing a run at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.console import (
    COMMAND,
    INTERRUPTIBLE,
    QUESTION,
    call,
    environment,
    new_registry,
    tree,
)

if TYPE_CHECKING:
    from pathlib import Path

MOMENTS = 20


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """The tree of a run that nobody disturbed, and how long it took."""
    root = new_registry(tmp_path_factory.mktemp("undisturbed"))
    start = time.monotonic()
    done = call("run", QUESTION, "--registry", str(root), "--quiet")
    assert 0 == done.returncode, done.stderr
    return tree(root / "manifests"), time.monotonic() - start


@pytest.mark.parametrize("number", range(MOMENTS))
def test_a_killed_run_is_made_good_by_the_next(
    tmp_path: Path, undisturbed: tuple[dict[str, bytes], float], number: int
) -> None:
    """SIGKILL at a random moment, run again: the published tree is that of an undisturbed run.

    The moments are spread over the whole run, three of them over its last tenth, where it writes.
    """
    expected, seconds = undisturbed
    root = new_registry(tmp_path / "registry")
    spread = random.Random(number)  # noqa: S311 - spreads moments, guards nothing
    part = spread.uniform(0.9, 1.05) if number % 7 == 0 else spread.uniform(0.0, 1.0)
    with subprocess.Popen(
        [*COMMAND, "run", QUESTION, "--registry", str(root), "--quiet"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        time.sleep(part * seconds)
        process.send_signal(signal.SIGKILL)
    left = {path for path in tree(root / "manifests") if path != "registry.yaml"}
    assert left in (set(), set(expected) - {"registry.yaml"})
    done = call("run", QUESTION, "--registry", str(root), "--quiet")
    assert 0 == done.returncode, done.stderr
    assert expected == tree(root / "manifests")
    assert not any((root / ".sovereign" / "tmp").glob("*"))


def test_an_interrupt_says_so_and_exits_130(tmp_path: Path) -> None:
    """Ctrl-C ends a run with one line and no traceback."""
    root = new_registry(tmp_path / "registry")
    with subprocess.Popen(
        [*INTERRUPTIBLE, "run", QUESTION, "--registry", str(root)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the first step is under way
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert 130 == process.returncode
    assert "interrupted" in rest
    assert "Traceback" not in rest
