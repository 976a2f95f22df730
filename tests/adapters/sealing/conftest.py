"""A host with something to lose: servers, a process, shared memory, a queue, a name."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.adapters.sealing.plan import ORDINARY_USER
from tests.adapters.sealing.cases import BOMBS
from tests.adapters.sealing.seal import HOSTILE, SIZES, TryOut, attack, bubblewrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.sealing import SealedOutcome

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.shmat.restype = ctypes.c_void_p
IPC_CREAT, IPC_RMID = 0o1000, 0
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")


def _serve(listener: socket.socket) -> None:
    """Answer everybody with the secret until the listener is closed."""
    while True:
        try:
            if listener.type == socket.SOCK_DGRAM:
                listener.sendto(b"secret", listener.recvfrom(1)[1])
            else:
                with listener.accept()[0] as link:
                    link.sendall(b"secret")
        except OSError:
            return


@pytest.fixture(scope="session")
def host() -> Iterator[dict[str, Any]]:
    """What the attacks are after, by name; needs bubblewrap."""
    bubblewrap()
    token = uuid.uuid4().hex
    listeners = [
        socket.create_server(("127.0.0.1", 0)),
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
        socket.socket(socket.AF_UNIX),
    ]
    listeners[1].bind(("::1", 0))
    listeners[2].bind(f"\0{token}")
    listeners[2].listen()
    threads = [threading.Thread(target=_serve, args=(one,), daemon=True) for one in listeners]
    for one in threads:
        one.start()
    key = int(token[:7], 16)
    segment = LIBC.shmget(key, 6, IPC_CREAT | 0o666)
    assert segment >= 0
    ctypes.memmove(LIBC.shmat(segment, None, 0), b"secret", 6)
    queues = ctypes.CDLL("librt.so.1", use_errno=True)
    queue = queues.mq_open(f"/{token}".encode(), os.O_CREAT | os.O_RDWR, 0o666, None)
    shm = Path("/dev/shm", token)  # noqa: S108 - the host's, on purpose
    shm.write_bytes(b"secret")
    shm.chmod(0o644)
    yield {
        **SIZES,
        "token": token,
        "nap": f"60.{int(token, 16)}",
        "tcp": listeners[0].getsockname()[1],
        "udp6": listeners[1].getsockname()[1],
        "abstract": token,
        "sysv": key,
        "queue": f"/{token}",
        "has_queue": queue >= 0,
        "shm": token,
        "name": os.uname().nodename,
        "namespaces": {one: os.readlink(f"/proc/self/ns/{one}") for one in NAMESPACES},  # noqa: PTH115
    }
    for listener in listeners:
        listener.close()
    LIBC.shmctl(segment, IPC_RMID, None)
    queues.mq_unlink(f"/{token}".encode())
    shm.unlink()


@pytest.fixture
def victim(host: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the same user that the job runs as."""
    user = ORDINARY_USER if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", host["nap"]], user=user, group=user, cwd="/") as process:
        yield process
        process.kill()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may write to."""
    folder = Path(tempfile.mkdtemp(prefix="open-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def try_out(host: dict[str, Any], victim: subprocess.Popen[bytes], open_folder: Path) -> TryOut:
    """Runs an attack by name, sealed but for what is taken away."""

    def run(name: str, *without: str) -> SealedOutcome:
        folder, environment = HOSTILE, None
        if name == "write_environment":
            environment = str(open_folder)
        if name == "write_job":
            folder = open_folder
            for one in HOSTILE.glob("*.py"):
                folder.joinpath(one.name).write_bytes(one.read_bytes())
        return attack(
            "bombs" if name in BOMBS else "attacks",
            name,
            {**host, "victim": victim.pid},
            *without,
            folder=str(folder),
            environment=environment,
        )

    return run


@pytest.fixture(scope="session", autouse=True)
def no_bytecode() -> None:
    """Keep the attacks' own folder as it is."""
    sys.dont_write_bytecode = True
