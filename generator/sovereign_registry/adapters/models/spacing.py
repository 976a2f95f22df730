"""Starts of requests spaced for an account's limit, for all threads and processes of a user.

A hosted service counts requests a minute for the whole account.  A small file in the user's cache
folder holds the moment before which nobody may start the next request; whoever comes after it
moves it on by the interval, under the file's lock, and starts.  Requests overlap: only their starts
are spaced.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLACK = 1.05
"""Starts lie this much farther apart than the rate allows: at 40 a minute 1.575 s instead of 1.5 s.
So 95% of the allowance is used, and a request that the network delays by up to 3 s more than
another one does not make one too many of any 60 seconds."""

FARTHEST_SECONDS = 24 * 3600.0
"""A moment farther ahead than this was written by a clock that was wrong, and is ignored."""

LENGTH = 24
"""Characters of the moment; whatever else a damaged file holds is neither read nor removed."""


class Spacing:
    """The right to start, one request after another.

    Args:
        file: Shared by all who use the same account; created if missing.
        rate: Requests a minute that the account allows, above 0.
    """

    def __init__(self, file: Path, rate: float) -> None:
        if not rate > 0:
            message = f"a rate of {rate} requests a minute allows no request"
            raise ValueError(message)
        self._file = file
        self.interval = 60.0 / rate * SLACK

    def take(self) -> float:
        """Take the right to start now and return 0.0, or return the seconds to wait.

        Raises:
            BadInput: the file cannot be written.
        """
        with self._locked() as handle:
            now = time.time()
            wait = _read(handle, now) - now
            if wait > 0:
                return wait
            _write(handle, now + self.interval)
            return 0.0

    def hold(self, seconds: float) -> None:
        """Let nobody start within so many seconds from now.

        Raises:
            BadInput: the file cannot be written.
        """
        with self._locked() as handle:
            now = time.time()
            until = now + min(seconds, FARTHEST_SECONDS)
            if until > _read(handle, now):
                _write(handle, until)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The open file under its lock, which is held for microseconds."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield handle
            finally:
                os.close(handle)
        except OSError as error:
            raise BadInput(
                f"the rate limit's file cannot be used ({error.strerror})",
                where=str(self._file),
                todo="Make room or name another folder by XDG_CACHE_HOME.",
            ) from error


def _read(handle: int, now: float) -> float:
    """The moment before which nobody may start; 0.0 for a new or unreadable file."""
    try:
        moment = float(os.pread(handle, LENGTH, 0).decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return 0.0
    return moment if moment - now <= FARTHEST_SECONDS else 0.0  # NaN compares false


def _write(handle: int, moment: float) -> None:
    """One write of fixed length, so that no reader ever meets a shorter text."""
    os.pwrite(handle, f"{moment:0{LENGTH}.6f}".encode("ascii"), 0)
