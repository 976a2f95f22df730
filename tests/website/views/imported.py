"""Sample records from outside: an imported draft, and one whose every text is hostile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import (
    Assessment,
    Dimension,
    DimensionLevel,
    DimensionName,
    Tier,
)
from sovereign_registry.contracts.claims import (
    Claim,
    ClaimKind,
    LexicalCheck,
    Origin,
    Passage,
)
from sovereign_registry.contracts.gate import GATE_2, GateReason, GateStatus, GateVerdict
from sovereign_registry.contracts.manifest import (
    Approval,
    Flag,
    FlagKind,
    Provenance,
    Source,
    Statement,
    Work,
)
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.review import (
    Policy,
    Review,
    Verdict,
)
from tests.website.views.sample_parts import (
    ARTIFACTS,
    ROUTING,
    digest,
    locator,
)
from tests.website.views.samples import (
    manifest,
    view,
)

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView


def _declared_claim(number: int, text: str, display: str, *, passed: bool, cut: bool) -> Claim:
    return Claim(
        id=f"c{number}",
        text=text,
        cut=cut,
        sha256=digest(text),
        origin=Origin.DECLARED,
        kind=ClaimKind.NEITHER,
        locator=None,
        selection=None,
        verification=LexicalCheck(
            origin=Origin.DECLARED,
            passed=passed,
            value=None,
            display=display,
            comparator=">=",
            threshold="0.15",
            margin=None,
            best=None,
            note="Shown as not verified at a rounded value equal to the threshold: declared, not "
            "recomputable."
            if display == "0.15"
            else "",
        ),
        corroboration=None,
        level=2,
        retained=True,
    )


_DECLARED = (
    (
        "Sparse routing is described as a way to scale a model without scaling its cost per tok",
        "0.13",
        False,
        True,
    ),
    ("Conditional computation is motivated by efficiency.", "0.07", False, False),
    ("Each of the 16 layers holds 64 experts.", "0.15", False, False),
    ("Sharpness is measured at convergence.", "0.18", True, False),
)


def _declared_assessment(total: int) -> Assessment:
    base = manifest().assessment
    level = msgspec.structs.replace(
        base.level,
        origin=Origin.DECLARED,
        paper_level=2,
        basis="Declared by the imported page.",
        claim_summary=msgspec.structs.replace(
            base.level.claim_summary,
            source_grounded_claims=total,
            aggregate_claim_records=total,
            claim_record_source="parsed source sections",
            cross_source_corroborated_claims=0,
        ),
    )
    words = {
        DimensionName.EVIDENCE_STRENGTH: DimensionLevel.LOW,
        DimensionName.CITATION_GROUNDING: DimensionLevel.MEDIUM,
        DimensionName.UNCERTAINTY_DISCLOSURE: DimensionLevel.MEDIUM,
        DimensionName.REPRODUCIBILITY_STATUS: DimensionLevel.MEDIUM,
    }
    return Assessment(
        level=level,
        tier=msgspec.structs.replace(
            base.tier,
            tier=Tier.QUARANTINE_CANDIDATE,
            review_score="3.0",
            verified_claim_count=1,
            basis="The review score of 3.0 is below 5.0.",
        ),
        dimensions=msgspec.structs.replace(
            base.dimensions,
            dimensions=tuple(
                Dimension(
                    name=name,
                    origin=Origin.DECLARED if name in words else Origin.COMPUTED,
                    level=words.get(name, DimensionLevel.UNASSESSED),
                    score=None,
                    basis="Stated by the imported page."
                    if name in words
                    else "No rule exists for this dimension yet.",
                )
                for name in DimensionName
            ),
        ),
        provenance=msgspec.structs.replace(
            base.provenance,
            public_level=3,
            claim_lineage=f"{total} aggregate source-grounded claims",
            note="Written by a machine from published papers.",
        ),
    )


def declared() -> RecordView:
    """An imported record: everything is declared, texts are cut off, a flag warns."""
    claims = tuple(
        _declared_claim(number, text, display, passed=passed, cut=cut)
        for number, (text, display, passed, cut) in enumerate(_DECLARED, start=1)
    )
    base = manifest()
    record = msgspec.structs.replace(
        base,
        id="sr-2605-1hd8qzp3",
        origin=Origin.DECLARED,
        work=Work(
            title="What is the effect of the sparsity ratio on latency and answer quality?",
            title_cut=False,
            abstract="Sparse models send every token to a few experts. This draft studies them in "
            "another setting than the one that was asked about and finds that the balance th",
            abstract_cut=True,
            kernel="Example Research Kernel",
            as_of="2026-05-28",
            analysed="Experts in another setting",
        ),
        config=None,
        retrieval=msgspec.structs.replace(
            base.retrieval,
            origin=Origin.DECLARED,
            source="four parallel queries, as declared",
            fusion="",
            queries=(),
            retrieved=9,
            note="The draft does not carry its queries.",
        ),
        sources=(
            Source(
                ref="2601.00001v1",
                key="2601.00001",
                version=1,
                title=None,
                authors=(),
                published=None,
                categories=(),
                url="https://arxiv.org/abs/2601.00001v1",
                origin=Origin.DECLARED,
                text_kind=TextKind.DECLARED,
                text_sha256=None,
                passages=0,
                fused_score=None,
                covered_words=(),
                coverage=None,
                used_for=("cited",),
                licence="",
            ),
        ),
        claims=claims,
        flags=(
            Flag(
                kind=FlagKind.OFF_TOPIC,
                message="The listed sources cover 1 of 7 content words of the question.",
                about=("2601.00001v1",),
                unresolved=True,
            ),
            Flag(
                kind=FlagKind.NEAR_DUPLICATE,
                message="The abstract is nearly the same as that of another record.",
                about=("sr-2605-00000000",),
                unresolved=True,
            ),
            Flag(
                kind=FlagKind.CUT_OFF,
                message="The abstract and one claim end in the middle of a word.",
                about=("c1",),
                unresolved=False,
            ),
        ),
        standing=msgspec.structs.replace(base.standing, approval=Approval.OWNER_APPROVED),
        review=Review(
            origin=Origin.DECLARED,
            method="Automated multi-reviewer assessment",
            rules="tribunal-v1",
            rounds=(),
            score="3.0",
            verdict=Verdict.REJECT,
            revision_round=0,
            policy=Policy.ESCALATE_TO_OWNER,
            guards=(),
            note="",
        ),
        gate=GateVerdict(
            origin=Origin.DECLARED,
            status=GateStatus.UNVERIFIED,
            reason_code=GateReason.DECLARED,
            reason="Published before the second gate went into service.",
            evaluated_at="2026-06-10T06:30:49+00:00",
            gate=GATE_2,
            claims=(),
            checkable_claims=0,
            artifacts=(),
        ),
        assessment=_declared_assessment(len(claims)),
        provenance=Provenance(
            publisher="Another Publisher",
            method="import",
            tools=(),
            inputs=(digest("draft"),),
            external_record=None,
            declared=(Statement(label="Embedding", value="dimension 1024", document="draft"),),
        ),
        artifacts=(
            ARTIFACTS[0],
            msgspec.structs.replace(
                ARTIFACTS[0],
                name="draft.txt",
                kind="draft",
                about="The imported draft.",
                public=False,
            ),
        ),
    )
    return view(record)


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{7*7}}"


def hostile() -> RecordView:
    """A record whose every outside text tries to be markup, and whose words are very long."""
    base = manifest()
    claim = msgspec.structs.replace(
        base.claims[0],
        text=HOSTILE + "W" * 300,
        verification=msgspec.structs.replace(
            base.claims[0].verification,
            best=Passage(
                locator=locator(ROUTING, "1", HOSTILE, TextKind.SECTIONS),
                quotation=HOSTILE,
                shared_terms=("script", "img", "alert"),
            ),
            note=HOSTILE,
        ),
    )
    source = msgspec.structs.replace(
        base.sources[0],
        title=HOSTILE,
        authors=("محمد الأمين", HOSTILE),
        url="javascript:alert(3)",
        licence=HOSTILE,
    )
    record = msgspec.structs.replace(
        base,
        id="sr-2610-hstx0000",
        work=msgspec.structs.replace(
            base.work,
            title=HOSTILE,
            abstract=HOSTILE + "ما هو أثر sparsity على الأداء؟",
            kernel=HOSTILE,
        ),
        question=msgspec.structs.replace(base.question, text=HOSTILE + "L" * 500),
        claims=(claim, *base.claims[1:]),
        sources=(source, *base.sources[1:]),
        uncertainties=(HOSTILE,),
        limitations=(HOSTILE,),
        flags=(
            Flag(kind=FlagKind.INJECTION, message=HOSTILE, about=("../../x",), unresolved=True),
        ),
        provenance=msgspec.structs.replace(
            base.provenance, publisher=HOSTILE, external_record="javascript:alert(4)"
        ),
    )
    return view(record)
