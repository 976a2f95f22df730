"""Steps 4 and 5 together: candidates become claims that carry both tests and their level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.claims import Claim, Origin
from sovereign_registry.contracts.manifest import Flag, FlagKind
from sovereign_registry.contracts.rules import levels_v1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.pipeline.selection import Candidate
    from sovereign_registry.pipeline.verification import LexicalIndex, Outcome


def make_claims(
    candidates: Sequence[Candidate], index: LexicalIndex, threshold: str
) -> tuple[tuple[Claim, ...], tuple[Outcome, ...]]:
    """Test every candidate and number them ``c1``, ``c2`` ... in the order of selection."""
    outcomes = tuple(index.compare([candidate.passage for candidate in candidates]))
    claims = tuple(
        _claim(number, candidate, outcome, index, threshold)
        for number, (candidate, outcome) in enumerate(
            zip(candidates, outcomes, strict=True), start=1
        )
    )
    return claims, outcomes


def _claim(
    number: int, candidate: Candidate, outcome: Outcome, index: LexicalIndex, threshold: str
) -> Claim:
    passage = candidate.passage
    claim = Claim(
        id=f"c{number}",
        text=passage.text,
        cut=False,
        sha256=passage.locator.sha256,
        origin=Origin.COMPUTED,
        kind=candidate.kind,
        locator=passage.locator,
        selection=candidate.selection,
        verification=index.check(passage, outcome.verification, threshold),
        corroboration=index.check(passage, outcome.corroboration, threshold),
        level=0,
        retained=True,
    )
    return msgspec.structs.replace(claim, level=levels_v1.claim_level(claim))


def few_claims(found: int, wanted: int) -> tuple[Flag, ...]:
    """The flag of a run that found fewer claims than its configuration asks for."""
    if found >= wanted:
        return ()
    return (
        Flag(
            kind=FlagKind.FEW_CLAIMS,
            message=f"{found} of the {wanted} claims that the configuration asks for were found.",
            about=(),
            unresolved=found == 0,
        ),
    )
