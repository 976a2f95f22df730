"""Attacks on the seal, run inside it by ``run.py``.

Each returns whether it got through and what it saw.  An attack that raises has not got through.
None needs the registry's code.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

World = dict[str, Any]
Result = tuple[bool, str]

CLONE_NEWUSER, CLONE_NEWNS = 0x1000_0000, 0x0002_0000
PTRACE_TRACEME = 0
# Numbers on x86_64 and on aarch64.
NUMBERS = {
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "perf_event_open": (298, 241),
    "process_vm_readv": (310, 270),
    "userfaultfd": (323, 282),
}
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.shmat.restype = ctypes.c_void_p


def call(name: str, *arguments: object) -> int:
    """A system call by its number.

    Raises:
        OSError: it failed.
    """
    number = NUMBERS[name][("x86_64", "aarch64").index(os.uname().machine)]
    plain = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    return checked(LIBC.syscall(ctypes.c_long(number), *plain))


def checked(result: int) -> int:
    """The result of a C function, or its error as an exception."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def tcp(world: World) -> Result:
    """Reach a server of the host over IPv4."""
    with socket.create_connection(("127.0.0.1", world["tcp"]), timeout=2) as link:
        return link.recv(6) == b"secret", "connected"


def udp6(world: World) -> Result:
    """Send a datagram to the host over IPv6 and be answered."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as link:
        link.settimeout(2)
        link.sendto(b"x", ("::1", world["udp6"]))
        return link.recv(6) == b"secret", "answered"


def abstract(world: World) -> Result:
    """Reach an abstract UNIX socket, which lies in no folder."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(2)
        link.connect("\0" + world["abstract"])
        return link.recv(6) == b"secret", "connected"


def netlink(_: World) -> Result:
    """Talk to the kernel's routing."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        link.bind((0, 0))
        return True, "bound"


def packet(_: World) -> Result:
    """Open a raw packet socket."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW):
        return True, "made"


def vsock(_: World) -> Result:
    """Open a socket to the machine's host, which no namespace covers."""
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM):
        return True, "made"


def crypto(_: World) -> Result:
    """Reach the kernel's ciphers."""
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET):
        return True, "made"


def pair(_: World) -> Result:
    """Make a pair of sockets, whose buffers are memory that nobody counts."""
    one, other = socket.socketpair()
    one.close()
    other.close()
    return True, "made"


def interfaces(_: World) -> Result:
    """See the network interfaces of the host."""
    lines = Path("/proc/net/dev").read_text("ascii").splitlines()[2:]
    names = sorted({line.split(":")[0].strip() for line in lines} - {"lo"})
    return bool(names), str(names)


def listeners(world: World) -> Result:
    """See who listens on the host."""
    found = f":{world['tcp']:04X} " in Path("/proc/net/tcp").read_text("ascii")
    return found, "listed" if found else "not listed"


def accounts(_: World) -> Result:
    """Read the accounts of the host, by all paths that lead out of a folder."""
    ways = (
        "/etc/passwd",
        "/job/../etc/passwd",
        "/proc/1/root/etc/passwd",
        "/proc/self/root/etc/passwd",
    )
    read = [one for one in ways if os.access(one, os.R_OK)]
    return bool(read), str(read)


def kernel_objects(_: World) -> Result:
    """Look at the kernel's objects."""
    found = os.listdir("/sys")
    return bool(found), str(found[:3])


def shared_memory_file(world: World) -> Result:
    """Read POSIX shared memory of the host."""
    return Path("/dev/shm", world["shm"]).read_bytes() == b"secret", "read"


def write_job(_: World) -> Result:
    """Change the artifact that is being run."""
    return _write("/job/changed")


def write_environment(_: World) -> Result:
    """Change the dependencies of later runs."""
    return _write("/env/changed")


def write_root(_: World) -> Result:
    """Write beside the scratch folders, where nothing has a size."""
    return _write("/changed")


def write_dev(_: World) -> Result:
    """Write among the devices, where nothing has a size."""
    return _write("/dev/changed")


def _write(path: str) -> Result:
    Path(path).write_text("x", "ascii")
    return True, f"wrote {path}"


def descriptors(_: World) -> Result:
    """Use files that were left open."""
    own = os.open("/", os.O_RDONLY)
    found = []
    for number in range(3, 1024):
        if number == own:
            continue
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            continue
    return bool(found), str(found)


def see_process(world: World) -> Result:
    """See a process of the host."""
    command = Path(f"/proc/{world['victim']}/cmdline").read_bytes()
    return world["nap"].encode() in command, str(command)


def kill_process(world: World) -> Result:
    """Kill a process of the host."""
    os.kill(world["victim"], signal.SIGKILL)
    return True, "sent"


def kill_supervisor(_: World) -> Result:
    """Kill whatever started this process."""
    parent = os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        os.kill(parent, number)
    time.sleep(0.3)
    return os.getppid() != parent, f"the parent of {os.getpid()} is {os.getppid()}"


def first_process(_: World) -> Result:
    """Write into the memory of process 1."""
    os.close(os.open("/proc/1/mem", os.O_RDWR))
    return True, "opened"


def first_environment(world: World) -> Result:
    """Read the variables that the command was started with."""
    seen = Path("/proc/1/environ").read_bytes()
    return world["token"].encode() in seen, f"{len(seen)} bytes"


def trace(_: World) -> Result:
    """Trace a process."""
    child = os.fork()
    if child == 0:
        os._exit(0 if LIBC.ptrace(PTRACE_TRACEME, 0, None, None) == 0 else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code == 0, f"code {code}"


def read_memory(_: World) -> Result:
    """Read another process's memory."""
    secret = ctypes.create_string_buffer(b"secret")
    got = ctypes.create_string_buffer(6)
    one = (ctypes.c_size_t * 2)(ctypes.addressof(got), 6)
    other = (ctypes.c_size_t * 2)(ctypes.addressof(secret), 6)
    call("process_vm_readv", os.getpid(), ctypes.byref(one), 1, ctypes.byref(other), 1, 0)
    return got.raw == b"secret", "read"


def daemon(world: World) -> Result:
    """Leave a process behind that has left its group, session and parent."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            os.closerange(0, 3)
            # Left behind without the pipes, so that nobody waits for it.
            os.execv(
                sys.executable,
                [sys.executable, "-c", "import time; time.sleep(30)", world["token"]],
            )
        os._exit(0)
    time.sleep(0.2)
    return False, "left"


def session(_: World) -> Result:
    """Stay in the session of the starter, whose terminal could be typed into."""
    return os.getsid(0) == 0, f"session {os.getsid(0)}"


def type_ahead(_: World) -> Result:
    """Type into a terminal, one of our own."""
    terminal = os.openpty()[1]
    if os.fork() == 0:
        try:
            os.setsid()
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
            fcntl.ioctl(terminal, termios.TIOCSTI, b"x")
            os._exit(0)
        except OSError:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.wait()[1])
    return code == 0, f"code {code}"


def system_v_memory(world: World) -> Result:
    """Read System V shared memory of the host."""
    segment = checked(LIBC.shmget(world["sysv"], 0, 0))
    address = LIBC.shmat(segment, None, 0o10000)
    return ctypes.string_at(address, 6) == b"secret", "read"


def system_v_list(world: World) -> Result:
    """See the System V shared memory of the host."""
    rows = Path("/proc/sysvipc/shm").read_text("ascii").splitlines()[1:]
    return any(row.split()[0] == str(world["sysv"]) for row in rows), f"{len(rows)} rows"


def message_queue(world: World) -> Result:
    """Open a POSIX message queue of the host."""
    library = ctypes.CDLL("librt.so.1", use_errno=True)
    checked(library.mq_open(world["queue"].encode(), os.O_RDONLY))
    return True, "opened"


def namespaces(world: World) -> Result:
    """Share a namespace with the host."""
    hosts = world["namespaces"]
    shared = [one for one in hosts if os.readlink(f"/proc/self/ns/{one}") == hosts[one]]
    return bool(shared), str(shared)


def host_name(world: World) -> Result:
    """Learn the name of the host."""
    return os.uname().nodename == world["name"], os.uname().nodename


def nested(_: World) -> Result:
    """Make a user namespace, and be root in it."""
    checked(LIBC.unshare(CLONE_NEWUSER))
    return True, "made"


def mount(_: World) -> Result:
    """Mount a file system over the artifact."""
    checked(LIBC.mount(b"none", b"/job", b"tmpfs", 0, None))
    return True, "mounted"


def mount_nested(_: World) -> Result:
    """Mount a file system as root of a nested user namespace."""
    checked(LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNS))
    checked(LIBC.mount(b"none", b"/scratch/tmp", b"tmpfs", 0, None))
    return True, "mounted"


def keyring(_: World) -> Result:
    """Reach a keyring."""
    return True, str(call("keyctl", 0, -3 & 0xFFFF_FFFF, 1))  # KEYCTL_GET_KEYRING_ID, session


def programs(_: World) -> Result:
    """Load a program into the kernel."""
    attributes = (ctypes.c_uint32 * 18)(2, 4, 4, 1)  # BPF_MAP_CREATE, an array of one
    return True, str(call("bpf", 0, ctypes.byref(attributes), 72))


def ring(_: World) -> Result:
    """Make an io_uring, whose calls no filter sees."""
    return True, str(call("io_uring_setup", 4, ctypes.create_string_buffer(120)))


def counters(_: World) -> Result:
    """Count events of the processor."""
    attributes = (ctypes.c_uint64 * 16)()
    attributes[0], attributes[5] = 1 | (128 << 32), 0b1100001  # software events, without the kernel
    return True, str(call("perf_event_open", ctypes.byref(attributes), 0, -1, -1, 0))


def page_faults(_: World) -> Result:
    """Answer page faults, which makes races in the kernel winnable."""
    return True, str(call("userfaultfd", 1))


def settings(_: World) -> Result:
    """Change the kernel's settings."""
    Path("/proc/sys/kernel/hostname").write_text("changed", "ascii")
    return True, "written"


def gain(_: World) -> Result:
    """Gain privileges by a program that grants them."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return "NoNewPrivs:\t0" in lines, next(one for one in lines if one.startswith("NoNewPrivs"))


def powers(_: World) -> Result:
    """Hold a capability."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    held = next(one for one in lines if one.startswith("CapEff")).split()[1]
    return int(held, 16) != 0, held


def remember(_: World) -> Result:
    """Find what an earlier run left, and leave something for the next one."""
    places = [Path("/tmp/left"), Path("/out/left"), Path("/dev/shm/left")]
    found = [str(one) for one in places if one.exists()]
    for one in places:
        one.write_text("x", "ascii")
    return bool(found), str(found)


def packages(_: World) -> Result:
    """Import what is installed beside the interpreter."""
    code = "import pip"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    return done.returncode == 0, f"code {done.returncode}"
