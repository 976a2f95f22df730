"""levels-v2: as levels-v1, but a claim is located only where its own words stand.

A claim is taken from its source word for word, so that the digest of its text is the one of the
passage that its locator names.  A correction can change the words and leaves the locator: rule v1
counts such a claim as grounded all the same, this one does not, and what rests on rung 2 falls with
it.  Used by corrections of claims from this version on; records name the rules that made them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.rules import levels_v1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.assessment import LevelAssessment
    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.gate import GateVerdict

RULES = "levels-v2"


def in_own_words(claim: Claim) -> bool:
    """Whether the claim's text is that of the passage that it is located in, by their digests."""
    return claim.locator is not None and claim.sha256 == claim.locator.sha256


def differs(claims: Sequence[Claim]) -> bool:
    """Whether this version sees any of the claims otherwise than levels-v1 does."""
    return any(
        claim.origin is Origin.COMPUTED and claim.locator is not None and not in_own_words(claim)
        for claim in claims
    )


def _located(claim: Claim) -> Claim:
    """The claim as rule v1 has to see it: without a place where other words stand."""
    if claim.locator is None or in_own_words(claim):
        return claim
    return msgspec.structs.replace(claim, locator=None)


def claim_level(
    claim: Claim, *, sources_listed: bool = True, gate: GateVerdict | None = None
) -> int:
    """The highest rung that one claim reaches: 0 to 7."""
    return levels_v1.claim_level(_located(claim), sources_listed=sources_listed, gate=gate)


def assess_level(
    claims: Sequence[Claim],
    *,
    sources_listed: bool = True,
    gate: GateVerdict | None = None,
) -> LevelAssessment:
    """The record's level: the highest rung that all claims reach; no claim gives Level 0."""
    located = [_located(claim) for claim in claims]
    found = levels_v1.assess_level(located, sources_listed=sources_listed, gate=gate)
    as_stated = levels_v1.summarise(claims, sources_listed=sources_listed, gate=gate)
    others = sum(one is not claim for one, claim in zip(located, claims, strict=True))
    words = (
        f" {others} of {len(claims)} claims were given other words than the passage that they name "
        "and do not count as located."
    )
    return msgspec.structs.replace(
        found,
        rules=RULES,
        basis=found.basis + (words if others else ""),
        claim_summary=msgspec.structs.replace(
            found.claim_summary, claim_record_source=as_stated.claim_record_source
        ),
    )
