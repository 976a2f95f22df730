"""The filter, run here as the kernel runs it."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.sealing.seccomp import AUDIT_ARCH, allowed, seccomp_filter

ALLOW, KILL = 0x7FFF_0000, 0x8000_0000
MACHINES = sorted(AUDIT_ARCH)
NEVER = (
    "accept",
    "add_key",
    "bind",
    "bpf",
    "chroot",
    "clone3",
    "connect",
    "fsopen",
    "init_module",
    "io_uring_setup",
    "kcmp",
    "keyctl",
    "memfd_create",
    "memfd_secret",
    "mknod",
    "mknodat",
    "mount",
    "move_mount",
    "mq_open",
    "msgget",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "personality",
    "pidfd_getfd",
    "pivot_root",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "request_key",
    "semget",
    "setns",
    "shmget",
    "socket",
    "socketpair",
    "umount2",
    "unshare",
    "userfaultfd",
    "vmsplice",
)
BY_ARGUMENT = {"x86_64": {56, 16}, "aarch64": {220, 29}}


def refused(number: int) -> int:
    """The filter's answer that makes a call fail with an error."""
    return 0x0005_0000 | number


def run(program: bytes, number: int, arch: int, *arguments: int) -> int:
    """Interpret a filter of the few instructions that ours has, over one system call."""
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number, arch, 0, *padded)
    lines = list(struct.iter_unpack("=HBBI", program))
    at = value = 0
    while True:
        code, yes, no, operand = lines[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            test = {
                0x15: value == operand,
                0x25: value > operand,
                0x35: value >= operand,
                0x45: value & operand != 0,
            }[code]
            at += yes if test else no


@pytest.mark.parametrize("machine", MACHINES)
def test_only_the_list_passes(machine: str) -> None:
    """Every number that is not listed looks as if the call were not there, x32's included."""
    program, arch = seccomp_filter(machine), AUDIT_ARCH[machine]
    listed = set(allowed(machine).values())
    for number in [*range(1024), *range(0x4000_0000, 0x4000_0400)]:
        if number in BY_ARGUMENT[machine]:
            continue
        expected = ALLOW if number in listed else refused(errno.ENOSYS)
        assert run(program, number, arch) == expected, number


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.sampled_from(MACHINES))
def test_another_architecture_ends_the_process(number: int, arch: int, machine: str) -> None:
    """A call by another architecture's door, where the numbers mean something else, is the end."""
    if arch != AUDIT_ARCH[machine]:
        assert run(seccomp_filter(machine), number, arch) == KILL


@given(st.integers(0, 2**64 - 1), st.sampled_from(MACHINES))
def test_a_clone_makes_no_namespace(flags: int, machine: str) -> None:
    """A clone passes exactly when none of the seven flags of a namespace is set."""
    number = 56 if machine == "x86_64" else 220
    answer = run(seccomp_filter(machine), number, AUDIT_ARCH[machine], flags)
    assert answer == (refused(errno.EPERM) if flags & 0x7E02_0000 else ALLOW)


@given(st.integers(0, 2**64 - 1), st.sampled_from(MACHINES))
def test_terminals_cannot_be_typed_into(request: int, machine: str) -> None:
    """A control of a device passes only if it is one of six harmless ones."""
    number = 16 if machine == "x86_64" else 29
    program = seccomp_filter(machine)
    harmless = {0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451}
    for one in (request, 0x5412, 0x541C, *harmless):
        expected = ALLOW if one & 0xFFFF_FFFF in harmless else refused(errno.ENOTTY)
        assert run(program, number, AUDIT_ARCH[machine], 1, one) == expected


def test_what_must_not_be_listed_is_not() -> None:
    """No call that reaches the network, other processes or the inside of the kernel is listed."""
    never = set(NEVER)
    for machine in MACHINES:
        assert not never & set(allowed(machine))
        assert {"read", "mmap", "futex", "execve", "openat"} <= set(allowed(machine))


def test_an_unknown_machine_has_no_filter() -> None:
    """For a machine type without a list there is no filter, and so no seal."""
    with pytest.raises(KeyError):
        seccomp_filter("m68k")
