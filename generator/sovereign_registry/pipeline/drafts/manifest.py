"""From a draft, and the page that belongs to it, to a manifest.  Pure.

A field that neither document states stays empty; where a page states a level, tier, dimension or
gate verdict, that stands in the record as declared, and otherwise the registry's own rules are
applied to the declared inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import content_sha256, file_sha256, text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.ids import IdentityInput, record_id
from sovereign_registry.contracts.manifest import (
    Approval,
    Artifact,
    Index,
    Manifest,
    Provenance,
    Question,
    RecordState,
    Retrieval,
    Source,
    Standing,
    ToolVersion,
    Work,
)
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.review import Review
from sovereign_registry.contracts.rules import tribunal_v1
from sovereign_registry.contracts.text import normalise
from sovereign_registry.pipeline.drafts import declared
from sovereign_registry.pipeline.drafts.declared import ABSTRACT_LIMIT, TITLE_LIMIT
from sovereign_registry.pipeline.drafts.draft import parse_draft
from sovereign_registry.pipeline.drafts.lines import decode, fail, looks_cut
from sovereign_registry.pipeline.drafts.page import parse_page
from sovereign_registry.pipeline.stems import content_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.pipeline.drafts.draft import Draft
    from sovereign_registry.pipeline.drafts.page import Page

IMPORTER = ToolVersion(name="draft-import", version="1", used_for="reading the imported documents")

LIMITATIONS = (
    "Another system wrote this record; its claims, confidences and scores were not checked here.",
    "The document gives rounded confidences and no passages, so that no tick can be recomputed.",
    "It lists its references by address only: titles, authors and texts were not read here.",
)


def import_manifest(draft_bytes: bytes, page_bytes: bytes | None, *, name: str) -> Manifest:
    """Read a draft, and the page that belongs to it, into a declared record.

    Args:
        draft_bytes: The draft's file.
        page_bytes: The page's file, or None.
        name: The draft's file name, for errors.

    Raises:
        BadInput: a file cannot be read, or the page does not belong to the draft; the error names
            file, line, finding and next step.
    """
    draft = parse_draft(decode(draft_bytes, name), name)
    page = None
    if page_bytes is not None:
        where = f"page of {name}"
        page = parse_page(decode(page_bytes, where), where)
        _require_match(draft, page, name)
    files = [draft_bytes] if page_bytes is None else [draft_bytes, page_bytes]
    inputs = tuple(file_sha256(data) for data in files)
    claims = declared.claims(draft, page)
    sources = _sources(draft)
    words = content_words(draft.question)
    flags = declared.flags(draft, claims, words)
    return Manifest(
        contract="paper-manifest-v1.1",
        id=_id(draft, inputs),
        origin=Origin.DECLARED,
        work=_work(draft),
        question=Question(
            text=draft.question,
            sha256=text_sha256(normalise(draft.question)),
            content_words=words,
        ),
        config=None,
        retrieval=_retrieval(draft),
        sources=sources,
        claims=claims,
        flags=flags,
        index=_index(draft),
        review=_review(draft, page),
        uncertainties=draft.uncertainties,
        gate=declared.gate(claims, page),
        assessment=declared.assessment(draft, page, claims, sources, flags),
        standing=Standing(
            record_state=RecordState.CURRENT,
            approval=Approval.AWAITING_OWNER,
            correction_count=0,
            superseded_by=None,
        ),
        provenance=_provenance(draft, page, inputs),
        artifacts=tuple(map(_artifact, ("draft", "page"), files)),
        limitations=LIMITATIONS,
    )


def draft_of_page(drafts: Sequence[tuple[str, bytes]], page: tuple[str, bytes]) -> int:
    """Which of the drafts, given as (file name, bytes), a page belongs to.

    Raises:
        BadInput: a file cannot be read, or the page belongs to none or to several of them.
    """
    page_name, page_bytes = page
    read = parse_page(decode(page_bytes, page_name), page_name)
    mismatches = [_mismatch(parse_draft(decode(data, name), name), read) for name, data in drafts]
    fitting = [number for number, mismatch in enumerate(mismatches) if mismatch is None]
    if len(fitting) != 1:
        found = (
            f"it belongs to {len(fitting)} of them"
            if fitting
            else "; ".join(
                f"{mismatch} of {name}"
                for (name, _), mismatch in zip(drafts, mismatches, strict=True)
            )
        )
        fail(f"the page belongs to one draft, but {found}", page_name, None, "Name that draft.")
    return fitting[0]


def _mismatch(draft: Draft, page: Page) -> str | None:
    same_title = normalise(page.title) == normalise(draft.title)
    if not same_title and not normalise(page.question).startswith(normalise(draft.title)):
        return "the page's question does not begin with the title"
    if normalise(page.abstract) != normalise(draft.abstract):
        return "the page's abstract is not that"
    return None


def _require_match(draft: Draft, page: Page, name: str) -> None:
    mismatch = _mismatch(draft, page)
    if mismatch:
        fail(
            f"{mismatch} of {name}",
            f"page of {name}",
            None,
            "Name the page that belongs to this draft.",
        )


def _id(draft: Draft, inputs: tuple[str, ...]) -> str:
    return record_id(
        IdentityInput(
            question=normalise(draft.question),
            config_sha256=content_sha256(None),
            inputs=inputs,
            tools=(f"{IMPORTER.name} {IMPORTER.version}",),
            as_of=draft.date,
        )
    )


def _work(draft: Draft) -> Work:
    completed = draft.question.startswith(draft.title)
    return Work(
        title=draft.question if completed else draft.title,
        title_cut=not completed and looks_cut(draft.title, TITLE_LIMIT),
        abstract=draft.abstract,
        abstract_cut=looks_cut(draft.abstract, ABSTRACT_LIMIT),
        kernel=draft.kernel,
        as_of=draft.date,
        analysed=draft.analysed,
    )


def _retrieval(draft: Draft) -> Retrieval:
    return Retrieval(
        origin=Origin.DECLARED,
        source=draft.search or "not available",
        fusion="not available",
        queries=(),
        retrieved=draft.results.papers,
        complete=True,
        note=(
            "The document states how many papers were retrieved, but neither its queries nor "
            "their answers."
        ),
    )


def _sources(draft: Draft) -> tuple[Source, ...]:
    refs = {f"{one.key}v{one.version}" if one.version else one.key: one for one in draft.references}
    return tuple(
        Source(
            ref=ref,
            key=one.key,
            version=one.version,
            title=None,
            authors=(),
            published=None,
            categories=(),
            url=f"https://arxiv.org/abs/{ref}",
            origin=Origin.DECLARED,
            text_kind=TextKind.DECLARED,
            text_sha256=None,
            passages=0,
            fused_score=None,
            covered_words=(),
            coverage=None,
            used_for=("cited",),
            licence="not available",
        )
        for ref, one in refs.items()
    )


def _index(draft: Draft) -> Index:
    return Index(
        origin=Origin.DECLARED,
        model=draft.model or "not available",
        dimension=draft.dimension or 0,
        use="Semantic indexing, as the document states; no vector was carried over.",
        compared_sha256=None,
        related=(),
    )


def _review(draft: Draft, page: Page | None) -> Review:
    stated = draft.results
    here = tribunal_v1.decide(stated.score, tribunal_v1.ROLES, stated.revision_round)
    agrees = "the same verdict" if here is stated.verdict else here.value
    return Review(
        origin=Origin.DECLARED,
        method=(page and page.value("Provenance", "Review method"))
        or draft.tribunal
        or "not available",
        rules=declared.STATED,
        rounds=(),
        score=stated.score,
        verdict=stated.verdict,
        revision_round=stated.revision_round,
        policy=stated.policy,
        guards=(),
        note=(
            f"Score, verdict and policy are declared. For this score {tribunal_v1.RULES} gives "
            f"{agrees}; an import waits for its owner whatever policy it declares."
        ),
    )


def _provenance(draft: Draft, page: Page | None, inputs: tuple[str, ...]) -> Provenance:
    external = page.value("Provenance", "External record") if page else None
    return Provenance(
        publisher=page.value("Provenance", "Publisher") if page else None,
        method="import",
        tools=(IMPORTER,),
        inputs=inputs,
        external_record=None if external == "Not registered" else external,
        declared=declared.statements(draft, page),
    )


def _artifact(kind: str, data: bytes) -> Artifact:
    return Artifact(
        name=f"{kind}.txt",
        kind=kind,
        media_type="text/plain",
        sha256=file_sha256(data),
        bytes=len(data),
        about=f"The imported {kind}; its bytes are not republished.",
        public=False,
    )
