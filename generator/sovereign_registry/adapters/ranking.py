"""The digest of what a local index answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import content_sha256

if TYPE_CHECKING:
    from sovereign_registry.contracts.papers import Paper


def ranking_sha256(content: str, papers: tuple[Paper, ...]) -> str:
    """Digest of a local index's answer: the digest of what was searched and the ranked refs."""
    ranked = [[paper.ref, rank] for rank, paper in enumerate(papers, start=1)]
    return content_sha256({"content_sha256": content, "ranked": ranked})
