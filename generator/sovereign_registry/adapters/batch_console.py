"""A batch's progress on standard error: a live bar on a terminal, one line a question elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress, TaskID

_MINUTE = 60
_HOUR = 3600


class BatchConsole:
    """Shows how far a batch is; use it as a context manager.

    Args:
        total: Questions of the agenda.
        stream: Where to write; standard error by default.
        quiet: Say nothing at all.
        monotonic: Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        total: int,
        stream: TextIO | None = None,
        *,
        quiet: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = total
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._live = not quiet and self._stream.isatty()
        self._monotonic = monotonic
        self._began = monotonic()
        self._running: set[int] = set()
        self._ended = self._new = 0
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._live:
            from rich.console import Console  # noqa: PLC0415 - only where a terminal is
            from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - same

            self._progress = Progress(
                BarColumn(bar_width=24),
                TextColumn("{task.description}", markup=False),
                console=Console(file=self._stream),
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task(self._words(0), total=self._total)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._progress:
            self._progress.stop()

    def running(self, place: int) -> None:
        """A question is in work."""
        self._running.add(place)
        self._show(0)

    def ended(self, place: int, line: str, *, new: bool, requests: int) -> None:
        """A question has its record, or failed.

        Args:
            place: Its place in the agenda.
            line: What became of it.
            new: Whether it took work, so that it counts for the time that is left.
            requests: Requests sent to model servers so far.
        """
        self._running.discard(place)
        self._ended += 1
        self._new += new
        text = _printable(f"{self._ended:>{len(str(self._total))}}/{self._total}  {line}")
        if self._progress:
            self._progress.console.print(text, markup=False, highlight=False)
            self._show(requests)
        elif not self._quiet:
            print(text, file=self._stream, flush=True)

    def say(self, text: str) -> None:
        """Say something at once."""
        if self._progress:
            self._progress.console.print(_printable(text), markup=False, highlight=False)
        elif not self._quiet:
            print(_printable(text), file=self._stream, flush=True)

    def _show(self, requests: int) -> None:
        if self._progress and self._task is not None:
            self._progress.update(
                self._task, completed=self._ended, description=self._words(requests)
            )

    def _words(self, requests: int) -> str:
        waiting = self._total - self._ended - len(self._running)
        parts = [f"{self._ended} done, {len(self._running)} running, {waiting} waiting"]
        if requests:
            parts.append(f"{requests:,} requests")
        if self._new and self._ended < self._total:
            each = (self._monotonic() - self._began) / self._new
            parts.append(f"about {_duration(each * (self._total - self._ended))} left")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    """``45 s``, ``12 min`` or ``3 h 5 min``."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR / _MINUTE:.0f} min"


def _printable(text: str) -> str:
    """The text without characters that a terminal would act on."""
    return "".join(character if character.isprintable() else " " for character in text)
