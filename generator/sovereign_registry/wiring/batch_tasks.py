"""What a batch has done for one question, in whatever process or machine that runs it.

Functions and values here travel between processes: they are plain, and a task names the registry by
its folder, which every worker has to see under the same path.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import ModelFailure, NearQuestion, RegistryError
from sovereign_registry.contracts.evidence import Evidence
from sovereign_registry.contracts.first_use import look_at
from sovereign_registry.contracts.history import HistoryEntry
from sovereign_registry.contracts.manifest import Manifest
from sovereign_registry.store import Registry
from sovereign_registry.wiring.answering import Ask, Outcome, Worked, known, prepare_ask, work
from sovereign_registry.wiring.live import live_ports
from sovereign_registry.wiring.live_meaning import require_new_question
from sovereign_registry.wiring.ports import RegistryNeighbours, neighbours

if TYPE_CHECKING:
    from collections.abc import Iterator

# A cluster may run several questions in one process.
look_at(Manifest, HistoryEntry, Evidence)

Row = tuple[str, str, str]
"""Id, question and title of a record."""


class Ended(StrEnum):
    """How work on one question ended."""

    FOUND = "found"
    """Its record was there already."""
    WORKED = "worked"
    """Its record is made and waits for its turn to be published."""
    BUSY = "busy"
    """Another batch works on the same record right now."""
    STOPPED = "stopped"
    """The batch was asked to stop."""
    NEAR = "near"
    """The registry holds the question, or nearly so, and its options do not allow that."""
    FAILED = "failed"
    """An error, which the others do not share."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One question to work on."""

    root: str
    """The registry's folder, absolute."""
    place: int
    """The question's place in the agenda."""
    ask: Ask
    expected: tuple[Row, ...] = ()
    """Records that will be published before this one's turn and are much like it."""
    stop: str = ""
    """A file whose being there asks to stop."""
    wait: bool = False
    """Whether to wait for another batch that works on the same record."""
    parent: int = 0
    """The process that leads the batch."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of a task."""

    place: int
    ended: Ended
    seconds: float
    outcome: Outcome | None = None
    """Where it was found."""
    worked: Worked | None = None
    error: str = ""
    fault: str = ""
    """Of a model server's failure: its kind."""


class Stopped(Exception):
    """The batch was asked to stop."""


class StopProgress:
    """Progress of a worker: says nothing, and ends the work at the next step when asked to."""

    def __init__(self, stop: str) -> None:
        self._stop = stop

    def step(self, _number: int, _title: str) -> None:
        """Go on, or stop.

        Raises:
            Stopped: the batch was asked to stop.
        """
        if self._stop and os.path.exists(self._stop):  # noqa: PTH110 - a path that travelled
            raise Stopped

    def note(self, _text: str) -> None:
        """Say nothing."""


def do(task: Task) -> Done:
    """Work on one question up to its turn to be published; never raises for the question's sake."""
    _leave_interrupts_to(task.parent)
    began = time.monotonic()
    found: Done
    try:
        with _in_work if _watched.is_set() else nullcontext():
            found = _do(task)
    except Stopped:
        found = _done(task, Ended.STOPPED)
    except (RegistryError, OSError) as error:
        ended = Ended.NEAR if isinstance(error, NearQuestion) else Ended.FAILED
        fault = error.fault if isinstance(error, ModelFailure) else ""
        found = _done(task, ended, error=str(error), fault=fault)
    except Exception as error:  # noqa: BLE001 - a defect met by one question must not stop the rest
        text = f"unexpected {type(error).__name__}: {error}. Run this question alone to see where."
        found = _done(task, Ended.FAILED, error=text)
    return replace(found, seconds=round(time.monotonic() - began, 3))


def _do(task: Task) -> Done:
    registry = Registry(Path(task.root))
    progress = StopProgress(task.stop)
    progress.step(0, "Begin")
    prepared, ports = prepare_ask(registry, task.ask, progress)
    outcome = known(registry, prepared.id)
    if outcome:
        return _done(task, Ended.FOUND, outcome=outcome)
    with claimed(registry, prepared.id, wait=task.wait) as mine:
        if not mine:
            return _done(task, Ended.BUSY)
        outcome = known(registry, prepared.id)
        if outcome:
            return _done(task, Ended.FOUND, outcome=outcome)
        compared = with_expected(neighbours(registry), task.expected)
        ports = replace(ports, neighbours=compared)
        with live_ports(registry, ports, prepared.id, task.ask.live) as live:
            require_new_question(prepared, live, task.ask.live)
            worked = work(prepared, live)
    return _done(task, Ended.WORKED, worked=worked)


def _done(  # noqa: PLR0913 - one argument a field
    task: Task,
    ended: Ended,
    *,
    outcome: Outcome | None = None,
    worked: Worked | None = None,
    error: str = "",
    fault: str = "",
) -> Done:
    return Done(
        place=task.place,
        ended=ended,
        seconds=0.0,
        outcome=outcome,
        worked=worked,
        error=error,
        fault=fault,
    )


def with_expected(held: RegistryNeighbours, expected: tuple[Row, ...]) -> RegistryNeighbours:
    """The registry's records and those that are about to be among them."""
    rows = {row[0]: row for row in (*expected, *held.texts(without=""))}
    return RegistryNeighbours(list(rows.values()), held.abstracts)


@contextmanager
def claimed(registry: Registry, record_id: str, *, wait: bool) -> Iterator[bool]:
    """Hold the work on one record; a kill releases it.

    Args:
        registry: The registry.
        record_id: The record that the work leads to.
        wait: Whether to wait for whoever holds it; otherwise False is given where somebody does.
    """
    folder = registry.root / ".sovereign" / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record_id}.lock"
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


_watched = threading.Event()
_in_work = threading.Lock()
"""Held by a worker process that watches its parent while it works on a task."""


def end_with_parent(parent: int) -> None:
    """Let this worker process end once the process that leads the batch is gone.

    What is in work is finished first, so that replies that are on their way are kept.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        with _in_work:
            os._exit(1)

    _watched.set()
    threading.Thread(target=watch, daemon=True).start()


def _leave_interrupts_to(parent: int) -> None:
    """A terminal's Ctrl-C reaches every process; only the one that leads the batch acts on it."""
    away = parent not in {0, os.getpid()}
    if away and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
