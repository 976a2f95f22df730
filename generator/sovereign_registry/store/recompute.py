"""Every number of a record again, from what the record publishes and the rules it names.  Pure.

A declared record is not recomputed: its numbers were stated by a document that carries no evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import content_sha256, text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.ids import IdentityInput, record_id
from sovereign_registry.contracts.manifest import Approval, RecordState, Standing
from sovereign_registry.contracts.papers import key_of
from sovereign_registry.contracts.review import Policy
from sovereign_registry.contracts.rules import assessment_v1, levels_v1, lexical_v1
from sovereign_registry.contracts.rules.fusion_v1 import fused_score
from sovereign_registry.contracts.text import normalise
from sovereign_registry.store.recompute_extraction import extraction_faults
from sovereign_registry.store.recompute_meaning import meaning_faults
from sovereign_registry.store.recompute_review import review_faults
from sovereign_registry.store.recompute_sources import coverage_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.evidence import Evidence
    from sovereign_registry.contracts.manifest import Manifest

NOT_CARRIED = "not recomputable: evidence not carried (an imported record states its numbers)"
"""Of a declared record's numbers."""


def recompute(published: Manifest, evidence: Evidence | None) -> list[str]:
    """One line for every published value that does not follow from its inputs.

    Args:
        published: The manifest as published, before any history entry.
        evidence: Its evidence artifact, or None where it carries none.
    """
    faults = [*_text_faults(published), *_standing_faults(published)]
    if published.origin is not Origin.COMPUTED:
        return faults
    faults += _retrieval_faults(published)
    faults += _identity_faults(published)
    if published.claims and evidence is None:
        faults.append("claims: the evidence that they are recomputed from is not among the files")
    if evidence is not None:
        faults += lexical_v1.recompute_claims(published, evidence)
    faults += coverage_faults(published)
    faults += meaning_faults(published)
    faults += extraction_faults(published)
    faults += review_faults(published)
    faults += _assessment_faults(published)
    return faults


def _text_faults(record: Manifest) -> Iterator[str]:
    if record.question.sha256 != text_sha256(normalise(record.question.text)):
        yield "question.sha256: is not the digest of the normalised question"
    for claim in record.claims:
        if claim.sha256 != text_sha256(claim.text):
            yield f"{claim.id}: sha256 is not the digest of its text"
    if len({claim.id for claim in record.claims}) != len(record.claims):
        yield "claims: an id stands twice"
    refs = {source.ref for source in record.sources}
    for claim in record.claims:
        if claim.locator and claim.locator.paper not in refs:
            yield f"{claim.id}: its paper {claim.locator.paper} is not among the sources"
    for query in record.retrieval.queries:
        for rank, hit in enumerate(query.hits, start=1):
            if hit.rank != rank:
                yield f"retrieval: query {query.query.number} has rank {hit.rank} at {rank}"


def _standing_faults(record: Manifest) -> Iterator[str]:
    """A record starts CURRENT and uncorrected, and only policy approves it without its owner."""
    by_policy = record.origin is Origin.COMPUTED and record.review.policy is Policy.AUTO_APPROVE
    due = Standing(
        record_state=RecordState.CURRENT,
        approval=Approval.AUTO_APPROVED if by_policy else Approval.AWAITING_OWNER,
        correction_count=0,
        superseded_by=None,
    )
    if record.standing != due:
        yield f"standing: a record starts as {due.approval}; later changes stand in its history"


def _retrieval_faults(record: Manifest) -> Iterator[str]:
    queries = record.retrieval.queries
    if record.provenance.inputs != tuple(query.reply_sha256 for query in queries):
        yield "provenance.inputs: are not the digests of the queries' answers"
    if record.retrieval.complete != all(query.complete for query in queries):
        yield "retrieval.complete: does not follow from the queries"
    ranks: dict[str, list[int]] = {}
    for query in queries:
        first: dict[str, int] = {}
        for hit in query.hits:
            first.setdefault(key_of(hit.paper), hit.rank)
        for key, rank in first.items():
            ranks.setdefault(key, []).append(rank)
    if record.retrieval.retrieved != len(ranks):
        yield f"retrieval.retrieved: {record.retrieval.retrieved} where {len(ranks)} papers are hit"
    for source in record.sources:
        due = fused_score(ranks.get(source.key, ()))
        if source.fused_score != due:
            found = source.fused_score
            yield f"sources {source.ref}: fused_score {found} where the ranks give {due}"


def _identity_faults(record: Manifest) -> Iterator[str]:
    if record.config is None:
        yield "config: a computed record carries its configuration"
        return
    due = record_id(
        IdentityInput(
            question=normalise(record.question.text),
            config_sha256=content_sha256(record.config),
            inputs=record.provenance.inputs,
            tools=tuple(sorted(f"{tool.name} {tool.version}" for tool in record.provenance.tools)),
            as_of=record.work.as_of,
        )
    )
    if due != record.id:
        yield f"id: {record.id} does not follow from the inputs, which give {due}"


def _assessment_faults(record: Manifest) -> Iterator[str]:
    for claim in record.claims:
        due = levels_v1.claim_level(claim, sources_listed=bool(record.sources))
        if due != claim.level:
            yield f"{claim.id}: level {claim.level} where the rule gives {due}"
    gate = assessment_v1.starting_gate(record.claims)
    if gate != record.gate:
        yield "gate: a record starts with the verdict that nothing was attempted"
    again = assessment_v1.assess(
        claims=record.claims,
        sources=record.sources,
        flags=record.flags,
        artifacts=record.artifacts,
        uncertainties=len(record.uncertainties),
        score=record.review.score,
        gate=record.gate,
    )
    for name in ("level", "tier", "dimensions", "provenance"):
        if getattr(again, name) != getattr(record.assessment, name):
            yield f"assessment.{name}: does not follow from its inputs by the rule that it names"
