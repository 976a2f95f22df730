"""Every graded word within its whole scale; the words come from the rules."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sovereign_registry.contracts.assessment import DimensionLevel, Tier
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.review import Policy, Verdict
from sovereign_registry.contracts.rules import levels_v1, provenance_v1, tiers_v1
from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import Scale, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.rules.levels_v1 import LadderRung

TOP = len(levels_v1.LADDER) - 1


def label(level: int) -> str:
    """``L2, Source-grounded claims``."""
    return f"L{level}, {levels_v1.LADDER[level].label}"


def public_label(level: int) -> str:
    """``L3, Claim aggregate record``."""
    return f"L{level}, {provenance_v1.LADDER[level].label}"


def position(level: int) -> str:
    """``Level 2 of 7``: a rung is never printed without its ladder."""
    return f"Level {level} of {TOP}"


def level_words(level: int) -> str:
    """``Level 2 of 7, Source-grounded claims``."""
    return f"{position(level)}, {levels_v1.LADDER[level].label}"


def tier_label(tier: Tier) -> str:
    """The tier in words, such as ``Quarantine candidate``."""
    return tiers_v1.tier_rule(tier).label


def _ladder(ladder: Sequence[LadderRung], level: int, shown: str = "") -> Scale:
    """All rungs by their numbers, and that of the record by its name as well."""
    return Scale(
        tuple(
            Step(f"L{rung.level}, {rung.label}", current=True)
            if rung.level == level
            else Step(f"L{rung.level}", current=False)
            for rung in ladder
        ),
        shown=shown,
    )


@cache
def level_scale(level: int) -> Scale:
    """A rung of the verification ladder."""
    return _ladder(levels_v1.LADDER, level, "level")


@cache
def public_scale(level: int) -> Scale:
    """A rung of the public provenance ladder."""
    return _ladder(provenance_v1.LADDER, level)


@cache
def tier_scale(tier: Tier) -> Scale:
    """A tier among all tiers, in the order in which the rule tries them."""
    return Scale(
        steps=tuple(Step(rule.label, rule.tier is tier) for rule in tiers_v1.THRESHOLDS),
        note="(tried in this order: no ranking)",
        shown="tier",
    )


def _plain(every: Sequence[tuple[str, bool]], *, shown: str = "", before: str = "") -> Scale:
    return Scale(tuple(Step(*one) for one in every), shown=shown, before=before)


@cache
def dimension_scale(level: DimensionLevel) -> Scale:
    """A dimension's word among its four words."""
    return _plain([(one.value, one is level) for one in DimensionLevel])


@cache
def gate_scale(status: GateStatus) -> Scale:
    """A Gate 2 status among all three."""
    return _plain([(words.GATE[one], one is status) for one in GateStatus], shown="gate")


@cache
def verdict_scale(verdict: Verdict, before: str = "") -> Scale:
    """A verdict of the tribunal among all four, after the score where that is given."""
    steps = [(one.value, one is verdict) for one in Verdict]
    return _plain(steps, shown="verdict", before=before)


@cache
def policy_scale(policy: Policy) -> Scale:
    """A policy among both."""
    return _plain([(one.value, one is policy) for one in Policy])


@cache
def state_scale(state: RecordState) -> Scale:
    """A record state among all nine."""
    return _plain([(words.state_word(s), s is state) for s in RecordState], shown="state")
