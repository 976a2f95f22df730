"""The parent's side of the workers: chunks go out in order, replies come back.

The first fault stops everything.

Workers are plain subprocesses with a pipe each: a fork of a process that runs threads is not safe,
and ``multiprocessing`` would import the parent's main module, Pelican and all, into each of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO, Self

import msgspec

from sovereign_registry.contracts import errors
from sovereign_registry.contracts.errors import BuildFailed, RegistryError
from sovereign_registry.website.worker import Chunk, Fault, Hello, Reply, receive, send

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sovereign_registry.website.setup import Setup

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from sovereign_registry.website.worker import main; main()"
)


def worker_count(wanted: int | None = None) -> int:
    """How many workers: as wanted, else ``SOVEREIGN_JOBS``, else the processors of this process.

    Raises:
        BuildFailed: ``SOVEREIGN_JOBS`` is no positive number.
    """
    named = os.environ.get("SOVEREIGN_JOBS", "")
    if wanted is None and named:
        if not named.isdecimal() or int(named) < 1:
            raise BuildFailed(
                f"found {named!r}", where="SOVEREIGN_JOBS", todo="Set a number of 1 or more."
            )
        wanted = int(named)
    return max(1, min(wanted or len(os.sched_getaffinity(0)), 64))


class Pool:
    """Workers for one build.

    Args:
        setup: What they have to know.
        jobs: How many.
    """

    def __init__(self, setup: Setup, jobs: int) -> None:
        self._workers = [_start(setup, segment) for segment in range(jobs)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Send the workers home."""
        for worker in self._workers:
            for pipe in (worker.stdin, worker.stdout):
                if pipe is not None:
                    pipe.close()
            worker.terminate()
            worker.wait()

    def tell(self, chunk: Chunk) -> None:
        """Have every worker do the same chunk.

        Raises:
            RegistryError: one of them failed.
        """
        for worker in self._workers:
            _Desk([chunk], lambda _: None).only(worker)

    def run(
        self,
        chunks: Sequence[Chunk],
        take: Callable[[Reply], None],
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """Have every chunk done; ``take`` is called with each reply, one at a time.

        Args:
            chunks: The work.
            take: Called from other threads than this one.
            meanwhile: What this process does while it waits.

        Raises:
            RegistryError: the fault of the first chunk that has one.
        """
        desk = _Desk(chunks, take)
        threads = [
            threading.Thread(target=desk.serve, args=(worker,), daemon=True)
            for worker in self._workers
        ]
        for thread in threads:
            thread.start()
        try:
            if meanwhile is not None:
                meanwhile()
        except BaseException:
            desk.stop()
            raise
        finally:
            for thread in threads:
                thread.join()
        desk.close()


def _start(setup: Setup, segment: int) -> subprocess.Popen[bytes]:
    worker = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
        [sys.executable, "-c", _BOOT, json.dumps([entry or os.getcwd() for entry in sys.path])],  # noqa: PTH109
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    send(_pipe(worker.stdin), Hello(setup=setup, segment=segment))
    return worker


def _pipe(pipe: object) -> BinaryIO:
    return pipe  # type: ignore[return-value]  # both were asked for as PIPE


class _Desk:
    """Hands out chunks to whoever is free and collects what comes back."""

    def __init__(self, chunks: Sequence[Chunk], take: Callable[[Reply], None]) -> None:
        self._chunks = chunks
        self._take = take
        self._next = 0
        self._lock = threading.Lock()
        self._faults: dict[int, RegistryError] = {}
        self._broken: Exception | None = None
        self._stopped = False

    def only(self, worker: subprocess.Popen[bytes]) -> None:
        """Have one worker do everything.

        Raises:
            RegistryError: it failed.
        """
        self.serve(worker)
        self.close()

    def stop(self) -> None:
        """Hand out nothing more."""
        with self._lock:
            self._stopped = True

    def _draw(self) -> int | None:
        with self._lock:
            done = self._next >= len(self._chunks)
            if done or self._faults or self._broken or self._stopped:
                return None
            self._next += 1
            return self._next - 1

    def serve(self, worker: subprocess.Popen[bytes]) -> None:
        """Keep one worker busy until nothing is left or something failed."""
        while (number := self._draw()) is not None:
            try:
                send(_pipe(worker.stdin), self._chunks[number])
                reply = receive(_pipe(worker.stdout), Reply)
            except (OSError, EOFError, msgspec.MsgspecError) as error:
                with self._lock:
                    self._broken = error
                return
            with self._lock:
                try:
                    self._take(reply)
                except Exception as error:  # noqa: BLE001 - raised again by close
                    self._broken = error
                if reply.fault is not None:
                    self._faults[number] = revive(reply.fault)

    def close(self) -> None:
        """Raise what went wrong; chunks go out in order, so the first fault is always the same."""
        if self._faults:
            raise self._faults[min(self._faults)]
        if self._broken is not None:
            raise BuildFailed(
                f"a render worker ended early: {self._broken!r}",
                todo="Its own message stands above; SOVEREIGN_JOBS=1 builds without workers.",
            ) from self._broken


def revive(fault: Fault) -> RegistryError:
    """The error that a worker reported."""
    kind = getattr(errors, fault.kind, BuildFailed)
    error = kind(fault.what, where=fault.where, todo=fault.todo)
    return error if isinstance(error, RegistryError) else BuildFailed(fault.what)
