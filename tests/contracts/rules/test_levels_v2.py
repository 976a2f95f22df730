"""levels-v2: a claim is located where its own words stand, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.rules import levels_v1, levels_v2
from tests.contracts.records import computed_record

if TYPE_CHECKING:
    from sovereign_registry.contracts.claims import Claim

CLAIMS = computed_record().claims


def _reworded(number: int) -> tuple[Claim, ...]:
    """The claims, one of which has other words than the passage that it names."""
    text = "Other words."
    claim = msgspec.structs.replace(CLAIMS[number], text=text, sha256=text_sha256(text))
    return (*CLAIMS[:number], claim, *CLAIMS[number + 1 :])


def test_claims_in_their_sources_words_come_out_as_under_v1() -> None:
    """Each rung, the counts and the words; only the version differs."""
    for claim in CLAIMS:
        assert levels_v1.claim_level(claim) == levels_v2.claim_level(claim)
    old, new = levels_v1.assess_level(CLAIMS), levels_v2.assess_level(CLAIMS)
    assert msgspec.structs.replace(old, rules=levels_v2.RULES) == new
    assert not levels_v2.differs(CLAIMS)


def test_other_words_are_located_nowhere() -> None:
    """The claim falls to rung 1 and the record with it; the source's kind is still told."""
    claims = _reworded(1)
    assert levels_v2.differs(claims)
    assert [3, 1, 3, 3] == [levels_v2.claim_level(one) for one in claims]
    found = levels_v2.assess_level(claims)
    assert (1, 3) == (found.paper_level, found.claim_summary.source_grounded_claims)
    assert levels_v1.summarise(CLAIMS).claim_record_source == (
        found.claim_summary.claim_record_source
    )
    assert found.basis.endswith(
        "1 of 4 claims were given other words than the passage that they "
        "name and do not count as located."
    )
