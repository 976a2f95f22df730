"""Checkpoints: the signed size and root of the log (C2SP tlog-checkpoint)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.log.faults import LogFault, require
from sovereign_registry.contracts.log.merkle import HASH_BYTES, MAX_SIZE
from sovereign_registry.contracts.log.note import b64, require_name, unb64

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIZE = re.compile(r"0|[1-9]\d{0,15}")


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What one signature stands for."""

    origin: str
    """The log's name."""
    size: int
    root: bytes

    def text(self) -> str:
        """The note text: origin, size, root, one a line."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


def parse_size(text: str, what: str = "the size") -> int:
    """A tree size in plain decimal.

    Raises:
        LogFault: it is none, or above 2**53.
    """
    require(_SIZE.fullmatch(text) and int(text) <= MAX_SIZE, f"{what} is no tree size")
    return int(text)


def parse_checkpoint(text: str, where: str = "checkpoint") -> Checkpoint:
    """Read a checkpoint's text; extension lines are refused, since nothing here signs any.

    Raises:
        LogFault: it is malformed.
    """
    lines: Sequence[str] = text.split("\n")
    try:
        require(len(lines) == 4 and not lines[3], "is no checkpoint of three lines")  # noqa: PLR2004
        root = unb64(lines[2], "the root")
        require(len(root) == HASH_BYTES, "the root has not 32 bytes")
        return Checkpoint(origin=require_name(lines[0]), size=parse_size(lines[1]), root=root)
    except LogFault as error:
        raise LogFault(error.what, where=where) from error
