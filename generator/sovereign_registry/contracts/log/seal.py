"""The site's digest list, and site-seal-v1: the signed note that stands for one state of the site.

The list has the form that ``sha256sum`` writes and checks: 64 hexadecimal digits, two spaces, a
path; sorted by path.  Neither the log nor the list nor the seal stands in it.  The seal names the
log's size as well, so that a list of one time cannot be shown beside a log of another.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.log.checkpoint import parse_size
from sovereign_registry.contracts.log.faults import LogFault, require
from sovereign_registry.contracts.log.note import open_note, require_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sovereign_registry.contracts.log.note import PublicKey

CONTRACT: Final = "site-seal-v1"
DIGESTS: Final = "digests.txt"
SEAL: Final = "seal"
LOG: Final = "log/"

_LINE = re.compile(r"([0-9a-f]{64})  ([^\x00-\x20\x7f\\][^\x00-\x1f\x7f\\]{0,511})")
_HEAD: Final = f"sovereign-registry {CONTRACT}"
_LINES = 6


def safe_path(path: str) -> bool:
    """Whether a path stays below the site's folder: relative, no empty step, no ``.`` or ``..``."""
    return all(step not in {"", ".", ".."} for step in path.split("/"))


def digest_list(digests: Mapping[str, str]) -> bytes:
    """The list of path -> hexadecimal SHA-256 as bytes.

    Raises:
        LogFault: a path cannot stand in it.
    """
    lines = [f"{digest}  {path}" for path, digest in sorted(digests.items())]
    for line in lines:
        require(
            _LINE.fullmatch(line) and safe_path(line[66:]),
            "has a name that cannot stand in the digest list",
            where=line[66:],
            todo="Rename the file: no control character, no backslash.",
        )
    return "".join(f"{line}\n" for line in lines).encode()


def parse_digest_list(data: bytes, where: str = DIGESTS) -> dict[str, str]:
    """Path -> hexadecimal SHA-256; only a sorted list without doubles is one.

    Raises:
        LogFault: naming the line that is at fault.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LogFault("is not UTF-8", where=where) from error
    require(text.endswith("\n"), "is empty or was cut", where=where)
    found: dict[str, str] = {}
    last = ""
    for number, line in enumerate(text[:-1].split("\n"), start=1):
        match = _LINE.fullmatch(line)
        if match is None or not safe_path(match[2]):
            raise LogFault("is no line of a digest list", where=f"{where}:{number}")
        path = match[2]
        require(path > last, "is not sorted, or stands twice", where=f"{where}:{number}")
        require(
            path not in {DIGESTS, SEAL} and not path.startswith(LOG),
            "cannot stand in the list",
            where=f"{where}:{number}",
        )
        found[path] = match[1]
        last = path
    return found


class SiteSeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one signature over a site stands for.

    It is no JSON file: the seal is the text of a signed note (C2SP signed-note), whose first line
    names this contract and whose further lines are these values in this order.
    """

    origin: str
    """The log's name."""
    log_size: Annotated[int, msgspec.Meta(ge=0)]
    """Size of the log that was published with the site."""
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    """Size of the digest list."""
    sha256: Sha256
    """Hexadecimal SHA-256 of the digest list."""

    def text(self) -> str:
        """The note text; its first line is that of no checkpoint and no statement about keys."""
        return f"{_HEAD}\n{self.origin}\n{self.log_size}\n{self.bytes}\n{self.sha256}\n"


def seal_of(origin: str, log_size: int, listed: bytes) -> SiteSeal:
    """The seal of a digest list."""
    digest = hashlib.sha256(listed).hexdigest()
    return SiteSeal(origin=origin, log_size=log_size, bytes=len(listed), sha256=digest)


def open_seal(note: bytes, keys: Iterable[PublicKey], where: str = SEAL) -> SiteSeal:
    """A seal whose signature by a known key was checked.

    Raises:
        LogFault: the signature or the form is wrong.
    """
    text, _ = open_note(note, keys, where)
    lines = text.split("\n")
    try:
        require(len(lines) == _LINES and lines[0] == _HEAD and not lines[-1], f"is no {CONTRACT}")
        require(re.fullmatch(r"[0-9a-f]{64}", lines[4]), "holds no SHA-256")
        return SiteSeal(
            origin=require_name(lines[1]),
            log_size=parse_size(lines[2]),
            bytes=parse_size(lines[3], "the list's size"),
            sha256=lines[4],
        )
    except LogFault as error:
        raise LogFault(error.what, where=where) from error
