"""A computed record of our own whose assessment follows from its claims, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.amend import Amendment, amend
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.fold import RecordView, fold
from sovereign_registry.contracts.manifest import FlagKind, Manifest
from sovereign_registry.contracts.rules import assessment_v1, levels_v1
from tests.contracts import samples
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.history import Event, HistoryEntry

START = "2026-06-10T06:30:49Z"


def computed_record(claims: int = 4) -> Manifest:
    """A record with a few located claims, one flag and the assessment that follows."""
    made = []
    for number in range(1, claims + 1):
        claim = samples.claim(
            number,
            f"Trams number {number} wait longer at the second junction.",
            verification=samples.check(0.05 + 0.1 * number, best=samples.passage()),
            corroboration=samples.check(0.3, best=samples.passage()),
            place=samples.locator(),
        )
        own = msgspec.structs.replace(samples.locator(), sha256=claim.sha256)
        claim = msgspec.structs.replace(claim, locator=own)
        made.append(msgspec.structs.replace(claim, level=levels_v1.claim_level(claim)))
    bare = bare_manifest()
    record = msgspec.structs.replace(
        bare,
        origin=Origin.COMPUTED,
        claims=tuple(made),
        sources=(samples.source("2401.00001v1"), samples.source("2401.00002v1")),
        flags=(samples.flag(FlagKind.NEAR_DUPLICATE),),
        review=msgspec.structs.replace(bare.review, origin=Origin.COMPUTED, score="8.0"),
        gate=assessment_v1.starting_gate(made),
    )
    return msgspec.structs.replace(
        record,
        assessment=assessment_v1.assess(
            claims=record.claims,
            sources=record.sources,
            flags=record.flags,
            artifacts=record.artifacts,
            uncertainties=len(record.uncertainties),
            score=record.review.score,
            gate=record.gate,
        ),
    )


def view_of(record: Manifest, entries: Sequence[HistoryEntry] = ()) -> RecordView:
    """A record with its history folded over it."""
    return fold(record, entries, file_sha256="ab" * 32, file_bytes=1)


def amendment(event: Event, **fields: object) -> Amendment:
    """An amendment by the editor at the usual time."""
    return msgspec.structs.replace(
        Amendment(event=event, at=START, by="editor", note="For a test."), **fields
    )


def with_events(record: Manifest, *amendments: Amendment) -> RecordView:
    """The view after these amendments in order."""
    entries: list[HistoryEntry] = []
    for one in amendments:
        entries.append(amend(view_of(record, entries), one))
    return view_of(record, entries)
