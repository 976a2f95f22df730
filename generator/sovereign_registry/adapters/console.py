"""Progress on standard error: a live line on a terminal, plain lines elsewhere, or nothing.

Nothing is shown on a terminal before the work has taken a second, so that a quick command stays
quiet; without a terminal each step is one line, as a log needs it.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from rich.status import Status

PATIENCE_SECONDS = 1.0


class ConsoleProgress:
    """Progress on a stream; use it as a context manager so that the live line is taken away.

    Args:
        stream: Where to write; standard error by default.
        quiet: Say nothing at all.
        monotonic: Seconds of a clock that never goes back; measures patience only.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        quiet: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._live = not quiet and self._stream.isatty()
        self._monotonic = monotonic
        self._began = monotonic()
        self._title = ""
        self._held: list[str] = []
        self._status: Status | None = None
        self._guard = threading.Lock()  # roles tell from threads of their own

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def step(self, number: int, title: str) -> None:
        """Announce a numbered step."""
        self._title = f"{number:>2}  {_printable(title)}"
        self._say(self._title, self._title)

    def note(self, text: str) -> None:
        """Add a detail to the current step."""
        detail = _printable(text)
        self._say(f"    {detail}", f"{self._title}: {detail}" if self._title else detail)

    def _say(self, line: str, status: str) -> None:
        if self._quiet:
            return
        if not self._live:
            print(line, file=self._stream, flush=True)
            return
        with self._guard:
            self._held.append(line)
            if self._monotonic() - self._began >= PATIENCE_SECONDS:
                self._show(status)

    def _show(self, status: str) -> None:
        """Print the held lines above the live one."""
        from rich.console import Console  # noqa: PLC0415 - only where a terminal is
        from rich.text import Text  # noqa: PLC0415 - same

        if self._status is None:
            self._status = Console(file=self._stream).status(Text(status))
            self._status.start()
        for line in self._held:
            self._status.console.print(Text(line), highlight=False)
        self._held.clear()
        self._status.update(Text(status))


def _printable(text: str) -> str:
    """The text without characters that a terminal would act on."""
    return "".join(character if character.isprintable() else " " for character in text)
