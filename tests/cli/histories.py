"""Published records and their histories for tests of the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sovereign_registry.contracts.history import Event
from sovereign_registry.store import Registry
from sovereign_registry.wiring.history import Request, add
from tests.cli.console import call

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BY = ("--by", "editor", "--reason", "For a test.")


class FixedClock:
    """A clock that stands still."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        """The time that it was given."""
        return self.at

    def monotonic(self) -> float:
        """No time passes."""
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Wait for nothing."""


def do(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a registry."""
    return call(*arguments, "--registry", str(root))


def done(root: Path, *arguments: str) -> str:
    """Run a command that must succeed."""
    finished = do(root, *arguments)
    assert 0 == finished.returncode, finished.stderr
    return finished.stdout


def enter(root: Path, record_id: str, event: Event, at: datetime = NOW, **fields: object) -> None:
    """Add one entry without starting a process."""
    request = Request(event=event, by="editor", note="For a test.", **fields)  # type: ignore[arg-type]
    add(Registry(root), record_id, request, FixedClock(at))


def correct_title(root: Path, record_id: str, title: str, at: datetime = NOW) -> None:
    """Add one correction without starting a process."""
    enter(root, record_id, Event.CORRECTION, at, sets=(f"/work/title={title}",))


def history_of(root: Path, record_id: str) -> Path:
    """The folder of a record's history."""
    return root / "manifests" / "records" / record_id / "history"


def faults(root: Path) -> str:
    """What check prints about a registry that must have a fault."""
    finished = call("check", str(root), "--quiet")
    assert 1 == finished.returncode, finished.stdout
    assert "Traceback" not in finished.stderr
    return finished.stdout
