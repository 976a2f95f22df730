"""What was read of a paper's full text, from which file, and what was found hidden in it.

Published beside a source: facts about the file and the reading, never the text itself.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.papers import IsoDate, SourceText


class TextFormat(StrEnum):
    """What a paper's text can be read from, the preferred one first."""

    HTML = "HTML"
    """The page that arXiv makes of the source with LaTeXML."""
    LATEX = "LaTeX source"
    """The e-print: what the authors sent in."""
    PDF = "PDF"
    ABSTRACT = "abstract"
    """None of the three could be read; the fallback, and named so."""


class FindingKind(StrEnum):
    """What a reader found in a file and left out."""

    CONCEALED = "concealed text"
    """Text that nobody sees who looks at the page: white, transparent, tiny, off the page."""
    COMMANDS = "commands"
    """The file asks for commands or files of the machine; nothing of it was run or opened."""
    UNREAD = "unread"
    """Something that carries no text to read, such as a comment, or a file that is missing."""


class TextFinding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One sort of thing that was found and left out."""

    kind: FindingKind
    """What sort of thing it is."""
    what: str
    """How it was concealed or what it asked for, in words."""
    count: Annotated[int, msgspec.Meta(ge=1)]
    """How often it was found."""
    words: Annotated[int, msgspec.Meta(ge=0)]
    """How many words that was in all."""


class PassedOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A preferred format that could not be read, and why."""

    format: TextFormat
    """The format."""
    reason: str
    """Why it could not be read, in words of this software."""


class FullTextRead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which file a paper's text was read from."""

    format: TextFormat
    """What the text was read from."""
    url: str | None
    """The file's address; None where only the abstract was read."""
    sha256: Sha256 | None
    """Digest of the file's bytes as they came; None likewise."""
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    """The file's size; 0 likewise."""
    date: IsoDate | None
    """UTC date on which it was fetched; None likewise."""
    parser: str
    """The library that parsed it, with version; empty likewise."""
    sections: Annotated[int, msgspec.Meta(ge=0)]
    """Sections that were read, tables and captions among them."""
    characters: Annotated[int, msgspec.Meta(ge=0)]
    """Their length in all, before white space was collapsed."""
    findings: tuple[TextFinding, ...]
    """What was found and left out."""
    passed_over: tuple[PassedOver, ...]
    """The preferred formats that could not be read, in order."""


class FullText(SourceText, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sections of a paper's full text; an empty line parts two paragraphs of a section.

    Where the abstract is the fallback its kind says so, and ``read`` says why.
    """

    read: FullTextRead
    concealed: tuple[str, ...] = ()
    """What was found and left out, in part; for checks in this run only, never published."""
