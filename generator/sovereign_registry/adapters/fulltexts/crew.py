"""Starts, feeds, watches and ends the processes that parse; one a format, reused within a run."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.parsed import Answer, Unreadable
from sovereign_registry.contracts.errors import SourceFailure

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from sovereign_registry.adapters.fulltexts.parsed import Found, ReaderName

_MODULE = "sovereign_registry.adapters.fulltexts.worker"
_ROOT = Path(__file__).resolve().parents[3]
_SIGNALS = {
    signal.SIGXCPU: "reading it takes more processor time than it may",
    signal.SIGKILL: "reading it was ended by the system",
}


class Crew:
    """Parses files in processes of their own, one file at a time.

    Args:
        seconds: Wall time for one file, the start of a process included.
    """

    def __init__(self, seconds: float = limits.WALL_SECONDS) -> None:
        self._seconds = seconds
        self._turn = threading.Lock()
        self._processes: dict[ReaderName, subprocess.Popen[bytes]] = {}
        # Whoever forgets to close leaves no process behind, nor does the end of the program.
        weakref.finalize(self, _end_all, self._processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes; the crew can still be used, and starts new ones then."""
        _end_all(self._processes)

    def parse(self, name: ReaderName, body: bytes) -> Found:
        """Parse a file.

        Raises:
            Unreadable: the parser refused the file, failed, or was ended at a limit.
            SourceFailure: no process can be started.
        """
        with self._turn:
            return self._parse(name, body)

    def _parse(self, name: ReaderName, body: bytes) -> Found:
        process = self._process(name)
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, end)
        timer.daemon = True
        timer.start()
        try:
            data = _ask(process, body)
        except BaseException:
            self._end(name)  # its answer must not be taken for that to the next file
            raise
        finally:
            timer.cancel()
        if data is None:
            raise Unreadable(self._why(name, late=late.is_set()))
        try:
            answer = msgspec.json.decode(data, type=Answer)
        except msgspec.MsgspecError as error:
            self._end(name)
            raise Unreadable("the parser's answer breaks its contract") from error
        if answer.found is None:
            if "memory" in answer.reason:
                self._end(name)  # what it could not free must not hurt the next file
            raise Unreadable(answer.reason)
        return answer.found

    def _process(self, name: ReaderName) -> subprocess.Popen[bytes]:
        process = self._processes.get(name)
        if process is not None and process.poll() is None:
            return process
        if process is not None:
            self._end(name)
        self._processes[name] = _started(name)
        return self._processes[name]

    def _why(self, name: ReaderName, *, late: bool) -> str:
        code = self._end(name)
        if late:
            return f"reading it takes longer than {self._seconds:.0f} seconds"
        if code < 0:
            number = signal.Signals(-code)
            return _SIGNALS.get(number, f"the parser crashed ({number.name})")
        return "the parser ended without an answer"

    def _end(self, name: ReaderName) -> int:
        return _ended(self._processes.pop(name))


def _started(name: ReaderName) -> subprocess.Popen[bytes]:
    """A new process; neither keys nor settings of ours are handed on to it.

    Raises:
        SourceFailure: the system starts none.
    """
    try:
        return subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-B", "-P", "-m", _MODULE, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise SourceFailure(
            f"no process can be started to read full texts: {error.strerror or error}",
            where=sys.executable,
            todo="Free some memory or processes, then run the same command again.",
        ) from error


def _end_all(processes: dict[ReaderName, subprocess.Popen[bytes]]) -> None:
    while processes:
        _ended(processes.popitem()[1])


def _ended(process: subprocess.Popen[bytes]) -> int:
    """End a process and return its code; it ends by itself once its input is closed."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # what was not sent cannot be sent any more
                stream.close()
    try:
        return process.wait(0.2)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _ask(process: subprocess.Popen[bytes], body: bytes) -> bytes | None:
    """Send a file and take the answer's bytes; None where the process ended or broke the form."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(b"%d\n" % len(body))
        process.stdin.write(body)
        process.stdin.flush()
        head = process.stdout.readline(32)
        if not head.strip().isdigit() or int(head) > limits.REPLY_BYTES:
            return None
        data = process.stdout.read(int(head))
    except OSError:
        return None
    return data if len(data) == int(head) else None
