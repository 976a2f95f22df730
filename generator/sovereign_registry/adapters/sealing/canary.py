"""Tries, from inside the seal, what the seal must stop, and writes down what came of it.

A script of its own.  ``/out/canary.json``: what was tried by name, with ``held`` and what was seen.
The variable ``HOST_PATHS`` holds paths of the host that must not be there, ``DISK_BYTES`` how much
scratch there is.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import socket
import sys
from pathlib import Path

NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
FAMILIES = ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG")
# Numbers on x86_64 and on aarch64.
CALLS = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "mount": (165, 40),
    "mq_open": (240, 180),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "process_vm_readv": (310, 270),
    "ptrace": (101, 117),
    "setns": (308, 268),
    "shmget": (29, 194),
    "socketpair": (53, 199),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
CLONE = (56, 220)
CLONE_NEWUSER = 0x1000_0000
SIGCHLD = 17
ALLOWED_VARIABLES = frozenset(
    {
        "DISK_BYTES",
        "HOME",
        "HOST_PATHS",
        "LANG",
        "LC_ALL",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHASHSEED",
        "PYTHONNOUSERSITE",
        "TMPDIR",
        "TZ",
    }
)

_libc = ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: int) -> int:
    """Error number of a system call; 0 where it succeeded."""
    ctypes.set_errno(0)
    result = _libc.syscall(ctypes.c_long(number), *(ctypes.c_long(one) for one in arguments))
    return 0 if result >= 0 else ctypes.get_errno()


def network() -> tuple[bool, str]:
    """No socket of any family, and no interface but the loopback of an empty namespace."""
    made = []
    for name in FAMILIES:
        try:
            socket.socket(getattr(socket, name), socket.SOCK_RAW if name == "AF_PACKET" else 1)
            made.append(name)
        except OSError as error:
            if error.errno != errno.ENOSYS:
                made.append(f"{name} ({error.strerror})")
    lines = Path("/proc/net/dev").read_text("ascii").splitlines()[2:]
    others = sorted({line.split(":")[0].strip() for line in lines} - {"lo"})
    return not made and not others, f"sockets {made or 'none'}, interfaces beside lo {others}"


def host_files() -> tuple[bool, str]:
    """No path of the host is there."""
    there = [one for one in os.environ["HOST_PATHS"].split(":") if os.path.lexists(one)]
    return not there, f"seen {there}"


def writes() -> tuple[bool, str]:
    """Nothing but scratch can be written."""
    made = []
    for folder in ("/", "/usr", "/usr/bin", "/etc", "/job", "/dev", "/proc", sys.base_prefix):
        try:
            Path(folder, "canary").write_text("x", "ascii")
            made.append(folder)
        except OSError:
            continue
    for name in ("kernel/hostname", "kernel/core_pattern", "vm/drop_caches", "net/ipv4/ip_forward"):
        try:
            Path("/proc/sys", name).write_text("1", "ascii")
            made.append(name)
        except OSError:
            continue
    return not made, f"written {made}"


def processes() -> tuple[bool, str]:
    """Only process 1 of the seal and this one are there, and process 1 tells nothing."""
    others = sorted({one for one in os.listdir("/proc") if one.isdecimal()} - {"1"})  # noqa: PTH208
    told = []
    for name in ("environ", "mem", "maps", "fd"):
        try:
            os.close(os.open(f"/proc/1/{name}", os.O_RDONLY))
            told.append(name)
        except OSError:
            continue
    alone = others == [str(os.getpid())]
    return alone and not told, f"processes {others}, of process 1 {told}"


def variables() -> tuple[bool, str]:
    """No variable of the host came in."""
    others = sorted(set(os.environ) - ALLOWED_VARIABLES)
    return not others, f"others {others}"


def privileges() -> tuple[bool, str]:
    """An ordinary user, no capability, no new privileges, a filter."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    powers = [one for one in ("CapInh", "CapPrm", "CapEff", "CapAmb") if int(status[one], 16)]
    seen = f"uid {os.getuid()}, {powers or 'no capability'}, " + ", ".join(
        f"{one} {status[one]}" for one in ("NoNewPrivs", "Seccomp")
    )
    return seen == "uid 65534, no capability, NoNewPrivs 1, Seccomp 2", seen


def calls() -> tuple[bool, str]:
    """System calls outside the list look as if they did not exist."""
    machine = ("x86_64", "aarch64").index(os.uname().machine)
    passed = [
        name
        for name, numbers in CALLS.items()
        if call(numbers[machine], 0, 0, 0, 0, 0) != errno.ENOSYS
    ]
    if call(CLONE[machine], CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) != errno.EPERM:
        passed.append("clone with a new user namespace")
    return not passed, f"passed {passed}"


def disk() -> tuple[bool, str]:
    """Scratch ends at its size, however many files share it."""
    most, written = int(os.environ["DISK_BYTES"]), 0
    folder = Path("/tmp/canary")  # noqa: S108 - inside the seal
    folder.mkdir()
    seen = ""
    for number in range(8):
        try:
            written += folder.joinpath(str(number)).write_bytes(bytes(most // 4))
        except OSError as error:
            seen = f", then {error.strerror}"
            break
    shutil.rmtree(folder)
    return written <= most, f"{written} of {most} bytes written{seen}"


def main() -> None:
    """Try everything and write the result."""
    checks = (network, host_files, writes, processes, variables, privileges, calls, disk)
    result = {}
    for check in checks:
        try:
            held, seen = check()
        except Exception as error:  # noqa: BLE001 - whatever it is, the check has not held
            held, seen = False, f"{type(error).__name__}: {error}"
        result[check.__name__] = {"held": held, "seen": seen}
    namespaces = {one: os.readlink(f"/proc/self/ns/{one}") for one in NAMESPACES}  # noqa: PTH115
    text = json.dumps({"checks": result, "namespaces": namespaces})
    Path("/out/canary.json").write_text(text, "ascii")


if __name__ == "__main__":
    main()
