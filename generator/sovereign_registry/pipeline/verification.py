"""Step 5: the lexical tick, and corroboration beside it.

``TfidfVectorizer(ngram_range=(1, 2))``, otherwise default, is fitted on all passages of the run's
papers in their one order; claims are not among them.  A claim is compared with every passage but
its own and those with the same normalised text.  Its value is the largest cosine, quantised
half-even to 1e-9 *before* any comparison; of equal values the first passage in the order stands.
The tick is ``value >= threshold``.  Corroboration is the same test over the passages of different
papers (versionless keys).  Neither says that a claim is true.

All claims go through one transform and one sparse product per block of 1,024.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import LexicalCheck, Origin, Passage
from sovereign_registry.contracts.evidence import (
    VECTORISER,
    Evidence,
    EvidenceClaim,
    EvidenceMatch,
    EvidencePassage,
)
from sovereign_registry.contracts.numbers import margin, quantise, show
from sovereign_registry.contracts.rules.lexical_v1 import terms
from sovereign_registry.contracts.text import normalise, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.pipeline.passages import SourcePassage

QUOTATION = 500
SHARED_TERMS = 12
_BLOCK = 1024
_ZERO = "0.000000000"
_NOTHING = "No other passage shares a word with it."
_ROUNDS = "Shown rounded; decided on the raw value, which lies within 0.0005 of the threshold."


@dataclass(frozen=True, kw_only=True)
class Match:
    """The best passage of one test: its cosine and where it stands in the order; -1 for none."""

    value: str
    index: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Both tests of one claim."""

    verification: Match
    corroboration: Match


class LexicalIndex:
    """All passages of a run under one fitted vectoriser.

    Args:
        passages: In the order of the fit.
    """

    def __init__(self, passages: Sequence[SourcePassage]) -> None:
        self.passages = tuple(passages)
        keys = {key: number for number, key in enumerate(dict.fromkeys(p.key for p in passages))}
        self._paper_of = np.array([keys[p.key] for p in passages], dtype=np.int64)
        self._same: dict[str, list[int]] = defaultdict(list)
        for index, passage in enumerate(passages):
            self._same[normalise(passage.text)].append(index)
        self._fit([passage.text for passage in passages])

    def _fit(self, texts: list[str]) -> None:
        # Imported here: it costs a second, which a run that finds its record must not pay.
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

        self._vectoriser: Any = TfidfVectorizer(ngram_range=(1, 2))
        try:
            self._matrix: Any = self._vectoriser.fit_transform(texts)
        except ValueError:  # scikit-learn's word for "no passage holds a term"
            self._matrix = None

    def compare(self, claims: Sequence[SourcePassage]) -> Iterator[Outcome]:
        """Both tests for each claim, in order."""
        if self._matrix is None:
            none = Match(value=_ZERO, index=-1)
            yield from (Outcome(verification=none, corroboration=none) for _ in claims)
            return
        transposed = self._matrix.T.tocsr()
        for start in range(0, len(claims), _BLOCK):
            block = claims[start : start + _BLOCK]
            product = (
                self._vectoriser.transform([claim.text for claim in block]) @ transposed
            ).tocsr()
            for row, claim in enumerate(block):
                low, high = product.indptr[row], product.indptr[row + 1]
                yield self._outcome(claim, product.indices[low:high], product.data[low:high])

    def _outcome(
        self, claim: SourcePassage, found: NDArray[np.int32], values: NDArray[np.float64]
    ) -> Outcome:
        same = self._same.get(normalise(claim.text))
        if same:
            kept = found != same[0] if len(same) == 1 else ~np.isin(found, same)
            found, values = found[kept], values[kept]
        own = next((i for i in same or () if self.passages[i].key == claim.key), None)
        others = np.ones(len(found), dtype=bool)
        if own is not None:
            others = self._paper_of[found] != self._paper_of[own]
        return Outcome(
            verification=_best(found, values),
            corroboration=_best(found[others], values[others]),
        )

    def check(self, claim: SourcePassage, match: Match, threshold: str) -> LexicalCheck:
        """One test's outcome as the manifest keeps it."""
        distance = margin(match.value, threshold)
        passed = Decimal(match.value) >= Decimal(threshold)
        close = abs(Decimal(distance)) < Decimal("0.0005")
        return LexicalCheck(
            origin=Origin.COMPUTED,
            passed=passed,
            value=match.value,
            display=show(match.value),
            comparator=">=",
            threshold=threshold,
            margin=distance,
            best=self._passage(claim, match.index) if match.index >= 0 else None,
            note=_NOTHING if match.index < 0 else _ROUNDS if close else "",
        )

    def _passage(self, claim: SourcePassage, index: int) -> Passage:
        passage = self.passages[index]
        return Passage(
            locator=passage.locator,
            quotation=shorten(passage.text, QUOTATION),
            shared_terms=self._shared(claim.text, passage.text),
        )

    def _shared(self, claim: str, passage: str) -> tuple[str, ...]:
        """Terms of both texts by their share of the cosine, heaviest first, ties by term."""
        known, weights = self._vectoriser.vocabulary_, self._vectoriser.idf_
        left, right = terms(claim), terms(passage)
        # The norms are the same for every term, so they cannot change the order.
        weighed = [
            (-round(left[term] * right[term] * float(weights[known[term]]) ** 2, 9), term)
            for term in left.keys() & right.keys() & known.keys()
        ]
        return tuple(term for _, term in sorted(weighed)[:SHARED_TERMS])

    def evidence(
        self, record: str, claims: Sequence[Claim], outcomes: Sequence[Outcome]
    ) -> Evidence:
        """Everything that is needed to recompute the published values, without the texts."""
        held = tuple(
            EvidenceClaim(
                id=claim.id,
                sha256=text_sha256(claim.text),
                counts=terms(claim.text),
                verification=self._match(outcome.verification),
                corroboration=self._match(outcome.corroboration),
            )
            for claim, outcome in zip(claims, outcomes, strict=True)
        )
        return Evidence(
            contract="lexical-evidence-v1",
            record=record,
            vectoriser=VECTORISER,
            passages=len(self.passages),
            df=self._frequencies(held),
            claims=held,
            index=tuple(
                EvidencePassage(
                    paper=passage.locator.paper,
                    section=passage.locator.section,
                    start=passage.locator.start,
                    end=passage.locator.end,
                    sha256=passage.locator.sha256,
                )
                for passage in self.passages
            ),
        )

    def _match(self, match: Match) -> EvidenceMatch | None:
        if match.index < 0:
            return None
        passage = self.passages[match.index]
        return EvidenceMatch(value=match.value, locator=passage.locator, counts=terms(passage.text))

    def _frequencies(self, claims: Sequence[EvidenceClaim]) -> dict[str, int]:
        if self._matrix is None:
            return {}
        needed: set[str] = set()
        for claim in claims:
            needed.update(claim.counts)
            for match in (claim.verification, claim.corroboration):
                needed.update(match.counts if match else ())
        counts = np.bincount(self._matrix.indices, minlength=self._matrix.shape[1])
        known = self._vectoriser.vocabulary_
        return {term: int(counts[known[term]]) for term in sorted(needed) if term in known}


def _best(found: NDArray[np.int32], values: NDArray[np.float64]) -> Match:
    """The largest quantised value, the first passage among equals."""
    if not len(values):
        return Match(value=_ZERO, index=-1)
    top = values >= values.max() - 2e-9  # all that can be equal once quantised
    quantised = [
        (quantise(float(value)), int(index))
        for value, index in zip(values[top], found[top], strict=True)
    ]
    value = max((value for value, _ in quantised), key=Decimal)
    if Decimal(value) == 0:
        return Match(value=_ZERO, index=-1)
    return Match(value=value, index=min(index for held, index in quantised if held == value))
