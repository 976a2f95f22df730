"""Runs an agenda: work is spread, records are published one after another in the running order.

What is published does not depend on which worker finishes first, so the bytes are the same for one
worker and for many, on this machine and on a cluster, undisturbed and after any number of kills.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import msgspec

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.adapters.models.budget import Budget
from sovereign_registry.adapters.models.kept import CallStore
from sovereign_registry.contracts.agenda import running_order
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import NearQuestion, RegistryError
from sovereign_registry.store import Registry
from sovereign_registry.wiring.answering import ask_ports, settle
from sovereign_registry.wiring.batch_plan import alike, rounds, windows
from sovereign_registry.wiring.batch_report import BatchReport, BatchRow
from sovereign_registry.wiring.batch_state import StateFile
from sovereign_registry.wiring.batch_tasks import Ended, StopProgress, Task, do
from sovereign_registry.wiring.live import live_ports
from sovereign_registry.wiring.models import calls_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sovereign_registry.wiring.answering import Ask, Outcome
    from sovereign_registry.wiring.batch_order import Order
    from sovereign_registry.wiring.batch_spread import Spread
    from sovereign_registry.wiring.batch_tasks import Done

SAVE_EVERY_SECONDS = 1.0
OPEN = frozenset({"failed", "not reached", "stopped"})
"""What is tried again; a batch with none of these has come to its end."""


class BatchView(Protocol):
    """Shows how far a batch is; nothing depends on it."""

    def running(self, place: int) -> None:
        """A question is in work."""
        ...

    def ended(self, place: int, report: BatchReport) -> None:
        """A question has its record, or failed."""
        ...

    def stopping(self) -> None:
        """The batch was asked to stop."""
        ...


@dataclass(kw_only=True)
class _Batch:
    """A batch under way."""

    order: Order
    registry: Registry
    state: StateFile
    budget: Budget
    view: BatchView
    rows: list[BatchRow]
    began: float = field(default_factory=time.monotonic)
    saved: float = 0.0
    halted: bool = False
    """Whether no more records are published: asked to stop, or the budget is spent."""

    def report(self, *, finished: bool = False) -> BatchReport:
        spent = self.budget.spent
        return BatchReport(
            agenda_sha256=self.order.sha256,
            began=self.state.began,
            finished=finished,
            seconds=round(time.monotonic() - self.began, 1),
            requests=spent.requests,
            tokens=spent.tokens,
            rows=tuple(self.rows),
        )

    def set(self, place: int, **fields: object) -> BatchRow:
        row = msgspec.structs.replace(self.rows[place], **fields)
        self.rows[place] = row
        return row

    def ask(self, place: int) -> Ask:
        """The question as a part of this batch: its first day, and what it may spend."""
        ask = self.order.asks[place]
        live = replace(
            ask.live,
            budget_file=str(self.state.spent),
            max_requests=self.order.max_requests,
            max_tokens=self.order.max_tokens,
        )
        return replace(ask, live=live, since=self.state.began)

    def tell(self, place: int) -> None:
        report = self.report()
        self.view.ended(place, report)
        if time.monotonic() - self.saved > SAVE_EVERY_SECONDS:
            self.state.save(report)
            self.saved = time.monotonic()


def run_agenda(order: Order, spread: Spread, view: BatchView) -> tuple[BatchReport, bool]:
    """Run an agenda to its end, or until it is asked to stop.

    Returns:
        What came of it, and whether it was interrupted.

    Raises:
        RegistryError: the folder is no registry, or the workers cannot be had.
    """
    root = order.root.resolve()
    registry = Registry(root)
    today = SystemClock().now().strftime("%Y-%m-%d")
    state = StateFile(root, order.sha256, today)
    batch = _Batch(
        order=order,
        registry=registry,
        state=state,
        budget=Budget(state.spent),
        view=view,
        rows=[
            BatchRow(line=line, question=one.question, state="not reached")
            for line, one in zip(order.lines, order.questions, strict=True)
        ],
    )
    state.save(batch.report())
    with _interruptible(batch) as interrupted, spread.open():
        for window in windows(running_order(order.questions)):
            if not batch.halted:
                _run_window(batch, window, spread)
    for place, row in enumerate(batch.rows):
        if row.state == "running":
            batch.set(place, state="stopped")
    finished = not any(row.state in OPEN for row in batch.rows)
    report = batch.report(finished=finished)
    state.save(report)
    return report, interrupted()


@contextmanager
def _interruptible(batch: _Batch) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a request to stop; the second one ends the batch at once."""
    stop, asked = batch.state.stop, threading.Event()

    def on_interrupt(_number: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        batch.halted = True
        stop.touch()
        batch.view.stopping()

    main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT) if main else signal.SIG_IGN
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, on_interrupt)
    stop.unlink(missing_ok=True)
    try:
        yield asked.is_set
    finally:
        stop.unlink(missing_ok=True)
        if before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, before)


def _run_window(batch: _Batch, window: Sequence[int], spread: Spread) -> None:
    """Work on the window's questions round by round, and settle each at its turn."""
    before = alike(window, {place: batch.order.questions[place].question for place in window})
    done: dict[int, Done] = {}
    turns = iter(window)
    turn = next(turns, None)
    for places in rounds(window, before):
        for result in spread.run(_tasks(batch, places, before, done)):
            done[result.place] = result
            if result.fault == CallFault.BUDGET:
                batch.halted = True
                batch.state.stop.touch()
            while turn is not None and turn in done:
                _turn(batch, done, turn)
                turn = next(turns, None)
        if batch.halted:
            break
    for place, result in done.items():
        if batch.rows[place].state == "running":  # its turn did not come
            batch.set(place, state="stopped", seconds=result.seconds, error=result.error)


def _tasks(
    batch: _Batch,
    places: Sequence[int],
    before: Mapping[int, Sequence[int]],
    done: Mapping[int, Done],
) -> Iterator[Task]:
    for place in places:
        if batch.halted:
            return
        batch.set(place, state="running")
        batch.view.running(place)
        ended = (done[other] for other in before[place] if other in done)
        rows = (one.worked.row for one in ended if one.worked)
        yield Task(
            root=str(batch.registry.root),
            place=place,
            ask=batch.ask(place),
            expected=tuple(row for row in rows if row),
            stop=str(batch.state.stop),
            parent=os.getpid(),
        )


def _turn(batch: _Batch, done: dict[int, Done], place: int) -> None:
    """Publish what came of one question; after a question that was stopped, nothing more."""
    result = done[place]
    if result.ended is Ended.BUSY and not batch.halted:
        task = Task(
            root=str(batch.registry.root),
            place=place,
            ask=batch.ask(place),
            stop=str(batch.state.stop),
            wait=True,
        )
        result = done[place] = do(task)
    spent = result.fault == CallFault.BUDGET
    if spent or result.ended in {Ended.STOPPED, Ended.BUSY}:
        batch.halted = True
        batch.set(place, state="stopped", seconds=result.seconds, error=result.error)
    elif result.ended in {Ended.FAILED, Ended.NEAR}:
        state = result.ended.value
        batch.set(place, state=state, seconds=result.seconds, error=result.error)
    elif result.ended is Ended.WORKED and any(row.state == "stopped" for row in batch.rows):
        batch.set(place, state="stopped", seconds=result.seconds)
    else:
        _settle(batch, result, place)
    done[place] = replace(result, worked=None)  # it is published: nothing needs its bytes again
    batch.tell(place)


def _settle(batch: _Batch, result: Done, place: int) -> None:
    outcome, worked, ask = result.outcome, result.worked, batch.ask(place)
    try:
        if outcome is None and worked is not None:
            ports = ask_ports(batch.registry, ask, StopProgress(""))
            with live_ports(batch.registry, ports, worked.prepared.id, ask.live) as live:
                outcome = settle(batch.registry, worked, live, ask.live)
    except (RegistryError, OSError) as error:
        state = Ended.NEAR if isinstance(error, NearQuestion) else Ended.FAILED
        batch.set(place, state=state.value, seconds=result.seconds, error=str(error))
        return
    if outcome:
        _settled(batch, result, place, outcome)


def _settled(batch: _Batch, result: Done, place: int, outcome: Outcome) -> None:
    calls = list(CallStore(calls_folder(batch.registry.root, outcome.id)).calls())
    tokens = sum((one.prompt_tokens or 0) + (one.completion_tokens or 0) for one in calls)
    batch.set(
        place,
        state=outcome.state,
        requests=len(calls),
        tokens=tokens,
        record=outcome.id,
        found=outcome.found,
        score=outcome.score,
        verdict=outcome.verdict,
        policy=outcome.policy,
        seconds=result.seconds,
    )
