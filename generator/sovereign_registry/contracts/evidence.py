"""lexical-evidence-v1: what is needed to recompute every claim's cosine without the papers' texts.

Word and word-pair counts and document frequencies are facts about the passages; no passage is
republished here.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.claims import ClaimId, Locator
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.numbers import DecimalText

TermCount = Annotated[int, msgspec.Meta(ge=1)]

VECTORISER = (
    "TF-IDF of words and word pairs: lower case, words of two or more characters, raw counts, "
    "idf = ln((1 + n) / (1 + df)) + 1 over the n passages, L2 norm; terms that no passage holds "
    "are ignored. As scikit-learn's TfidfVectorizer(ngram_range=(1, 2)), otherwise defaults, "
    "fitted on all passages."
)


class EvidenceMatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The best passage of one test, as counted terms."""

    value: DecimalText
    """The published cosine."""
    locator: Locator
    counts: dict[str, TermCount]
    """Every word and word pair of the passage with its count."""


class EvidenceClaim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One claim as counted terms, with the passages that its two tests rest on."""

    id: ClaimId
    sha256: Sha256
    """Digest of the claim's text."""
    counts: dict[str, TermCount]
    verification: EvidenceMatch | None
    """None where there was no passage to compare with."""
    corroboration: EvidenceMatch | None


class EvidencePassage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One passage that was compared with, by place and digest."""

    paper: str
    section: str
    start: Annotated[int, msgspec.Meta(ge=0)]
    end: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Sha256


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The evidence behind a record's lexical checks."""

    contract: Literal["lexical-evidence-v1"]
    record: RecordId
    vectoriser: str
    """How the cosine is computed, in words."""
    passages: Annotated[int, msgspec.Meta(ge=0)]
    """How many passages the vectoriser was fitted on."""
    df: dict[str, TermCount]
    """In how many passages each term stands, for every term of a vector below that any holds."""
    claims: tuple[EvidenceClaim, ...]
    index: tuple[EvidencePassage, ...]
    """All passages that were compared with, in the order of the fit."""
