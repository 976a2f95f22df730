"""The fixed words of the pages as data for the Hugo template, taken from where our own views do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.assessment import DimensionLevel
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.history import EntryKind
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.review import Policy, Role, Verdict
from sovereign_registry.contracts.rules import (
    dimensions_v1,
    levels_v1,
    provenance_v1,
    states_v1,
    tiers_v1,
)
from sovereign_registry.website.holdings import BUNDLE, MADE
from sovereign_registry.website.views import verify_panel, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.registry import RegistryInfo
    from sovereign_registry.contracts.rules.levels_v1 import LadderRung

NAVIGATION = (
    ("records/", "Records"),
    ("methodology/", "Methodology"),
    ("quality-guide/", "Quality guide"),
    ("corrections/", "Corrections"),
    ("verify/", "Verify"),
    ("contracts/", "Contracts"),
    ("about/", "About"),
)
WHY = {
    Verdict.APPROVE: "approved the report",
    Verdict.REVISE: "still asked for a revision after the one round that it may ask for",
    Verdict.REJECT: "rejected the report",
    Verdict.INCOMPLETE: "came to no decision, because fewer than three opinions were valid",
}
RUBRIC_NOTE = (
    "Three fixed formulas over counted features, not three independent minds: no language model "
    "and no person read the report."
)


def _ladder(ladder: Sequence[LadderRung]) -> list[dict[str, str]]:
    return [
        {
            "key": f"L{rung.level}",
            "label": f"L{rung.level}",
            "name": rung.label,
            "definition": rung.definition,
        }
        for rung in ladder
    ]


def _enums() -> dict[str, Any]:
    return {
        "gate": words.GATE,
        "gate_steps": [words.GATE[one] for one in GateStatus],
        "gate_tones": {"VERIFIED": "pass", "FALSIFIED": "fail", "UNVERIFIED": "care"},
        "gate_reasons": words.GATE_REASONS,
        "states": {one: words.state_says(one) for one in RecordState},
        "state_words": {one: words.state_word(one) for one in RecordState},
        "state_steps": [words.state_word(one) for one in RecordState],
        "verdict_steps": [one.value for one in Verdict],
        "verdict_tones": {"APPROVE": "pass", "REJECT": "fail", "REVISE": "care"},
        "policy_steps": [one.value for one in Policy],
        "policies": words.POLICIES,
        "approvals": words.APPROVALS,
        "flags": words.FLAGS,
        "role_names": [one.value for one in Role],
        "entries": {
            row.kind: words.entry_title(event, row.correction_type)
            for event, row in states_v1.TRANSITIONS.items()
            if row.kind is not EntryKind.STATE_CHANGE
        },
        "dimension_words": [one.value for one in DimensionLevel],
    }


def hugo_words(info: RegistryInfo) -> bytes:
    """The whole of ``data/words.json``."""
    ladder = _ladder(levels_v1.LADDER)
    document = _enums() | {
        "site": msgspec.to_builtins(info) | {"generator": "Hugo"},
        "navigation": NAVIGATION,
        "downloads": [
            (one.name, one.media_type, one.about, not one.group or one.group in info.publish.beside)
            for one in MADE
        ],
        "bundle": "Every file of the record in one, to keep and to check offline: "
        f"`sovereign-registry verify {BUNDLE}`.",
        "scripts": [f"static/verify/{name}.js" for name in verify_panel.SCRIPTS],
        "draft": words.DRAFT,
        "why": WHY,
        "rubric_note": RUBRIC_NOTE,
        "ladder": ladder,
        "public_ladder": _ladder(provenance_v1.LADDER),
        "rung_labels": [rung["label"] for rung in ladder],
        "tier_notes": {
            rule.tier.value: f"Given for: {rule.condition}." for rule in tiers_v1.THRESHOLDS
        },
        "tier_labels": {rule.tier.value: rule.label for rule in tiers_v1.THRESHOLDS},
        "tier_steps": [rule.label for rule in tiers_v1.THRESHOLDS],
        "dimensions": {
            rule.name.value: {
                "label": rule.label,
                "definition": rule.definition,
                "ruled": not rule.rule.startswith(DimensionLevel.UNASSESSED.value),
            }
            for rule in dimensions_v1.DEFINITIONS
        },
    }
    return msgspec.json.encode(document)
