"""Finding braces, brackets and commands in LaTeX, without running any of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_SPACE = re.compile(r"[ \t]*\n?[ \t]*")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%([^\n]*)(?:\n[ \t]*)?")
_VERBATIM = re.compile(
    r"\\begin\s*\{(verbatim\*?|lstlisting|minted|Verbatim|alltt)\}.*?\\end\s*\{\1\}", re.DOTALL
)
_SWITCHED_OFF = re.compile(r"\\iffalse(?![a-zA-Z])")
_SWITCH = re.compile(r"\\(if[a-zA-Z]*|fi|else)(?![a-zA-Z])")
_NO_SWITCH = frozenset({"iff", "ifthenelse", "ifdefined", "ifempty"})


def group(text: str, at: int) -> tuple[str, int] | None:
    """The inside of the braced group that begins at ``at`` (after blanks), and where it ends."""
    at = skip_space(text, at)
    if at >= len(text) or text[at] != "{":
        return None
    depth = 0
    for match in _BRACE.finditer(text, at):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return text[at + 1 : match.start()], match.end()
    return None


def option(text: str, at: int) -> tuple[str, int] | None:
    """The inside of ``[...]`` at ``at`` (after blanks), and where it ends; shorter than 1,000."""
    at = skip_space(text, at)
    if at >= len(text) or text[at] != "[":
        return None
    end = text.find("]", at, at + 1_000)
    return (text[at + 1 : end], end + 1) if end > 0 else None


def skip_space(text: str, at: int) -> int:
    """The place of the next character that is no blank, over at most one line end."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def arguments(text: str, at: int, number: int) -> tuple[list[str], int] | None:
    """``number`` braced arguments from ``at`` on, options between them skipped."""
    found: list[str] = []
    for _ in range(number):
        while (skipped := option(text, at)) is not None:
            at = skipped[1]
        taken = group(text, at)
        if taken is None:
            return None
        found.append(taken[0])
        at = taken[1]
    return found, at


def without_verbatim(text: str) -> tuple[str, list[str]]:
    """The text without listings, and the listings."""
    found: list[str] = []

    def keep(match: re.Match[str]) -> str:
        found.append(match[0])
        return "\n\n"

    return _VERBATIM.sub(keep, text), found


def without_comments(text: str) -> tuple[str, list[str]]:
    """The text without comments, and the comments."""
    found: list[str] = []

    def keep(match: re.Match[str]) -> str:
        found.append(match[2])
        return match[1]  # a comment eats its line end, as in TeX

    return _COMMENT.sub(keep, text), found


def without_switched_off(text: str) -> tuple[str, list[str]]:
    r"""The text without ``\iffalse`` parts, and those parts; ``\\else`` ends one early."""
    kept: list[str] = []
    dropped: list[str] = []
    at = 0
    while (start := _SWITCHED_OFF.search(text, at)) is not None:
        kept.append(text[at : start.start()])
        end, resume = _end_of_switch(text, start.end())
        dropped.append(text[start.end() : end])
        at = resume
    kept.append(text[at:])
    return "".join(kept), dropped


def _end_of_switch(text: str, at: int) -> tuple[int, int]:
    depth = 1
    for match in _switches(text, at):
        name = match[1]
        if name == "fi":
            depth -= 1
            if depth == 0:
                return match.start(), match.end()
        elif name == "else":
            if depth == 1:
                return match.start(), match.end()
        else:
            depth += 1
    return len(text), len(text)


def _switches(text: str, at: int) -> Iterator[re.Match[str]]:
    for match in _SWITCH.finditer(text, at):
        if match[1] not in _NO_SWITCH:
            yield match
