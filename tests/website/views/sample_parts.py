"""The parts that sample records are made of; every text is made up here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import (
    Assessment,
    DimensionLevel,
)
from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import (
    Claim,
    ClaimKind,
    LexicalCheck,
    Locator,
    Origin,
    Passage,
    Selection,
)
from sovereign_registry.contracts.gate import GATE_2, GateReason, GateStatus, GateVerdict
from sovereign_registry.contracts.manifest import (
    Artifact,
    Hit,
    QueryRecord,
    Source,
)
from sovereign_registry.contracts.numbers import margin, mean_score
from sovereign_registry.contracts.papers import Query, TextKind
from sovereign_registry.contracts.registry import FileGroup, Publish
from sovereign_registry.contracts.review import (
    Feature,
    Guard,
    Opinion,
    Policy,
    Review,
    Role,
    Round,
    Verdict,
)
from sovereign_registry.contracts.rules import (
    dimensions_v1,
    levels_v1,
    provenance_v1,
    tiers_v1,
    tribunal_v1,
)
from sovereign_registry.website.model import SiteInfo

if TYPE_CHECKING:
    from collections.abc import Sequence


SITE = SiteInfo(
    title="The Open Ledger",
    publisher="Example Publisher",
    description="Answers that software gave to research questions, with all that is needed to "
    "check how they came about.",
    base_url="https://registry.example/ledger",
    language="en",
    records_licence="CC BY 4.0",
    report_problem="https://registry.example/problems",
    publish=Publish(beside=tuple(FileGroup), pdf=True),
    generator="Sovereign Registry 0.1",
)

ROUTING = "note-routing-balance"
MEMORY = "note-expert-memory"
QUESTION = (
    "How does the number of active experts change memory traffic and balance in sparse models?"
)
WORDS = ("active", "balance", "experts", "memory", "models", "number", "sparse", "traffic")

CLAIMS = (
    (
        ROUTING,
        "2.1",
        (
            "Top-2 routing over 64 experts leaves the busiest expert with 1.9 times the mean load "
            "when no auxiliary loss is used."
        ),
        "0.412083551",
        "The busiest of 64 experts receives 1.9 times the mean load under plain top-2 routing.",
        "0.203114870",
    ),
    (
        ROUTING,
        "2.2",
        (
            "Raising the number of active experts from two to eight halves the spread between the "
            "busiest and the idlest expert."
        ),
        "0.231004412",
        "The spread between experts falls by half as eight instead of two experts are active.",
        "0.149600031",
    ),
    (
        MEMORY,
        "3",
        (
            "Memory traffic per token grows linearly with the number of active experts while the "
            "weights that must be resident stay the same."
        ),
        "0.150000000",
        "Resident weights stay the same when more experts are active for a token.",
        "0.091833020",
    ),
    (
        MEMORY,
        "3.2",
        "At eight active experts a batch of 32 tokens touches 63 of 64 experts on average.",
        "0.148700214",
        "A larger batch touches nearly all experts.",
        "0.061120087",
    ),
    (
        MEMORY,
        "abstract",
        (
            "A cache that holds a quarter of the experts serves 41% of the requests under uniform "
            "routing."
        ),
        "0.034519002",
        "Uniform routing gives every expert the same probability.",
        "0.020000000",
    ),
)


def digest(text: str) -> str:
    """A digest for a sample."""
    return text_sha256(text)


def locator(paper: str, section: str, text: str, kind: TextKind) -> Locator:
    """A place in a paper."""
    return Locator(
        paper=paper,
        kind=kind,
        section=section,
        section_title="Findings" if section != "abstract" else "Abstract",
        start=120,
        end=120 + len(text),
        sha256=digest(text),
    )


def check(value: str, paper: str, passage: str, kind: TextKind = TextKind.SECTIONS) -> LexicalCheck:
    """A computed check against one passage."""
    distance = margin(value, "0.15")
    return LexicalCheck(
        origin=Origin.COMPUTED,
        passed=not distance.startswith("-"),
        value=value,
        display=f"{float(value):.3f}",
        comparator=">=",
        threshold="0.15",
        margin=distance,
        best=Passage(
            locator=locator(paper, "4", passage, kind),
            quotation=passage,
            shared_terms=("active", "experts", "active experts", "load"),
        ),
        note="",
    )


def sample_claim(number: int, row: tuple[str, str, str, str, str, str], *, retained: bool) -> Claim:
    """One computed claim at the level that the rule gives it."""
    paper, section, text, value, passage, other = row
    kind = TextKind.ABSTRACT if section == "abstract" else TextKind.SECTIONS
    elsewhere = MEMORY if paper == ROUTING else ROUTING
    claim = Claim(
        id=f"c{number}",
        text=text,
        cut=False,
        sha256=digest(text),
        origin=Origin.COMPUTED,
        kind=ClaimKind.EMPIRICAL,
        locator=locator(paper, section, text, kind),
        selection=Selection(score="3.5", reasons=("states a number", "shares 3 question words")),
        verification=check(value, paper, passage),
        corroboration=check(other, elsewhere, passage),
        level=0,
        retained=retained,
    )
    return msgspec.structs.replace(claim, level=levels_v1.claim_level(claim))


def sample_source(key: str, title: str, covered: int) -> Source:
    """One source that covers the first words of the question."""
    return Source(
        ref=key,
        key=key,
        version=None,
        title=title,
        authors=("Registry contributors",),
        published="2026-10-02",
        categories=("cs.LG",),
        url=f"https://registry.example/notes/{key}",
        origin=Origin.COMPUTED,
        text_kind=TextKind.SECTIONS,
        text_sha256=digest(key),
        passages=31,
        fused_score="0.032522475",
        covered_words=WORDS[:covered],
        coverage=f"0.{covered * 125}",
        used_for=("claims", "evidence"),
        licence="MIT, as the notes of this registry",
    )


def opinion(role: Role, score: str, named: Sequence[str]) -> Opinion:
    """One role's opinion."""
    return Opinion(
        role=role,
        method="deterministic rubric",
        reviewer="rubric-v1",
        score=score,
        rationale="The lexical test passed for 3 of 5 claims. The sources behind the claims hold "
        "7 of 8 content words of the question.",
        cited_claims=tuple(named),
        features=(
            Feature(name="claims", value="5", meaning="claims that the report retains"),
            Feature(name="verified", value="3", meaning="claims that pass the lexical test"),
        ),
    )


def sample_round(number: int, scores: Sequence[str], changes: Sequence[str] = ()) -> Round:
    """One round with the verdict that the rule gives it."""
    mean = mean_score(scores)
    return Round(
        number=number,
        opinions=tuple(
            opinion(role, score, ("c1", "c2")) for role, score in zip(Role, scores, strict=True)
        ),
        score=mean,
        verdict=tribunal_v1.decide(mean, len(scores), number),
        changes=tuple(changes),
        report_sha256=digest(f"report {number}"),
    )


def sample_review(rounds: Sequence[Round]) -> Review:
    """A review that ends with its last round."""
    last = rounds[-1]
    held = last.verdict is Verdict.APPROVE and last.number == 0
    found = "5 of 5" if held else "3 of 5"
    guards = (
        Guard(name="verified claims", held=held, found=found, required="at least 5"),
        Guard(name="retrieval", held=True, found="complete", required="every query answered"),
    )
    return Review(
        origin=Origin.COMPUTED,
        method="Deterministic rubric panel (rubric-v1), three roles; no language model",
        rules="tribunal-v1",
        rounds=tuple(rounds),
        score=last.score,
        verdict=last.verdict,
        revision_round=last.number,
        policy=Policy.AUTO_APPROVE if held else Policy.ESCALATE_TO_OWNER,
        guards=guards,
        note="",
    )


def queries() -> tuple[QueryRecord, ...]:
    """Four queries with their hits."""
    terms = (WORDS[:3], WORDS[2:5], WORDS[4:7], ("sparse", "experts"))
    return tuple(
        QueryRecord(
            query=Query(number=number, terms=words, rule="rarest content words of the question"),
            total=40 + number,
            complete=True,
            reply_sha256=digest(f"reply {number}"),
            hits=(Hit(paper=ROUTING, rank=1), Hit(paper=MEMORY, rank=number + 1)),
        )
        for number, words in enumerate(terms, start=1)
    )


def assess(
    claims: Sequence[Claim], sources: Sequence[Source], review: Review, gate: GateVerdict
) -> Assessment:
    """The assessment that the rules give."""
    dimensions = dimensions_v1.assess_dimensions(
        claims=claims,
        score=review.score,
        sources=sources,
        uncertainties=2,
        parameters_stated=True,
        report_available=True,
        gate=gate,
    )
    return Assessment(
        level=levels_v1.assess_level(claims),
        tier=tiers_v1.assess_tier(
            score=review.score,
            verified=sum(claim.verification.passed for claim in claims),
            artifact_types=("report", "evidence"),
            reproducibility=DimensionLevel.MEDIUM,
            flags=(),
            counts_computed=True,
        ),
        dimensions=dimensions,
        provenance=provenance_v1.assess_provenance(
            publisher_named=True,
            sources_listed=bool(sources),
            claims=claims,
            evidence_published=True,
        ),
    )


def artifact(name: str, kind: str, media_type: str, about: str) -> Artifact:
    """One published file."""
    return Artifact(
        name=name,
        kind=kind,
        media_type=media_type,
        sha256=digest(name),
        bytes=48213,
        about=about,
        public=True,
    )


ARTIFACTS = (
    artifact("report.md", "report", "text/markdown", "The report as text."),
    artifact("report.pdf", "report", "application/pdf", "The report for print."),
    artifact("evidence.json", "evidence", "application/json", "Counted words of every check."),
)
UNATTEMPTED = GateVerdict(
    origin=Origin.COMPUTED,
    status=GateStatus.UNVERIFIED,
    reason_code=GateReason.NOT_ATTEMPTED,
    reason="No formal proof and no sealed re-run has been attempted for any claim of this record.",
    evaluated_at=None,
    gate=GATE_2,
    claims=(),
    checkable_claims=5,
    artifacts=(),
)
