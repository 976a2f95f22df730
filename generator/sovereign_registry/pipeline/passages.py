"""Step 3: sections become sentences, and sentences of three or more words become passages.

A passage's locator counts characters in the section's text after it was cleaned (hidden characters
dropped, white space collapsed), which is also the text whose digest the manifest keeps.  All
passages of a run stand in one order: versionless paper key, then section in reading order, then
first character.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Locator
from sovereign_registry.contracts.manifest import Flag, FlagKind
from sovereign_registry.contracts.text import collapse, words
from sovereign_registry.pipeline.hostile import injected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.papers import Section
    from sovereign_registry.contracts.ports import SentenceSplitter
    from sovereign_registry.pipeline.reading import ReadPaper

MIN_WORDS = 3


@dataclass(frozen=True, kw_only=True)
class SourcePassage:
    """One sentence of one paper."""

    key: str
    """The paper's versionless key."""
    text: str
    locator: Locator


def split_passages(
    papers: Sequence[ReadPaper], splitter: SentenceSplitter
) -> tuple[SourcePassage, ...]:
    """All passages of the papers, in the order that the vectoriser is fitted on."""
    return tuple(
        passage
        for item in sorted(papers, key=lambda item: item.paper.key)
        for section in item.text.sections
        for passage in _of_section(item, section, splitter)
    )


def _of_section(
    item: ReadPaper, section: Section, splitter: SentenceSplitter
) -> Iterator[SourcePassage]:
    for start, end in splitter.spans(section.text):
        # A span may carry the space behind its sentence; a locator points at the words alone.
        raw = section.text[start:end]
        text = raw.strip()
        if len(words(text)) < MIN_WORDS:
            continue
        first = start + len(raw) - len(raw.lstrip())
        yield SourcePassage(
            key=item.paper.key,
            text=text,
            locator=Locator(
                paper=item.paper.ref,
                kind=item.text.kind,
                section=section.key,
                section_title=section.title,
                start=first,
                end=first + len(text),
                sha256=text_sha256(text),
            ),
        )


def source_flags(
    papers: Sequence[ReadPaper], passages: Sequence[SourcePassage]
) -> tuple[Flag, ...]:
    """Flags on hostile source text: hidden characters, and text that instructs its reader."""
    hidden = tuple(item.paper.ref for item in papers if item.hidden)
    suspicious = tuple(
        item.paper.ref
        for item in papers
        if injected(
            [item.paper.title, *(section.title for section in item.text.sections)]
            + [collapse(passage.text) for passage in passages if passage.key == item.paper.key]
        )
    )
    flags = []
    if hidden:
        flags.append(
            Flag(
                kind=FlagKind.HIDDEN_TEXT,
                message=(
                    f"Invisible or reordering characters were dropped from {_count(len(hidden))}."
                ),
                about=hidden,
                unresolved=True,
            )
        )
    if suspicious:
        flags.append(
            Flag(
                kind=FlagKind.INJECTION,
                message=(
                    f"{_count(len(suspicious)).capitalize()} held text that reads like an "
                    "instruction to a reviewer; it was not obeyed and not taken as a claim."
                ),
                about=suspicious,
                unresolved=True,
            )
        )
    return tuple(flags)


def _count(number: int) -> str:
    return "1 source" if number == 1 else f"{number} sources"
