"""Record view -> the slim row that lists show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.history import EntryKind
from sovereign_registry.website.model import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.fold import RecordView


def row_of(view: RecordView) -> Row:
    """The row of a record as it stands now."""
    record = view.record
    decisions = [entry.at for entry in view.history if entry.kind is EntryKind.OWNER_DECISION]
    published = decisions[0][:10] if decisions else record.work.as_of
    return Row(
        id=record.id,
        title=record.work.title,
        title_cut=record.work.title_cut,
        question=record.question.text,
        as_of=record.work.as_of,
        published=published,
        updated=view.history[-1].at[:10] if view.history else published,
        score=record.review.score,
        verdict=record.review.verdict,
        policy=record.review.policy,
        tier=record.assessment.tier.tier,
        paper_level=record.assessment.level.paper_level,
        public_level=record.assessment.provenance.public_level,
        gate=record.gate.status,
        record_state=record.standing.record_state,
        approval=record.standing.approval,
        claims=len(record.claims),
        verified=sum(claim.verification.passed for claim in record.claims),
        sources=len(record.sources),
        flags=len(record.flags),
        unresolved_flags=sum(flag.unresolved for flag in record.flags),
        corrections=record.standing.correction_count,
        history=len(view.history),
        origin=record.origin,
    )


def newest_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The order of every list: newest publication first, equal dates by id."""
    return tuple(sorted(sorted(rows, key=lambda row: row.id), key=_published, reverse=True))


def _published(row: Row) -> str:
    return row.published
