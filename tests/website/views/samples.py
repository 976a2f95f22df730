"""Sample records that the pipeline could have made, assessed by the real rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts import fold
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.claims import (
    Origin,
)
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.history import CorrectionType, EntryKind, HistoryEntry
from sovereign_registry.contracts.manifest import (
    Approval,
    Index,
    Manifest,
    Provenance,
    Question,
    RecordState,
    Related,
    Retrieval,
    Standing,
    ToolVersion,
    Work,
)
from tests.website.views.sample_parts import (
    ARTIFACTS,
    CLAIMS,
    MEMORY,
    QUESTION,
    ROUTING,
    UNATTEMPTED,
    WORDS,
    assess,
    digest,
    queries,
    sample_claim,
    sample_review,
    sample_round,
    sample_source,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.fold import RecordView


def manifest(*, revised: bool = False) -> Manifest:
    """A record that the pipeline could have made."""
    rounds = [sample_round(0, ("7.0", "6.5", "8.0"))]
    if revised:
        change = "Dropped claim c5: its cosine of 0.034519002 is below the threshold of 0.15."
        rounds = [
            sample_round(0, ("5.0", "6.0", "6.5")),
            sample_round(1, ("6.5", "7.0", "7.5"), (change,)),
        ]
    review = sample_review(rounds)
    claims = tuple(
        sample_claim(number, row, retained=not (revised and number == len(CLAIMS)))
        for number, row in enumerate(CLAIMS, start=1)
    )
    sources = (
        sample_source(ROUTING, "Load balance of routing rules in simulation", 7),
        sample_source(MEMORY, "Memory arithmetic of sparse configurations", 6),
    )
    return Manifest(
        contract="paper-manifest-v1.1",
        id="sr-2610-4k9m2xqw" if not revised else "sr-2610-7ztr40vc",
        origin=Origin.COMPUTED,
        work=Work(
            title=QUESTION,
            title_cut=False,
            abstract="This record asks how the number of active experts changes memory traffic and "
            "balance in sparse models. It rests on two notes. Three of five claims share enough "
            "words with another passage; none was checked by a proof or a re-run.",
            abstract_cut=False,
            kernel="Sovereign Registry kernel 1",
            as_of="2026-10-02",
            analysed="Load balance of routing rules in simulation",
        ),
        question=Question(text=QUESTION, sha256=digest(QUESTION), content_words=WORDS),
        config=RunConfig(),
        retrieval=Retrieval(
            origin=Origin.COMPUTED,
            source="the bundled corpus of this registry",
            fusion="reciprocal rank fusion, k = 60",
            queries=queries(),
            retrieved=2,
            complete=True,
            note="",
        ),
        sources=sources,
        claims=claims,
        flags=(),
        index=Index(
            origin=Origin.COMPUTED,
            model="latent semantic analysis",
            dimension=64,
            use="related records and near-duplicate warnings",
            compared_sha256=digest("neighbours"),
            related=(
                Related(record="sr-2609-00abcdef", relation="related", basis="similarity 0.41"),
            ),
        ),
        review=review,
        uncertainties=(
            "Two of five claims share too few words with any other passage to pass the test.",
            "All sources come from one collection.",
        ),
        gate=UNATTEMPTED,
        assessment=assess(claims, sources, review, UNATTEMPTED),
        standing=Standing(
            record_state=RecordState.CURRENT,
            approval=Approval.AUTO_APPROVED,
            correction_count=0,
            superseded_by=None,
        ),
        provenance=Provenance(
            publisher=None,
            method="pipeline",
            tools=(ToolVersion(name="scikit-learn", version="1.9.1", used_for="verification"),),
            inputs=(digest("reply 1"), digest("reply 2")),
            external_record=None,
            declared=(),
        ),
        artifacts=ARTIFACTS,
        limitations=("The lexical tick cannot tell a statement from its opposite.",),
    )


def view(record: Manifest, history: Sequence[HistoryEntry] = ()) -> RecordView:
    """Fold a history over a sample."""
    return fold.fold(record, tuple(history), file_sha256=digest(record.id), file_bytes=20480)


def computed() -> RecordView:
    """A computed record without history."""
    return view(manifest())


def _entry(
    record: Manifest,
    after: Manifest,
    sequence: int,
    previous: str,
    changes: Sequence[tuple[str, object, object]],
    **more: object,
) -> HistoryEntry:
    fields: dict[str, object] = {
        "correction_type": None,
        "affected_claims": (),
        "rules": (),
    } | more
    return msgspec.convert(
        {
            "contract": "history-entry-v1",
            "record": record.id,
            "sequence": sequence,
            "at": f"2026-11-0{sequence}T09:30:00Z",
            "by": {"role": "owner", "declared": True},
            "affected_fields": [pointer for pointer, _, _ in changes],
            "patch": msgspec.to_builtins(fold.operations(changes)),
            "record_before": content_sha256(record),
            "record_after": content_sha256(after),
            "previous": previous,
            **{key: msgspec.to_builtins(value) for key, value in fields.items()},
        },
        HistoryEntry,
    )


def _apply(record: Manifest, changes: Sequence[tuple[str, object, object]]) -> Manifest:
    return fold.apply_patch(record, fold.operations(changes), "sample")


def revised() -> RecordView:
    """A record that was revised, approved by the owner, then corrected."""
    first = manifest(revised=True)
    approve = [("/standing/approval", "AUTO_APPROVED", "OWNER_APPROVED")]
    second = _apply(first, approve)
    one = _entry(
        first,
        second,
        1,
        content_sha256(first),
        approve,
        kind=EntryKind.OWNER_DECISION,
        note="Useful as an example of a revised report.",
    )
    correct = [
        (
            "/uncertainties/1",
            "All sources come from one collection.",
            "Both sources come from this registry's own notes.",
        ),
        ("/standing/record_state", "CURRENT", "CORRECTED"),
        ("/standing/correction_count", 0, 1),
    ]
    third = _apply(second, correct)
    two = _entry(
        second,
        third,
        2,
        content_sha256(one),
        correct,
        kind=EntryKind.CORRECTION,
        correction_type=CorrectionType.CLAIM,
        note="The uncertainty named the collection too vaguely.",
        affected_claims=("c5",),
    )
    return view(first, (one, two))
