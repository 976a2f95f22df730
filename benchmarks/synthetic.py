"""Makes registries of N valid synthetic records of realistic size; no sentence in them is real.

``python -m benchmarks.synthetic FOLDER COUNT`` writes ``FOLDER/manifests``.  The same count gives
the same bytes.  One record holds ten claims with evidence, twelve sources, four queries and one
round of three opinions; every fourth was approved by an owner and so has one history entry.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import (
    Assessment,
    ClaimSummary,
    Dimension,
    DimensionLevel,
    DimensionName,
    DimensionsAssessment,
    LevelAssessment,
    ProvenanceAssessment,
    Tier,
    TierAssessment,
)
from sovereign_registry.contracts.canonical import content_sha256, text_sha256
from sovereign_registry.contracts.claims import (
    Claim,
    ClaimKind,
    LexicalCheck,
    Locator,
    Origin,
    Passage,
    Selection,
)
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.fold import apply_patch, operations
from sovereign_registry.contracts.gate import GATE_2, GateReason, GateStatus, GateVerdict
from sovereign_registry.contracts.history import Actor, EntryKind, HistoryEntry
from sovereign_registry.contracts.ids import crockford32
from sovereign_registry.contracts.manifest import (
    Approval,
    Artifact,
    Hit,
    Index,
    Manifest,
    Provenance,
    QueryRecord,
    Question,
    RecordState,
    Retrieval,
    Source,
    Standing,
    ToolVersion,
    Work,
)
from sovereign_registry.contracts.numbers import margin
from sovereign_registry.contracts.papers import Query, TextKind
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
from sovereign_registry.store.canonical_yaml import emit

if TYPE_CHECKING:
    from collections.abc import Sequence

CLAIMS = 10
SOURCES = 12
THRESHOLD = "0.15"
REPORT = b"# A synthetic report\n\nEvery sentence of it was drawn from a list of words.\n"

WORDS = (  # noqa: SIM905 - sixty words read better as a text
    "router expert layer token gating capacity sparse dense balance auxiliary loss vision language "
    "encoder decoder attention cache latency memory bandwidth quantised activation parameter ratio "
    "training inference throughput batch sequence context window adapter low rank distillation "
    "teacher student benchmark accuracy calibration drift baseline ablation measured estimated "
    "bounded lower upper mean variance sample seed schedule warmup decay gradient clipping"
).split()


def synthetic_id(number: int) -> str:
    """The id of the n-th record."""
    digest = bytes.fromhex(text_sha256(f"synthetic {number}"))
    return f"sr-{24 + number % 3:02d}{1 + number % 12:02d}-{crockford32(digest, 8)}"


def _sentence(draw: random.Random, words: int) -> str:
    return " ".join(draw.choice(WORDS) for _ in range(words)).capitalize() + "."


def _locator(draw: random.Random, source: Source) -> Locator:
    start = draw.randrange(0, 4000)
    return Locator(
        paper=source.ref,
        kind=source.text_kind,
        section=f"{draw.randrange(1, 6)}.{draw.randrange(1, 4)}",
        section_title=_sentence(draw, 3).rstrip("."),
        start=start,
        end=start + draw.randrange(80, 240),
        sha256=text_sha256(f"{source.ref} {start}"),
    )


def _source(draw: random.Random, number: int) -> Source:
    key = f"{2401 + number % 12}.{10000 + draw.randrange(0, 89999)}"
    words = tuple(sorted(draw.sample(WORDS, 4)))
    return Source(
        ref=f"{key}v1",
        key=key,
        version=1,
        title=_sentence(draw, 9).rstrip("."),
        authors=tuple(f"{_sentence(draw, 1)[:-1]} {_sentence(draw, 1)[:-1]}" for _ in range(4)),
        published=f"2024-{1 + number % 12:02d}-17",
        categories=("cs.LG", "cs.CL"),
        url=f"https://arxiv.org/abs/{key}v1",
        origin=Origin.COMPUTED,
        text_kind=TextKind.SECTIONS,
        text_sha256=text_sha256(key),
        passages=draw.randrange(40, 400),
        fused_score=f"0.0{draw.randrange(10000000, 99999999)}",
        covered_words=words,
        coverage="0.500000000",
        used_for=("claims", "evidence"),
        licence="CC BY 4.0",
    )


def _check(draw: random.Random, source: Source, claim: str) -> LexicalCheck:
    value = f"0.{draw.randrange(50_000_000, 600_000_000):09d}"
    return LexicalCheck(
        origin=Origin.COMPUTED,
        passed=value >= f"{THRESHOLD}0000000",
        value=value,
        display=value[:5],
        comparator=">=",
        threshold=THRESHOLD,
        margin=margin(value, THRESHOLD),
        best=Passage(
            locator=_locator(draw, source),
            quotation=_sentence(draw, 24),
            shared_terms=tuple(dict.fromkeys(claim.rstrip(".").lower().split()[:8])),
        ),
        note="",
    )


def _claim(draw: random.Random, number: int, sources: Sequence[Source]) -> Claim:
    text = _sentence(draw, 22)
    return Claim(
        id=f"c{number}",
        text=text,
        cut=False,
        sha256=text_sha256(text),
        origin=Origin.COMPUTED,
        kind=ClaimKind.EMPIRICAL if number % 2 else ClaimKind.NEITHER,
        # The words stand there: an ordinary claim was not corrected since.
        locator=msgspec.structs.replace(
            _locator(draw, draw.choice(sources)), sha256=text_sha256(text)
        ),
        selection=Selection(
            score=f"0.{draw.randrange(100000000, 999999999)}",
            reasons=("names a quantity", f"shares {number} words with the question"),
        ),
        verification=_check(draw, draw.choice(sources), text),
        corroboration=_check(draw, draw.choice(sources), text),
        level=2,
        retained=True,
    )


def _opinion(draw: random.Random, role: Role, score: str) -> Opinion:
    return Opinion(
        role=role,
        method="deterministic rubric",
        reviewer="rubric 1",
        score=score,
        rationale=f"{_sentence(draw, 18)} {_sentence(draw, 14)}",
        cited_claims=("c1", "c4", "c7"),
        features=tuple(
            Feature(name=name, value=f"0.{draw.randrange(100, 999)}", meaning=_sentence(draw, 8))
            for name in ("supported share", "mean margin", "distinct papers", "covered words")
        ),
    )


def _review(draw: random.Random, score: str) -> Review:
    approved = score >= "6.5"
    verdict = Verdict.APPROVE if approved else Verdict.REJECT
    opinions = tuple(_opinion(draw, role, score) for role in Role)
    return Review(
        origin=Origin.COMPUTED,
        method="deterministic rubric panel",
        rules="tribunal-v1",
        rounds=(
            Round(
                number=0,
                opinions=opinions,
                score=score,
                verdict=verdict,
                changes=(),
                report_sha256=text_sha256(score),
            ),
        ),
        score=score,
        verdict=verdict,
        revision_round=0,
        policy=Policy.AUTO_APPROVE if approved else Policy.ESCALATE_TO_OWNER,
        guards=tuple(
            Guard(name=name, held=approved, found=f"{draw.randrange(0, 10)}", required="5")
            for name in ("verified claims", "question coverage", "lowest role", "spread", "flags")
        ),
        note="",
    )


def _assessment(score: str, verified: int) -> Assessment:
    low = score < "5.0"
    return Assessment(
        level=LevelAssessment(
            origin=Origin.COMPUTED,
            rules="verification-levels-v1",
            paper_level=2,
            basis=f"{CLAIMS} of {CLAIMS} counted claims were located in parsed source sections.",
            claim_summary=ClaimSummary(
                source_grounded_claims=CLAIMS,
                aggregate_claim_records=CLAIMS,
                claim_record_source="parsed source sections",
                per_claim_public_records=True,
                per_claim_public_record_count=CLAIMS,
                cross_source_corroborated_claims=verified // 2,
                artifact_inspected_claims=0,
                sandbox_executed_claims=0,
                independently_reproduced_claims=0,
                externally_reviewed_or_formally_verified_claims=0,
            ),
        ),
        tier=TierAssessment(
            origin=Origin.COMPUTED,
            rules="quality-tiers-v1",
            tier=Tier.QUARANTINE_CANDIDATE if low else Tier.PUBLIC_RECORD,
            basis="The review score is below 5.0." if low else "No other tier's condition holds.",
            review_score=score,
            verified_claim_count=verified,
            artifact_types=("report",),
            reproducibility_level=DimensionLevel.MEDIUM,
            unresolved_flags=(),
        ),
        dimensions=DimensionsAssessment(
            rules="quality-dimensions-v1",
            dimensions=tuple(
                Dimension(
                    name=name,
                    origin=Origin.COMPUTED,
                    level=DimensionLevel.MEDIUM,
                    score=None,
                    basis=f"{verified} of {CLAIMS} claims passed the lexical check.",
                )
                for name in DimensionName
            ),
        ),
        provenance=ProvenanceAssessment(
            origin=Origin.COMPUTED,
            rules="source-provenance-v1",
            public_level=4,
            basis="Every claim has a public record.",
            claim_lineage="parsed source sections",
            note="",
        ),
    )


def _retrieval(draw: random.Random, sources: Sequence[Source]) -> Retrieval:
    return Retrieval(
        origin=Origin.COMPUTED,
        source="a synthetic collection",
        fusion="reciprocal rank fusion, k = 60",
        queries=tuple(
            QueryRecord(
                query=Query(number=n, terms=tuple(draw.sample(WORDS, 4)), rule="drawn at random"),
                total=200,
                complete=True,
                reply_sha256=text_sha256(str(n)),
                hits=tuple(Hit(paper=one.ref, rank=r) for r, one in enumerate(sources, start=1)),
            )
            for n in range(1, 5)
        ),
        retrieved=SOURCES,
        complete=True,
        note="",
    )


def synthetic_manifest(number: int) -> Manifest:
    """The n-th record; the same number gives the same record."""
    draw = random.Random(number)  # noqa: S311 - drawn to be the same again
    sources = tuple(_source(draw, n) for n in range(SOURCES))
    claims = tuple(_claim(draw, n, sources) for n in range(1, CLAIMS + 1))
    question = f"How does {_sentence(draw, 12).rstrip('.').lower()} in case {number}?"
    score = f"{draw.randrange(5, 10) if number % 4 else draw.randrange(1, 5)}.{draw.randrange(10)}"
    verified = sum(claim.verification.passed for claim in claims)
    identity = synthetic_id(number)
    return Manifest(
        contract="paper-manifest-v1.1",
        id=identity,
        origin=Origin.COMPUTED,
        work=Work(
            title=question,
            title_cut=False,
            abstract=" ".join(_sentence(draw, 18) for _ in range(5)),
            abstract_cut=False,
            kernel="Synthetic kernel",
            as_of=f"20{identity[3:5]}-{identity[5:7]}-{1 + number % 28:02d}",
            analysed=_sentence(draw, 16),
        ),
        question=Question(
            text=question,
            sha256=text_sha256(question),
            content_words=tuple(sorted(set(draw.sample(WORDS, 8)))),
        ),
        config=RunConfig(),
        retrieval=_retrieval(draw, sources),
        sources=sources,
        claims=claims,
        flags=(),
        index=Index(
            origin=Origin.COMPUTED,
            model="lsa",
            dimension=64,
            use="related records",
            compared_sha256=None,
            related=(),
        ),
        review=_review(draw, score),
        uncertainties=tuple(_sentence(draw, 20) for _ in range(4)),
        gate=GateVerdict(
            origin=Origin.COMPUTED,
            status=GateStatus.UNVERIFIED,
            reason_code=GateReason.NOT_ATTEMPTED,
            reason="Nobody has run Gate 2 for this record.",
            evaluated_at=None,
            gate=GATE_2,
            claims=(),
            checkable_claims=CLAIMS // 2,
            artifacts=(),
        ),
        assessment=_assessment(score, verified),
        standing=Standing(
            record_state=RecordState.CURRENT,
            approval=Approval.AUTO_APPROVED if number % 4 else Approval.AWAITING_OWNER,
            correction_count=0,
            superseded_by=None,
        ),
        provenance=_provenance(),
        artifacts=(
            Artifact(
                name="report.md",
                kind="report",
                media_type="text/markdown",
                sha256=text_sha256(REPORT.decode()),
                bytes=len(REPORT),
                about="The report as it was reviewed.",
                public=True,
            ),
        ),
        limitations=tuple(_sentence(draw, 14) for _ in range(2)),
    )


def _provenance() -> Provenance:
    return Provenance(
        publisher=None,
        method="pipeline",
        tools=tuple(
            ToolVersion(name=name, version="1.0", used_for="a synthetic record")
            for name in ("splitter", "vectoriser", "embedder", "rubric")
        ),
        inputs=tuple(text_sha256(f"reply {n}") for n in range(4)),
        external_record=None,
        declared=(),
    )


def approval(record: Manifest) -> HistoryEntry:
    """The owner's decision that makes a waiting record public."""
    patch = operations([("/standing/approval", Approval.AWAITING_OWNER, Approval.OWNER_APPROVED)])
    before = content_sha256(record)
    return HistoryEntry(
        contract="history-entry-v1",
        record=record.id,
        sequence=1,
        kind=EntryKind.OWNER_DECISION,
        at=f"{record.work.as_of}T12:00:00Z",
        by=Actor(role="owner"),
        note="Published as a synthetic record.",
        correction_type=None,
        affected_fields=("/standing/approval",),
        affected_claims=(),
        rules=(),
        patch=patch,
        record_before=before,
        record_after=content_sha256(apply_patch(record, patch, record.id)),
        previous=before,
    )


def write_record(registry: Path, record: Manifest) -> None:
    """Write one record's folder, as a published one has it."""
    folder = registry / "manifests" / "records" / record.id
    (folder / "artifacts").mkdir(parents=True, exist_ok=True)
    (folder / "manifest.yaml").write_bytes(emit(record))
    (folder / "artifacts" / "report.md").write_bytes(REPORT)
    if record.standing.approval is Approval.AWAITING_OWNER:
        entry = approval(record)
        (folder / "history").mkdir(exist_ok=True)
        (folder / "history" / entry.file_name).write_bytes(emit(entry))


def write_registry(registry: Path, count: int, first: int = 0) -> None:
    """Write a registry of synthetic records numbered from ``first``."""
    (registry / "manifests").mkdir(parents=True, exist_ok=True)
    (registry / "manifests" / "registry.yaml").write_text(
        'contract: "registry-v1"\n'
        'title: "Synthetic registry"\n'
        'publisher: "Synthetic publisher"\n'
        'description: "Records drawn at random, to measure with."\n'
        'base_url: ""\n'
        'language: "en"\n'
        'records_licence: "CC0-1.0"\n'
        'report_problem: "Nowhere: nothing here is real."\n'
        "options:\n"
        "  pdf: true\n",
        encoding="utf-8",
    )
    for number in range(first, first + count):
        write_record(registry, synthetic_manifest(number))


def main() -> None:
    """Write the registry that the arguments ask for."""
    if len(sys.argv) != 3 or not sys.argv[2].isdecimal():
        sys.exit("usage: python -m benchmarks.synthetic FOLDER COUNT")
    write_registry(Path(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    main()
