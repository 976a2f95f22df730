import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.review import Guard, Opinion, Policy, Role, Verdict
from sovereign_registry.contracts.rules import tribunal_v1
from tests.contracts import samples


@pytest.mark.parametrize(
    ("score", "valid", "number", "expected"),
    [
        ("1.7", 3, 0, Verdict.REJECT),
        ("3.3", 3, 0, Verdict.REJECT),
        ("4.9", 3, 0, Verdict.REJECT),
        ("5.0", 3, 0, Verdict.REVISE),
        ("6.4", 3, 0, Verdict.REVISE),
        ("6.5", 3, 0, Verdict.APPROVE),
        ("7.8", 3, 0, Verdict.APPROVE),
        ("10.0", 3, 0, Verdict.APPROVE),
        ("6.4", 3, 1, Verdict.REVISE),
        ("6.5", 3, 1, Verdict.APPROVE),
        ("4.9", 3, 1, Verdict.REJECT),
        ("9.0", 2, 0, Verdict.INCOMPLETE),
        (None, 3, 1, Verdict.INCOMPLETE),
    ],
)
def test_decision_table(score: str | None, valid: int, number: int, expected: Verdict) -> None:
    """Every line of the decision table, at its edges."""
    assert expected is tribunal_v1.decide(score, valid, number)


def test_there_is_no_third_round() -> None:
    """A round beyond the one revision is refused."""
    with pytest.raises(ValueError, match="rounds 0 and 1"):
        tribunal_v1.decide("7.0", 3, 2)


def _opinions(*scores: str) -> tuple[Opinion, ...]:
    return tuple(
        Opinion(
            role=role,
            method="deterministic rubric",
            reviewer="rubric-v1",
            score=score,
            rationale="Stated.",
            cited_claims=(),
            features=(),
        )
        for role, score in zip(Role, scores, strict=False)
    )


def _guards(**changes: object) -> dict[str, Guard]:
    arguments = {
        "opinions": _opinions("8.0", "8.5", "7.0"),
        "claims": [samples.claim(n) for n in range(1, 6)],
        "covered_words": 5,
        "question_words": 15,
        "flags": [],
        "retrieval_complete": True,
        "config": RunConfig(),
    } | changes
    found = tribunal_v1.guards(**arguments)  # type: ignore[arg-type]
    return {guard.name: guard for guard in found}


def test_all_guards_hold_at_their_edges() -> None:
    """Exactly a third covered, exactly five verified, spread below 3.0: approved at once."""
    found = tuple(_guards().values())
    assert all(guard.held for guard in found)
    assert Policy.AUTO_APPROVE is tribunal_v1.policy(Verdict.APPROVE, found)


_WEAK = samples.check(0.149999999)


@pytest.mark.parametrize(
    ("broken", "changes"),
    [
        ("verified claims", {"claims": [samples.claim(n) for n in range(1, 5)]}),
        (
            "verified share",
            {
                "claims": [samples.claim(n) for n in range(1, 6)]
                + [samples.claim(n, verification=_WEAK) for n in range(6, 12)]
            },
        ),
        ("question coverage", {"covered_words": 4, "question_words": 13}),
        ("question coverage", {"covered_words": 0, "question_words": 0}),
        ("lowest role score", {"opinions": _opinions("4.5", "7.0", "7.0")}),
        ("spread of role scores", {"opinions": _opinions("6.0", "9.5", "7.0")}),
        ("valid roles", {"opinions": _opinions("8.0", "8.0")}),
        ("flags", {"flags": [samples.flag(FlagKind.NEAR_DUPLICATE)]}),
        ("flags", {"flags": [samples.flag(FlagKind.INJECTION)]}),
        ("flags", {"flags": [samples.flag(FlagKind.HIDDEN_TEXT)]}),
        ("retrieval", {"retrieval_complete": False}),
    ],
)
def test_one_broken_guard_sends_to_the_owner(broken: str, changes: dict[str, object]) -> None:
    """Each guard alone escalates, and says what it found."""
    found = _guards(**changes)
    assert [broken] == [guard.name for guard in found.values() if not guard.held]
    assert found[broken].found
    assert Policy.ESCALATE_TO_OWNER is tribunal_v1.policy(Verdict.APPROVE, tuple(found.values()))


def test_resolved_flags_do_not_block() -> None:
    """A flag that was resolved, or of an informing kind, holds nothing up."""
    flags = [
        samples.flag(FlagKind.NEAR_DUPLICATE, unresolved=False),
        samples.flag(FlagKind.SAME_QUESTION),
    ]
    assert _guards(flags=flags)["flags"].held


@given(st.sampled_from([Verdict.REVISE, Verdict.REJECT, Verdict.INCOMPLETE]))
def test_only_an_approved_record_is_published_at_once(verdict: Verdict) -> None:
    """No verdict but APPROVE passes, whatever the guards say; nor does APPROVE without guards."""
    assert Policy.ESCALATE_TO_OWNER is tribunal_v1.policy(verdict, tuple(_guards().values()))
    assert Policy.ESCALATE_TO_OWNER is tribunal_v1.policy(Verdict.APPROVE, ())
