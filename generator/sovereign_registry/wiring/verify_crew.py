"""Processes that look at records side by side, for ``verify`` of a folder.

Workers are plain subprocesses with a pipe each, in a group of their own: an interrupt reaches the
parent alone, which ends them; a worker whose parent is gone reads the end of its pipe and ends too.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, TypeVar

import msgspec

from sovereign_registry.contracts.errors import RegistryError, UsageError
from sovereign_registry.verifier.dumps import Manifests
from sovereign_registry.verifier.files import FolderFiles, SiteFault
from sovereign_registry.verifier.looking import Looked, Task, Terms, look
from sovereign_registry.verifier.slices import interned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.verifier.files import Files

T = TypeVar("T")

FEW = 48
"""Records up to which starting a worker takes longer than it saves."""
CHUNK = 8
"""Records that a worker is handed at once."""
AHEAD = 3
"""Chunks a worker that may be under way, so that memory stays bounded."""
MOST = 64
JOBS = "SOVEREIGN_JOBS"
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from sovereign_registry.wiring.verify_crew import serve; serve()"
)


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The first message to a worker."""

    folder: str
    terms: Terms


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Some records to look at."""

    tasks: tuple[Task, ...]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a chunk; with a fault, what was looked at before it."""

    looked: tuple[Looked, ...]
    fault: tuple[str, str, str] | None = None
    """(what, where, todo) of a file that could not be read at all."""


def jobs_wanted(wanted: int | None = None) -> int:
    """How many processes: as wanted, else ``SOVEREIGN_JOBS``, else the processors of this process.

    Raises:
        UsageError: ``SOVEREIGN_JOBS`` is no positive number.
    """
    named = os.environ.get(JOBS, "")
    if wanted is None and named:
        if not named.isdecimal() or int(named) < 1:
            raise UsageError(f"found {named!r}", where=JOBS, todo="Set a number of 1 or more.")
        wanted = int(named)
    return max(1, min(wanted or len(os.sched_getaffinity(0)), MOST))


class FolderCrew:
    """Looks at the records of a site, or of an unpacked dump, in a folder.

    Args:
        folder: The site's or the dump's root.
        jobs: How many processes; one is this process.
        few: Up to how many records this process looks at all by itself.
    """

    def __init__(self, folder: Path, jobs: int, few: int = FEW) -> None:
        self._folder = folder
        self._jobs = jobs
        self._few = few

    def __call__(self, terms: Terms, tasks: Sequence[Task]) -> Iterator[Looked]:
        """What came of every task, in the tasks' order.

        Raises:
            SiteFault: a file cannot be read at all.
            RegistryError: a process ended before its work did.
        """
        if self._jobs == 1 or len(tasks) <= self._few:
            yield from map(_Looker(self._folder, terms).look, tasks)
            return
        chunks = [Chunk(tasks=tuple(tasks[at : at + CHUNK])) for at in range(0, len(tasks), CHUNK)]
        jobs = min(self._jobs, len(chunks))
        pool = ThreadPoolExecutor(jobs)
        workers: list[subprocess.Popen[bytes]] = []
        try:
            hello = Hello(folder=str(self._folder), terms=terms)
            workers.extend(_start(hello) for _ in range(jobs))
            yield from _spread(pool, workers, chunks)
        finally:
            for worker in workers:
                worker.kill()  # a thread that waits for it is told so by the end of the pipe
            pool.shutdown(cancel_futures=True)
            for worker in workers:
                worker.communicate()


class _Looker:
    """Looks at records of a folder in this process."""

    def __init__(self, folder: Path, terms: Terms) -> None:
        files = FolderFiles(folder)
        self._files: Files = Manifests(files) if terms.dump else files
        self._terms = terms
        self._log: dict[str, bytes | None] = {}

    def look(self, task: Task) -> Looked:
        return look(self._files, self._of_log, self._terms, task)

    def _of_log(self, path: str) -> bytes | None:
        if path not in self._log:
            self._log[path] = self._files.find(path)
        return self._log[path]


def _start(hello: Hello) -> subprocess.Popen[bytes]:
    worker = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
        [sys.executable, "-c", _BOOT, json.dumps([entry or os.getcwd() for entry in sys.path])],  # noqa: PTH109
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    _send(worker.stdin, hello)
    return worker


def _spread(
    pool: ThreadPoolExecutor, workers: Sequence[subprocess.Popen[bytes]], chunks: Sequence[Chunk]
) -> Iterator[Looked]:
    """Hand chunks to whoever is free; what comes back is told in the order of the chunks."""
    free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def ask(chunk: Chunk) -> Reply:
        worker = free.get()
        try:
            _send(worker.stdin, chunk)
            return _receive(worker.stdout, Reply)
        finally:
            free.put(worker)

    rest = iter(chunks)
    under_way = deque(pool.submit(ask, one) for one in islice(rest, AHEAD * len(workers)))
    while under_way:
        yield from _told(under_way.popleft())
        under_way.extend(pool.submit(ask, one) for one in islice(rest, 1))


def _told(future: Future[Reply]) -> Iterator[Looked]:
    try:
        reply = future.result()
    except (OSError, EOFError, msgspec.MsgspecError) as error:
        raise RegistryError(
            f"a process that looked at records ended early ({type(error).__name__})",
            todo="Its own message stands above; --jobs 1 looks at all of them in one process.",
        ) from error
    for one in reply.looked:
        kept = None if one.slice is None else interned(one.slice)
        yield msgspec.structs.replace(one, slice=kept)
    if reply.fault is not None:
        what, where, todo = reply.fault
        raise SiteFault(what, where=where, todo=todo)


def _send(pipe: IO[bytes] | None, message: msgspec.Struct) -> None:
    """Write one frame: four bytes of length, then MessagePack."""
    data = msgspec.msgpack.encode(message)
    if pipe is None:
        raise EOFError
    pipe.write(len(data).to_bytes(4, "big"))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes] | None, kind: type[T]) -> T:
    """Read one frame.

    Raises:
        EOFError: the other side is gone.
    """
    head = b"" if pipe is None else pipe.read(4)
    size = int.from_bytes(head, "big")
    data = b"" if pipe is None else pipe.read(size)
    if len(head) < 4 or len(data) < size:  # noqa: PLR2004 - the length of the head
        raise EOFError
    return msgspec.msgpack.decode(data, type=kind)


def _do(looker: _Looker, chunk: Chunk) -> Reply:
    looked: list[Looked] = []
    try:
        for task in chunk.tasks:
            looked.append(looker.look(task))  # noqa: PERF401 - what was looked at before a fault
    except SiteFault as error:
        return Reply(looked=tuple(looked), fault=(error.what, error.where, error.todo))
    return Reply(looked=tuple(looked))


def serve() -> None:
    """Be a worker: look at chunks until the parent closes the pipe."""
    # The parent keeps standard output to itself; what anything here prints goes to standard error.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        hello = _receive(sys.stdin.buffer, Hello)
        looker = _Looker(Path(hello.folder), hello.terms)
        gc.collect()
        gc.freeze()
        gc.disable()  # a chunk is small, and what it leaves behind is collected after it
        while True:
            _send(out, _do(looker, _receive(sys.stdin.buffer, Chunk)))
            gc.collect()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        os._exit(0)
