"""The log's keys: public ones in ``log/keys.yaml``, the private one in a file of its owner's.

The private key never enters the registry's folder, a log, or a message.
"""

from __future__ import annotations

import os
import re
import secrets
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.log.faults import LogFault, require
from sovereign_registry.contracts.log.keys import KeyRing, KeysFile
from sovereign_registry.contracts.log.note import (
    KEY_BYTES,
    PrivateKey,
    parse_private,
    require_name,
)
from sovereign_registry.contracts.text import collapse
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.log_files import KEYS

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.registry import RegistryInfo
    from sovereign_registry.store.log_files import LogFiles
    from sovereign_registry.store.registry import Registry

MAX_KEY_FILE = 1_000


def default_origin(info: RegistryInfo) -> str:
    """The log's name: its address without the scheme; of the publisher's name while there is none.

    It is fixed by the first key: a later change of address does not change it.
    """
    place = re.sub(r"^https?://", "", info.base_url)
    publisher = re.sub(r"[\s+]+", "-", collapse(info.publisher)).lower()
    return require_name(f"{place or publisher}/log")


def read_keys(files: LogFiles) -> KeysFile | None:
    """The statements about the log's keys; None where there is no log.

    Raises:
        RecordFault: the file is no canonical log-keys-v1.
    """
    if not files.has(KEYS):
        return None
    from sovereign_registry.store.strict_yaml import load  # noqa: PLC0415 - needs libyaml

    data, where = files.read(KEYS), files.where(KEYS)
    try:
        file = msgspec.convert(load(data, where), KeysFile)
    except msgspec.ValidationError as error:
        raise LogFault(f"is no log-keys-v1: {error}", where=where) from error
    require(emit(file) == data, "is not in canonical form", where=where, todo="Restore the file.")
    return file


def write_keys(files: LogFiles, file: KeysFile) -> KeyRing:
    """Write the list with a statement added; it is checked whole before.

    Raises:
        LogFault: a statement does not follow, or lacks a signature.
    """
    ring = KeyRing(file, files.where(KEYS))
    files.write_all({KEYS: emit(file)})
    return ring


def create_private_key(path: Path, name: str, registry: Registry) -> PrivateKey:
    """Make a private key in a new file that only its owner can read (mode 0600).

    A key file that is there already, of the same name, is used as it is: that is what a kill
    between the two files of a new key leaves.

    Raises:
        UsageError: the path lies within the registry, or in a folder that is not there.
        LogFault: the file that is there is not such a key.
    """
    _require_outside(path, registry)
    if path.exists():
        key = read_private_key(path, registry)
        require(
            key.public.name == name,
            f"is a key of {key.public.name}, not of {name}",
            where=str(path),
            todo="Name another file with --key.",
        )
        return key
    if not path.parent.is_dir():
        raise UsageError("its folder does not exist", where=str(path), todo="Create the folder.")
    key = PrivateKey(name, secrets.token_bytes(KEY_BYTES))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(key.export() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def read_private_key(path: Path, registry: Registry) -> PrivateKey:
    """Read a private key; its file must be its owner's alone and lie outside the registry.

    Raises:
        UsageError: it is missing, readable by others, or within the registry.
        LogFault: it is no private key of a signed note.
    """
    _require_outside(path, registry)
    if not path.is_file():
        raise UsageError(
            "is missing", where=str(path), todo="Name the private key's file with --key."
        )
    status = path.stat()
    if status.st_mode & 0o077:
        raise UsageError(
            f"has mode {status.st_mode & 0o777:04o}: others can read or write the private key",
            where=str(path),
            todo="Run `chmod 600` on it; if others may have read it, revoke the key.",
        )
    if status.st_size > MAX_KEY_FILE:
        raise UsageError("is too long for a private key", where=str(path))
    return parse_private(path.read_text(encoding="utf-8", errors="replace").strip(), str(path))


def _require_outside(path: Path, registry: Registry) -> None:
    root = registry.root.resolve()
    tops = [folder for folder in (root, *root.parents) if (folder / ".git").exists()]
    if any(path.resolve().is_relative_to(folder) for folder in (root, *tops)):
        raise UsageError(
            "lies within the registry's folder or repository",
            where=str(path),
            todo="Keep the private key elsewhere: what is committed once is public for ever.",
        )
