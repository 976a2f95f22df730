"""The configuration of a run, resolved: every option that can change a record's bytes."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.live import (
    ExtractionSettings,
    MeaningSettings,
    PanelSettings,
    TextSettings,
)
from sovereign_registry.contracts.numbers import DecimalText, Score

PIPELINE_VERSION = "1"
"""Raised whenever the same inputs would give other bytes; part of every record's id."""


class RunConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Defaults are those of the source documents wherever they state one."""

    pipeline: Literal["1"] = "1"
    source: str = "corpus"
    """``corpus``, ``arxiv`` or ``snapshot``."""
    queries: Annotated[int, msgspec.Meta(ge=1, le=4)] = 4
    results_per_query: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    max_papers: Annotated[int, msgspec.Meta(ge=1, le=50)] = 12
    """Papers read after the merge, best first."""
    max_claims: Annotated[int, msgspec.Meta(ge=1, le=50)] = 12
    claims_per_paper: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    threshold: DecimalText = "0.15"
    """The lexical tick's threshold; the comparison is ``>=`` on the quantised cosine."""
    approve_at: Score = "6.5"
    reject_below: Score = "5.0"
    max_revisions: Annotated[int, msgspec.Meta(ge=0, le=1)] = 1
    auto_min_verified: Annotated[int, msgspec.Meta(ge=1)] = 5
    auto_min_role: Score = "5.0"
    auto_max_spread: Score = "3.0"
    reviewers: str = "rubric"
    embedder: str = "lsa"
    near_duplicate_at: DecimalText = "0.6"
    """Jaccard similarity of content words from which two texts are near-duplicates."""
    meaning: MeaningSettings | msgspec.UnsetType = msgspec.UNSET
    """The embedding model that was asked; unset where none was."""
    panel: PanelSettings | msgspec.UnsetType = msgspec.UNSET
    """The language models that judged; unset where the rubric is the panel."""
    extraction: ExtractionSettings | msgspec.UnsetType = msgspec.UNSET
    """The language model that chose the claims; unset where the published score did."""
    texts: TextSettings | msgspec.UnsetType = msgspec.UNSET
    """How full texts are read; unset where only abstracts, or the corpus, are."""
