"""Step 1, second half: ask all queries at once and merge the answers.

The queries go to the one search port from a pool of threads; what happens on the wire is the
adapter's affair.  Answers are merged by reciprocal rank fusion (Cormack, Clarke and Buettcher,
SIGIR 2009): a paper's fused score is the sum of 1 / (60 + rank) over the queries that returned it,
equal scores ordered by paper key.  Papers are the same when their versionless keys are; the newest
version stands for all, at the best rank that any version had.  The result does not depend on which
answer arrives first.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.manifest import Hit, QueryRecord
from sovereign_registry.contracts.rules.fusion_v1 import RRF_K, fused_score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.papers import Paper, Query, SearchReply
    from sovereign_registry.contracts.ports import PaperSearch


FUSION = (
    f"reciprocal rank fusion: the sum of 1 / ({RRF_K} + rank) over the queries, ties by paper id"
)


@dataclass(frozen=True, kw_only=True)
class Fused:
    """One distinct paper after the merge."""

    paper: Paper
    score: str
    """The fused score, nine decimals."""


def ask_all(search: PaperSearch, queries: Sequence[Query], limit: int) -> tuple[SearchReply, ...]:
    """Send all queries at once; answers in the order of the queries.

    Raises:
        SourceFailure: of the first query, in their order, that failed.
    """
    with ThreadPoolExecutor(max_workers=len(queries)) as pool:
        futures = [pool.submit(search.search, query, limit) for query in queries]
        return tuple(future.result() for future in futures)


def fuse(replies: Sequence[SearchReply]) -> tuple[Fused, ...]:
    """Merge the answers, best first."""
    newest: dict[str, Paper] = {}
    shares: dict[str, list[int]] = {}
    for reply in replies:
        ranks: dict[str, int] = {}
        for rank, paper in enumerate(reply.papers, start=1):
            ranks.setdefault(paper.key, rank)
            held = newest.get(paper.key)
            if held is None or _version_order(paper) > _version_order(held):
                newest[paper.key] = paper
        for key, rank in ranks.items():
            shares.setdefault(key, []).append(rank)
    fused = [Fused(paper=newest[key], score=fused_score(found)) for key, found in shares.items()]
    return tuple(sorted(fused, key=lambda item: (-float(item.score), item.paper.key)))


def require_papers(fused: Sequence[Fused], label: str) -> None:
    """Stop a run whose queries found nothing.

    Raises:
        SourceFailure: there is no paper at all; nothing is written.
    """
    if not fused:
        raise SourceFailure(
            "no paper matches any of the queries, so there is nothing to report",
            where=label,
            todo=(
                "Ask with other words, in English: the sources at hand are in English. Or search "
                "another source (--source)."
            ),
        )


def query_records(
    queries: Sequence[Query], replies: Sequence[SearchReply]
) -> tuple[QueryRecord, ...]:
    """The queries with what came back, as the manifest keeps them."""
    return tuple(
        QueryRecord(
            query=query,
            total=reply.total,
            complete=reply.complete,
            reply_sha256=reply.sha256,
            hits=tuple(
                Hit(paper=paper.ref, rank=rank) for rank, paper in enumerate(reply.papers, start=1)
            ),
        )
        for query, reply in zip(queries, replies, strict=True)
    )


def _version_order(paper: Paper) -> tuple[int, str, str]:
    """Newer versions sort higher; the title makes even a source's contradiction deterministic."""
    return (paper.version or 0, paper.updated, paper.title)
