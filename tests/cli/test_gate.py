"""``gate`` as a user meets it: the real command, and where it matters the real sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.store import Registry
from tests.adapters.sealing.seal import bubblewrap
from tests.cli.console import COMMAND, call, environment
from tests.gate_world import repro, shipped_registry, write_artifact

if TYPE_CHECKING:
    from sovereign_registry.contracts.claims import Claim

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
HONEST = b"""import json, os, sys
data = [] if "--none" in sys.argv else [float(one) for one in open("data.csv")]
with open(os.environ["OUT"] + "/result.json", "w") as file:
    json.dump({"value": round(sum(data), 6)}, file)
"""
SLEEPY = b"import time\ntime.sleep(600)\n"
PRINTS = b"""import json, os
json.dump({"value": 7.25}, open(os.environ["OUT"] + "/result.json", "w"))
"""
HUNGRY = b"""held = []
while True:
    held.append(bytearray(b"x") * 10**6)
"""
CURIOUS = b"""import glob, os, json
places = ("/job", "/out", "/tmp", "/env", "/home", "/root", "/work")
found = [path for place in places for path in glob.glob(place + "/**/*.yaml", recursive=True)]
json.dump({"value": 0, "found": found}, open(os.environ["OUT"] + "/result.json", "w"))
raise SystemExit(3 if found else 4)
"""


class Desk:
    """A registry of one record, and artifacts for one of its claims."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        registry, self.id, self.claim, self.number = shipped_registry(folder / "registry")
        self.root = registry.root

    def gate(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call ``gate`` on the registry, named from here as users name it."""
        return call("gate", *arguments, "--registry", os.path.relpath(self.root))

    def artifact(self, script: bytes, total: str | None = None, wall: int = 20) -> Path:
        """An artifact of this script whose data sum up to a number."""
        data = f"{float(total or self.number) - 1}\n1\n".encode()
        files = {"main.py": script, "data.csv": data}
        spec: dict[str, Any] = repro(
            self.claim,
            self.number,
            inputs=[{"path": name, "sha256": file_sha256(found)} for name, found in files.items()],
            environment={"python": PYTHON, "requirements": None},
            budget={"wall_seconds": wall, "cpu_seconds": wall, "memory_mib": 128},
        )
        return write_artifact(self.folder / file_sha256(script)[:8], spec, files)

    def attach(self, folder: Path) -> str:
        """Attach an artifact; its digest."""
        done = self.gate("attach", self.id, str(folder), "--json")
        assert 0 == done.returncode, done.stderr
        return str(json.loads(done.stdout)["artifact"])

    def run(self, *arguments: str) -> list[dict[str, Any]]:
        """Run what is pending; the verdicts."""
        done = self.gate("run", self.id, *arguments, "--json")
        assert 0 == done.returncode, done.stderr
        return [one["verdict"] for one in json.loads(done.stdout)]

    def check(self) -> None:
        """The registry is sound."""
        done = call("check", str(self.root), "--quiet")
        assert 0 == done.returncode, done.stdout + done.stderr

    @property
    def record_claim(self) -> Claim:
        """The claim as it stands."""
        record = Registry(self.root).read(self.id).record
        return next(one for one in record.claims if one.id == self.claim.id)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk of its own, on a machine that can seal."""
    bubblewrap()
    return Desk(tmp_path)


def test_doctor_proves_the_seal_and_tells_how_to_get_a_judge() -> None:
    """Exit 0 where runs can be sealed; a missing judge of proofs is no failure."""
    bubblewrap()
    done = call("gate", "doctor")
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "sealed runs: bubblewrap" in done.stdout
    assert "BROKE" not in done.stdout
    assert "elan" in done.stdout or "proofs: lake" in done.stdout


def test_a_number_that_comes_out_again_is_verified_under_the_real_seal(desk: Desk) -> None:
    """Attach, run, show, check, build, verify: every reader comes to the same."""
    desk.attach(desk.artifact(HONEST))
    (verdict,) = desk.run()
    assert ("VERIFIED", "reproduced", 2) == (
        verdict["status"],
        verdict["reason_code"],
        verdict["runs"],
    ), verdict
    assert "0" == verdict["metrics"][0]["control"]
    assert 5 == desk.record_claim.level
    desk.check()
    shown = desk.gate("show", desk.id)
    assert "VERIFIED (reproduced)" in shown.stdout
    built = call("build", "--registry", str(desk.root), "--quiet")
    assert 0 == built.returncode, built.stderr
    page = desk.root / "output" / "records" / desk.id
    assert "independently replicated" in (page / "index.html").read_text()
    assert HONEST == (page / verdict_folder(verdict) / "files" / "main.py").read_bytes()
    tried = call("gate", "try", str(page / verdict_folder(verdict)))
    assert 0 == tried.returncode, tried.stdout + tried.stderr


def verdict_folder(verdict: dict[str, Any]) -> str:
    """Where a verdict's files stand."""
    return f"gate/{verdict['entry']:04d}"


def test_a_falsified_number_needs_the_owner_and_is_kept_when_corrected(desk: Desk) -> None:
    """Run, accept, run again, correct: the history tells all of it."""
    folder = desk.artifact(HONEST, total=str(float(desk.number) + 2))
    digest = desk.attach(folder)
    assert ["not-accepted"] == [one["reason_code"] for one in desk.run()]
    options = ("--claim", desk.claim.id, "--reason", "A fair test.")
    refused = desk.gate("accept", desk.id, digest[:12], *options, "--by", "editor")
    assert (2, True) == (refused.returncode, "Only the owner may" in refused.stderr)
    accepted = desk.gate("accept", desk.id, digest[:12], *options, "--by", "owner")
    assert 0 == accepted.returncode, accepted.stderr
    assert ["FALSIFIED"] == [one["status"] for one in desk.run()]
    desk.check()
    setting = f"/claims/{desk.claim.id}/text=Corrected words with another number, 3.75."
    done = call(
        *("correct", desk.id, "--type", "CLAIM", "--set", setting, "--by", "editor"),
        *("--reason", "A run gave another number.", "--registry", str(desk.root)),
    )
    assert 0 == done.returncode, done.stderr
    assert "was FALSIFIED" in desk.gate("show", desk.id).stdout
    desk.check()


@pytest.mark.parametrize(
    ("script", "wall", "reason"),
    [
        (SLEEPY, 1, "timed-out"),
        (PRINTS, 20, "control-unmoved"),
        (b"raise SystemExit(1)\n", 20, "crashed"),
        (b"print('71.8')\n", 20, "malformed-output"),
        (HUNGRY, 20, "out-of-memory"),
        (b"while True: print('x' * 10**6)\n", 20, "output-limit"),
        (CURIOUS, 20, "crashed"),
    ],
)
def test_a_script_that_fails_or_cheats_is_unverified_with_its_reason(
    desk: Desk, script: bytes, wall: int, reason: str
) -> None:
    """Under the real seal, and the registry stays sound."""
    desk.attach(desk.artifact(script, wall=wall))
    (verdict,) = desk.run()
    assert "UNVERIFIED" == verdict["status"]
    if script is PRINTS:  # it prints what it likes, and that is no number of the claim
        assert verdict["reason_code"] in {"control-unmoved", "not-accepted"}
    else:
        assert reason == verdict["reason_code"], verdict
    if script is CURIOUS:
        assert "exit code 4" in verdict["reason"]  # no contract was anywhere to be seen
    desk.check()


def test_a_claim_that_nothing_can_decide_is_said_to_be_so(desk: Desk) -> None:
    """By ``gate run`` with the claim's name."""
    record = Registry(desk.root).read(desk.id).record
    other = next(one.id for one in record.claims if one.kind is ClaimKind.NEITHER)
    assert ["not-applicable"] == [one["reason_code"] for one in desk.run("--claim", other)]
    desk.check()


def test_a_toolchain_that_is_none_is_refused() -> None:
    """And never stands in the advice how to install it."""
    for text in ("", "foo bar", "leanprover/lean4:v4.35.0; rm"):
        done = call("gate", "doctor", "--toolchain", text)
        assert (2, True) == (done.returncode, "is no toolchain" in done.stderr), done
        assert "elan toolchain install" not in done.stdout


def test_an_attached_artifact_is_told_and_can_be_taken_away(desk: Desk) -> None:
    """The number of the claim in its words, and a script that holds the value."""
    script = HONEST + f"# {desk.number}\n".encode()
    done = desk.gate("attach", desk.id, str(desk.artifact(script)))
    assert f"to be run again: the number {desk.number} in “" in done.stdout
    assert "main.py holds the expected" in done.stdout
    (digest,) = (word for word in done.stdout.split() if len(word) == 64)
    assert f"the number {desk.number} in “" in desk.gate("show", desk.id).stdout
    assert 0 == desk.gate("detach", desk.id, digest[:12]).returncode
    assert 3 == desk.gate("detach", desk.id, digest[:12]).returncode
    assert "nothing is pending" in desk.gate("run", desk.id).stdout


def test_wrong_calls_say_what_to_do(desk: Desk) -> None:
    """Exit 2 for usage, 3 for input, one line each."""
    cases = {
        ("run",): 2,
        ("run", desk.id, "--all-pending"): 2,
        ("run", "--all-pending", "--claim", "c1"): 2,
        ("run", "sr-0000-00000000"): 3,
        ("attach", desk.id, str(desk.folder / "registry")): 3,
        ("show", "nothing"): 3,
        ("accept", desk.id, "0" * 16, "--claim", "c1", "--by", "owner", "--reason", "x"): 3,
    }
    for arguments, code in cases.items():
        done = desk.gate(*arguments)
        assert code == done.returncode, (arguments, done.stderr)
        assert "Traceback" not in done.stderr
    assert "nothing is pending" in desk.gate("run", "--all-pending").stdout


def left_running(mark: str) -> list[str]:
    """Command lines on this machine that hold a mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if mark in line and "pytest" not in line:
            found.append(line)
    return found


@pytest.mark.parametrize("part", [0.05, 0.3, 0.5, 0.7, 0.9])
def test_a_kill_leaves_no_process_and_no_half_written_verdict(desk: Desk, part: float) -> None:
    """At five moments of a run; the same command then ends with one verdict."""
    desk.attach(desk.artifact(HONEST))
    command = [*COMMAND, "gate", "run", desk.id, "--registry", str(desk.root)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    ) as process:
        time.sleep(part * 3)
        process.send_signal(signal.SIGKILL)
    desk.check()
    deadline = time.monotonic() + 20
    while left_running(str(desk.root / ".sovereign")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [] == left_running(str(desk.root / ".sovereign"))
    verdicts = Registry(desk.root).read(desk.id).record.gate.verdicts
    assert len(verdicts) + len(desk.run()) == 1
    desk.check()
