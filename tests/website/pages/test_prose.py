"""The guides say what the rules say, and have the places that records link to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.assessment import DimensionLevel
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.documents import words as contract_words
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.review import Policy, Role, Verdict
from sovereign_registry.contracts.rules import (
    dimensions_v1,
    levels_v1,
    provenance_v1,
    tiers_v1,
    tribunal_v1,
)
from sovereign_registry.website.views import words

if TYPE_CHECKING:
    from pathlib import Path

Pages = dict[str, str]


@pytest.fixture(scope="session")
def prose(root: Path) -> Pages:
    """Every prose page with its white space collapsed."""
    return {
        path.stem: " ".join(path.read_text(encoding="utf-8").split())
        for path in (root / "content" / "pages").glob("*.md")
    }


def test_the_guide_defines_every_graded_word_as_its_rule_does(prose: Pages) -> None:
    """Labels, definitions, conditions and rules stand there letter for letter."""
    guide = prose["quality-guide"]
    expected = [
        text
        for rung in (*levels_v1.LADDER, *provenance_v1.LADDER)
        for text in (f"Level {rung.level} of 7", rung.label, rung.definition)
    ]
    expected += [
        text
        for rule in tiers_v1.THRESHOLDS
        for text in (rule.label, rule.condition, rule.definition)
    ]
    expected += [
        text
        for rule in dimensions_v1.DEFINITIONS
        for text in (rule.label, rule.definition, rule.rule)
    ]
    expected += [*contract_words.GATE_LABELS.values(), *contract_words.GATE_DEFINITIONS.values()]
    expected += [one.value for one in (*Verdict, *Policy, *DimensionLevel)]
    assert [text for text in expected if text not in guide] == []


def test_every_table_of_the_guide_says_what_a_word_does_not_mean(prose: Pages) -> None:
    """Each rung, status and tier has its *does not mean*."""
    rows = len(levels_v1.LADDER) + len(provenance_v1.LADDER)
    rows += len(contract_words.GATE_LABELS) + len(tiers_v1.THRESHOLDS)
    assert prose["quality-guide"].count("| Does not mean that ") == rows


def test_the_corrections_policy_defines_every_state(prose: Pages) -> None:
    """Each state stands there with its definition and whether it counts."""
    policy = prose["corrections-policy"]
    for state in RecordState:
        rule = contract_words.STATES[state]
        counts = "Counts as a correction" if rule.counts else "No correction"
        row = (
            f"| {words.state_word(state)} | {rule.definition} | "
            f"Contract's word: {rule.correction_state} | {counts} |"
        )
        assert row in policy


def test_the_methodology_has_the_eleven_steps(prose: Pages) -> None:
    """Numbered from 1 to 11, each with the anchor that records link to."""
    text = prose["methodology"]
    places = [text.index(f"## Step {number}: ") for number in range(1, 12)]
    assert places == sorted(places)
    assert all(f"{{#step-{number}}}" in text for number in range(1, 12))


def test_the_methodology_states_the_thresholds_of_the_rules(prose: Pages) -> None:
    """Threshold, floor, guards and roles are those of the code."""
    config = RunConfig()
    text = prose["methodology"]
    assert f"**at least** {config.threshold}" in text
    assert f"**The floor of {tribunal_v1.REJECT_BELOW}.**" in text
    assert f"At least {tribunal_v1.APPROVE_AT} | APPROVE" in text
    assert f"at least {config.auto_min_verified} verified claims" in text
    assert f"none below {config.auto_min_role}, no two more than {config.auto_max_spread}" in text
    assert f"at least {config.near_duplicate_at} of its content" in text
    assert all(role.value in text for role in Role)


def test_the_guides_say_why_the_tick_is_not_truth(prose: Pages) -> None:
    """The measured figures stand beside the rule."""
    assert (
        "accepted 52% of the claims that the source **contradicts** and 45%"
        in (prose["methodology"])
    )
    assert "What this does not prove" in prose["verify"]
    assert "not logged" in prose["limits"]
