"""Step 3: sections become sentences, and sentences of three or more words become passages.

A passage's locator counts characters in the section's text after it was cleaned (hidden characters
dropped, white space collapsed, the paragraphs of a full text parted by one empty line), which is
also the text whose digest the manifest keeps.  All
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
from sovereign_registry.contracts.texts import FindingKind, FullText
from sovereign_registry.pipeline.hostile import reads_like_injection
from sovereign_registry.pipeline.orders import reads_like_order

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
    papers: Sequence[ReadPaper], passages: Sequence[SourcePassage], *, for_models: bool = False
) -> tuple[Flag, ...]:
    """Flags on hostile source text: hidden characters, and text that instructs its reader.

    Args:
        papers: What was read.
        passages: Its passages.
        for_models: Whether the patterns of ``orders`` count too.
    """
    suspects = reads_like_order if for_models else reads_like_injection
    hidden = tuple(item.paper.ref for item in papers if item.hidden)
    suspicious = tuple(
        item.paper.ref for item in papers if any(map(suspects, _sentences(item, passages)))
    )
    unseen = _with_findings(papers, FindingKind.CONCEALED)
    commanding = _with_findings(papers, FindingKind.COMMANDS)
    found = (
        (
            FlagKind.HIDDEN_TEXT,
            hidden,
            f"Invisible or reordering characters were dropped from {_count(len(hidden))}.",
        ),
        (
            FlagKind.HIDDEN_TEXT,
            unseen,
            f"Text that nobody sees who looks at the page was left out of {_count(len(unseen))}.",
        ),
        (
            FlagKind.INJECTION,
            suspicious,
            (
                f"{_count(len(suspicious)).capitalize()} held text that reads like an "
                "instruction to a reviewer; it was not obeyed and not taken as a claim."
            ),
        ),
        (
            FlagKind.INJECTION,
            commanding,
            (
                f"The file of {_count(len(commanding))} asks for commands or files of the "
                "machine; nothing of it was run or opened."
            ),
        ),
    )
    return tuple(
        Flag(kind=kind, message=message, about=about, unresolved=True)
        for kind, about, message in found
        if about
    )


def _sentences(item: ReadPaper, passages: Sequence[SourcePassage]) -> tuple[str, ...]:
    """All that a paper says: titles, passages, and what its file conceals."""
    return (
        item.paper.title,
        *(section.title for section in item.text.sections),
        *(collapse(one.text) for one in passages if one.key == item.paper.key),
        *(item.text.concealed if isinstance(item.text, FullText) else ()),
    )


def _with_findings(papers: Sequence[ReadPaper], kind: FindingKind) -> tuple[str, ...]:
    """The papers in whose files a finding of this kind was made."""
    return tuple(
        item.paper.ref
        for item in papers
        if isinstance(item.text, FullText)
        and any(finding.kind is kind for finding in item.text.read.findings)
    )


def _count(number: int) -> str:
    return "1 source" if number == 1 else f"{number} sources"
