"""Papers as a source returns them, and the text that could be read of them.

A paper is known by a versionless key (``2601.15021``, ``hep-th/9901001``, ``note-kv-cache``) and,
where the source states it, a version.  ``Paper.ref`` is the key with its version.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

import msgspec

PAPER_KEY_PATTERN = (
    r"^(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}|note-[a-z0-9]+(?:-[a-z0-9]+)*)$"
)
_VERSION = re.compile(r"(?<=\d)v\d+$")
PaperKey = Annotated[str, msgspec.Meta(pattern=PAPER_KEY_PATTERN, max_length=80)]
IsoDate = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


def key_of(ref: str) -> str:
    """The versionless key of a reference; inverse of ``Paper.ref``."""
    if ref.startswith("note-"):
        return ref.rpartition(".v")[0] or ref
    return _VERSION.sub("", ref)


class TextKind(StrEnum):
    """What kind of text stands behind a paper in this run.

    The kind bounds the verification level: a registry summary never lifts a claim above Level 1.
    """

    SECTIONS = "parsed source sections"
    """Full text was parsed into sections."""
    ABSTRACT = "abstract"
    """Only the abstract was at hand; an abstract is a section and is named as one."""
    SUMMARY = "registry summary"
    """The registry's own words about a paper; not the paper's words."""
    DECLARED = "declared"
    """An imported draft named the paper; its text was not read here."""


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One paper as a source returned it; every string is plain text with collapsed whitespace."""

    key: PaperKey
    version: int | None
    """The version that the source states (1 or more), or None where it states none."""
    title: str
    authors: tuple[str, ...]
    published: IsoDate
    """First publication, or the listing date where the source has no other."""
    updated: IsoDate
    categories: tuple[str, ...]
    abstract: str
    """The abstract as the source gave it; empty where the source carries none."""
    licence: str
    """Licence of the text that this run may quote, in words."""

    @property
    def ref(self) -> str:
        """The key with its version: ``2601.15021v1``, ``note-kv-cache.v1``; else the bare key."""
        if not self.version:
            return self.key
        point = "." if self.key.startswith("note-") else ""
        return f"{self.key}{point}v{self.version}"


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One section of a paper's text, in reading order."""

    key: str
    """``abstract``, ``summary``, or the section's number such as ``3.1``."""
    title: str
    text: str


class SourceText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sections of one paper that could be read, and of what kind they are."""

    kind: TextKind
    sections: tuple[Section, ...]


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One search query derived from the question; its terms are plain words, never query syntax."""

    number: int
    """1 to 4, in the order of the methodology page."""
    terms: tuple[str, ...]
    rule: str
    """How the terms were chosen, in words."""

    @property
    def text(self) -> str:
        """The terms joined by single spaces."""
        return " ".join(self.terms)


class SearchReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a source answered to one query, best first."""

    papers: tuple[Paper, ...]
    total: int
    """How many papers the source says match, which may exceed ``len(papers)``."""
    sha256: str
    """Digest of the reply's bytes (a live source) or of its canonical form (a local index)."""
    as_of: IsoDate
    """The newest date that the reply's content vouches for: the UTC date of a live reply,
    the newest date in a local collection; never the clock of a replay."""
    complete: bool
    """False where the source could not give all that was asked for."""
