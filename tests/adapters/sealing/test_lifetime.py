"""Kill -9 of the command, or of its guard, at any moment leaves no process and no mount."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sovereign_registry.adapters.sealing.supervise import execute
from tests.adapters.sealing.seal import attack, bubblewrap, came_of, guard_without, job, planned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.sealing import SealedOutcome

# Started as a command of its own: seals a job that sleeps, without what its arguments name.
COMMAND = """
import sys
import msgspec
from tests.adapters.sealing.seal import job, planned
from sovereign_registry.adapters.sealing.supervise import execute
token, guard, *without = sys.argv[1:]
made = planned(job("-c", "import time; time.sleep(20)", token), *without)
if guard:
    made = msgspec.structs.replace(made, guard=guard)
execute(made)
"""
Start = Callable[..., tuple[subprocess.Popen[bytes], str]]
ROOT = Path(__file__).resolve().parents[3]
DEAF = 'while not ready and os.getppid() == config["parent"]:'


def alive(token: str) -> list[int]:
    """The processes whose command names the token."""
    found = []
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            try:
                command = one.joinpath("cmdline").read_bytes()
            except OSError:
                continue
            if token.encode() in command:
                found.append(int(one.name))
    return found


def gone(token: str, seconds: float = 5.0) -> bool:
    """Whether all processes of the token end within some seconds."""
    until = time.monotonic() + seconds
    while alive(token):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def mounts() -> str:
    """What is mounted on the host."""
    return Path("/proc/self/mountinfo").read_text("utf-8")


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a command that runs a sealed job; ends whatever is left of it."""
    bubblewrap()
    tokens: list[str] = []

    def run(*without: str, guard: str = "") -> tuple[subprocess.Popen[bytes], str]:
        token = uuid.uuid4().hex
        tokens.append(token)
        command = [sys.executable, "-c", COMMAND, token, guard, *without]
        paths = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
        environment = {**os.environ, "PYTHONPATH": paths}
        return subprocess.Popen(command, cwd=ROOT, env=environment), token

    yield run
    for token in tokens:
        while left := alive(token):
            for one in left:
                try:
                    os.kill(one, signal.SIGKILL)
                except ProcessLookupError:
                    continue


def running(token: str, count: int = 4) -> list[int]:
    """Wait until the command, its guard, bubblewrap, process 1 and the job are there."""
    until = time.monotonic() + 20
    while len(found := alive(token)) <= count:
        assert time.monotonic() < until, found
        time.sleep(0.01)
    return found


def came_through(outcome: SealedOutcome) -> bool:
    """Whether an attack says that it got through."""
    said = came_of(outcome)
    return said is not None and bool(said["through"])


def guards(command: int) -> list[int]:
    """The children of the command."""
    text = Path(f"/proc/{command}/task/{command}/children").read_text("ascii")
    return [int(one) for one in text.split()]


@pytest.mark.parametrize("seconds", [None, 0.0, 0.02, 0.04, 0.06, 0.1, 0.15])
def test_a_killed_command_leaves_nothing(start: Start, seconds: float | None) -> None:
    """Whenever the command is killed after it started its guard, nothing stays."""
    before = mounts()
    process, token = start()
    if seconds is None:
        assert len(running(token)) >= 5
    else:
        while not guards(process.pid):
            assert process.poll() is None
            time.sleep(0.001)
        time.sleep(seconds)
    process.kill()
    process.wait()
    assert gone(token)
    assert mounts() == before


def test_a_killed_guard_leaves_nothing(start: Start) -> None:
    """With command and guard killed at once, bubblewrap dies with its parent."""
    process, token = start()
    running(token)
    (guard,) = guards(process.pid)
    os.kill(guard, signal.SIGKILL)
    process.kill()
    process.wait()
    assert gone(token)


def test_bubblewrap_outlives_a_killed_guard_without_its_flag(start: Start, tmp_path: Path) -> None:
    """The test above bites: without --die-with-parent the job goes on."""
    dying = 'demand(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "die with the guard")'
    guard = guard_without(dying, "pass", tmp_path)
    process, token = start("parent", guard=guard)
    running(token)
    (pid,) = guards(process.pid)
    os.kill(pid, signal.SIGKILL)
    process.kill()
    process.wait()
    assert not gone(token, 0.7)


def test_the_guard_is_what_ends_a_run(start: Start, tmp_path: Path) -> None:
    """A guard that does not heed its lifeline lets the job go on when the command is killed."""
    guard = guard_without(DEAF, "poll.unregister(lifeline)\n    while not ready:", tmp_path)
    process, token = start(guard=guard)
    running(token)
    process.kill()
    process.wait()
    assert not gone(token, 0.7)


def test_a_daemon_does_not_outlive_its_job(host: dict[str, Any]) -> None:
    """A process that left its session and its parents is gone when the run is over."""
    outcome = attack("attacks", "daemon", host)
    assert outcome.exit_code == 0
    assert not alive(host["token"])


def test_a_daemon_outlives_its_job_without_the_seal(host: dict[str, Any], tmp_path: Path) -> None:
    """The test above bites: without a namespace of processes, a deaf guard leaves the daemon."""
    guard = guard_without("    end_orphans()\n", "", tmp_path)
    # Nor does the end of the guard take it along.
    made = planned(job("run.py", "attacks", "daemon", json.dumps(host)), "pid")
    execute(msgspec.structs.replace(made, guard=guard))
    left = alive(host["token"])
    for one in left:
        os.kill(one, signal.SIGKILL)
    assert left


def test_variables_of_the_command_do_not_come_in(host: dict[str, Any], tmp_path: Path) -> None:
    """Bubblewrap starts with no variable; with some of them, process 1 could be asked for them."""
    assert not came_through(attack("attacks", "first_environment", host))
    guard = guard_without("command, {})", f'command, {{"SECRET": "{host["token"]}"}})', tmp_path)
    one = job("run.py", "attacks", "first_environment", json.dumps(host))
    made = planned(one, "undumpable", "variables")
    assert came_through(execute(msgspec.structs.replace(made, guard=guard)))
