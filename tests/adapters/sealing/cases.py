"""Every attack with the protections that stop it, and how each bomb must end."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec

from sovereign_registry.contracts.sealing import Ended


class Attack(msgspec.Struct, frozen=True):
    """One attack of ``hostile/attacks.py``."""

    without: tuple[str, ...]
    """Protections (``seal.WEAKER``) that must all be gone before it gets through; none is named
    for one that the kernel itself stops whatever we do."""
    exercisable: Callable[[], bool] | None = None
    """Whether this kernel would let it through unsealed; None where every kernel does, so that it
    must bite."""


def _kernel(path: str, *allowing: str) -> bool:
    """Whether a setting of the kernel is one of those that let an attack through."""
    try:
        return Path("/proc/sys", path).read_text("ascii").strip() in allowing
    except OSError:
        return False


def _family(name: str) -> bool:
    try:
        socket.socket(
            getattr(socket, name), socket.SOCK_SEQPACKET if name == "AF_ALG" else 1
        ).close()
    except OSError:
        return False
    return True


def _queues() -> bool:
    return Path("/proc/sys/fs/mqueue").is_dir()


def _keyrings() -> bool:
    return Path("/proc/keys").exists()


def _packets() -> bool:
    return Path("/proc/net/packet").exists()


def _perf() -> bool:
    return _kernel("kernel/perf_event_paranoid", "-1", "0", "1", "2")


def _ring() -> bool:
    ctypes.set_errno(0)
    number, room = ctypes.c_long(425), ctypes.create_string_buffer(120)
    made = ctypes.CDLL(None, use_errno=True).syscall(number, ctypes.c_long(4), room)
    if made >= 0:
        os.close(made)
    return made >= 0 and _kernel("kernel/io_uring_disabled", "0")


def _programs() -> bool:
    return _kernel("kernel/unprivileged_bpf_disabled", "0")


def _page_faults() -> bool:
    # UFFD_USER_MODE_ONLY needs no privilege where the call is there at all.
    return Path("/proc/sys/vm/unprivileged_userfaultfd").exists()


def _type_ahead() -> bool:
    return _kernel("dev/tty/legacy_tiocsti", "1")


def _never() -> bool:
    return False


ATTACKS: dict[str, Attack] = {
    "tcp": Attack(("net", "filter")),
    "udp6": Attack(("net", "filter")),
    "abstract": Attack(("net", "filter")),
    "interfaces": Attack(("net",), lambda: len(socket.if_nameindex()) > 1),
    "listeners": Attack(("net",)),
    "netlink": Attack(("filter",)),
    "packet": Attack(("filter", "capabilities", "nesting", "ids"), _packets),
    "vsock": Attack(("filter",), lambda: _family("AF_VSOCK")),
    "crypto": Attack(("filter",), lambda: _family("AF_ALG")),
    "pair": Attack(("filter",)),
    "accounts": Attack(("system",)),
    "kernel_objects": Attack(("system",)),
    "packages": Attack(("packages",)),
    "shared_memory_file": Attack(("dev", "shm", "read-only-dev")),
    "write_job": Attack(("job",)),
    "write_environment": Attack(("environment",)),
    "write_root": Attack(("read-only-root",)),
    "write_dev": Attack(("read-only-dev",)),
    "descriptors": Attack(("kept-descriptors",)),
    "see_process": Attack(("pid",)),
    "kill_process": Attack(("pid",)),
    "kill_supervisor": Attack(("pid",)),
    "first_process": Attack(("undumpable",)),
    "trace": Attack(("filter",)),
    "read_memory": Attack(("filter",)),
    "session": Attack(("session",)),
    "type_ahead": Attack(("filter",), _type_ahead),
    "system_v_memory": Attack(("ipc", "filter")),
    "system_v_list": Attack(("ipc",)),
    "message_queue": Attack(("ipc", "filter"), _queues),
    "host_name": Attack(("uts",)),
    "nested": Attack(("nesting", "filter")),
    "mount": Attack(("filter", "capabilities", "nesting", "ids")),
    "mount_nested": Attack(("nesting", "filter")),
    "keyring": Attack(("filter",), _keyrings),
    "programs": Attack(("filter",), _programs),
    "ring": Attack(("filter", "MEMLOCK"), _ring),
    "counters": Attack(("filter",), _perf),
    "page_faults": Attack(("filter",), _page_faults),
    "powers": Attack(("capabilities",)),
    # Stopped by the kernel for every ordinary user, or set by bubblewrap whatever it is told.
    "settings": Attack((), _never),
    "gain": Attack((), _never),
}

NAMESPACES = {
    "cgroup": ("cgroup",),
    "ipc": ("ipc",),
    "net": ("net",),
    "pid": ("pid",),
    "uts": ("uts",),
}
"""Namespaces that can be given back one at a time; bubblewrap has no mode without the other two."""


class Bomb(msgspec.Struct, frozen=True):
    """One attack of ``hostile/bombs.py``."""

    ends: tuple[Ended, ...]
    """How it may end under the seal."""
    without: tuple[str, ...]
    exercisable: Callable[[], bool] | None = None


BOMBS: dict[str, Bomb] = {
    "processes": Bomb((Ended.PROCESS_LIMIT,), ("watch", "NPROC")),
    "threads": Bomb((Ended.PROCESS_LIMIT,), ("watch", "NPROC", "AS")),
    "memory": Bomb((Ended.OUT_OF_MEMORY,), ("watch",)),
    "many_memories": Bomb((Ended.OUT_OF_MEMORY,), ("watch",)),
    "shared_pages": Bomb((Ended.OUT_OF_MEMORY,), ("watch",)),
    "shared_files": Bomb((Ended.OUT_OF_MEMORY, Ended.EXITED), ("watch", "shm-size")),
    # It does not come to a limit: the call is not there.
    "hidden_files": Bomb((Ended.EXITED,), ("filter",)),
    "disk": Bomb((Ended.EXITED,), ("scratch-size",)),
    "large_file": Bomb((Ended.OUTPUT_LIMIT, Ended.EXITED), ("scratch-size", "FSIZE")),
    "root_disk": Bomb((Ended.EXITED,), ("read-only-root",)),
    "many_files": Bomb((Ended.OUTPUT_LIMIT,), ("watch",)),
    "print_much": Bomb((Ended.OUTPUT_LIMIT,), ("streams",)),
    "complain_much": Bomb((Ended.OUTPUT_LIMIT,), ("streams",)),
    "clock": Bomb((Ended.TIMED_OUT,), ("clock",)),
    "processor": Bomb((Ended.TIMED_OUT,), ("watch",)),
}

MUST_BITE = frozenset(name for name, one in ATTACKS.items() if one.exercisable is None) | frozenset(
    name for name, one in BOMBS.items() if one.exercisable is None
)
"""Attacks that every supported kernel lets through unsealed: to see one stopped is a failure."""
