"""lexical-v1: the TF-IDF cosine again, in plain Python, from published evidence.

The published value comes from ONE implementation, scikit-learn in the pipeline, quantised half-even
to 1e-9; the tick is decided on that value.  This module recomputes it to check it, never to replace
it: two correct implementations may differ by one unit in the last place, so a published value
counts as confirmed within 2e-9, and the tick is then checked against the published value.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.numbers import margin, quantise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sovereign_registry.contracts.claims import Claim, LexicalCheck
    from sovereign_registry.contracts.evidence import Evidence, EvidenceClaim, EvidenceMatch
    from sovereign_registry.contracts.manifest import Manifest

RULES = "lexical-v1"
TOLERANCE = Decimal("0.000000002")

_TOKEN = re.compile(r"(?u)\b\w\w+\b")


def terms(text: str) -> dict[str, int]:
    """Words and word pairs of a text with their counts, sorted by term.

    As ``TfidfVectorizer(ngram_range=(1, 2))`` counts them: lower case, words of two or more word
    characters, a pair is two words in a row joined by a space.
    """
    found = _TOKEN.findall(text.lower())
    pairs = (f"{one} {two}" for one, two in pairwise(found))
    return dict(sorted(Counter([*found, *pairs]).items()))


@lru_cache(maxsize=10_000)
def idf(df: int, n: int) -> float:
    """Smooth inverse document frequency, ``ln((1 + n) / (1 + df)) + 1``."""
    return math.log((1 + n) / (1 + df)) + 1.0


def cosine(
    counts_a: Mapping[str, int], counts_b: Mapping[str, int], df: Mapping[str, int], n: int
) -> str:
    """Cosine of two count vectors under TF-IDF weights, quantised half-even to 1e-9.

    Terms without a document frequency stand in no passage and are ignored; a vector without any
    known term has cosine 0 with everything.
    """

    def weights(counts: Mapping[str, int]) -> dict[str, float]:
        return {term: count * idf(df[term], n) for term, count in counts.items() if term in df}

    left, right = weights(counts_a), weights(counts_b)
    norm = math.sqrt(math.fsum(value * value for value in left.values())) * math.sqrt(
        math.fsum(value * value for value in right.values())
    )
    dot = math.fsum(value * right[term] for term, value in left.items() if term in right)
    return quantise(dot / norm if norm else 0.0)


def _match_faults(
    check: LexicalCheck, match: EvidenceMatch | None, claim: EvidenceClaim, evidence: Evidence
) -> Iterator[str]:
    if check.value is None:
        yield "has no published value"
        return
    value = Decimal(check.value)
    if check.passed != (value >= Decimal(check.threshold)):
        yield f"passed is {check.passed}, but {check.value} {check.comparator} {check.threshold}?"
    if check.margin is None or Decimal(check.margin) != Decimal(
        margin(check.value, check.threshold)
    ):
        yield f"margin {check.margin} is not {margin(check.value, check.threshold)}"
    if match is None:
        if check.best is not None or value != 0:
            yield "the evidence holds no match for it"
        return
    if match.value != check.value:
        yield f"the evidence states {match.value} where the record states {check.value}"
    if check.best is None or check.best.locator != match.locator:
        yield "record and evidence name different passages"
    elif text_sha256(check.best.quotation) == match.locator.sha256 and match.counts != terms(
        check.best.quotation
    ):
        yield "the evidence's counts are not those of the quoted passage"
    again = cosine(claim.counts, match.counts, evidence.df, evidence.passages)
    if abs(Decimal(again) - value) > TOLERANCE:
        yield f"recomputed {again} where {check.value} is published"


_Place = tuple[str, str, int, int, str]


def _claim_faults(
    claim: Claim, found: EvidenceClaim, evidence: Evidence, known: frozenset[_Place]
) -> Iterator[str]:
    if not claim.sha256 == found.sha256 == text_sha256(claim.text):
        yield "text: digest mismatch between text, record and evidence"
    if found.counts != terms(claim.text):
        yield "text: the evidence's counts are not those of the claim"
    tests = (
        ("verification", claim.verification, found.verification),
        ("corroboration", claim.corroboration, found.corroboration),
    )
    for name, check, match in tests:
        if check is not None:
            yield from (f"{name}: {it}" for it in _match_faults(check, match, found, evidence))
        elif match is not None:
            yield f"{name}: the evidence holds a match that the record does not"
        if match is not None:
            place = match.locator
            key = (place.paper, place.section, place.start, place.end, place.sha256)
            if key not in known:
                yield f"{name}: the passage is not in the evidence's index"


def recompute_claims(manifest: Manifest, evidence: Evidence) -> list[str]:
    """Recompute every computed claim's tests; return one line per fault, none if all agree.

    Faults: a value off by more than 2e-9, a tick or margin that does not follow from its value,
    counts or digests that do not belong to the text, a passage that was not compared with, and
    claims that only one side holds.
    """
    if evidence.record != manifest.id:
        return [f"the evidence belongs to {evidence.record}, not to {manifest.id}"]
    faults = []
    if evidence.passages != len(evidence.index):
        faults.append(f"passages is {evidence.passages}, but {len(evidence.index)} are listed")
    by_id = {found.id: found for found in evidence.claims}
    computed = [claim for claim in manifest.claims if claim.origin == "computed"]
    if len(by_id) != len(evidence.claims):
        faults.append("the evidence holds a claim twice")
    faults += [
        f"{extra}: only the evidence holds it"
        for extra in sorted(by_id.keys() - {claim.id for claim in computed})
    ]
    known = frozenset((p.paper, p.section, p.start, p.end, p.sha256) for p in evidence.index)
    for claim in computed:
        if claim.id not in by_id:
            faults.append(f"{claim.id}: the evidence does not hold it")
            continue
        found = _claim_faults(claim, by_id[claim.id], evidence, known)
        faults += [f"{claim.id} {fault}" for fault in found]
    return faults
