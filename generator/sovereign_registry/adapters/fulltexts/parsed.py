"""What the parsing process is asked and what it answers: the contract between two processes."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.contracts.papers import Section
from sovereign_registry.contracts.texts import FindingKind, TextFinding

ReaderName = Literal["html", "latex", "pdf"]
_WORD = re.compile(r"\w*[^\W\d_]\w*")
_CHARACTER = re.compile(r"\w")
MIN_WORDS = 3
"""Fewer words than this in one place conceal nothing worth a flag: a marker, a space, a digit."""


class Unreadable(Exception):
    """The file cannot be read; the message says why in a few words of ours, never of the file."""


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text that was read."""

    sections: Annotated[tuple[Section, ...], msgspec.Meta(max_length=limits.SECTIONS)]
    findings: Annotated[tuple[TextFinding, ...], msgspec.Meta(max_length=100)]
    concealed: Annotated[tuple[str, ...], msgspec.Meta(max_length=limits.CONCEALED_SNIPPETS)]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the parsing process: a text, or why there is none."""

    found: Found | None
    reason: Annotated[str, msgspec.Meta(max_length=300)]
    """Empty where there is a text."""


class Findings:
    """Counts what a reader leaves out, and keeps the beginning of what was concealed."""

    def __init__(self) -> None:
        self._counts: dict[tuple[FindingKind, str], tuple[int, int]] = {}
        self.concealed: list[str] = []

    def hide(self, what: str, text: str) -> None:
        """Note concealed text; of fewer than three words nothing is noted."""
        words = len(_WORD.findall(text))
        if words >= MIN_WORDS:
            self._add(FindingKind.CONCEALED, what, words)
            self._keep(text)

    def comment(self, text: str) -> None:
        """Keep a comment for the check for instructions; comments are no finding by themselves."""
        if len(_WORD.findall(text)) >= MIN_WORDS:
            self._keep(text)

    def command(self, what: str) -> None:
        """Note that the file asks for a command or a file of the machine."""
        self._add(FindingKind.COMMANDS, what, 0)

    def unread(self, what: str, text: str = "") -> None:
        """Note something that could not be read."""
        self._add(FindingKind.UNREAD, what, len(_WORD.findall(text)))

    def _add(self, kind: FindingKind, what: str, words: int) -> None:
        count, total = self._counts.get((kind, what), (0, 0))
        self._counts[kind, what] = (count + 1, total + words)

    def _keep(self, text: str) -> None:
        snippet = " ".join(text[: 4 * limits.CONCEALED_CHARACTERS].split())
        snippet = snippet[: limits.CONCEALED_CHARACTERS]
        if len(self.concealed) < limits.CONCEALED_SNIPPETS and snippet not in self.concealed:
            self.concealed.append(snippet)

    def listed(self) -> tuple[TextFinding, ...]:
        """All findings, by kind and words."""
        return tuple(
            TextFinding(kind=kind, what=what, count=count, words=words)
            for (kind, what), (count, words) in sorted(self._counts.items())
        )[:100]


class Sections:
    """Collects sections in reading order; keys become unique, lengths are bounded.

    Raises:
        Unreadable: there is more of something than the limits allow.
    """

    def __init__(self) -> None:
        self._sections: list[tuple[str, str, list[str]]] = []
        self._keys: set[str] = set()
        self._characters = 0

    def open(self, key: str, title: str) -> int:
        """Begin a section and return its place; its text comes by ``add``."""
        if len(self._sections) >= limits.SECTIONS:
            raise Unreadable(f"more than {limits.SECTIONS} sections")
        unique, number = key, 2
        while unique in self._keys:
            unique, number = f"{key}-{number}", number + 1
        self._keys.add(unique)
        line = " ".join(title[: 4 * limits.TITLE_CHARACTERS].split())
        self._sections.append((unique, line[: limits.TITLE_CHARACTERS], []))
        return len(self._sections) - 1

    def add(self, place: int, paragraph: str) -> None:
        """Add a paragraph to a section; one without a letter or digit is left out."""
        line = " ".join(paragraph.split())
        if not _CHARACTER.search(line):
            return
        self._characters += len(line)
        if self._characters > limits.CHARACTERS:
            raise Unreadable(f"more than {limits.CHARACTERS:,} characters of text")
        self._sections[place][2].append(line)

    def listed(self) -> tuple[Section, ...]:
        """The sections that have text, paragraphs parted by an empty line."""
        return tuple(
            Section(key=key, title=title, text="\n\n".join(paragraphs))
            for key, title, paragraphs in self._sections
            if paragraphs
        )


def require_prose(sections: tuple[Section, ...], least: int = 25) -> None:
    """Refuse a text that is no paper: an error page, a stub, a scan without a text layer.

    Raises:
        Unreadable: fewer than ``least`` words outside tables and captions.
    """
    words = sum(
        len(_WORD.findall(section.text))
        for section in sections
        if not section.key.startswith(("table-", "figure-", "abstract"))
    )
    if words < least:
        raise Unreadable(f"only {words} words of running text")
