"""Text from outside inside Markdown: shown as it is, never as markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$#])")
_OPENING = re.compile(r"^(\d+(?=[.)](?:\s|$)))?([-+=]|(?<=\d)[.)])")
_ADDRESS = re.compile(r"://|(?<=www)\.|@", re.IGNORECASE)


def escape(text: str) -> str:
    """Escape a single line so that CommonMark and GitHub's tables show it as plain text.

    Nothing in it can open a heading, list, table cell, link, image, HTML tag, entity or automatic
    link.
    """
    safe = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    safe = _ADDRESS.sub(lambda match: "\\" + match.group(), safe)
    return _OPENING.sub(r"\1\\\2", safe)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A GitHub-flavoured table; the cells must already be escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
