"""The review: rounds side by side, scores on one scale, guards in words."""

from __future__ import annotations

import msgspec

from sovereign_registry.contracts.review import Feature
from sovereign_registry.website.views.review import NONE, review_part
from tests.website.views import imported, samples


def test_both_rounds_of_a_revision_stand_side_by_side() -> None:
    """Each role has a score per round, and the change is told."""
    review = review_part(samples.revised().record)
    assert [round_.verdict for round_ in review.rounds] == ["REVISE", "APPROVE"]
    assert [role.scores for role in review.roles] == [
        ("5.0", "6.5"),
        ("6.0", "7.0"),
        ("6.5", "7.5"),
    ]
    assert review.rounds[1].changes[0].startswith("Dropped claim c5")
    assert [feature.values for feature in review.roles[0].features] == [("5", "5"), ("3", "3")]


def test_an_input_that_a_round_lacks_is_a_dash() -> None:
    """Values stand under their own round."""
    record = samples.revised().record
    late = Feature(name="late", value="7", meaning="only read in the second round")
    last = record.review.rounds[1]
    opinions = tuple(
        msgspec.structs.replace(one, features=(*one.features, late)) for one in last.opinions
    )
    rounds = (record.review.rounds[0], msgspec.structs.replace(last, opinions=opinions))
    changed = msgspec.structs.replace(
        record, review=msgspec.structs.replace(record.review, rounds=rounds)
    )
    assert review_part(changed).roles[0].features[-1].values == (NONE, "7")


def test_a_role_without_a_valid_opinion_says_so() -> None:
    """No score is made up for it."""
    record = samples.manifest()
    first = record.review.rounds[0]
    rounds = (msgspec.structs.replace(first, opinions=first.opinions[:2], score=None),)
    changed = msgspec.structs.replace(
        record, review=msgspec.structs.replace(record.review, rounds=rounds)
    )
    review = review_part(changed)
    assert review.roles[2].scores == ("no valid opinion",)
    assert review.rounds[0].score == "none"


def test_scores_share_one_scale_with_both_thresholds() -> None:
    """Every role's scores lie on a scale from 0 to 10 with its marks at 5.0 and 6.5."""
    review = review_part(samples.revised().record)
    assert {role.range.limits for role in review.roles} == {("50%", "65%")}
    assert [(role.range.before, role.range.last) for role in review.roles] == [
        (("50%",), "65%"),
        (("60%",), "70%"),
        (("65%",), "75%"),
    ]


def test_agreement_is_said_and_drawn() -> None:
    """From the lowest to the highest role of the last round."""
    review = review_part(samples.revised().record)
    assert (review.mean.start, review.mean.length, review.mean.last) == ("65%", "10%", "70%")
    assert review.agreement.startswith("Lowest and highest lie 1.0 apart; at most 3.0")


def test_a_declared_review_has_no_rounds() -> None:
    """Only the outcome was stated, so only the outcome is shown."""
    review = review_part(imported.declared().record)
    assert review.declared
    assert (review.rounds, review.roles, review.guards) == ((), (), ())


def test_a_rubric_is_called_a_rubric() -> None:
    """No language model is hinted at where none was used."""
    facts = {fact.label: fact for fact in review_part(samples.computed().record).facts}
    assert "no language model and no person" in facts["Method"].note
