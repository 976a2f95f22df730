from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.claims import Claim
from sovereign_registry.contracts.dossier import Dossier
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.numbers import mean_score
from sovereign_registry.contracts.review import Role
from sovereign_registry.contracts.rules import rubric_v1
from sovereign_registry.contracts.rules.rubric_v1 import Features
from tests.contracts import samples

WORDS = (
    *("amber", "birch", "cedar", "dune", "ember", "fjord", "grove"),
    *("heath", "inlet", "jetty", "knoll", "lagoon", "marsh", "nook"),
)


def _declared(rows: list[tuple[str, bool, bool]]) -> list[Claim]:
    return [
        samples.claim(
            number,
            f"The {WORDS[number - 1]} tree" + (" stands 7 apart." if digit else "."),
            verification=samples.declared_check(display, passed=passed),
        )
        for number, (display, passed, digit) in enumerate(rows, start=1)
    ]


def _rows(text: str) -> list[tuple[str, bool, bool]]:
    return [(part.rstrip("+#"), "+" in part, "#" in part) for part in text.split()]


DOSSIERS = {
    "none of fourteen, one printed as 0.15 but not verified": (
        ".06# .07# .10 .10 .11# .07 .07 .07 .01 .02 .15# .06# .03# .04#",
        {"papers": 12, "question_words": 20, "covered_words": 6},
        ("0.0", "1.0", "4.0"),
        "1.7",
    ),
    "one of seven": (
        ".13 .07 .11 .11# .07 .12 .18+",
        {"papers": 9, "question_words": 20, "covered_words": 5},
        ("1.0", "3.0", "5.0"),
        "3.0",
    ),
    "none of eight": (
        ".04# .06# .12 .14 .12# .12 .02 .03",
        {"papers": 11, "question_words": 20, "covered_words": 6},
        ("0.0", "2.0", "4.0"),
        "2.0",
    ),
    "six of six, off the question": (
        ".29+ .27+# .19+ .24+ .31+ .27+",
        {"papers": 10, "question_words": 19, "covered_words": 4},
        ("8.0", "8.5", "7.0"),
        "7.8",
    ),
}


@pytest.mark.parametrize("name", DOSSIERS)
def test_published_examples(name: str) -> None:
    """The four examples that the constants were chosen on keep their scores."""
    rows, counts, expected, panel = DOSSIERS[name]
    dossier = samples.dossier(_declared(_rows(rows.replace(".", "0."))), **counts)
    scores = tuple(rubric_v1.opinion(role, dossier).score for role in Role)
    assert expected == scores
    assert panel == mean_score(scores)


values = st.integers(0, 100).map(lambda hundredth: hundredth / 100)


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """Any dossier of up to ten claims."""
    cosines = draw(st.lists(values, max_size=10))
    numbered = draw(st.lists(st.booleans(), min_size=10, max_size=10))
    claims = [
        samples.claim(
            number,
            f"{WORDS[number % 5]} {WORDS[number]} {'12' if numbered[number - 1] else ''}",
            verification=samples.check(cosine),
        )
        for number, cosine in enumerate(cosines, start=1)
    ]
    total = draw(st.integers(0, 20))
    return samples.dossier(
        claims,
        question_words=total,
        covered_words=draw(st.integers(0, total)),
        papers=draw(st.integers(0, 30)),
        uncertainties=draw(st.integers(0, 4)),
    )


def _scores(dossier: Dossier) -> dict[Role, Decimal]:
    found = rubric_v1.features(dossier)
    return {role: Decimal(rubric_v1.score(role, found)) for role in Role}


def _with(dossier: Dossier, claims: tuple[Claim, ...]) -> Dossier:
    return msgspec.structs.replace(dossier, claims=claims)


@given(dossiers())
def test_an_opinion_is_recomputable_from_its_features(dossier: Dossier) -> None:
    """The features that an opinion carries give its score again, in steps of 0.5."""
    for role in Role:
        opinion = rubric_v1.opinion(role, dossier)
        assert opinion.score == rubric_v1.recompute(opinion)
        assert Decimal(opinion.score) % Decimal("0.5") == 0
        assert set(opinion.cited_claims) <= {claim.id for claim in dossier.claims}
        assert opinion.rationale.endswith(".")


@given(dossiers(), st.integers(0, 9), values)
def test_verifying_a_claim_never_lowers_a_role(
    dossier: Dossier, position: int, cosine: float
) -> None:
    """Where an unverified claim becomes verified, no role's score falls."""
    open_claims = [claim for claim in dossier.claims if not claim.verification.passed]
    if not open_claims:
        return
    chosen = open_claims[position % len(open_claims)]
    better = msgspec.structs.replace(chosen, verification=samples.check(max(cosine, 0.15)))
    claims = tuple(better if claim is chosen else claim for claim in dossier.claims)
    before, after = _scores(dossier), _scores(_with(dossier, claims))
    assert all(after[role] >= before[role] for role in Role)


@given(dossiers(), values.filter(lambda cosine: cosine < 0.15))
def test_an_unsupported_claim_raises_no_role_beyond_the_stated_weakness(
    dossier: Dossier, cosine: float
) -> None:
    """One more unverified claim raises nothing, but for a near one: VALIDATOR by up to 2.0."""
    if not dossier.claims:
        return
    extra = samples.claim(11, "Sparrows nest early.", verification=samples.check(cosine))
    before, after = _scores(dossier), _scores(_with(dossier, (*dossier.claims, extra)))
    allowed = {Role.VALIDATOR: Decimal(2) if cosine >= 0.10 else Decimal(0)}
    assert all(after[role] - before[role] <= allowed.get(role, 0) for role in Role)


@given(dossiers())
def test_without_a_verified_claim_the_panel_rejects(dossier: Dossier) -> None:
    """Zero verified claims stay below 5.0 whatever else the report does well."""
    claims = tuple(claim for claim in dossier.claims if not claim.verification.passed)
    scores = [str(score) for score in _scores(_with(dossier, claims)).values()]
    assert Decimal(mean_score(scores)) < 5


@given(dossiers())
def test_repeating_a_claim_or_hiding_uncertainty_never_raises(dossier: Dossier) -> None:
    """Neither a missing uncertainty nor one more duplicate pair raises a role."""
    found = rubric_v1.features(dossier)
    silent = msgspec.structs.replace(found, uncertainties=0)
    doubled = msgspec.structs.replace(found, duplicate_pairs=found.duplicate_pairs + 1)
    for role in Role:
        score = Decimal(rubric_v1.score(role, found))
        assert Decimal(rubric_v1.score(role, silent)) <= score
        assert Decimal(rubric_v1.score(role, doubled)) <= score


def test_near_duplicates_are_counted_in_pairs() -> None:
    """Three claims that repeat each other are three pairs."""
    claims = [samples.claim(n, f"Trams wait long at junction {n}.") for n in (1, 2, 3)]
    assert rubric_v1.features(samples.dossier(claims)).duplicate_pairs == 3


def test_tampered_features_are_refused() -> None:
    """A missing, unknown, doubled or non-numeric feature is one clear error."""
    opinion = rubric_v1.opinion(Role.SKEPTIC, samples.dossier([samples.claim(1)]))
    first = opinion.features[0]
    for features in (
        opinion.features[1:],
        (*opinion.features, first),
        (msgspec.structs.replace(first, name="charm"), *opinion.features[1:]),
        (msgspec.structs.replace(first, value="1.5"), *opinion.features[1:]),
        (msgspec.structs.replace(first, value="-1"), *opinion.features[1:]),
    ):
        with pytest.raises(RecordFault, match="SKEPTIC"):
            rubric_v1.recompute(msgspec.structs.replace(opinion, features=features))


def test_every_feature_has_a_meaning_and_a_reader() -> None:
    """No feature is carried that no formula reads, none lacks its meaning."""
    names = set(Features.__struct_fields__)
    assert names == set(rubric_v1.MEANINGS) == set().union(*rubric_v1.READS.values())
