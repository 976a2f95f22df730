"""What newer rules would say of a record that was made under older ones; it stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.rules import levels_v1, levels_v2

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest


def newer_level(record: Manifest) -> str:
    """What levels-v2 would change, in words; empty where it changes nothing or made the record.

    Args:
        record: The record as it stands now.
    """
    found = record.assessment.level
    if found.rules != levels_v1.RULES or not levels_v2.differs(record.claims):
        return ""
    listed = bool(record.sources)
    claims = [
        f"{claim.id} on {now} instead of {claim.level}"
        for claim in record.claims
        if (now := levels_v2.claim_level(claim, sources_listed=listed, gate=record.gate))
        != claim.level
    ]
    if not claims:
        return ""
    level = levels_v2.assess_level(record.claims, sources_listed=listed, gate=record.gate)
    moved = f"Level {level.paper_level} instead of {found.paper_level}"
    return (
        f"made under {levels_v1.RULES}; {levels_v2.RULES}, under which claims are corrected now, "
        f"counts no claim as located whose words were changed: {moved}, {', '.join(claims)}"
    )
