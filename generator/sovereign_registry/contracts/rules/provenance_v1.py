"""provenance-v1: how much of a record's origin a stranger can follow; rungs are cumulative."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.assessment import ProvenanceAssessment
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.rules.levels_v1 import LadderRung

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim

RULES = "provenance-v1"
NOTE = "Written by software from the sources that the record lists."


def _rung(level: int, key: str, label: str, definition: str) -> LadderRung:
    return LadderRung(level=level, key=key, label=label, definition=definition)


LADDER: tuple[LadderRung, ...] = (
    _rung(0, "none", "None", "Nothing says where the record comes from."),
    _rung(1, "publisher-record", "Publisher record", "The publisher is named."),
    _rung(2, "source-list", "Source list", "The sources are listed as well."),
    _rung(
        3,
        "claim-aggregate-record",
        "Claim aggregate record",
        "The number of claims and of their outcomes is public as well.",
    ),
    _rung(
        4,
        "claim-level-record",
        "Claim-level record",
        "Every claim is public with its source, its place there and its outcome.",
    ),
    _rung(
        5,
        "recomputable-record",
        "Recomputable record",
        "The evidence is published from which every outcome can be recomputed.",
    ),
    _rung(
        6,
        "logged-record",
        "Logged record",
        "A signed append-only log holds the record, with an inclusion proof.",
    ),
    _rung(
        7,
        "witnessed-record",
        "Witnessed record",
        "Somebody independent of the publisher countersigned the log that holds it.",
    ),
)
"""The public provenance ladder; always print a rung with the ladder's length."""


def _claim_level_record(claims: Sequence[Claim]) -> bool:
    return bool(claims) and all(
        claim.origin is Origin.COMPUTED and claim.locator is not None for claim in claims
    )


def _lineage(claims: Sequence[Claim], declared_grounded: int | None) -> str:
    total = len(claims)
    word = "claim" if total == 1 else "claims"
    if _claim_level_record(claims):
        return f"{total} {word}, each with its source, section, characters and digest"
    if declared_grounded is not None:
        return f"{declared_grounded} aggregate source-grounded claims, declared"
    return f"{total} declared {word}, not located in a source" if total else "no claim"


def assess_provenance(  # noqa: PLR0913 - one argument per rung
    *,
    publisher_named: bool,
    sources_listed: bool,
    claims: Sequence[Claim],
    evidence_published: bool,
    logged: bool = False,
    witnessed: bool = False,
    declared_grounded: int | None = None,
) -> ProvenanceAssessment:
    """The highest rung that the record reaches with all rungs below it.

    Args:
        publisher_named: Whether a publisher is named.
        sources_listed: Whether at least one source is listed.
        claims: All claims of the record.
        evidence_published: Whether the artifact that outcomes are recomputed from is public.
        logged: Whether a signed log holds the record.
        witnessed: Whether somebody independent countersigned that log.
        declared_grounded: What an imported page declares about grounded claims, if anything.
    """
    steps = (
        publisher_named,
        sources_listed,
        bool(claims),
        _claim_level_record(claims),
        evidence_published,
        logged,
        witnessed,
    )
    level = next((number for number, holds in enumerate(steps) if not holds), len(steps))
    basis = LADDER[level].definition
    if level < len(steps):
        basis += f" Level {level + 1} is not reached: {LADDER[level + 1].label.lower()}."
    return ProvenanceAssessment(
        origin=Origin.COMPUTED,
        rules=RULES,
        public_level=level,
        basis=basis,
        claim_lineage=_lineage(claims, declared_grounded),
        note=NOTE,
    )
