"""One request at a time, and never more often than the interval, for all threads and processes.

arXiv's terms ask for one request per three seconds over a single connection, whatever the number of
programs.  A lock file in the cache folder holds the time before which nobody may send; whoever
holds the lock may send when that time has come.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import SourceFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INTERVAL_SECONDS = 3.0
"""https://info.arxiv.org/help/api/tou.html: no more than one request every three seconds."""

LONGEST_WAIT_SECONDS = 120.0
"""Longer than this nobody is kept waiting; the error says until when the source asked to wait."""


class Turn:
    """The right to send one request."""

    def __init__(self, interval: float) -> None:
        self.pause = interval

    def hold(self, seconds: float) -> None:
        """Let the next request, whoever sends it, wait at least this long."""
        self.pause = max(self.pause, seconds)


class Limiter:
    """Hands out turns to send.

    Args:
        lock_file: Shared by all who talk to the same host; created if missing.
        interval: Seconds between the end of a request and the start of the next, at least 0.
        longest_wait: Seconds after which waiting is given up.
    """

    def __init__(
        self,
        lock_file: Path,
        interval: float = INTERVAL_SECONDS,
        longest_wait: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self._lock_file = lock_file
        self._interval = interval
        self._longest_wait = longest_wait

    @contextlib.contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait for the right to send; the next one waits from the end of the block.

        Raises:
            SourceFailure: the source asked for a longer wait than is reasonable here.
        """
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        # The lock belongs to the open file, so each turn opens its own: that is what makes
        # threads of one process wait for each other too.
        handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._wait(handle)
            turn = Turn(self._interval)
            _write(handle, time.time() + self._interval)  # in case this process is killed
            try:
                yield turn
            finally:
                _write(handle, time.time() + turn.pause)
        finally:
            os.close(handle)

    def _wait(self, handle: int) -> None:
        left = _read(handle) - time.time()
        if left > self._longest_wait:
            raise SourceFailure(
                f"the source asked not to be called again for another {left:.0f} seconds",
                where=str(self._lock_file),
                todo="Try again after that time; delete the file if the clock was wrong.",
            )
        if left > 0:
            time.sleep(left)


def _read(handle: int) -> float:
    """The time before which nobody may send; 0.0 for a new or unreadable file."""
    try:
        return float(os.pread(handle, 64, 0).decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return 0.0


def _write(handle: int, moment: float) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{moment:.6f}".encode("ascii"), 0)
