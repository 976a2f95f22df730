"""Step 4 with a model: it chooses by quoting, and every quotation is checked by rule.

Asked about are the relevant papers (``selection.relevant_papers``), of each the sections that hold
most of the question's words.  A quotation counts if, white space collapsed and compared as NFC, it
stands word for word in one sentence of the section and is at least half of it; the claim is then
that sentence as the source has it, with its locator and digest, and no word is the model's.  The
sentence must stand on its own and must not read like an instruction, as with the published score.
What is refused is counted in the record, by section.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from sovereign_registry.contracts.claims import Selection
from sovereign_registry.contracts.extraction import Extraction, SectionAsked, SectionReply
from sovereign_registry.contracts.text import collapse
from sovereign_registry.pipeline.at_once import ask_at_once
from sovereign_registry.pipeline.orders import asks_models, reads_like_order
from sovereign_registry.pipeline.selection import (
    Candidate,
    claim_kind,
    judge,
    relevant_papers,
    select_claims,
    stands_alone,
)
from sovereign_registry.pipeline.stems import covered, stem_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.live import ExtractionSettings
    from sovereign_registry.contracts.papers import Section
    from sovereign_registry.contracts.ports import ClaimExtractor
    from sovereign_registry.pipeline.passages import SourcePassage
    from sovereign_registry.pipeline.ports import Ports
    from sovereign_registry.pipeline.reading import ReadPaper
    from sovereign_registry.pipeline.run import Prepared

AT_ONCE = 8
"""Sections that are asked about at the same time."""


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """What a model offers as claims, and how it came about."""

    offers: dict[str, list[Candidate]]
    """By paper key, best first."""
    extraction: Extraction


@dataclass(kw_only=True)
class _Checked:
    """The quotations of one section, sorted into what they are."""

    taken: list[SourcePassage] = field(default_factory=list)
    not_found: int = 0
    not_a_sentence: int = 0
    not_fit: int = 0


def choose_claims(
    prepared: Prepared,
    papers: Sequence[ReadPaper],
    passages: Sequence[SourcePassage],
    ports: Ports,
) -> tuple[tuple[Candidate, ...], Extraction | UnsetType]:
    """The claims of a run, by the published score or, where the run has one, by a model.

    Raises:
        ModelFailure: of a kind that stops the run.
    """
    words, config = prepared.question_words, prepared.config
    settings = config.extraction
    if asks_models(config):
        # A suspicious sentence is compared and quoted as evidence like any other, never stated.
        passages = [passage for passage in passages if not reads_like_order(passage.text)]
    if ports.extractor is None or isinstance(settings, UnsetType):
        return select_claims(papers, passages, words, config), UNSET
    quoted = quote_claims(prepared, papers, passages, settings, ports.extractor)
    asked = quoted.extraction.sections
    given, refused = sum(one.quotes for one in asked), sum(one.refused for one in asked)
    ports.progress.note(f"{given} quotations from {len(asked)} sections, {refused} refused")
    return select_claims(papers, passages, words, config, quoted.offers), quoted.extraction


def quote_claims(
    prepared: Prepared,
    papers: Sequence[ReadPaper],
    passages: Sequence[SourcePassage],
    settings: ExtractionSettings,
    extractor: ClaimExtractor,
) -> Quoted:
    """Ask about the sections of the relevant papers and check what comes back.

    Raises:
        ModelFailure: of a kind that stops the run.
    """
    question_words = prepared.question_words
    asked = [
        (item, section)
        for item in relevant_papers(papers)
        for section in _sections(item, question_words, settings.sections_per_paper)
    ]

    def ask(pair: tuple[ReadPaper, Section]) -> SectionReply:
        item, section = pair
        return extractor.quotes(prepared.question, item.paper.ref, section.title, section.text)

    replies = ask_at_once(ask, asked, AT_ONCE)
    offers: dict[str, list[Candidate]] = {}
    told: list[SectionAsked] = []
    for (item, section), reply in zip(asked, replies, strict=True):
        mine = [
            passage
            for passage in passages
            if passage.key == item.paper.key
            and (passage.locator.section, passage.locator.section_title)
            == (section.key, section.title)
        ]
        checked = check_quotes(reply.quotes, mine, section.text)
        offers.setdefault(item.paper.key, []).extend(
            _candidate(passage, question_words, settings.model) for passage in checked.taken
        )
        told.append(_told(item, section, reply, checked))
    return Quoted(
        offers=offers,
        extraction=Extraction(
            model=settings.model, service=extractor.service, sections=tuple(told)
        ),
    )


def check_quotes(quotes: Sequence[str], passages: Sequence[SourcePassage], text: str) -> _Checked:
    """Sort the quotations of one section into sentences taken and refusals counted."""
    found = _Checked()
    for quote in quotes:
        wanted = _same(quote)
        holding = [passage for passage in passages if wanted in _same(passage.text)]
        if not holding:
            if wanted in _same(text):
                found.not_a_sentence += 1
            else:
                found.not_found += 1
            continue
        passage = min(holding, key=lambda item: len(item.text))
        if 2 * len(wanted) < len(_same(passage.text)):
            found.not_a_sentence += 1
        elif not stands_alone(passage.text):
            found.not_fit += 1
        elif passage not in found.taken:
            found.taken.append(passage)
    return found


def _same(text: str) -> str:
    return unicodedata.normalize("NFC", collapse(text))


def _sections(item: ReadPaper, question_words: Sequence[str], most: int) -> list[Section]:
    """The sections that hold most words of the question, in reading order."""
    held = [
        (-len(covered(question_words, stem_set((section.title, section.text)))), place)
        for place, section in enumerate(item.text.sections)
    ]
    chosen = sorted(place for _, place in sorted(held)[:most])
    return [item.text.sections[place] for place in chosen]


def _candidate(passage: SourcePassage, question_words: Sequence[str], model: str) -> Candidate:
    by_rule = judge(passage.text, question_words)
    return Candidate(
        passage=passage,
        selection=Selection(
            score=by_rule.score if by_rule else "0",
            reasons=(
                f"chosen by {model}, which quoted it word for word",
                *(by_rule.reasons if by_rule else ()),
            ),
        ),
        kind=claim_kind(passage.text),
    )


def _told(
    item: ReadPaper, section: Section, reply: SectionReply, checked: _Checked
) -> SectionAsked:
    return SectionAsked(
        paper=item.paper.ref,
        section=section.key,
        call=reply.call,
        fault=reply.fault,
        quotes=len(reply.quotes),
        not_found=checked.not_found,
        not_a_sentence=checked.not_a_sentence,
        not_fit=checked.not_fit,
    )
