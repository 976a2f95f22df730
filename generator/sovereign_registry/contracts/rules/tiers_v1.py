"""tiers-v1: the quality tier, a triage that never blocks publication; first match wins."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import DimensionLevel, Tier, TierAssessment
from sovereign_registry.contracts.claims import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.manifest import Flag

RULES = "tiers-v1"
QUARANTINE_BELOW = "5.0"
FLAGSHIP_AT = "8.5"
FLAGSHIP_VERIFIED = 5
DOI_AT = "7.5"
DOI_VERIFIED = 1


class TierRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the tier table."""

    tier: Tier
    label: str
    condition: str
    definition: str


def _rule(tier: Tier, label: str, condition: str, definition: str) -> TierRule:
    return TierRule(tier=tier, label=label, condition=condition, definition=definition)


THRESHOLDS: tuple[TierRule, ...] = (
    _rule(Tier.NOT_TIERED, "Not tiered", "no review score", "There is no score to tier by."),
    _rule(
        Tier.QUARANTINE_CANDIDATE,
        "Quarantine candidate",
        f"review score below {QUARANTINE_BELOW}",
        "Read the sources themselves before relying on anything in this record.",
    ),
    _rule(
        Tier.FLAGSHIP_CANDIDATE,
        "Flagship candidate",
        f"review score of at least {FLAGSHIP_AT}, at least {FLAGSHIP_VERIFIED} verified claims, "
        "reproducibility HIGH, counts computed here, no unresolved flag",
        "The strongest records by every public measure; still no statement that they are true.",
    ),
    _rule(
        Tier.DOI_GRADE,
        "DOI grade",
        f"review score of at least {DOI_AT}, at least {DOI_VERIFIED} verified claim, counts "
        "computed here, no unresolved flag",
        "Solid enough to be worth a lasting identifier.",
    ),
    _rule(
        Tier.WATCHLIST,
        "Watchlist",
        "an unresolved flag, or no verified claim",
        "Something about this record asks for extra caution; the basis names it.",
    ),
    _rule(
        Tier.PUBLIC_RECORD,
        "Public record",
        "everything else",
        "An ordinary record without a warning and without distinction.",
    ),
)
"""The table in the order in which it is applied."""


def tier_rule(tier: Tier) -> TierRule:
    """The table's line for one tier."""
    return next(rule for rule in THRESHOLDS if rule.tier is tier)


def _upper_tier(score: Decimal, verified: int, reproducibility: DimensionLevel) -> Tier | None:
    strong = score >= Decimal(FLAGSHIP_AT) and verified >= FLAGSHIP_VERIFIED
    if strong and reproducibility is DimensionLevel.HIGH:
        return Tier.FLAGSHIP_CANDIDATE
    if score >= Decimal(DOI_AT) and verified >= DOI_VERIFIED:
        return Tier.DOI_GRADE
    return None


def _first_match(
    score: str | None,
    verified: int,
    reproducibility: DimensionLevel,
    open_flags: Sequence[str],
    *,
    counts_computed: bool,
) -> tuple[Tier, str]:
    if score is None:
        return Tier.NOT_TIERED, "There is no review score."
    shown = Decimal(score)
    if shown < Decimal(QUARANTINE_BELOW):
        basis = f"The review score of {score} is below {QUARANTINE_BELOW}."
        return Tier.QUARANTINE_CANDIDATE, basis
    counts = f"Review score {score}, verified claims {verified}, reproducibility {reproducibility}"
    upper = _upper_tier(shown, verified, reproducibility)
    if upper and counts_computed and not open_flags:
        return upper, f"{counts}; no flag is unresolved."
    if open_flags or not verified:
        flags = ", ".join(open_flags) or "none"
        return Tier.WATCHLIST, f"{counts}; unresolved flags: {flags}."
    return Tier.PUBLIC_RECORD, f"{counts}; no rule for a higher tier matches."


def assess_tier(  # noqa: PLR0913 - one argument per published input
    *,
    score: str | None,
    verified: int,
    artifact_types: Sequence[str],
    reproducibility: DimensionLevel,
    flags: Sequence[Flag],
    counts_computed: bool,
) -> TierAssessment:
    """The quality tier with the inputs that gave it.

    Args:
        score: The review score, None where there is none.
        verified: How many claims passed the lexical test.
        artifact_types: Kinds of the record's artifacts; shown, never decisive.
        reproducibility: The level of the dimension of that name.
        flags: The record's flags; only unresolved ones count.
        counts_computed: False where the counts were declared by an imported document, which
            keeps a record out of the two highest tiers.
    """
    open_flags = tuple(sorted({str(flag.kind) for flag in flags if flag.unresolved}))
    tier, basis = _first_match(
        score, verified, reproducibility, open_flags, counts_computed=counts_computed
    )
    if not counts_computed and tier is not Tier.NOT_TIERED:
        basis += " The inputs were declared by an imported document and not recomputed."
    return TierAssessment(
        origin=Origin.COMPUTED,
        rules=RULES,
        tier=tier,
        basis=basis,
        review_score=score,
        verified_claim_count=verified,
        artifact_types=tuple(sorted(set(artifact_types))),
        reproducibility_level=reproducibility,
        unresolved_flags=open_flags,
    )
