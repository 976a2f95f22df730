"""Step 11: the manifest, put together from what the other steps found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from sovereign_registry.contracts.canonical import content_sha256, file_sha256, text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.manifest import (
    Approval,
    Artifact,
    Manifest,
    Provenance,
    Question,
    RecordState,
    Retrieval,
    Source,
    Standing,
    Work,
)
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.review import Policy
from sovereign_registry.contracts.rules import assessment_v1
from sovereign_registry.contracts.text import normalise
from sovereign_registry.contracts.texts import FullText
from sovereign_registry.pipeline.facts import used_for
from sovereign_registry.pipeline.own_texts import NOTES
from sovereign_registry.pipeline.report import KERNEL, abstract, address, analysed
from sovereign_registry.pipeline.retrieval import FUSION
from sovereign_registry.pipeline.uncertainties import uncertainties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.extraction import Extraction
    from sovereign_registry.contracts.manifest import Flag, Index
    from sovereign_registry.contracts.review import Review
    from sovereign_registry.pipeline.facts import Facts
    from sovereign_registry.pipeline.passages import SourcePassage
    from sovereign_registry.pipeline.reading import ReadPaper
    from sovereign_registry.pipeline.run import Prepared

_OWN_RESULTS = f"it repeats results of {NOTES}."
_NO_EXPERIMENT = "it reports no experiment of its own."
_QUOTED = "full text under the terms that arXiv states for it, quoted here in single sentences"
_LIMITATIONS = (
    (
        "Verified means that a passage shares enough words with the claim. On a public benchmark "
        "this test passes contradicted claims about as often as supported ones; it never means "
        "true."
    ),
    "Only the sources that the queries found were considered, and of these only the ones read.",
    "Claims are single sentences; what their context adds or takes back is not weighed.",
)

_MEDIA = {".md": "text/markdown", ".pdf": "application/pdf", ".json": "application/json"}


def describe_artifact(name: str, data: bytes, kind: str, about: str) -> Artifact:
    """The manifest's entry for one artifact file; all of a run's artifacts are public."""
    return Artifact(
        name=name,
        kind=kind,
        media_type=_MEDIA[name[name.rindex(".") :]],
        sha256=file_sha256(data),
        bytes=len(data),
        about=about,
        public=True,
    )


def assemble(  # noqa: PLR0913 - one argument per step that the manifest is put together from
    prepared: Prepared,
    facts: Facts,
    *,
    passages: Sequence[SourcePassage],
    flags: tuple[Flag, ...],
    index: Index,
    review: Review,
    artifacts: tuple[Artifact, ...],
    extraction: Extraction | UnsetType = UNSET,
) -> Manifest:
    """Put the manifest together."""
    sources = _sources(facts, passages)
    gate = assessment_v1.starting_gate(facts.claims)
    stated = uncertainties(facts)
    approved = review.policy is Policy.AUTO_APPROVE
    return Manifest(
        contract="paper-manifest-v1.1",
        id=prepared.id,
        origin=Origin.COMPUTED,
        work=_work(facts),
        question=Question(
            text=prepared.question,
            sha256=text_sha256(normalise(prepared.question)),
            content_words=prepared.question_words,
        ),
        config=prepared.config,
        retrieval=_retrieval(facts),
        sources=sources,
        claims=facts.claims,
        flags=flags,
        index=index,
        review=review,
        uncertainties=stated,
        gate=gate,
        assessment=assessment_v1.assess(
            claims=facts.claims,
            sources=sources,
            flags=flags,
            artifacts=artifacts,
            uncertainties=len(stated),
            score=review.score,
            gate=gate,
        ),
        standing=Standing(
            record_state=RecordState.CURRENT,
            approval=Approval.AUTO_APPROVED if approved else Approval.AWAITING_OWNER,
            correction_count=0,
            superseded_by=None,
        ),
        provenance=_provenance(prepared),
        artifacts=artifacts,
        limitations=_limitations(facts),
        extraction=extraction,
    )


def _work(facts: Facts) -> Work:
    return Work(
        title=facts.question,
        title_cut=False,
        abstract=abstract(facts),
        abstract_cut=False,
        kernel=KERNEL,
        as_of=facts.as_of,
        analysed=analysed(facts),
    )


def _limitations(facts: Facts) -> tuple[str, ...]:
    experiment = _OWN_RESULTS if facts.own_results else _NO_EXPERIMENT
    return (f"A synthesis of existing texts, written by software; {experiment}", *_LIMITATIONS)


def _retrieval(facts: Facts) -> Retrieval:
    complete = all(query.complete for query in facts.queries)
    return Retrieval(
        origin=Origin.COMPUTED,
        source=facts.source_label,
        fusion=FUSION,
        queries=facts.queries,
        retrieved=facts.retrieved,
        complete=complete,
        note="" if complete else "At least one query was not answered in full.",
    )


def _provenance(prepared: Prepared) -> Provenance:
    return Provenance(
        publisher=None,
        method="pipeline",
        tools=prepared.tools,
        inputs=tuple(reply.sha256 for reply in prepared.replies),
        external_record=None,
        declared=(),
    )


def _sources(facts: Facts, passages: Sequence[SourcePassage]) -> tuple[Source, ...]:
    uses = used_for(facts.claims)
    cited = {item.paper.ref for item in facts.cited}
    counts: dict[str, int] = {}
    for passage in passages:
        counts[passage.key] = counts.get(passage.key, 0) + 1
    return tuple(
        _source(
            item,
            counts.get(item.paper.key, 0),
            (
                "retrieved",
                *uses.get(item.paper.ref, ()),
                *(("cited",) if item.paper.ref in cited else ()),
            ),
        )
        for item in facts.papers
    )


def _source(item: ReadPaper, passages: int, uses: tuple[str, ...]) -> Source:
    paper = item.paper
    return Source(
        ref=paper.ref,
        key=paper.key,
        version=paper.version,
        title=paper.title,
        authors=paper.authors,
        published=paper.published,
        categories=paper.categories,
        url=address(paper.key, paper.ref),
        origin=Origin.COMPUTED,
        text_kind=item.text.kind,
        text_sha256=content_sha256(item.text.sections) if item.text.sections else None,
        passages=passages,
        fused_score=item.fused,
        covered_words=item.covered,
        coverage=item.coverage,
        used_for=uses,
        licence=_licence(item),
        fulltext=item.text.read if isinstance(item.text, FullText) else msgspec.UNSET,
    )


def _licence(item: ReadPaper) -> str:
    full = isinstance(item.text, FullText) and item.text.kind is TextKind.SECTIONS
    return f"{item.paper.licence}; {_QUOTED}" if full else item.paper.licence
