"""The seccomp filter of a sealed run, assembled here from a list of what is allowed.

A filter is classic BPF as ``seccomp(2)`` takes it: eight bytes an instruction (``struct
sock_filter``), run over ``struct seccomp_data`` (number, architecture, instruction pointer, six
arguments).  What is not listed looks as if this kernel did not have it (ENOSYS), so libraries fall
back instead of failing, and a call that a later kernel adds is refused until somebody lists it.

Left out on purpose, beside what needs privilege anyway: every socket, even a pair (no namespace
covers AF_VSOCK, and socket buffers are memory that nobody counts), memfd_create (the same), System
V and POSIX message queues, keyrings, bpf, perf, io_uring, userfaultfd, ptrace and
process_vm_*, namespaces and mounts, file handles, mknod, inotify, splice, sync.

Numbers are those of the kernel's ``asm/unistd_64.h`` and ``asm-generic/unistd.h``.
"""

from __future__ import annotations

import errno
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# name:number on x86_64:number on aarch64, empty where that machine has no such call.
_ALLOWED = """
    read:0:63 write:1:64 open:2: close:3:57 stat:4: fstat:5:80 lstat:6: lseek:8:62 pread64:17:67
    pwrite64:18:68 readv:19:65 writev:20:66 preadv:295:69 pwritev:296:70 preadv2:327:286
    pwritev2:328:287 access:21: dup:32:23 dup2:33: dup3:292:24 fcntl:72:25 flock:73:32 fsync:74:82
    fdatasync:75:83 truncate:76:45 ftruncate:77:46 fallocate:285:47 getdents:78: getdents64:217:61
    getcwd:79:17 chdir:80:49 fchdir:81:50 rename:82: renameat:264:38 renameat2:316:276 mkdir:83:
    mkdirat:258:34 rmdir:84: creat:85: link:86: linkat:265:37 unlink:87: unlinkat:263:35
    symlink:88: symlinkat:266:36 readlink:89: readlinkat:267:78 chmod:90: fchmod:91:52
    fchmodat:268:53 fchmodat2:452:452 chown:92: fchown:93:55 lchown:94: fchownat:260:54
    umask:95:166 utime:132: utimes:235: futimesat:261: utimensat:280:88 statfs:137:43
    fstatfs:138:44 statx:332:291 newfstatat:262:79 faccessat:269:48 faccessat2:439:439
    openat:257:56 openat2:437:437 close_range:436:436 sendfile:40:71 copy_file_range:326:285
    sync_file_range:277:84 readahead:187:213 fadvise64:221:223 getxattr:191:8 lgetxattr:192:9
    fgetxattr:193:10 listxattr:194:11 llistxattr:195:12 flistxattr:196:13
    mmap:9:222 mprotect:10:226 munmap:11:215 brk:12:214 mremap:25:216 msync:26:227 mincore:27:232
    madvise:28:233 membarrier:324:283 pkey_mprotect:329:288 pkey_alloc:330:289 pkey_free:331:290
    poll:7: ppoll:271:73 select:23: pselect6:270:72 epoll_create:213: epoll_create1:291:20
    epoll_ctl:233:21 epoll_wait:232: epoll_pwait:281:22 epoll_pwait2:441:441 eventfd:284:
    eventfd2:290:19 signalfd:282: signalfd4:289:74 timerfd_create:283:85 timerfd_settime:286:86
    timerfd_gettime:287:87 pipe:22: pipe2:293:59 rt_sigaction:13:134 rt_sigprocmask:14:135
    rt_sigreturn:15:139 rt_sigpending:127:136 rt_sigtimedwait:128:137 rt_sigsuspend:130:133
    rt_sigqueueinfo:129:138 rt_tgsigqueueinfo:297:240 sigaltstack:131:132 kill:62:129
    tkill:200:130 tgkill:234:131 pause:34: restart_syscall:219:128 futex:202:98
    futex_waitv:449:449 set_robust_list:273:99 get_robust_list:274:100 nanosleep:35:101
    clock_nanosleep:230:115 alarm:37: getitimer:36:102 setitimer:38:103
    fork:57: vfork:58: execve:59:221 execveat:322:281 exit:60:93 exit_group:231:94 wait4:61:260
    waitid:247:95 getpid:39:172 getppid:110:173 gettid:186:178 getpgid:121:155 setpgid:109:154
    getpgrp:111: getsid:124:156 setsid:112:157 getuid:102:174 geteuid:107:175 getgid:104:176
    getegid:108:177 getresuid:118:148 getresgid:120:150 getgroups:115:158 capget:125:90
    getrlimit:97:163 setrlimit:160:164 prlimit64:302:261 getrusage:98:165 getpriority:140:141
    setpriority:141:140 prctl:157:167 arch_prctl:158: set_tid_address:218:96 rseq:334:293
    pidfd_open:434:434 pidfd_send_signal:424:424 sched_yield:24:124 sched_getaffinity:204:123
    sched_setaffinity:203:122 sched_getparam:143:121 sched_getscheduler:145:120
    sched_getattr:315:275 sched_get_priority_max:146:125 sched_get_priority_min:147:126
    sched_rr_get_interval:148:127 getcpu:309:168
    uname:63:160 sysinfo:99:179 times:100:153 time:201: gettimeofday:96:169 clock_gettime:228:113
    clock_getres:229:114 getrandom:318:278
"""
# These two are allowed by their arguments.
_CLONE = {"x86_64": 56, "aarch64": 220}
_IOCTL = {"x86_64": 16, "aarch64": 29}

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The machines that a filter is known for, as ``linux/audit.h`` numbers them."""

# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.  clone3 hides its flags behind a
# pointer, so it is not listed and the C library falls back to clone.
_NEW_NAMESPACE = 0x0002_0000 | 0x7E00_0000
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX: what a start-up asks.  What is
# not here, TIOCSTI and TIOCLINUX among it, is answered as by a file that is no terminal.
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5451, 0x5450)

_LOAD, _JEQ, _JGE, _JGT, _JSET, _RETURN = 0x20, 0x15, 0x35, 0x25, 0x45, 0x06
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF_0000, 0x0005_0000, 0x8000_0000
_NR, _ARCH, _ARGUMENT_0, _ARGUMENT_1 = 0, 4, 16, 24
_INSTRUCTION = struct.Struct("=HBBI")


def allowed(machine: str) -> dict[str, int]:
    """The system calls that pass whatever their arguments, by name, with their numbers."""
    column = 1 + tuple(AUDIT_ARCH).index(machine)
    rows = (entry.split(":") for entry in _ALLOWED.split())
    return {row[0]: int(row[column]) for row in rows if row[column]}


def seccomp_filter(machine: str) -> bytes:
    """The filter for a machine type as ``uname -m`` names it.

    Raises:
        KeyError: no filter is known for it.
    """
    if sys.byteorder != "little":  # pragma: no cover - both machines are little-endian
        raise KeyError(machine)
    arch = AUDIT_ARCH[machine]
    lines = [
        _line(_LOAD, _ARCH),
        _line(_JEQ, arch, yes=1),
        _line(_RETURN, _KILL_PROCESS),
        _line(_LOAD, _NR),
        *_clone(_CLONE[machine]),
        *_ioctl(_IOCTL[machine]),
    ]
    for low, high in _ranges(allowed(machine).values()):
        lines += [
            _line(_JGE, low, no=2),
            _line(_JGT, high, yes=1),
            _line(_RETURN, _ALLOW),
        ]
    return b"".join((*lines, _line(_RETURN, _ERRNO | errno.ENOSYS)))


def _line(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return _INSTRUCTION.pack(code, yes, no, value)


def _clone(number: int) -> Iterable[bytes]:
    return (
        _line(_JEQ, number, no=4),
        _line(_LOAD, _ARGUMENT_0),
        _line(_JSET, _NEW_NAMESPACE, no=1),
        _line(_RETURN, _ERRNO | errno.EPERM),
        _line(_RETURN, _ALLOW),
    )


def _ioctl(number: int) -> Iterable[bytes]:
    count = len(_IOCTLS)
    return (
        _line(_JEQ, number, no=count + 3),
        _line(_LOAD, _ARGUMENT_1),
        *(_line(_JEQ, one, yes=count - at) for at, one in enumerate(_IOCTLS)),
        _line(_RETURN, _ERRNO | errno.ENOTTY),
        _line(_RETURN, _ALLOW),
    )


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Runs of consecutive numbers, (first, last), in order."""
    first = last = -1
    for number in sorted(numbers):
        if first >= 0 and number != last + 1:
            yield first, last
            first = -1
        first, last = (number if first < 0 else first), number
    if first >= 0:
        yield first, last
