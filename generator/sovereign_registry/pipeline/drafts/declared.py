"""The declared parts of an imported record: claims, flags, gate, assessment, statements."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import (
    Assessment,
    DimensionName,
    DimensionsAssessment,
    LevelAssessment,
    ProvenanceAssessment,
    TierAssessment,
)
from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Claim, LexicalCheck, Origin
from sovereign_registry.contracts.gate import GateReason, GateStatus, GateVerdict
from sovereign_registry.contracts.manifest import Flag, FlagKind, Statement
from sovereign_registry.contracts.rules import (
    dimensions_v1,
    levels_v1,
    provenance_v1,
    tiers_v1,
)
from sovereign_registry.contracts.rules.assessment_v1 import starting_gate
from sovereign_registry.pipeline.drafts.lines import looks_cut
from sovereign_registry.pipeline.drafts.page import SECTIONS as PAGE_SECTIONS
from sovereign_registry.pipeline.hostile import reads_like_injection
from sovereign_registry.pipeline.selection import claim_kind
from sovereign_registry.pipeline.stems import covered, stem_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.manifest import Source
    from sovereign_registry.pipeline.drafts.draft import Draft, DraftClaim
    from sovereign_registry.pipeline.drafts.page import Page

TITLE_LIMIT = 110
ABSTRACT_LIMIT = 600
CLAIM_LIMIT = 120
"""Where the system that writes these documents cuts its texts, in characters."""

UNDECIDABLE = "Declared, not recomputable: the rounded value does not decide the comparison."
CONTRADICTED = "Declared, not recomputable: the mark contradicts the printed value."
DECLARED = "Declared; not checked here."
STATED = "declared"
"""Stands for a version where a document, and no rule of ours, gave a value."""
_LEVEL, _GATE, _PROVENANCE = PAGE_SECTIONS[2], PAGE_SECTIONS[3], PAGE_SECTIONS[7]


def _note(claim: DraftClaim, threshold: str) -> str:
    """What a declared mark says against its printed, rounded value."""
    printed, at = Decimal(claim.confidence), Decimal(threshold)
    exponent = printed.as_tuple().exponent
    half = Decimal(5).scaleb(int(exponent) - 1)
    if printed - half <= at <= printed + half:
        return UNDECIDABLE
    return DECLARED if claim.verified == (printed >= at) else CONTRADICTED


def _grounded(draft: Draft, page: Page | None) -> bool:
    return page is not None and page.grounded >= len(draft.claims) > 0


def claims(draft: Draft, page: Page | None) -> tuple[Claim, ...]:
    """The draft's claims; each carries the declared level where the page's count holds for all."""
    level = page.paper_level if page and _grounded(draft, page) else 1
    return tuple(
        Claim(
            id=f"c{number}",
            text=claim.text,
            cut=looks_cut(claim.text, CLAIM_LIMIT),
            sha256=text_sha256(claim.text),
            origin=Origin.DECLARED,
            kind=claim_kind(claim.text),
            locator=None,
            selection=None,
            verification=LexicalCheck(
                origin=Origin.DECLARED,
                passed=claim.verified,
                value=None,
                display=claim.confidence,
                comparator=">=",
                threshold=draft.threshold,
                margin=None,
                best=None,
                note=_note(claim, draft.threshold),
            ),
            corroboration=None,
            level=level,
            retained=True,
        )
        for number, claim in enumerate(draft.claims, start=1)
    )


def flags(
    draft: Draft, claims: Sequence[Claim], question_words: tuple[str, ...]
) -> tuple[Flag, ...]:
    """Warnings on what the documents state; links to other records come later."""
    return (
        *_off_topic(draft, question_words),
        *_cut_off(draft, claims),
        *_not_recomputable(draft, claims),
        *_injection(draft),
    )


def _off_topic(draft: Draft, question_words: tuple[str, ...]) -> Iterator[Flag]:
    texts = (draft.analysed, draft.abstract, *(claim.text for claim in draft.claims))
    found = covered(question_words, stem_set(texts))
    if 3 * len(found) >= len(question_words) > 0:
        return
    yield Flag(
        kind=FlagKind.OFF_TOPIC,
        message=(
            f"What is analysed, the abstract and the claims hold {len(found)} of the "
            f"{len(question_words)} content words of the question, less than a third."
        ),
        about=(),
        unresolved=True,
    )


def _cut_off(draft: Draft, claims: Sequence[Claim]) -> Iterator[Flag]:
    cut = tuple(claim.id for claim in claims if claim.cut)
    places = [
        *(["the title"] if looks_cut(draft.title, TITLE_LIMIT) else []),
        *(["the abstract"] if looks_cut(draft.abstract, ABSTRACT_LIMIT) else []),
        *([f"the claims {', '.join(cut)}"] if cut else []),
    ]
    if not places:
        return
    completed = draft.question.startswith(draft.title) and places[0] == "the title"
    end = " The title was completed from the research goal." if completed else ""
    yield Flag(
        kind=FlagKind.CUT_OFF,
        message=f"The document cuts off in the middle: {'; '.join(places)}.{end}",
        about=cut,
        unresolved=False,
    )


def _not_recomputable(draft: Draft, claims: Sequence[Claim]) -> Iterator[Flag]:
    for note, unresolved in ((UNDECIDABLE, False), (CONTRADICTED, True)):
        about = tuple(claim.id for claim in claims if claim.verification.note == note)
        if about:
            yield Flag(
                kind=FlagKind.NOT_RECOMPUTABLE,
                message=f"{note} Threshold {draft.threshold}, claims {', '.join(about)}.",
                about=about,
                unresolved=unresolved,
            )
    stated, verified = draft.results, sum(claim.verified for claim in draft.claims)
    if (stated.claims, stated.verified) != (len(draft.claims), verified):
        yield Flag(
            kind=FlagKind.NOT_RECOMPUTABLE,
            message=(
                f"The results declare {stated.claims} claims, {stated.verified} verified, but the "
                f"claims table holds {len(draft.claims)}, {verified} marked as verified."
            ),
            about=(),
            unresolved=True,
        )


def _injection(draft: Draft) -> Iterator[Flag]:
    texts = [draft.title, draft.abstract, draft.analysed, draft.goal]
    about = tuple(
        f"c{number}"
        for number, claim in enumerate(draft.claims, start=1)
        if reads_like_injection(claim.text)
    )
    if about or any(map(reads_like_injection, texts)):
        yield Flag(
            kind=FlagKind.INJECTION,
            message="The document holds text that reads like an instruction to a reviewer.",
            about=about,
            unresolved=True,
        )


def gate(claims: Sequence[Claim], page: Page | None) -> GateVerdict:
    """The page's verdict as declared; never more than UNVERIFIED, which needs no artifact."""
    start = starting_gate(claims)
    if page is None:
        return start
    status = page.value(_GATE, "Status") or ""
    reason = page.value(_GATE, "Reason") or ""
    if status.casefold() != GateStatus.UNVERIFIED.value.casefold():
        reason = f"The page declares {status}, which no imported document can give. {reason}"
    return msgspec.structs.replace(
        start,
        origin=Origin.DECLARED,
        reason_code=GateReason.DECLARED,
        reason=reason,
        evaluated_at=page.evaluated_at,
        gate=page.value(_GATE, "Gate") or start.gate,
    )


def assessment(
    draft: Draft,
    page: Page | None,
    claims: Sequence[Claim],
    sources: Sequence[Source],
    flags: Sequence[Flag],
) -> Assessment:
    """By rule over the declared inputs; what a page states takes the rule's place."""
    by_rule = dimensions_v1.assess_dimensions(
        claims=claims,
        score=draft.results.score,
        sources=sources,
        uncertainties=len(draft.uncertainties),
        parameters_stated=True,
        report_available=True,
        gate=gate(claims, page),
        declared_grounded=None if page is None else page.grounded,
    )
    dimensions = _dimensions(by_rule, page)
    return Assessment(
        level=_level(claims, sources, page),
        tier=retier(draft.results.score, claims, dimensions, flags, page),
        dimensions=dimensions,
        provenance=_public(claims, sources, page),
    )


def _level(
    claims: Sequence[Claim], sources: Sequence[Source], page: Page | None
) -> LevelAssessment:
    by_rule = levels_v1.assess_level(claims, sources_listed=bool(sources))
    if page is None:
        return by_rule
    source = page.value(_LEVEL, "Claim record source") or "declared"
    return msgspec.structs.replace(
        by_rule,
        origin=Origin.DECLARED,
        rules=STATED,
        paper_level=page.paper_level,
        basis=(
            f"The page declares {page.grounded} source-grounded claims from {source}; none was "
            "located here."
        ),
        claim_summary=msgspec.structs.replace(
            by_rule.claim_summary,
            source_grounded_claims=page.grounded,
            claim_record_source=source,
        ),
    )


def retier(
    score: str | None,
    claims: Sequence[Claim],
    dimensions: DimensionsAssessment,
    flags: Sequence[Flag],
    page: Page | None = None,
) -> TierAssessment:
    """The tier by rule over declared counts, or as the page declares it."""
    reproducibility = next(
        item.level
        for item in dimensions.dimensions
        if item.name is DimensionName.REPRODUCIBILITY_STATUS
    )
    by_rule = tiers_v1.assess_tier(
        score=score,
        verified=sum(claim.verification.passed for claim in claims),
        artifact_types=["draft"] if page is None else ["draft", "page"],
        reproducibility=reproducibility,
        flags=flags,
        counts_computed=False,
    )
    if page is None:
        return by_rule
    return msgspec.structs.replace(
        by_rule,
        origin=Origin.DECLARED,
        rules=STATED,
        tier=page.tier,
        basis=page.value("Quality Tier", "Basis") or "",
    )


def _dimensions(by_rule: DimensionsAssessment, page: Page | None) -> DimensionsAssessment:
    stated = dict(page.dimensions) if page else {}
    return msgspec.structs.replace(
        by_rule,
        dimensions=tuple(
            msgspec.structs.replace(
                item,
                origin=Origin.DECLARED,
                level=stated[item.name],
                basis=f"Declared by the page; the rule here gives {item.level}: {item.basis}",
            )
            if item.name in stated
            else item
            for item in by_rule.dimensions
        ),
    )


def _public(
    claims: Sequence[Claim], sources: Sequence[Source], page: Page | None
) -> ProvenanceAssessment:
    by_rule = provenance_v1.assess_provenance(
        publisher_named=True,
        sources_listed=bool(sources),
        claims=claims,
        evidence_published=False,
        declared_grounded=None if page is None else page.grounded,
    )
    if page is None:
        return by_rule
    return msgspec.structs.replace(
        by_rule,
        origin=Origin.DECLARED,
        rules=STATED,
        public_level=page.public_level,
        basis=f"Declared by the page; the rule here gives Level {by_rule.public_level} of 7.",
        claim_lineage=page.value(_PROVENANCE, "Claim lineage") or by_rule.claim_lineage,
        note=page.value(_PROVENANCE, "Note") or by_rule.note,
    )


def statements(draft: Draft, page: Page | None) -> tuple[Statement, ...]:
    """What the documents state beyond the record's own fields, as printed."""
    stated = [
        ("Title", draft.title),
        ("Banner", draft.banner),
        ("Research goal", draft.goal),
        ("Methodology", draft.methodology),
        ("Results", draft.results.text),
    ]
    found = [Statement(label=label, value=value, document="draft") for label, value in stated]
    return (*found, *(_page_statements(page) if page else ()))


def _page_statements(page: Page) -> Iterator[Statement]:
    yield Statement(label="Title", value=page.title, document="page")
    yield Statement(label="Research Question", value=page.question, document="page")
    labels = [row.label for row in page.rows]
    notes = {note.section: note.text for note in page.notes}
    for section in PAGE_SECTIONS[2:]:
        for row in page.rows:
            if row.section == section:
                alone = labels.count(row.label) == 1
                label = row.label if alone else f"{section}: {row.label}"
                yield Statement(label=label, value=row.value, document="page")
        if section in notes:
            yield Statement(label=f"{section}: scope", value=notes[section], document="page")
