"""What comes out of a sealed run: declared plain files, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.adapters.sealing.supervise import execute
from sovereign_registry.contracts.sealing import Ended, SealedOutcome
from tests.adapters.sealing.seal import HOSTILE, attack, came_of, job, planned

if TYPE_CHECKING:
    from pathlib import Path


def collected(name: str, *without: str) -> SealedOutcome:
    """Run one way of leaving an output."""
    declared = ("result", "deep/outputs.py", "missing")
    return execute(planned(job("outputs.py", name, outputs=declared), *without))


def test_declared_plain_files_come_out() -> None:
    """A declared file comes out as it is, a missing one is named, an undeclared one stays."""
    outcome = collected("plain")
    assert outcome.ended is Ended.EXITED
    assert outcome.outputs == {"result": b"plain", "deep/outputs.py": b"deep"}
    assert outcome.why == "it exited with 0 (missing: missing)"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("link", "result: unreadable"),
        ("link_to_process", "result: unreadable"),
        ("linked_folder", "deep/outputs.py: unreadable"),
        ("replaced_folder", "result: missing"),
        ("folder", "result: no regular file"),
        ("shut", "result: unreadable"),
    ],
)
def test_what_is_no_plain_file_stays_inside(name: str, said: str) -> None:
    """Links, folders and shut files are not handed out, and the run says so."""
    outcome = collected(name)
    assert outcome.ended is Ended.EXITED, outcome
    assert outcome.exit_code == 0, outcome
    assert outcome.outputs == {}
    assert said in outcome.why


def test_the_filter_lets_no_pipe_or_device_be_made() -> None:
    """Neither a FIFO nor a device can be left as an output."""
    for name in ("fifo", "device"):
        outcome = collected(name)
        assert outcome.exit_code == 1
        assert outcome.outputs == {}
        assert "missing" in outcome.why


def test_a_pipe_is_refused_and_blocks_nobody() -> None:
    """Without the filter a FIFO can be made; it is refused without waiting for its other end."""
    outcome = collected("fifo", "filter")
    assert outcome.exit_code == 0
    assert "result: no regular file" in outcome.why
    assert outcome.wall_seconds < 10


def test_links_are_followed_without_the_check() -> None:
    """The check for links is what keeps them in."""
    assert collected("link", "links").outputs["result"]
    assert collected("linked_folder", "links").outputs["deep/outputs.py"] == (
        HOSTILE.joinpath("outputs.py").read_bytes()
    )


def test_a_folder_is_no_file_for_want_of_a_name() -> None:
    """The check for kinds is what tells a folder from a file: without it the run breaks off."""
    assert collected("folder", "kinds").ended is Ended.KILLED


def test_outputs_have_a_size() -> None:
    """An output beyond its size ends as that, also where the size is only a claim."""
    for name in ("large", "sparse"):
        outcome = collected(name)
        assert outcome.ended is Ended.OUTPUT_LIMIT, outcome
        assert outcome.outputs == {}
        assert len(collected(name, "outputs").outputs["result"]) >= 1024 * 1024


def test_nothing_is_kept_between_runs(host: dict[str, Any], open_folder: Path) -> None:
    """A second run finds nothing of the first, unless its scratch is a folder of the host."""
    for _ in range(2):
        assert came_of(attack("attacks", "remember", host)) == {"through": False, "seen": "[]"}
    for _ in range(2):
        outcome = attack("attacks", "remember", host, "kept-shm", extra=str(open_folder))
    assert came_of(outcome) == {"through": True, "seen": "['/dev/shm/left']"}
