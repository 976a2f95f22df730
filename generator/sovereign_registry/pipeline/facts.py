"""What a report is written from: the facts of one run as they stand in one round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sovereign_registry.pipeline.own_texts import NOTES, noun, origins
from sovereign_registry.pipeline.stems import covered, stem_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.manifest import Flag, QueryRecord
    from sovereign_registry.pipeline.reading import ReadPaper


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of one run in one round."""

    record: str
    question: str
    question_words: tuple[str, ...]
    as_of: str
    config: RunConfig
    source_label: str
    queries: tuple[QueryRecord, ...]
    retrieved: int
    papers: tuple[ReadPaper, ...]
    """In reading order."""
    passages: int
    claims: tuple[Claim, ...]
    """All claims of the record; the report states those retained."""
    flags: tuple[Flag, ...]
    embedder: str
    dimension: int
    review_method: str
    revision_round: int
    added: tuple[str, ...]
    """Uncertainties that the revision added."""

    @property
    def retained(self) -> tuple[Claim, ...]:
        """The claims that the report states."""
        return tuple(claim for claim in self.claims if claim.retained)

    @property
    def verified(self) -> tuple[Claim, ...]:
        """Those of them that passed the lexical test."""
        return tuple(claim for claim in self.retained if claim.verification.passed)

    @property
    def corroborated(self) -> tuple[Claim, ...]:
        """Those of them that a passage of a different paper corroborates."""
        return tuple(c for c in self.retained if c.corroboration and c.corroboration.passed)

    @property
    def claim_refs(self) -> tuple[str, ...]:
        """The papers that the retained claims come from, in the order of the claims."""
        return tuple(dict.fromkeys(c.locator.paper for c in self.retained if c.locator))

    @property
    def covered(self) -> tuple[str, ...]:
        """The question's content words that the titles and texts of those papers hold."""
        refs = set(self.claim_refs)
        texts = [
            text
            for item in self.papers
            if item.paper.ref in refs
            for text in (item.paper.title, *(section.text for section in item.text.sections))
        ]
        return covered(self.question_words, stem_set(texts))

    @property
    def cited(self) -> tuple[ReadPaper, ...]:
        """The papers that the report cites, in reading order."""
        uses = used_for(self.retained)
        return tuple(item for item in self.papers if item.paper.ref in uses)

    @property
    def noun(self) -> str:
        """What the things found are called: ``paper``, or ``source`` where notes are among them."""
        return noun(hit.paper for query in self.queries for hit in query.hits)

    @property
    def written_from(self) -> tuple[str, ...]:
        """What the texts are that claims come from, in words; of all read where there is none."""
        claimed = [(c.locator.paper, c.locator.kind) for c in self.claims if c.locator]
        return origins(claimed or ((item.paper.ref, item.text.kind) for item in self.papers))

    @property
    def own_results(self) -> bool:
        """Whether claims come from technical notes, which report the registry's own results."""
        return bool(self.claims) and NOTES in self.written_from

    def paper(self, ref: str) -> ReadPaper:
        """The read paper with this reference."""
        return next(item for item in self.papers if item.paper.ref == ref)


def used_for(claims: Iterable[Claim]) -> dict[str, tuple[str, ...]]:
    """Why each paper is listed: for ``claims``, as ``evidence`` or as ``corroboration``."""
    uses: dict[str, dict[str, None]] = {}
    for claim in claims:
        places = [
            (claim.locator, "claims"),
            (claim.verification.best and claim.verification.best.locator, "evidence"),
            (
                claim.corroboration
                and claim.corroboration.best
                and claim.corroboration.best.locator,
                "corroboration",
            ),
        ]
        for locator, use in places:
            if locator:
                uses.setdefault(locator.paper, {})[use] = None
    order = ("claims", "evidence", "corroboration")
    return {ref: tuple(use for use in order if use in held) for ref, held in uses.items()}
