"""The first process inside the seal: starts the job, ends all others, hands out what was declared.

A script of its own, handed to the sealed interpreter as text; its one argument is JSON.  As process
1 it cannot be killed from inside, and when it ends the kernel ends everything beside it.  It is not
trusted: what it reports is read as the job's own word, and the limits are watched from outside.

The report, on a pipe: one JSON document a line; an output's line is followed by its bytes.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import stat
import sys

# Without typing and contextlib, which cost start-up time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCRATCH = "/scratch"
PR_SET_DUMPABLE = 4
MANY_FILES = 4096
CANNOT_START = 127


def main(config: dict[str, Any]) -> None:
    """Run ``config["argv"]`` and report on ``config["report"]``, a file descriptor."""
    if os.getpid() != 1:
        sys.exit("stage: not the first process of a namespace, so nothing is run")
    report = int(config["report"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.closerange(3, report)
    os.closerange(report + 1, MANY_FILES)
    os.set_inheritable(report, False)  # noqa: FBT003 - the function has no other form
    # Memory, environment and open files of this process are then out of the job's reach.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    for name in ("out", "tmp"):
        os.mkdir(f"{SCRATCH}/{name}", 0o700)  # noqa: PTH102 - pathlib costs start-up time here
    out = os.open(f"{SCRATCH}/out", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    tell(report, {"started": True})
    job = os.fork()
    if job == 0:
        become(config)
    ended = wait_for(job)
    room = os.statvfs(SCRATCH)
    tell(report, {**ended, "scratch_full": room.f_bavail == 0 or room.f_favail == 0})
    left = int(config["output_bytes"])
    for number, name in enumerate(config["outputs"]):
        left -= hand_out(report, out, number, name, left)
    tell(report, {"done": True})


def become(config: dict[str, Any]) -> None:
    """Turn into the job; does not return."""
    try:
        for one in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(one, signal.SIG_DFL)
        for name, most in config["rlimits"].items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
        argv = config["argv"]
        os.execvpe(argv[0], argv, config["environment"])  # noqa: S606 - no shell is what we want
    except (OSError, ValueError) as error:
        os.write(2, f"cannot start the command: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(CANNOT_START)


def wait_for(job: int) -> dict[str, Any]:
    """Wait for the job, then end and reap everything that it left running."""
    while True:
        pid, status, _ = os.wait4(-1, 0)
        if pid == job:
            break
    # Anywhere but in a namespace of our own, "all" would be all of the user's.
    if os.getpid() == 1:
        end_all()
    code = os.waitstatus_to_exitcode(status)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return {"code": max(code, 0), "signal": max(-code, 0), "peak": most}


def end_all() -> None:
    """Kill and reap every other process inside."""
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.wait4(-1, 0)
    except (ProcessLookupError, ChildProcessError):
        return


def hand_out(report: int, out: int, number: int, name: str, left: int) -> int:
    """Report one declared output; its size, or 0 where it is not handed out."""
    file = size = -1
    try:
        file = open_plain(out, name)
        facts = os.fstat(file)
        size = facts.st_size
        fault = "" if stat.S_ISREG(facts.st_mode) else "no regular file"
        if not fault and size > left:
            fault = "too large"
    except FileNotFoundError:
        fault = "missing"
    except OSError as error:
        fault = f"unreadable ({error.strerror})"
    if fault:
        size = 0
    tell(report, {"output": number, "bytes": size, "fault": fault})
    sent = 0
    while sent < size:
        # Nobody else is alive to shorten it.
        sent += os.sendfile(report, file, sent, size - sent)
    if file >= 0:
        os.close(file)
    return size


def open_plain(out: int, name: str) -> int:
    """Open a path below ``out`` for reading; no link is followed on the way, and nothing waits."""
    *folders, last = name.split("/")
    folder = os.dup(out)
    try:
        for one in folders:
            inner = os.open(one, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        return os.open(last, flags, dir_fd=folder)
    finally:
        os.close(folder)


def tell(report: int, line: dict[str, Any]) -> None:
    """Send one line of the report."""
    rest = json.dumps(line).encode() + b"\n"
    while rest:
        rest = rest[os.write(report, rest) :]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
