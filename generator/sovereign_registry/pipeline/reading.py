"""Step 2: the papers in reading order, with what each covers of the question.

*Coverage* is the share of the question's content words that a paper's title and text hold.  For the
order, the text is the abstract (where a source carries none, what can be read); once a paper was
read, it is all that was read.  Reading order: coverage and fused score side by side, each divided
by the best value among the candidates and weighted 0.8 and 0.2, best first, ties by paper key; the
first ``max_papers`` are read.

When the five best together cover on average less than a third, the record is flagged OFF_TOPIC.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.manifest import Flag, FlagKind
from sovereign_registry.contracts.numbers import share, show
from sovereign_registry.pipeline.hostile import scrub_paper, scrub_text
from sovereign_registry.pipeline.own_texts import noun
from sovereign_registry.pipeline.stems import covered, stem_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.papers import Paper, SourceText
    from sovereign_registry.contracts.ports import SectionReader
    from sovereign_registry.pipeline.retrieval import Fused

COVERAGE_WEIGHT = Decimal("0.8")
FUSED_WEIGHT = Decimal("0.2")
BEST = 5
"""How many of the papers decide whether a record is off topic."""


@dataclass(frozen=True, kw_only=True)
class ReadPaper:
    """One paper that the run read, clean."""

    paper: Paper
    text: SourceText
    fused: str
    covered: tuple[str, ...]
    coverage: str
    hidden: bool
    """Whether its strings held hidden characters, which were dropped."""


def reading_order(
    fused: Sequence[Fused], question_words: Sequence[str], reader: SectionReader
) -> tuple[Fused, ...]:
    """The merged papers, the most relevant to the question first."""
    if not fused:
        return ()
    scored = [
        (len(covered(question_words, _order_stems(item.paper, reader))), item) for item in fused
    ]
    most = max(count for count, _ in scored) or 1
    best = max(Decimal(item.score) for item in fused)

    def weight(count: int, item: Fused) -> Decimal:
        return COVERAGE_WEIGHT * count / most + FUSED_WEIGHT * Decimal(item.score) / best

    scored.sort(key=lambda pair: (-weight(*pair), pair[1].paper.key))
    return tuple(item for _, item in scored)


def read_papers(
    ordered: Sequence[Fused], question_words: Sequence[str], reader: SectionReader
) -> tuple[ReadPaper, ...]:
    """Read papers in order; coverage is over all that was read.

    Raises:
        SourceFailure: a text is there but cannot be read.
    """
    return tuple(_read(item, question_words, reader) for item in ordered)


def off_topic(papers: Sequence[ReadPaper], question_words: Sequence[str]) -> tuple[Flag, ...]:
    """The flag of a record whose best papers say little of what the question asks."""
    best = papers[:BEST]
    found, asked = sum(len(item.covered) for item in best), len(best) * len(question_words)
    if 3 * found >= asked:  # exact where a rounded share would not be
        return ()
    return (
        Flag(
            kind=FlagKind.OFF_TOPIC,
            message=(
                f"The {len(best)} best {noun(item.paper.ref for item in best)}s cover on average "
                f"{show(share(found, asked))} of the question's content words, less than a third."
            ),
            about=tuple(item.paper.ref for item in best),
            unresolved=True,
        ),
    )


def _order_stems(paper: Paper, reader: SectionReader) -> frozenset[str]:
    if paper.abstract:
        return stem_set((paper.title, paper.abstract))
    return stem_set((paper.title, *(section.text for section in reader.read(paper).sections)))


def _read(item: Fused, question_words: Sequence[str], reader: SectionReader) -> ReadPaper:
    text, hidden_text = scrub_text(reader.read(item.paper))
    paper, hidden_paper = scrub_paper(item.paper)
    stems = stem_set((paper.title, *(section.text for section in text.sections)))
    found = covered(question_words, stems)
    return ReadPaper(
        paper=paper,
        text=text,
        fused=item.score,
        covered=found,
        coverage=share(len(found), len(question_words)),
        hidden=hidden_text or hidden_paper,
    )
