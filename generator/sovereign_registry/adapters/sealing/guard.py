"""Stands between the command and the seal: starts bubblewrap and takes everything down with it.

A script of its own, run by the interpreter of the command; its one argument is JSON.  It ends the
seal when its lifeline closes, which the kernel does for a command that is killed, and it is the
heir of every process that loses its parent, so none is left behind.  It runs nothing hostile.

Started as root it makes a mount namespace of its own, so that folders which only root can reach
can be shown to an ordinary user, and bubblewrap runs as that user; the kernel forgets the mounts
with the last process in it.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
import time

# Without typing and contextlib, which cost start-up time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CLONE_NEWNS = 0x0002_0000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 0x1000, 0x4000, 1 << 18
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
EXIT_NOT_SEALED = 125
PATIENCE_SECONDS = 5.0
# The lifeline tells at once; this is for one that a copy of the command's process holds open.
PARENT_CHECK_MILLISECONDS = 250
# One of these is covered in a mount namespace of our own; no program or library lies there.
SHOWN_AT = ("/mnt", "/media", "/srv", "/tmp")  # noqa: S108 - never written to
MANY_FILES = 4096

_libc = ctypes.CDLL(None, use_errno=True)


def main(config: dict[str, Any]) -> int:
    """Run the seal to its end; returns the exit code of bubblewrap."""
    lifeline = int(config["lifeline"])
    os.set_inheritable(lifeline, False)  # noqa: FBT003 - the function has no other form
    sources = config["sources"]
    if config["uid"] is not None:
        sources = show(sources)
    command = [filled(one, sources) for one in config["command"]]
    demand(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "become the heir of orphans")
    me = os.getpid()
    child = os.fork()
    if child == 0:
        become(command, config["uid"], me)
    os.closerange(0, 2)
    os.closerange(3, lifeline)
    os.closerange(lifeline + 1, MANY_FILES)
    seal = os.pidfd_open(child)
    poll = select.poll()
    poll.register(lifeline, select.POLLIN | select.POLLHUP)
    poll.register(seal, select.POLLIN)
    ready: list[int] = []
    while not ready and os.getppid() == config["parent"]:
        ready = [number for number, _ in poll.poll(PARENT_CHECK_MILLISECONDS)]
    if seal not in ready:
        end_inside(child, seal)
    status = os.waitpid(child, 0)[1]
    end_orphans()
    return max(os.waitstatus_to_exitcode(status), 0)


def filled(argument: str, sources: list[str]) -> str:
    """An argument, or the source that it stands for (``@0``, ``@1`` ...)."""
    return sources[int(argument[1:])] if argument.startswith("@") else argument


def show(sources: list[str]) -> list[str]:
    """Bind each source where an ordinary user can reach it; returns the new paths."""
    if _libc.unshare(CLONE_NEWNS) != 0:
        # A container whose root may not mount: what everybody can reach still works.
        return sources
    demand(_mount(None, "/", None, MS_REC | MS_PRIVATE), "make the mounts private")
    handles = [os.open(one, os.O_PATH | os.O_DIRECTORY) for one in sources]
    covered = next(one for one in SHOWN_AT if os.path.isdir(one))  # noqa: PTH112 - start-up time
    demand(_mount("tmpfs", covered, "tmpfs", MS_NOSUID | MS_NODEV), "mount a private folder")
    shown = []
    for number, handle in enumerate(handles):
        place = f"{covered}/{number}"
        os.mkdir(place, 0o755)  # noqa: PTH102 - pathlib costs start-up time here
        bound = _mount(f"/proc/self/fd/{handle}", place, None, MS_BIND | MS_REC)
        demand(bound, f"bind {sources[number]}")
        os.close(handle)
        shown.append(place)
    return shown


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> int:
    encoded = [None if one is None else one.encode() for one in (source, target, kind)]
    return int(_libc.mount(*encoded, ctypes.c_ulong(flags), None))


def demand(result: int, what: str) -> None:
    """Raise where a call of the C library failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot {what}: {os.strerror(number)}")


def become(command: list[str], uid: int | None, parent: int) -> None:
    """Turn into bubblewrap, as an ordinary user and with an empty environment."""
    try:
        # Where memory runs out on the host, the job goes first.
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as stream:  # noqa: PTH123
            stream.write("1000")
        if uid is not None:
            drop_to(uid)
        demand(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "die with the guard")
        if os.getppid() == parent:
            os.execve(command[0], command, {})  # noqa: S606 - no shell is what we want
    except OSError as error:
        os.write(2, f"guard: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(EXIT_NOT_SEALED)


def drop_to(uid: int) -> None:
    """Become an ordinary user for good."""
    try:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        raise OSError(
            error.errno, f"cannot change from root to user {uid}: {error.strerror}"
        ) from error


def children(pid: int) -> list[int]:
    """The children of all threads of a process; empty where it is gone."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as stream:  # noqa: PTH123
                found += [int(one) for one in stream.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return found


def end_inside(seal: int, handle: int) -> None:
    """Kill process 1 of the sandbox, with which all others go; then bubblewrap itself."""
    for one in children(seal):
        kill(one, seal)
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        return


def kill(pid: int, parent: int) -> None:
    """Kill a process by a handle that was its when it was still our descendant; wait for it."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if pid in children(parent):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], PATIENCE_SECONDS)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


def end_orphans() -> None:
    """Kill and reap what was left to us."""
    me = os.getpid()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for one in children(me):
            kill(one, me)
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.005)
        except ChildProcessError:
            return


if __name__ == "__main__":
    try:
        sys.exit(main(json.loads(sys.argv[1])))
    except OSError as problem:
        os.write(2, f"guard: {problem}\n".encode("utf-8", "replace"))
        sys.exit(EXIT_NOT_SEALED)
