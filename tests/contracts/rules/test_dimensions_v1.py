from typing import Any

from sovereign_registry.contracts.assessment import DimensionLevel, DimensionName
from sovereign_registry.contracts.claims import Claim, Origin
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.rules import dimensions_v1
from tests.contracts import samples

LOW, MEDIUM, HIGH = DimensionLevel.LOW, DimensionLevel.MEDIUM, DimensionLevel.HIGH
FOUR = (
    DimensionName.EVIDENCE_STRENGTH,
    DimensionName.CITATION_GROUNDING,
    DimensionName.UNCERTAINTY_DISCLOSURE,
    DimensionName.REPRODUCIBILITY_STATUS,
)


def _claims(kind: TextKind = TextKind.SECTIONS) -> list[Claim]:
    return [samples.claim(number, place=samples.locator(kind=kind)) for number in (1, 2, 3)]


def _levels(**changes: object) -> dict[DimensionName, DimensionLevel]:
    arguments: dict[str, Any] = {
        "claims": _claims(),
        "score": "7.0",
        "sources": [samples.source()],
        "uncertainties": 4,
        "parameters_stated": True,
        "report_available": True,
        "gate": samples.gate(),
    } | changes
    found = dimensions_v1.assess_dimensions(**arguments)
    assert list(DimensionName) == [dimension.name for dimension in found.dimensions]
    assert all(dimension.basis.endswith(".") for dimension in found.dimensions)
    return {dimension.name: dimension.level for dimension in found.dimensions}


def _four(**changes: object) -> list[DimensionLevel]:
    found = _levels(**changes)
    return [found[name] for name in FOUR]


def test_the_declared_page() -> None:
    """One of seven verified at 3.0, seven declared as grounded: LOW and three times MEDIUM."""
    claims = [
        samples.claim(
            number,
            origin=Origin.DECLARED,
            verification=samples.declared_check("0.18", passed=number == 7),
        )
        for number in range(1, 8)
    ]
    expected = [LOW, MEDIUM, MEDIUM, MEDIUM]
    assert expected == _four(claims=claims, score="3.0", declared_grounded=7)
    assert _four(claims=claims, score="3.0")[1] is LOW


def test_a_lexical_check_alone_is_never_high_evidence() -> None:
    """Three of three verified at 10.0 stay MEDIUM until Gate 2 gives VERIFIED."""
    assert _four(score="10.0") == [MEDIUM, HIGH, HIGH, MEDIUM]
    verdict = samples.gate(GateStatus.VERIFIED, GateReason.REPRODUCED, ("c1",))
    assert _four(score="10.0", gate=verdict) == [HIGH, HIGH, HIGH, HIGH]


def test_grounding_needs_the_papers_own_text() -> None:
    """A registry summary, or a source without a digest, is at most MEDIUM; unlisted is LOW."""
    assert _four(claims=_claims(TextKind.SUMMARY))[1] is MEDIUM
    assert _four(sources=[samples.source(digest=False)])[1] is MEDIUM
    assert _four(sources=[])[1] is LOW
    assert _four(claims=[samples.claim(1)])[1] is LOW


def test_lowest_words() -> None:
    """Nothing stated gives LOW; no score leaves evidence strength unassessed."""
    found = _four(claims=[], uncertainties=0, report_available=False)
    assert found == [LOW, LOW, LOW, LOW]
    assert _four(score=None)[0] is DimensionLevel.UNASSESSED
    assert _four(parameters_stated=False)[3] is LOW
    assert _four(replayed=True)[3] is HIGH


def test_four_dimensions_have_no_rule_yet() -> None:
    """The other four say so."""
    found = _levels()
    assert {DimensionLevel.UNASSESSED} == {found[name] for name in found if name not in FOUR}
