"""Every enum member that a page can show has its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.contracts.assessment import DimensionName, Tier
from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.history import CorrectionType, Event
from sovereign_registry.contracts.manifest import Approval, FlagKind, RecordState
from sovereign_registry.contracts.review import Policy, Verdict
from sovereign_registry.contracts.rules import dimensions_v1
from sovereign_registry.website.views import scales, words

if TYPE_CHECKING:
    from enum import StrEnum


@pytest.mark.parametrize(
    ("table", "members"),
    [
        (words.APPROVALS, Approval),
        (words.FLAGS, FlagKind),
        (words.GATE, GateStatus),
        (words.GATE_REASONS, GateReason),
        (words.VERDICTS, Verdict),
        (words.POLICIES, Policy),
        (words.KINDS, ClaimKind),
        (words.EVENTS, Event),
        (words.TYPES, CorrectionType),
    ],
)
def test_no_member_is_without_words(table: dict[Any, str], members: type[StrEnum]) -> None:
    """A new member cannot reach a page without being said in words."""
    assert set(table) == set(members)


def test_states_and_tiers_and_dimensions_are_defined_by_their_contracts() -> None:
    """Each has words where the page looks for them."""
    assert all(words.state_says(state) for state in RecordState)
    assert all(scales.tier_label(tier) for tier in Tier)
    assert {rule.name for rule in dimensions_v1.DEFINITIONS} == set(DimensionName)


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 claims"), (1, "1 claim"), (12000, "12,000 claims")]
)
def test_counts_agree_with_their_noun(number: int, expected: str) -> None:
    """One is singular, everything else plural."""
    assert words.count(number, "claim") == expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-06-10T06:30:49Z", "2026-06-10 06:30:49 UTC"),
        ("2026-06-10T06:30:49+00:00", "2026-06-10 06:30:49 UTC"),
        ("2026-06-10T06:30:49+02:00", "2026-06-10T06:30:49+02:00"),
        ("some day", "some day"),
    ],
)
def test_a_time_is_never_moved_to_another_zone(time: str, expected: str) -> None:
    """UTC is printed as UTC; anything else stays as it was stated."""
    assert words.moment(time) == expected
