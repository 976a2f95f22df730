"""What a run hands over: first what is known once the sources answered, then the whole record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.manifest import Manifest, ToolVersion
    from sovereign_registry.contracts.papers import Query, SearchReply
    from sovereign_registry.pipeline.indexing import Indexed
    from sovereign_registry.pipeline.reading import ReadPaper
    from sovereign_registry.pipeline.retrieval import Fused


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A run whose sources have answered, so that its id is known and nothing else is done yet."""

    id: str
    question: str
    question_words: tuple[str, ...]
    config: RunConfig
    as_of: str
    queries: tuple[Query, ...]
    replies: tuple[SearchReply, ...]
    fused: tuple[Fused, ...]
    tools: tuple[ToolVersion, ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A complete record: the manifest and the bytes of its artifacts."""

    manifest: Manifest
    artifacts: tuple[tuple[str, bytes], ...]
    """(file name, bytes) in the order of ``manifest.artifacts``."""
    papers: tuple[ReadPaper, ...]
    """What was read; with it a finished run can be compared with a registry that grew."""
    indexed: Indexed

    @property
    def headline(self) -> tuple[tuple[str, str], ...]:
        """What the command line prints at the end."""
        return headline(self.manifest)


def headline(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    """Label and value of a record's main outcomes, for a new record and a found one alike."""
    review, level = manifest.review, manifest.assessment.level
    verified = sum(claim.verification.passed for claim in manifest.claims)
    return (
        ("Record", manifest.id),
        ("Question", manifest.question.text),
        ("Claims", f"{len(manifest.claims)} extracted, {verified} verified (lexical)"),
        ("Score", f"{review.score}/10" if review.score else "none"),
        ("Verdict", f"{review.verdict} (revision_round={review.revision_round})"),
        ("Policy", str(review.policy)),
        ("Tier", str(manifest.assessment.tier.tier)),
        ("Level", f"{level.paper_level} of 7"),
        ("Gate 2", str(manifest.gate.status)),
    )
