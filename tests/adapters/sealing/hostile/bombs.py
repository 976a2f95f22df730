"""Attacks on the limits, run inside the seal by ``run.py``.

Each uses up more than it may and says so where nobody stops it.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

World = dict[str, Any]
Result = tuple[bool, str]
MIB = 1024 * 1024


def processes(world: World) -> Result:
    """Start many processes."""
    made = 0
    try:
        for _ in range(world["processes"]):
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
            made += 1
    except OSError:
        time.sleep(1)
    time.sleep(0.2)
    return made == world["processes"], f"{made} processes"


def threads(world: World) -> Result:
    """Start many threads."""
    made = 0
    try:
        for _ in range(world["processes"]):
            threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
            made += 1
    except RuntimeError:
        time.sleep(1)
    time.sleep(0.2)
    sys.stdout.flush()
    return made == world["processes"], f"{made} threads"


def memory(world: World) -> Result:
    """Hold much memory in one process."""
    held = bytearray(world["memory"])
    time.sleep(0.3)
    return len(held) == world["memory"], f"{len(held)} bytes"


def many_memories(world: World) -> Result:
    """Hold much memory in many processes, each within its own limit."""
    share = world["memory"] // 6
    for _ in range(6):
        if os.fork() == 0:
            held = bytearray(share)
            time.sleep(1.5)
            os._exit(len(held) != share)
    codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(6)]
    return not any(codes), str(codes)


def shared_pages(world: World) -> Result:
    """Hold much memory in a mapping that two processes share."""
    held = mmap.mmap(-1, world["memory"])
    os.fork()
    for at in range(0, world["memory"], 4096):
        held[at] = 1
    time.sleep(0.3)
    return True, f"{len(held)} bytes"


def shared_files(world: World) -> Result:
    """Hold much memory in shared memory that no process maps."""
    for number in range(world["memory"] // (2 * MIB)):
        Path(f"/dev/shm/{number}").write_bytes(bytes(2 * MIB))
    time.sleep(0.3)
    return True, "written"


def hidden_files(world: World) -> Result:
    """Hold much memory in files that have no name."""
    for _ in range(world["memory"] // (2 * MIB)):
        os.write(os.memfd_create("x"), bytes(2 * MIB))
    time.sleep(0.3)
    return True, "written"


def disk(world: World) -> Result:
    """Fill scratch with many files, each within the limit of one."""
    for number in range(world["disk"] // MIB):
        Path(f"/tmp/{number}").write_bytes(bytes(MIB))
    return True, "written"


def large_file(world: World) -> Result:
    """Write one file that is larger than it may."""
    with Path("/tmp/large").open("wb") as stream:
        stream.truncate(world["disk"])
    return True, "written"


def root_disk(world: World) -> Result:
    """Fill the root folder, which has no size."""
    for number in range(world["disk"] // MIB):
        Path(f"/{number}").write_bytes(bytes(MIB))
    return True, "written"


def many_files(world: World) -> Result:
    """Make many empty files, which fill the kernel and no disk."""
    for number in range(world["files"]):
        os.close(os.open(f"/tmp/{number}", os.O_CREAT | os.O_WRONLY))
    time.sleep(0.3)
    return True, "made"


def long_names(_: World) -> Result:
    """Use the longest names in the deepest folders."""
    os.chdir("/out")
    for _depth in range(60):
        os.mkdir("x" * 255)
        os.chdir("x" * 255)
    Path("\n" * 200 + "\x1b[2J").write_text("x", "ascii")
    return False, "made"


def print_much(world: World) -> Result:
    """Print much."""
    return _flood(1, world)


def complain_much(world: World) -> Result:
    """Print much to standard error."""
    return _flood(2, world)


def _flood(stream: int, world: World) -> Result:
    written = 0
    while written < world["stream"]:
        written += os.write(stream, b"x" * 65536)
    return True, f"{written} bytes"


def clock(world: World) -> Result:
    """Sleep longer than allowed, deaf to signals."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.closerange(0, 1)
    time.sleep(world["seconds"])
    return True, "slept"


def processor(world: World) -> Result:
    """Use the processor in two processes, each within its own limit."""
    until = world["seconds"]
    other = os.fork()
    while time.process_time() < until:
        pass
    if other == 0:
        os._exit(0)
    os.wait()
    return True, "used"
