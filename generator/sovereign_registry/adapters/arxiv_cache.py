"""Replies of a live source on disk: the exact bytes, with address, UTC date and digest.

An entry serves for the UTC day on which it was fetched, because arXiv's results change daily and
its manual asks callers to cache.  Older entries stay, so that a run with an earlier as-of date can
be repeated from the very replies that it saw.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import Sha256, file_sha256
from sovereign_registry.contracts.first_use import look_at
from sovereign_registry.contracts.papers import IsoDate

if TYPE_CHECKING:
    from pathlib import Path


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first line of an entry; the reply's bytes follow it."""

    url: str
    date: IsoDate
    sha256: Sha256


look_at(_Head)


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reply as it came, checked."""

    url: str
    date: IsoDate
    """UTC date on which it was fetched."""
    sha256: Sha256
    body: bytes


class ReplyCache:
    """Replies by address and UTC date.

    Args:
        folder: Created if missing; may be deleted at any time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, url: str, date: str) -> Reply | None:
        """The reply of that day, or None if there is none whose bytes match its digest."""
        try:
            data = self._path(url, date).read_bytes()
        except FileNotFoundError:
            return None
        head_line, _, body = data.partition(b"\n")
        try:
            head = msgspec.json.decode(head_line, type=_Head)
        except msgspec.MsgspecError:
            return None
        if (head.url, head.date, head.sha256) != (url, date, file_sha256(body)):
            return None
        return Reply(url=url, date=date, sha256=head.sha256, body=body)

    def put(self, url: str, date: str, body: bytes) -> Reply:
        """Keep a reply; the entry appears whole or not at all."""
        reply = Reply(url=url, date=date, sha256=file_sha256(body), body=body)
        head = msgspec.json.encode(_Head(url=url, date=date, sha256=reply.sha256))
        path = self._path(url, date)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(head + b"\n" + body)
            os.replace(name, path)  # noqa: PTH105 - a name, not yet a path
        except BaseException:
            os.unlink(name)  # noqa: PTH108
            raise
        return reply

    def dates(self, url: str) -> tuple[str, ...]:
        """The dates for which a reply to this address is kept, oldest first."""
        name = self._path(url, "0000-00-00").name
        return tuple(sorted(path.parent.name for path in self._folder.glob(f"*/{name}")))

    def _path(self, url: str, date: str) -> Path:
        return self._folder / date / f"{hashlib.sha256(url.encode('utf-8')).hexdigest()[:32]}.reply"
