"""Looking at records side by side gives what looking at them one after another gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.verifier.files import FolderFiles, SiteFault
from sovereign_registry.verifier.looking import Task, Terms
from sovereign_registry.verifier.verify import verify_site
from sovereign_registry.wiring.verify_crew import FolderCrew, jobs_wanted
from tests.verifier.sites import IMPORTED, RETRACTED, WITH_HISTORY, World, faults

if TYPE_CHECKING:
    from sovereign_registry.verifier.findings import Report


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logged and sealed site of one computed record and three imported ones."""
    world = World(tmp_path_factory.mktemp("crew"))
    world.adopt(1)
    for record in (IMPORTED, WITH_HISTORY, RETRACTED):
        world.import_record(record)
    world.correct(WITH_HISTORY, "Another title")
    world.log()
    world.publish()
    return world.output


def report(site: Path, jobs: int) -> Report:
    """The report of a check with so many processes, however few records there are."""
    return verify_site(FolderFiles(site), crew=FolderCrew(site, jobs, few=0))


def test_two_processes_report_what_one_reports(site: Path) -> None:
    """A site in order: the same checks, counts, files and bytes, as without any crew."""
    alone = verify_site(FolderFiles(site))
    assert faults(alone) == ""
    assert report(site, 1) == report(site, 2) == alone


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("manifest.yaml", b"id: 1\n"),
        ("index.html", b"<p data-shown='title'>Another</p>"),
        ("bundle.zip", b"PK"),
        ("record.json", b"{}"),
        ("history/0002-correction.yaml", b"\x00"),
    ],
)
def test_faults_are_told_in_the_same_order(site: Path, name: str, data: bytes) -> None:
    """Of two records at once, in the order of their ids, whoever was done first."""
    paths = [
        path
        for record in (IMPORTED, WITH_HISTORY)
        if (path := site / "records" / record / name).exists()
    ]
    kept = {path: path.read_bytes() for path in paths}
    try:
        for path in paths:
            path.write_bytes(data)
        one, two = report(site, 1), report(site, 2)
    finally:
        for path, before in kept.items():
            path.write_bytes(before)
    assert one.faults
    assert one == two


def test_a_file_that_cannot_be_read_stops_both(site: Path) -> None:
    """With the same error: a page that is a link to something else."""
    page = site / "records" / WITH_HISTORY / "index.html"
    kept = page.read_bytes()
    page.unlink()
    page.symlink_to("/etc/hostname")
    said = []
    try:
        for jobs in (1, 2):
            with pytest.raises(SiteFault) as caught:
                report(site, jobs)
            said.append(str(caught.value))
    finally:
        page.unlink()
        page.write_bytes(kept)
    assert said[0] == said[1]
    assert f"records/{WITH_HISTORY}/index.html: cannot be read" in said[0]


def test_whoever_stops_asking_leaves_no_process_behind(site: Path) -> None:
    """The workers end with the first result that nobody takes."""
    before = children()
    tasks = [Task(id=f"sr-2605-{number:08d}", beside=frozenset()) for number in range(200)]
    looks = FolderCrew(site, 2)(Terms(), tasks)
    assert next(looks).id == "sr-2605-00000000"
    assert len(children()) == len(before) + 2
    looks.close()  # type: ignore[attr-defined]  # it is a generator
    assert children() == before


def children() -> set[str]:
    """The processes that this one has started and that are still there."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


INTERRUPTED = """
import os, sys
from pathlib import Path
from sovereign_registry.verifier.looking import Task, Terms
from sovereign_registry.wiring.verify_crew import FolderCrew
tasks = [Task(id=f"sr-2605-{n:08d}", beside=frozenset()) for n in range(400_000)]
try:
    for one in FolderCrew(Path(sys.argv[1]), 2)(Terms(), tasks):
        if one.id.endswith("00000"):
            print(one.id, flush=True)
except KeyboardInterrupt:
    print("left:", Path(f"/proc/self/task/{os.getpid()}/children").read_text(), flush=True)
"""


def test_an_interrupt_ends_all_of_them_quietly(site: Path) -> None:
    """As Ctrl-C does: a signal to the whole group; nobody prints a traceback, nobody stays."""
    run = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(site)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert "sr-" in run.stdout.readline()
    time.sleep(0.1)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=20)
    assert out.splitlines()[-1].strip() == "left:"
    assert err == ""


def test_the_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As named, else as the environment says, else all processors; nonsense is refused."""
    assert jobs_wanted(3) == 3
    monkeypatch.setenv("SOVEREIGN_JOBS", "2")
    assert jobs_wanted() == 2
    monkeypatch.delenv("SOVEREIGN_JOBS")
    assert jobs_wanted() == len(os.sched_getaffinity(0))
    monkeypatch.setenv("SOVEREIGN_JOBS", "none")
    with pytest.raises(UsageError, match="SOVEREIGN_JOBS: found 'none'"):
        jobs_wanted()
