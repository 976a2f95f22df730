"""Hash-locked requirements, installed before a run is sealed: wheels only, every hash checked.

A wheel is unpacked and none of its code is run; a source distribution would run code to be built,
so it is refused.  The lock may hold nothing but pinned names with their hashes: no option, no
address, no other file, so that an artifact chooses what is installed and never from where.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import content_sha256, file_sha256
from sovereign_registry.contracts.runs import Installed

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS = 600
MAX_BYTES = 2_000_000_000
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\Z")
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,99})==([A-Za-z0-9][A-Za-z0-9._+!-]{0,63})\Z")
_KEPT = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


class LockRefused(ValueError):
    """The lock holds something else than pinned names with hashes."""


def pins(lock: bytes) -> tuple[str, ...]:
    """``name==version`` of every requirement, sorted.

    Raises:
        LockRefused: naming the first line that is none.
    """
    try:
        text = lock.decode("ascii")
    except UnicodeDecodeError as error:
        raise LockRefused("the lock is not plain ASCII") from error
    found = []
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        words = re.sub(r"(?:^|\s)#.*", "", line).split()
        if not words:
            continue
        match, hashes = _PIN.match(words[0]), words[1:]
        if match is None or not hashes or not all(map(_HASH.match, hashes)):
            raise LockRefused(
                f"{' '.join(words)[:120]!r} is no name==version with --hash=sha256:... behind it"
            )
        found.append(f"{match[1].lower().replace('_', '-')}=={match[2]}")
    if not found:
        raise LockRefused("the lock names nothing; leave it out where nothing is needed")
    return tuple(sorted(found))


class PipInstaller:
    """Installs with the pip of this interpreter.

    Args:
        python: The interpreter, whose version the wheels are for.
        arguments: Further options of the owner, such as a folder of wheels.
    """

    def __init__(self, python: str = sys.executable, arguments: Sequence[str] = ()) -> None:
        self._python = python
        self._arguments = tuple(arguments)

    def version(self) -> str:
        """``pip 24.0``; empty where there is none."""
        command = [self._python, "-I", "-m", "pip", "--version"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=60, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return ""
        words = done.stdout.decode("utf-8", "replace").split()
        return " ".join(words[:2]) if done.returncode == 0 else ""

    def install(self, lock: bytes, target: str) -> Installed:
        """Install into an empty folder; what goes wrong is said in the result."""
        try:
            named = pins(lock)
        except LockRefused as error:
            return self._result(lock, (), None, str(error))
        folder = Path(target)
        copy = folder.with_name(f"{folder.name}.lock")
        copy.write_bytes(lock)
        command = [
            *(self._python, "-I", "-m", "pip", "--isolated", "install", "--no-input"),
            *("--disable-pip-version-check", "--no-cache-dir", "--no-compile"),
            *("--only-binary", ":all:", "--require-hashes", "--target", target),
            *("--requirement", str(copy)),
            *self._options(),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - our own command; the lock was read above
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
            )
        except subprocess.TimeoutExpired:
            return self._result(lock, named, None, f"it took longer than {SECONDS} seconds")
        except OSError as error:
            return self._result(lock, named, None, f"pip cannot be started: {error.strerror}")
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no word"]
            return self._result(lock, named, None, f"pip refused: {lines[-1][:300]}")
        digest = tree_sha256(folder)
        why = "" if digest else "what was installed is too large, or no plain files"
        return self._result(lock, named, digest, why)

    def _options(self) -> tuple[str, ...]:
        """The owner's index, certificate and proxy, which ``--isolated`` would leave unread."""
        named = {"PIP_INDEX_URL": "--index-url", "PIP_CERT": "--cert", "PIP_PROXY": "--proxy"}
        found = [
            part
            for name, option in named.items()
            if os.environ.get(name)
            for part in (option, os.environ[name])
        ]
        return (*found, *self._arguments)

    def _result(
        self, lock: bytes, packages: tuple[str, ...], digest: str | None, why: str
    ) -> Installed:
        return Installed(
            tool=self.version(),
            lock_sha256=file_sha256(lock),
            packages=packages,
            sha256=digest,
            why=why,
        )


def tree_sha256(folder: Path) -> str | None:
    """Digest over the sorted list of a folder's files; None where it is no plain tree in bounds."""
    rows: list[tuple[str, str]] = []
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            return None
        if path.is_file():
            total += path.stat().st_size
            if total > MAX_BYTES:
                return None
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            rows.append((path.relative_to(folder).as_posix(), digest))
    return content_sha256(rows)
