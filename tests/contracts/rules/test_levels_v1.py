import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.claims import Claim, Origin
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.rules import levels_v1
from tests.contracts import samples


def _grounded(number: int, kind: TextKind = TextKind.SECTIONS) -> Claim:
    return samples.claim(number, place=samples.locator(kind=kind))


def _corroborated(number: int, kind: TextKind = TextKind.SECTIONS) -> Claim:
    return samples.claim(
        number,
        place=samples.locator(),
        corroboration=samples.check(0.2, best=samples.passage(kind=kind)),
    )


def _declared(number: int) -> Claim:
    return samples.claim(number, origin=Origin.DECLARED)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (_grounded(1), 2),
        (_grounded(1, TextKind.ABSTRACT), 2),
        (_grounded(1, TextKind.SUMMARY), 1),
        (_grounded(1, TextKind.DECLARED), 1),
        (_corroborated(1), 3),
        (_corroborated(1, TextKind.SUMMARY), 2),
        (_declared(1), 1),
    ],
)
def test_rung_of_one_claim(claim: Claim, expected: int) -> None:
    """Own text grounds; our summaries and declarations do not, nor do they corroborate."""
    assert expected == levels_v1.claim_level(claim)


def test_a_declared_claim_without_sources_has_no_rung() -> None:
    """Nothing listed, nothing reached."""
    assert levels_v1.claim_level(_declared(1), sources_listed=False) == 0
    assert levels_v1.assess_level([_declared(1)], sources_listed=False).paper_level == 0


def test_the_record_stands_on_its_lowest_claim() -> None:
    """The paper level is the highest rung that all claims reach."""
    mixed = [_corroborated(1), _grounded(2), _grounded(3, TextKind.SUMMARY)]
    found = levels_v1.assess_level(mixed)
    assert found.paper_level == 1
    assert "registry summary" in found.basis.lower()
    assert found.claim_summary.claim_record_source == "parsed source sections + registry summary"
    assert found.claim_summary.source_grounded_claims == 2
    assert found.claim_summary.cross_source_corroborated_claims == 1
    assert levels_v1.assess_level(mixed[:2]).paper_level == 2
    assert levels_v1.assess_level(mixed[:1]).paper_level == 3


def test_no_claim_is_level_zero() -> None:
    """A record without claims has no claim record."""
    found = levels_v1.assess_level([])
    assert (found.paper_level, found.claim_summary.claim_record_source) == (0, "none")


@pytest.mark.parametrize(
    ("reason", "expected"), [(GateReason.REPRODUCED, 5), (GateReason.PROOF_ACCEPTED, 7)]
)
def test_only_a_verified_scope_raises_a_rung(reason: GateReason, expected: int) -> None:
    """A sealed re-run of ours is 5 and never 6; a claim outside the scope stays where it was."""
    verdict = samples.gate(GateStatus.VERIFIED, reason, ("c1",))
    assert levels_v1.claim_level(_grounded(1), gate=verdict) == expected
    assert levels_v1.claim_level(_grounded(2), gate=verdict) == 2
    assert levels_v1.claim_level(_grounded(1, TextKind.SUMMARY), gate=verdict) == 1
    assert levels_v1.assess_level([_grounded(1), _corroborated(2)], gate=verdict).paper_level == 2
    assert levels_v1.claim_level(_grounded(1), gate=samples.gate()) == 2


@given(st.lists(st.sampled_from([_declared, _grounded, _corroborated]), min_size=1, max_size=6))
def test_another_claim_never_raises_the_record(makers: list[object]) -> None:
    """Every further claim keeps or lowers the level."""
    claims = [maker(number) for number, maker in enumerate(makers, start=1)]  # type: ignore[operator]
    levels = [
        levels_v1.assess_level(claims[:count]).paper_level for count in range(1, len(claims) + 1)
    ]
    assert levels == sorted(levels, reverse=True)


def test_the_ladder_is_whole() -> None:
    """Eight rungs in order, each with key, label and definition."""
    assert [rung.level for rung in levels_v1.LADDER] == list(range(8))
    assert len({rung.key for rung in levels_v1.LADDER}) == 8
