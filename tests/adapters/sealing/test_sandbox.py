"""The sandbox as its port: how runs end, and what happens where there is no seal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.adapters.sealing import BubblewrapSandbox
from sovereign_registry.adapters.sealing.plan import plan, this_interpreter
from sovereign_registry.adapters.sealing.preflight import BOMBS, WHAT, prove
from sovereign_registry.adapters.sealing.supervise import execute
from sovereign_registry.contracts.sealing import FIXED_VARIABLES, MIB, Ended
from tests.adapters.sealing.seal import HOSTILE, bubblewrap, job, planned

if TYPE_CHECKING:
    from sovereign_registry.contracts.sealing import SealedJob, SealedOutcome


@pytest.fixture
def sandbox() -> BubblewrapSandbox:
    """The real one."""
    bubblewrap()
    return BubblewrapSandbox()


def fake_tool(folder: Path, version: str, rest: str) -> BubblewrapSandbox:
    """A sandbox whose bubblewrap is a shell script."""
    path = folder / "bwrap"
    path.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}" && exit\n{rest}\n', "ascii"
    )
    path.chmod(0o755)
    return BubblewrapSandbox(str(path))


def test_a_job_sees_its_folder_and_a_fixed_environment(sandbox: BubblewrapSandbox) -> None:
    """The working directory is the artifact, and the environment is what the job declared."""
    script = "import os; print(os.getcwd()); [print(*one) for one in sorted(os.environ.items())]"
    outcome = sandbox.run(job("-c", script, variables=(("SEED", "7"),)))
    assert outcome.ended is Ended.EXITED, outcome
    expected = sorted([*FIXED_VARIABLES, ("SEED", "7")])
    lines = outcome.stdout.decode().splitlines()
    assert lines == ["/job", *(f"{name} {value}" for name, value in expected)]


def test_an_environment_is_on_the_path(sandbox: BubblewrapSandbox) -> None:
    """A dependency folder is importable and is all that is installed."""
    script = "import attacks, sys; print(attacks.__file__); print(*sys.path)"
    outcome = sandbox.run(job("-P", "-c", script, environment=str(HOSTILE)))
    assert outcome.stdout.startswith(b"/env/attacks.py"), outcome


def test_exit_codes_are_the_jobs_own(sandbox: BubblewrapSandbox) -> None:
    """A job that fails just as bubblewrap does, words included, is still a job that ran."""
    script = "import sys; sys.stderr.write('bwrap: No permissions to create a new namespace\\n')"
    outcome = sandbox.run(job("-c", f"{script}; sys.exit(1)"))
    assert outcome.ended is Ended.EXITED
    assert outcome.exit_code == 1


def test_a_failure_of_bubblewrap_is_no_run(open_folder: Path) -> None:
    """Bubblewrap's own failure with the same code and words is the outcome unavailable."""
    rest = "echo 'bwrap: No permissions to create a new namespace' >&2; exit 1"
    outcome = fake_tool(open_folder, "bubblewrap 0.9.0", rest).run(job("-c", "pass"))
    assert outcome.ended is Ended.UNAVAILABLE
    assert outcome.exit_code is None
    assert "No permissions to create" in outcome.why


def test_a_bubblewrap_that_seals_nothing_is_no_run(open_folder: Path) -> None:
    """A program that pretends to have run the job well is not believed."""
    rest = "echo '{ \"exit-code\": 0 }'; exit 0"
    outcome = fake_tool(open_folder, "bubblewrap 0.9.0", rest).run(job("-c", "pass"))
    assert outcome.ended is Ended.UNAVAILABLE


def test_a_bubblewrap_that_only_starts_the_command_is_no_run(open_folder: Path) -> None:
    """Where the first process finds itself outside a namespace, it starts nothing."""
    rest = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    outcome = fake_tool(open_folder, "bubblewrap 0.9.0", rest).run(job("-c", "print(1)"))
    assert outcome.ended is Ended.UNAVAILABLE
    assert outcome.stdout == b""
    # Under root that user may not even reach the interpreter, which is as good.
    if os.geteuid() != 0:
        assert "not the first process" in outcome.why


@pytest.mark.parametrize("version", ["bubblewrap 0.7.9", "bubblewrap 0.8", "something 1.0.0", ""])
def test_an_old_or_strange_bubblewrap_is_refused(open_folder: Path, version: str) -> None:
    """Without a version that can do what is needed nothing is started, and the fix is named."""
    sandbox = fake_tool(open_folder, version, "touch started")
    found = sandbox.preflight()
    assert not found.available
    assert "0.8.0 or newer is needed" in found.why
    assert "apt-get install bubblewrap" in found.fix
    assert sandbox.run(job("-c", "pass")).ended is Ended.UNAVAILABLE


def test_no_bubblewrap_is_said_with_its_fix() -> None:
    """Without bubblewrap the preflight says so, and a run is unavailable, never unsealed."""
    sandbox = BubblewrapSandbox("no-such-program")
    found = sandbox.preflight()
    assert (found.available, found.tool, found.checks) == (False, "", ())
    assert found.why == "bubblewrap is not installed"
    assert "apt-get install bubblewrap" in found.fix
    outcome = sandbox.run(job("-c", "print(1)"))
    assert outcome.ended is Ended.UNAVAILABLE
    assert outcome.stdout == b""


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("bwrap: setting up uid map: Permission denied", "userns,"),
        ("bwrap: No permissions to create new namespace, likely because ...", "userns,"),
        ("bwrap: Creating new namespace failed: No space left on device", "userns,"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "may mount"),
        ("bwrap: Can't find source path /root/x: Permission denied", "ordinary user"),
        ("guard: [Errno 1] cannot change from root to user 65534: not permitted", "ordinary user"),
        ("bwrap: something new", "nothing is run unsealed"),
    ],
)
def test_a_seal_that_cannot_be_made_is_said_with_its_fix(
    open_folder: Path, said: str, fix: str
) -> None:
    """Where bubblewrap fails, the preflight repeats its words and says what to allow."""
    rest = f'echo "{said}" >&2; exit 1'
    found = fake_tool(open_folder, "bubblewrap 0.9.0", rest).preflight()
    assert not found.available
    assert found.tool == "bubblewrap 0.9.0"
    assert said in found.why
    assert fix in found.fix
    assert not any(one.passed for one in found.checks)


def test_the_preflight_proves_the_seal(sandbox: BubblewrapSandbox) -> None:
    """On this machine every canary was tried and held."""
    found = sandbox.preflight()
    assert found.available, found
    names = {"namespaces", *(name.replace("_", "-") for name in WHAT), *BOMBS}
    assert {one.name for one in found.checks} == names
    assert found.tool.startswith("bubblewrap 0.")
    assert found.kernel.startswith("Linux ")


def not_run() -> SealedOutcome:
    """What came of a job that was not started."""
    return BubblewrapSandbox("no-such-program").run(job("-c", "pass"))


@pytest.mark.parametrize(
    ("without", "failed"),
    [
        (("net",), {"namespaces", "network"}),
        (("filter",), {"network", "calls", "privileges"}),
        (("pid",), {"namespaces", "processes"}),
        (("uts",), {"namespaces"}),
        (("read-only-root",), {"writes"}),
        (("system",), {"host-files"}),
        (("undumpable",), {"processes"}),
        (("capabilities",), {"privileges", "processes"}),
        (("scratch-size",), {"disk"}),
    ],
)
def test_the_preflight_notices_what_is_missing(without: tuple[str, ...], failed: set[str]) -> None:
    """With one protection taken away its canary fails."""

    def run(one: SealedJob) -> SealedOutcome:
        # The bombs have tests of their own; here they need not go off.
        return execute(planned(one, *without)) if one.outputs else not_run()

    checks, why = prove(run)
    assert not why
    assert {one.name for one in checks if not one.passed} == failed | set(BOMBS)


def test_a_canary_that_did_not_run_has_not_held() -> None:
    """A seal under which nothing starts stops every attack, and proves nothing."""
    checks, _ = prove(lambda one: execute(planned(msgspec.structs.replace(one, argv=("nothing",)))))
    assert not any(one.passed for one in checks)


def test_a_command_that_is_not_there_is_said(sandbox: BubblewrapSandbox) -> None:
    """A command that cannot be started ends with 127 and its reason."""
    outcome = sandbox.run(msgspec.structs.replace(job(), argv=("no-such-program",)))
    assert (outcome.ended, outcome.exit_code) == (Ended.EXITED, 127)
    assert b"cannot start the command" in outcome.stderr


def test_a_signal_is_told_from_an_exit(sandbox: BubblewrapSandbox) -> None:
    """A job that dies by a signal has no exit code."""
    outcome = sandbox.run(job("-c", "import os; os.abort()"))
    assert (outcome.ended, outcome.exit_code) == (Ended.KILLED, None)
    assert "signal 6" in outcome.why


def test_a_stopped_job_ends_with_the_clock(sandbox: BubblewrapSandbox) -> None:
    """A job that stops itself is ended by the wall clock."""
    script = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
    outcome = sandbox.run(job("-c", script, limits={"wall_seconds": 1}))
    assert outcome.ended is Ended.TIMED_OUT
    assert outcome.wall_seconds < 6


def test_the_same_job_gives_the_same_bytes(sandbox: BubblewrapSandbox) -> None:
    """Two runs of a job that depends on hash order and folder order agree."""
    script = "import os; print(hash('x'), {str(n) for n in range(50)}, sorted(os.listdir('/')))"
    one, other = (sandbox.run(job("-c", script)) for _ in range(2))
    assert one.exit_code == 0
    assert one.stdout == other.stdout


def test_a_folder_that_cannot_be_sealed_is_refused(
    sandbox: BubblewrapSandbox, open_folder: Path
) -> None:
    """A FIFO works through a read-only mount too, so a folder that holds one is not run."""
    os.mkfifo(open_folder / "pipe")
    outcome = sandbox.run(job("-c", "pass", folder=str(open_folder)))
    assert outcome.ended is Ended.UNAVAILABLE
    assert "pipe is no file, folder or link" in outcome.why
    missing = sandbox.run(job("-c", "pass", folder=str(open_folder / "missing")))
    assert missing.ended is Ended.UNAVAILABLE
    assert "missing is no folder" in missing.why


@pytest.mark.skipif(os.geteuid() != 0, reason="the seal changes the user only under root")
def test_a_folder_that_only_root_can_read_is_refused(
    sandbox: BubblewrapSandbox, open_folder: Path
) -> None:
    """Under root the job runs as nobody; what nobody cannot read is named with what to do."""
    (open_folder / "main.py").write_text("print(1)", "ascii")
    open_folder.chmod(0o700)
    outcome = sandbox.run(job("main.py", folder=str(open_folder)))
    assert outcome.ended is Ended.UNAVAILABLE
    assert f"chmod -R go+rX {open_folder}" in outcome.why
    open_folder.chmod(0o755)
    assert sandbox.run(job("main.py", folder=str(open_folder))).stdout == b"1\n"


def test_a_full_disk_is_told_from_a_failure(sandbox: BubblewrapSandbox) -> None:
    """A job that fails because scratch is full ends by its limit."""
    outcome = sandbox.run(job("-c", "open('/tmp/x', 'wb').write(bytes(1 << 26))"))
    assert outcome.ended is Ended.OUTPUT_LIMIT, outcome
    assert "bytes of scratch" in outcome.why


def test_large_outputs_need_no_memory_of_the_job(sandbox: BubblewrapSandbox) -> None:
    """Outputs as large as allowed come out whole beside a job with little memory."""
    size = 80 * MIB
    outcome = sandbox.run(
        job(
            *("-c", f"open('/out/x', 'wb').write(bytes({size // 2})); open('/out/y', 'wb')"),
            outputs=("x", "y"),
            limits={"disk_bytes": size, "output_bytes": size},
        )
    )
    assert outcome.ended is Ended.EXITED, outcome
    assert {name: len(data) for name, data in outcome.outputs.items()} == {"x": size // 2, "y": 0}


def test_there_is_no_unsealed_plan() -> None:
    """Every plan has every namespace, the filter and an ordinary user."""
    made = plan(job("-c", "pass"), "/usr/bin/bwrap", this_interpreter())
    flags = {one for arguments in made.protections.values() for one in arguments}
    assert flags >= {
        "--unshare-user",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup",
        "--disable-userns",
        "--new-session",
        "--die-with-parent",
        "--clearenv",
    }
    assert not [one for one in flags if one.endswith(("-try", "-all")) and one != "--ro-bind-try"]
    assert made.filter
    assert made.uid == (65_534 if os.geteuid() == 0 else None)
    assert Path(made.first[0]).is_file()
    assert made.sources == (str(HOSTILE), this_interpreter().prefix)
