"""Which code made something: digests over the package's own source files."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import sovereign_registry

_PACKAGE = Path(sovereign_registry.__file__).resolve().parent
_LIBRARIES = ("jinja2", "markupsafe", "msgspec")


@cache
def code_version(rooms: tuple[str, ...]) -> bytes:
    """Digest of rooms' sources, of the libraries behind their output, and of Python's version."""
    hasher = hashlib.blake2b(digest_size=16)
    hasher.update(f"{sys.version_info[:2]} {sovereign_registry.__version__}\n".encode())
    for library in _LIBRARIES:
        hasher.update(f"{library} {version(library)}\n".encode())
    for room in rooms:
        for path in sorted((_PACKAGE / room).rglob("*.py")):
            hasher.update(path.relative_to(_PACKAGE).as_posix().encode())
            hasher.update(hashlib.blake2b(path.read_bytes()).digest())
    return hasher.digest()
