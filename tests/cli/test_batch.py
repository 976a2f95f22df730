"""Many questions by one command: the same bytes however the work is spread, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.agendas import ALIKE, QUESTIONS, write_agenda, written
from tests.cli.console import COMMAND, INTERRUPTIBLE, call, environment, new_registry

if TYPE_CHECKING:
    from pathlib import Path

AGENDA = (QUESTIONS[0], ALIKE, *QUESTIONS[2:4], (QUESTIONS[1], 5))
"""The second one is nearly the first, the last one comes first."""


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the command `run` leaves when it is given the questions one after the other."""
    root = new_registry(tmp_path_factory.mktemp("one-by-one"))
    for question in (QUESTIONS[1], QUESTIONS[0], ALIKE, *QUESTIONS[2:4]):
        done = call("run", question, "--registry", str(root), "--quiet")
        assert 0 == done.returncode, done.stderr
    return written(root)


@pytest.mark.parametrize("backend", ["serial", "loky", "dask"])
def test_a_batch_leaves_what_its_questions_leave_one_by_one(
    tmp_path: Path, one_by_one: dict[str, bytes], backend: str
) -> None:
    """Serially, over processes, and over a Dask cluster of processes: identical to the byte."""
    root = new_registry(tmp_path / "registry")
    agenda = write_agenda(tmp_path / "agenda.yaml", AGENDA)
    done = call("batch", str(agenda), "--registry", str(root), "--backend", backend, "--jobs", "2")
    assert 0 == done.returncode, done.stderr
    assert one_by_one == written(root)
    assert "near-duplicate" in "".join(map(str, written(root).values()))
    assert "5 questions: 2 published, 3 waiting" in done.stdout
    again = call("batch", str(agenda), "--registry", str(root), "--backend", "serial", "--json")
    assert 0 == again.returncode, again.stderr
    assert all(row["found"] for row in json.loads(again.stdout)["rows"])
    assert one_by_one == written(root)


def test_one_bad_question_does_not_stop_the_others(tmp_path: Path) -> None:
    """Its error is listed with its line, the others get their records, and the exit code is 1."""
    root = new_registry(tmp_path / "registry")
    agenda = write_agenda(tmp_path / "agenda.yaml", ("the of and", QUESTIONS[0]))
    done = call("batch", str(agenda), "--registry", str(root), "--backend", "serial", "-q")
    assert 1 == done.returncode
    assert "line 3: question: the question has no content word" in done.stderr
    assert "2 questions: 1 published, 0 waiting for their owner" in done.stdout
    assert "1 failed, 0 not done" in done.stdout


def test_an_interrupt_keeps_what_is_done_and_exits_130(
    tmp_path: Path, one_by_one: dict[str, bytes]
) -> None:
    """Ctrl-C, as a terminal sends it to every process: a summary, and the next batch goes on."""
    root = new_registry(tmp_path / "registry")
    agenda = write_agenda(tmp_path / "agenda.yaml", AGENDA)
    command = ["batch", str(agenda), "--registry", str(root), "--jobs", "2"]
    with subprocess.Popen(
        [*INTERRUPTIBLE, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        out, rest = process.communicate(timeout=60)
    assert 130 == process.returncode, rest
    assert "published" in first
    assert "run the same command again" in rest
    assert "Traceback" not in rest
    assert "not done" in out
    left = written(root)
    assert left.items() <= one_by_one.items()
    done = call(*command)
    assert 0 == done.returncode, done.stderr
    assert one_by_one == written(root)


def test_two_batches_at_once_share_the_work(tmp_path: Path, one_by_one: dict[str, bytes]) -> None:
    """Two commands on one registry at once leave what one leaves; each question is done once."""
    root = new_registry(tmp_path / "registry")
    agenda = write_agenda(tmp_path / "agenda.yaml", AGENDA)
    command = [*COMMAND, "batch", str(agenda), "--registry", str(root), "--json", "-q"]
    both = [
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120) for process in both]
    assert [0, 0] == [process.returncode for process in both], told
    assert one_by_one == written(root)
    new = [sum(not row["found"] for row in json.loads(out)["rows"]) for out, _ in told]
    assert 5 == sum(new)
    assert not any((root / ".sovereign" / "tmp").glob("*"))
