"""Something that was published or kept before, by its file, its folder or its address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sovereign_registry.contracts.errors import BadInput, UsageError
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.note import parse_public
from sovereign_registry.store.registry import read_bounded
from sovereign_registry.verifier.earlier import Earlier, read_earlier
from sovereign_registry.verifier.fetch import RemoteFiles
from sovereign_registry.verifier.files import FolderFiles

if TYPE_CHECKING:
    from sovereign_registry.contracts.log.note import PublicKey
    from sovereign_registry.verifier.files import Files

CHECKPOINT = "log/checkpoint"
MAX_KEY = 1_000
_FILE = re.compile(r"(.*/)?(checkpoint|checkpoints/\d+)")


def _is_address(place: str) -> bool:
    return "://" in place


def _checkpoint_at(address: str) -> tuple[str, str] | None:
    """The folder and the name of the checkpoint that an address names; None for a site's."""
    match = _FILE.fullmatch(urlsplit(address).path)
    if match is None:
        return None
    return address[: len(address) - len(match[2])], match[2]


def _fetch(folder: str, name: str) -> bytes | None:
    remote = RemoteFiles(folder)
    try:
        return remote.find(name)
    finally:
        remote.close()


def read_checkpoint(place: str) -> tuple[bytes, str]:
    """The bytes of a kept or published checkpoint, and its name in messages.

    Args:
        place: A file; a site's folder or address, of which the newest checkpoint is meant; or the
            address of a checkpoint, which ends in ``checkpoint`` or ``checkpoints/SIZE``.

    Raises:
        UsageError: the address is none, or there is no such file.
        RegistryError: there is no checkpoint, or it cannot be read.
    """
    if not _is_address(place) and not Path(place).exists():
        todo = "Name a kept checkpoint's file, or a site's folder or address."
        raise UsageError("is missing", where=place, todo=todo)
    if _is_address(place):
        folder, name = _checkpoint_at(place) or (place.rstrip("/") + "/", CHECKPOINT)
        data, where = _fetch(folder, name), folder + name
    elif Path(place).is_dir():
        data, where = FolderFiles(Path(place)).find(CHECKPOINT), f"{place.rstrip('/')}/{CHECKPOINT}"
    else:
        return read_bounded(Path(place)), place
    if data is None:
        raise BadInput(
            "there is no checkpoint",
            where=where,
            todo="Nothing is logged there, or the address is another one.",
        )
    return data, where


def read_published(place: str, *, first: bool) -> Earlier:
    """What a new site has to continue; an address that answers 404 holds nothing yet.

    Args:
        place: As for ``read_checkpoint``; of a site, records and keys are compared too.
        first: Whether it may be that nothing is published there yet.

    Raises:
        UsageError: the address is none, or names neither a file nor a folder.
        RegistryError: a file cannot be read, or the server does not answer.
    """
    if _is_address(place):
        one = _checkpoint_at(place)
        if one is None:
            return _site(RemoteFiles(place), first=first)
        return Earlier(name=place, first=first, site=False, checkpoint=_fetch(*one))
    if Path(place).is_dir():
        return _site(FolderFiles(Path(place)), first=first)
    if not Path(place).exists():
        raise UsageError(
            "is missing",
            where=place,
            todo="Name a site's address or folder, or a checkpoint's address or file.",
        )
    data = read_bounded(Path(place))
    return Earlier(name=place, first=first, site=False, checkpoint=data)


def _site(files: Files, *, first: bool) -> Earlier:
    try:
        return read_earlier(files, first=first)
    finally:
        if isinstance(files, RemoteFiles):
            files.close()


def read_public_key(value: str) -> PublicKey:
    """A public key from its text, ``name+id+base64``, or from the file that holds it alone.

    Raises:
        UsageError: it is neither a file nor a key, or the file is too long for a key.
        LogFault: the file holds no public key.
    """
    path = Path(value)
    try:
        is_file = path.is_file()
    except OSError:  # too long for a file's name
        is_file = False
    if not is_file:
        try:
            return parse_public(value.strip(), "--public-key")
        except LogFault as error:
            todo = "Name the key's text, as the publisher gives it, or a file that holds it."
            raise UsageError(error.what, where=error.where, todo=error.todo or todo) from error
    if path.stat().st_size > MAX_KEY:
        raise UsageError("is too long for a public key", where=value)
    return parse_public(path.read_text(encoding="utf-8", errors="replace").strip(), value)
