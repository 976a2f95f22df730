"""From bytes to clean numbered lines: the door for imported files."""

from __future__ import annotations

import re
from typing import NoReturn

import msgspec

from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.text import collapse, require_clean

MAX_BYTES = 1_000_000
"""A draft is a few kilobytes; a larger file is something else."""

_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>|~])")
_SENTENCE_END = re.compile(r"[.?!…][\"'\u201d\u2019)\]]*$")
_SLACK = 2
"""Characters that trimming may have taken from a text that was cut at a limit."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of a file, without its line end."""

    number: int
    text: str


def decode(data: bytes, where: str) -> str:
    """The text of a file.

    Raises:
        BadInput: the file is too large, empty, or not UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(
            f"holds {len(data)} bytes, more than {MAX_BYTES}",
            where=where,
            todo="A draft or page is a short text; check that this is the right file.",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            where=f"{where}, line {line}",
            todo="Save the file as UTF-8 text.",
        ) from error
    if not text.strip("\ufeff \t\r\n"):
        raise BadInput("is empty", where=where, todo="Name a file that holds a draft or page.")
    return text


def split(text: str, where: str) -> list[Line]:
    """The lines that are not blank, with their numbers; line ends and a leading BOM are dropped.

    Raises:
        BadInput: a line holds a control or bidirectional character.
    """
    found = []
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    for number, line in enumerate(plain.split("\n"), start=1):
        require_clean(line.replace("\t", " "), f"{where}, line {number}")
        if line.strip():
            found.append(Line(number=number, text=line.strip(" ")))
    return found


def unescape(text: str) -> str:
    """The text without the backslashes that protect Markdown's own characters."""
    return collapse(_ESCAPE.sub(r"\1", text))


def looks_cut(text: str, limit: int) -> bool:
    """Whether a text that a system limits to ``limit`` characters was cut off by that limit."""
    return len(text) >= limit - _SLACK and not _SENTENCE_END.search(text)


def fail(what: str, where: str, line: int | None, todo: str) -> NoReturn:
    """Raise the one error that names file, line, finding and next step.

    Raises:
        BadInput: always.
    """
    place = where if line is None else f"{where}, line {line}"
    raise BadInput(what, where=place, todo=todo)
