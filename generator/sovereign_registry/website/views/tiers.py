"""Why a record's tier is not shown, where the rule gave one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.rules.states_v1 import tier_of
from sovereign_registry.website.views import scales, words

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest


def untiered(record: Manifest) -> str:
    """What takes the rule's tier away, in two sentences; empty where nothing does."""
    given = record.assessment.tier.tier
    if tier_of(record) is given:
        return ""
    falsified = record.gate.status is GateStatus.FALSIFIED
    state = words.state_word(record.standing.record_state)
    why = "Gate 2 falsified a claim of it" if falsified else state
    return f"{why}: such a record has no tier. The rule gave {scales.tier_label(given)}."
