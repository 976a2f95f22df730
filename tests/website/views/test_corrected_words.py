"""A claim whose words were corrected stands in no source, whatever a published count says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts import documents
from sovereign_registry.contracts.documents import reworded
from sovereign_registry.contracts.rederive import rederive
from sovereign_registry.website.views import claims, panels, record, status
from tests.contracts.records import computed_record, view_of
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest

BEFORE = computed_record()
SAID = "1 of the claims (c2) was corrected since and stands in no source."


def corrected(*rules: str) -> Manifest:
    """The record after a correction of a claim's words, made under levels-v1 or -v2."""
    first, second, *rest = BEFORE.claims
    changed = msgspec.structs.replace(second, text="Entirely other words stand here.")
    after = msgspec.structs.replace(BEFORE, claims=(first, changed, *rest))
    return rederive(BEFORE, after, rules)[0]


def test_under_the_old_rule_every_count_says_that_it_takes_the_claim_in() -> None:
    """The claims, the facts, the level, the dimensions and both contracts of it."""
    found = corrected("levels-v1")
    assert "4 of 4" == claims.three_words(found).grounded
    located = claims.three_words(found).located
    assert located.startswith("3 of 4 stand word for word in a parsed section of their source. ")
    assert located.endswith(f" {reworded.of_level(found)}")
    view = view_of(found)
    dimensions = {one.label: one.note for one in panels.dimensions(found).facts}
    for said in (
        located,
        status.glance(view)[0].note,
        panels.level(found).facts[1].note,
        dimensions["Citation grounding"],
        documents.verification_level(view).limitations[-1],
        documents.quality_dimensions(view).limitations[-1],
    ):
        assert said.endswith(SAID), said
    assert "and levels-v1 counts them as grounded all the same." in claims.intro(found)


def test_under_the_new_rule_the_count_leaves_it_out_and_needs_no_word() -> None:
    """Three of four; only the dimensions, which have one rule, still say it."""
    found = corrected("levels-v2")
    assert "3 of 4" == claims.three_words(found).grounded
    assert "Stands word for word in a parsed section of its source." == (
        claims.three_words(found).located
    )
    assert "" == reworded.of_level(found)
    assert "they stand in no source, and do not count as grounded." in claims.intro(found)
    assert reworded.of_dimensions(found).endswith(SAID)


def test_the_claim_itself_says_whose_words_its_level_counts() -> None:
    """No other claim says anything of the kind."""
    old, new = (
        [one.reworded for one in record.record_page(view_of(corrected(rule)), SITE).claims]
        for rule in ("levels-v1", "levels-v2")
    )
    assert "its level still counts the earlier ones" in old[1]
    assert "Corrected since: these words stand in no source. The earlier words are from" == new[1]
    assert ["", "", ""] == [old[0], *old[2:]]


def test_where_nothing_was_corrected_nothing_is_said() -> None:
    """Not in the claims, the facts or the contracts."""
    assert "" == reworded.of_level(BEFORE) == reworded.of_dimensions(BEFORE)
    assert "corrected since" not in claims.intro(BEFORE)
    assert status.glance(view_of(BEFORE))[0].note == BEFORE.assessment.level.basis
