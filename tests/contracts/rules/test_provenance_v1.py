from itertools import product

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.rules import provenance_v1
from tests.contracts import samples

LOCATED = (samples.claim(1, place=samples.locator()),)
DECLARED = (samples.claim(1, origin=Origin.DECLARED),)


def test_rungs_are_cumulative() -> None:
    """The level is the number of leading conditions that hold."""
    for flags in product([True, False], repeat=5):
        publisher, sources, evidence, logged, witnessed = flags
        steps = [publisher, sources, True, True, evidence, logged, witnessed, False]
        found = provenance_v1.assess_provenance(
            publisher_named=publisher,
            sources_listed=sources,
            claims=LOCATED,
            evidence_published=evidence,
            logged=logged,
            witnessed=witnessed,
        )
        assert steps.index(False) == found.public_level


def test_declared_claims_stay_at_level_three() -> None:
    """Whatever else is published or logged."""
    found = provenance_v1.assess_provenance(
        publisher_named=True,
        sources_listed=True,
        claims=DECLARED,
        evidence_published=True,
        logged=True,
        witnessed=True,
        declared_grounded=1,
    )
    assert found.public_level == 3
    assert "1 aggregate source-grounded" in found.claim_lineage


def test_lineage_says_what_can_be_followed() -> None:
    """Located claims, none, and declared ones read differently."""
    lineages = {
        provenance_v1.assess_provenance(
            publisher_named=True, sources_listed=True, claims=claims, evidence_published=True
        ).claim_lineage
        for claims in (LOCATED, DECLARED, ())
    }
    assert len(lineages) == 3
    assert [rung.level for rung in provenance_v1.LADDER] == list(range(8))
