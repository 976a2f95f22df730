"""Links between records that are nearly the same.  Pure.

The measure is the Jaccard index of content words: those of the two abstracts, or of the two titles
of what is analysed, where both records were imported; those of the two questions in any case.  Two
records are near-duplicates where one of these is at least the threshold.  Abstracts of records that
were computed here are left out: they share a frame of words that says nothing about their subject.
Links change no id.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.manifest import Flag, FlagKind, Related
from sovereign_registry.contracts.text import jaccard
from sovereign_registry.pipeline.drafts.declared import retier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.manifest import Manifest


def near_duplicates(
    manifests: Sequence[Manifest], threshold: str, *, known: Sequence[Manifest] = ()
) -> tuple[Manifest, ...]:
    """The batch again, each record linked to those of the batch and of the registry it is near.

    Args:
        manifests: The records being imported, in order.
        threshold: The Jaccard index from which two texts are near-duplicates, such as ``0.6``.
        known: The records that the registry holds already; these are only linked to.

    Returns:
        The manifests in the same order with ``index.related``, ``flags`` and, where it was found
        by rule, the tier made anew.
    """
    everyone = {record.id: record for record in (*known, *manifests)}
    return tuple(_linked(record, everyone, threshold) for record in manifests)


def _linked(record: Manifest, everyone: dict[str, Manifest], threshold: str) -> Manifest:
    others = [everyone[key] for key in sorted(everyone) if key != record.id]
    related = tuple(
        found for other in others if (found := _relation(record, other, threshold)) is not None
    )
    if not others:
        return record
    flags = (*record.flags, *map(_flag, related))
    tier = record.assessment.tier
    if tier.origin is Origin.COMPUTED:
        tier = retier(tier.review_score, record.claims, record.assessment.dimensions, flags)
    return msgspec.structs.replace(
        record,
        flags=flags,
        index=msgspec.structs.replace(
            record.index,
            related=related,
            compared_sha256=content_sha256([[other.id, _texts(other)] for other in others]),
        ),
        assessment=msgspec.structs.replace(record.assessment, tier=tier),
    )


def _texts(record: Manifest) -> list[str]:
    return [record.question.text, record.work.abstract, record.work.analysed]


def _pairs(record: Manifest, other: Manifest) -> Iterator[tuple[str, str, str]]:
    if record.origin is Origin.DECLARED and other.origin is Origin.DECLARED:
        yield "abstracts", record.work.abstract, other.work.abstract
        yield "titles of what is analysed", record.work.analysed, other.work.analysed
    yield "questions", record.question.text, other.question.text


def _relation(record: Manifest, other: Manifest, threshold: str) -> Related | None:
    if record.question.sha256 == other.question.sha256:
        basis = "The normalised questions are equal; the inputs differ."
        return Related(record=other.id, relation="same question", basis=basis)
    for what, left, right in _pairs(record, other):
        shared, union = jaccard(left, right)
        if union and Decimal(shared) >= Decimal(threshold) * union:
            basis = (
                f"The {what} share {shared} of {union} content words (Jaccard index, threshold "
                f"{threshold})."
            )
            return Related(record=other.id, relation="near-duplicate", basis=basis)
    return None


def _flag(related: Related) -> Flag:
    if related.relation == "same question":
        return Flag(
            kind=FlagKind.SAME_QUESTION,
            message=f"Record {related.record} answers the same question from other inputs.",
            about=(related.record,),
            unresolved=False,
        )
    return Flag(
        kind=FlagKind.NEAR_DUPLICATE,
        message=f"Record {related.record} is nearly the same. {related.basis}",
        about=(related.record,),
        unresolved=True,
    )
