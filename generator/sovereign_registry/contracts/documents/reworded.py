"""What is said of claims whose words were corrected, where a published count takes them in.

A correction changes a claim's words and leaves the place that it was taken from.  levels-v2 does
not count such a claim as located; levels-v1 and dimensions-v1 do, and records keep the rules that
made them, so that it has to be said beside every figure of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.rules import levels_v1, levels_v2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.manifest import Manifest


def reworded(claim: Claim) -> bool:
    """Whether a claim was taken from a source and its words were corrected since."""
    taken = claim.origin is Origin.COMPUTED and claim.locator is not None
    return taken and not levels_v2.in_own_words(claim)


def located_no_more(record: Manifest) -> tuple[str, ...]:
    """Ids of the claims whose words were corrected, so that they stand in no source."""
    return tuple(claim.id for claim in record.claims if reworded(claim))


def counted_as_grounded(record: Manifest) -> tuple[str, ...]:
    """Those of them that the record's level counts as grounded all the same."""
    if record.assessment.level.rules != levels_v1.RULES:
        return ()
    return tuple(
        claim.id
        for claim in record.claims
        if reworded(claim) and claim.locator and claim.locator.kind in levels_v1.GROUNDING
    )


def _counted(ids: Sequence[str], rules: str) -> str:
    if not ids:
        return ""
    were, stand = ("was", "stands") if len(ids) == 1 else ("were", "stand")
    return (
        f"Counted under {rules}, which keeps to the place of the words before a correction: "
        f"{len(ids)} of the claims ({', '.join(ids)}) {were} corrected since and {stand} in no "
        "source."
    )


def of_level(record: Manifest) -> str:
    """What has to stand beside a count of grounded claims; empty where it needs nothing."""
    return _counted(counted_as_grounded(record), record.assessment.level.rules)


def of_dimensions(record: Manifest) -> str:
    """What has to stand beside the grounding of citations; empty where it needs nothing."""
    return _counted(located_no_more(record), record.assessment.dimensions.rules)
