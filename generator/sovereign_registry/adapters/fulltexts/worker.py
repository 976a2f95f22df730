"""The process that parses: one format, one file after the other, within hard limits.

It is started by :mod:`crew`, loads its one parser, and then closes the doors that cost nothing to
close: no file can be opened or made any more, no process started, no more memory taken than the
limit.  Each request is one line of JSON with the number of bytes that follow; each answer is one
line with the number of bytes of JSON that follow.
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.parsed import Answer, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.adapters.fulltexts.parsed import Found

_READERS = ("html", "latex", "pdf")


def _close_doors() -> None:
    """Set the limits that hold for the whole life of the process."""
    for kind, limit in (
        (resource.RLIMIT_AS, limits.MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        _, hard = resource.getrlimit(kind)
        least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(kind, (least, least))
        except ValueError:
            if sys.platform == "linux":  # elsewhere a system may lack one of these limits
                raise


def _grant_time() -> None:
    """Allow one file's share of processor time from now on; beyond it the system ends us."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime) + limits.CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def answer(read: Callable[[bytes], Found], body: bytes) -> Answer:
    """Parse one file; whatever goes wrong is a reason, never an exception."""
    try:
        return Answer(found=read(body), reason="")
    except Unreadable as error:
        return Answer(found=None, reason=str(error)[:300])
    except MemoryError:
        return Answer(found=None, reason="reading it takes more memory than it may")
    except RecursionError:
        return Answer(found=None, reason="it is nested too deeply")
    except Exception as error:  # noqa: BLE001 - a parser may fail on hostile bytes in any way
        return Answer(found=None, reason=f"the parser failed ({type(error).__name__})")


def serve(name: str, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until the input ends."""
    reader = importlib.import_module(f"sovereign_registry.adapters.fulltexts.{name}")
    read = reader.read
    reader.warm_up()
    _close_doors()
    while line := source.readline(64):
        body = source.read(int(line))
        _grant_time()
        data = msgspec.json.encode(answer(read, body))
        if len(data) > limits.REPLY_BYTES:
            refusal = Answer(found=None, reason="its text is longer than it may be")
            data = msgspec.json.encode(refusal)
        sink.write(b"%d\n" % len(data) + data)
        sink.flush()


def main() -> None:
    """Serve one format on standard input and output; parsers' own messages go nowhere."""
    (name,) = sys.argv[1:]
    if name not in _READERS:
        raise SystemExit(2)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)
    serve(name, source, sink)


if __name__ == "__main__":
    main()
