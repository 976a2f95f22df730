"""A budget of requests and tokens that threads and processes share."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import BadInput, ModelFailure
from sovereign_registry.contracts.first_use import look_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 4096


class Spent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was used so far."""

    requests: int = 0
    """Requests that were sent, those sent again included; replies that were kept cost nothing."""
    tokens: int = 0
    """Tokens that the servers counted; for one that does not count, a quarter of the bytes sent
    and received."""


look_at(Spent)


class Budget:
    """Counts what is spent in a small locked file, and refuses what goes beyond.

    Args:
        file: The count; created if missing, kept over a kill.
        max_requests: Requests in all; None for no limit.
        max_tokens: Tokens in all.  Known after each reply only, so calls that are in flight when
            the limit is reached may exceed it; None for no limit.
    """

    def __init__(
        self, file: Path, max_requests: int | None = None, max_tokens: int | None = None
    ) -> None:
        self._file = file
        self._max_requests = max_requests
        self._max_tokens = max_tokens

    @property
    def spent(self) -> Spent:
        """What was used so far."""
        with self._locked() as handle:
            return self._read(handle)

    def take(self) -> None:
        """Count one request before it is sent.

        Raises:
            ModelFailure: BUDGET, and nothing was counted.
            BadInput: the file cannot be used.
        """
        with self._locked() as handle:
            spent = self._read(handle)
            for used, limit, unit in (
                (spent.requests, self._max_requests, "requests"),
                (spent.tokens, self._max_tokens, "tokens"),
            ):
                if limit is not None and used >= limit:
                    raise ModelFailure(
                        f"the budget of {limit:,} {unit} is spent ({used:,} used)",
                        fault=CallFault.BUDGET,
                        where="--budget",
                        todo="Run the same command with a larger budget: what was answered is "
                        "kept and costs nothing again.",
                    )
            self._write(handle, msgspec.structs.replace(spent, requests=spent.requests + 1))

    def add_tokens(self, count: int) -> None:
        """Count the tokens of a reply.

        Raises:
            BadInput: the file cannot be used.
        """
        with self._locked() as handle:
            spent = self._read(handle)
            self._write(handle, msgspec.structs.replace(spent, tokens=spent.tokens + count))

    def _read(self, handle: int) -> Spent:
        data = os.pread(handle, MAX_BYTES, 0).strip()
        if not data:
            return Spent()
        try:
            return msgspec.json.decode(data, type=Spent)
        except msgspec.DecodeError as error:
            raise BadInput(
                f"the count of what was spent cannot be read ({error})",
                where=str(self._file),
                todo="Delete the file to count from zero again.",
            ) from error

    @staticmethod
    def _write(handle: int, spent: Spent) -> None:
        """One write of fixed length over the old one: a kill leaves the old count or the new."""
        os.pwrite(handle, msgspec.json.encode(spent).ljust(128), 0)

    @contextmanager
    def _locked(self) -> Iterator[int]:
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
                f"the count of what was spent cannot be kept ({error.strerror})",
                where=str(self._file),
                todo="Make room and run again.",
            ) from error
