import pytest

from sovereign_registry.contracts.assessment import DimensionLevel, Tier
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.rules import tiers_v1
from tests.contracts import samples

OPEN = (samples.flag(FlagKind.OFF_TOPIC),)
HIGH, MEDIUM = DimensionLevel.HIGH, DimensionLevel.MEDIUM


@pytest.mark.parametrize(
    ("score", "verified", "level", "flags", "computed", "expected"),
    [
        (None, 9, HIGH, (), True, Tier.NOT_TIERED),
        ("4.9", 9, HIGH, OPEN, True, Tier.QUARANTINE_CANDIDATE),
        ("8.5", 5, HIGH, (), True, Tier.FLAGSHIP_CANDIDATE),
        ("8.5", 5, MEDIUM, (), True, Tier.DOI_GRADE),
        ("8.5", 4, HIGH, (), True, Tier.DOI_GRADE),
        ("8.5", 5, HIGH, OPEN, True, Tier.WATCHLIST),
        ("8.5", 5, HIGH, (), False, Tier.PUBLIC_RECORD),
        ("7.5", 1, MEDIUM, (), True, Tier.DOI_GRADE),
        ("7.4", 1, MEDIUM, (), True, Tier.PUBLIC_RECORD),
        ("7.8", 0, MEDIUM, (), True, Tier.WATCHLIST),
        ("5.0", 1, MEDIUM, (), True, Tier.PUBLIC_RECORD),
    ],
)
def test_first_match_wins(  # noqa: PLR0913, PLR0917 - one column per input
    score: str | None,
    verified: int,
    level: DimensionLevel,
    flags: tuple[object, ...],
    computed: bool,  # noqa: FBT001 - a table's column
    expected: Tier,
) -> None:
    """Every line of the table at its edge."""
    found = tiers_v1.assess_tier(
        score=score,
        verified=verified,
        artifact_types=["report", "evidence", "report"],
        reproducibility=level,
        flags=flags,  # type: ignore[arg-type]
        counts_computed=computed,
    )
    assert expected is found.tier
    assert found.basis.endswith(".")
    assert found.artifact_types == ("evidence", "report")


def test_every_tier_has_its_line() -> None:
    """The table explains every member of the enum once."""
    assert sorted(Tier) == sorted(rule.tier for rule in tiers_v1.THRESHOLDS)
    assert tiers_v1.tier_rule(Tier.WATCHLIST).label == "Watchlist"
