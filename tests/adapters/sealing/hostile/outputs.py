"""Attacks on the collecting of outputs: each leaves something that is no plain file at ``/out``."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

OUT = Path("/out")


def link() -> None:
    """A link to a file outside."""
    OUT.joinpath("result").symlink_to("/etc/ld.so.cache")


def link_to_process() -> None:
    """A link to what the collector itself would show."""
    OUT.joinpath("result").symlink_to("/proc/self/environ")


def linked_folder() -> None:
    """A folder on the way that is a link."""
    OUT.joinpath("deep").symlink_to("/job")


def replaced_folder() -> None:
    """The folder of outputs itself, replaced by a link."""
    os.rename("/scratch/out", "/scratch/away")
    os.symlink("/job", "/scratch/out")


def fifo() -> None:
    """A pipe that blocks whoever opens it."""
    os.mkfifo(OUT / "result")


def device() -> None:
    """A device."""
    os.mknod(OUT / "result", stat.S_IFCHR | 0o666, os.makedev(1, 5))


def folder() -> None:
    """A folder in the place of the file."""
    OUT.joinpath("result").mkdir()


def shut() -> None:
    """A file that nobody may read."""
    OUT.joinpath("result").write_text("x", "ascii")
    OUT.joinpath("result").chmod(0)


def large() -> None:
    """A file that is larger than it may."""
    OUT.joinpath("result").write_bytes(bytes(1024 * 1024))


def sparse() -> None:
    """A file that says it is large and holds nothing."""
    with OUT.joinpath("result").open("wb") as stream:
        stream.truncate(3 * 1024 * 1024)


def plain() -> None:
    """No attack."""
    OUT.joinpath("result").write_text("plain", "ascii")
    OUT.joinpath("deep").mkdir()
    OUT.joinpath("deep", "outputs.py").write_text("deep", "ascii")
    OUT.joinpath("undeclared").write_text("x", "ascii")


if __name__ == "__main__":
    globals()[sys.argv[1]]()
