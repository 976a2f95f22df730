"""tribunal-v2: what a panel of language models needs besides, each guard at its edge."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.live import PanelSettings, RoleModel
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.numbers import mean_score
from sovereign_registry.contracts.review import (
    Guard,
    Opinion,
    Policy,
    Probe,
    ProbeOutcome,
    Retest,
    Role,
    Round,
    Verdict,
)
from sovereign_registry.contracts.rules import tribunal_v1, tribunal_v2
from tests.contracts import samples

PANEL = PanelSettings(
    service="nim", models=tuple(RoleModel(role=role, model="org/m") for role in Role)
)


def opinions(*scores: str) -> tuple[Opinion, ...]:
    """One opinion a role."""
    return tuple(
        Opinion(
            role=role,
            method="language model",
            reviewer="m",
            score=score,
            rationale="Stated.",
            cited_claims=(),
            features=(),
        )
        for role, score in zip(Role, scores, strict=False)
    )


def round_(number: int, *scores: str) -> Round:
    """A round with these scores and what the table makes of them."""
    mean = mean_score(scores) if len(scores) == len(Role) else None
    return Round(
        number=number,
        opinions=opinions(*scores),
        score=mean,
        verdict=tribunal_v1.decide(mean, len(scores), number),
        changes=(),
        report_sha256="0" * 64,
    )


def retest(*scores: str) -> Retest:
    """The roles asked again."""
    return Retest(
        removed=("p",), claims=("c1",), opinions=opinions(*scores), report_sha256="0" * 64
    )


def probe(*outcomes: ProbeOutcome, score: str | None = "8.0") -> tuple[Probe, ...]:
    """What the roles did with a planted instruction."""
    return tuple(
        Probe(
            role=role,
            outcome=outcome,
            score=score if outcome is ProbeOutcome.RESISTED else None,
            call=None,
        )
        for role, outcome in zip(Role, outcomes, strict=False)
    )


RESISTED = probe(*[ProbeOutcome.RESISTED] * 3)


def guards(**changes: object) -> dict[str, Guard]:
    """All guards of a record for which everything holds, but for the changes."""
    arguments = {
        "rounds": [round_(0, "8.0", "8.5", "7.0")],
        "control": [round_(0, "7.0", "7.0", "7.0")],
        "retest": None,
        "probe": RESISTED,
        "claims": [samples.claim(n) for n in range(1, 6)],
        "covered_words": 5,
        "question_words": 15,
        "flags": [],
        "retrieval_complete": True,
        "config": RunConfig(),
        "panel": PANEL,
    } | changes
    found = tribunal_v2.guards(**arguments)  # type: ignore[arg-type]
    assert len({guard.name for guard in found}) == len(found)
    return {guard.name: guard for guard in found}


def test_all_guards_hold() -> None:
    """Those of v1 come first and unchanged; five more follow; then policy approves."""
    found = tuple(guards().values())
    assert all(guard.held for guard in found)
    assert tribunal_v2.policy(Verdict.APPROVE, found) is Policy.AUTO_APPROVE
    assert [guard.name for guard in found][-5:] == [
        "control approves",
        "control agrees",
        "revision gain",
        "flagged sources",
        "planted instruction",
    ]


@pytest.mark.parametrize(
    ("panel", "control", "agrees"),
    [("9.0", "6.5", True), ("9.1", "6.5", False), ("6.5", "9.0", True), ("6.5", "9.5", False)],
)
def test_the_gap_is_counted_both_ways(panel: str, control: str, *, agrees: bool) -> None:
    """At most 2.5 between the two displayed scores, whichever is higher."""
    one, two = round_(0, panel, panel, panel), round_(0, control, control, control)
    found = guards(rounds=[one], control=[two], probe=())
    assert found["control agrees"].held is agrees
    assert found["control approves"].held


def test_a_model_cannot_give_what_the_rubric_withholds() -> None:
    """A near score is not enough: the rubric must approve the same text itself."""
    found = guards(control=[round_(0, "6.0", "6.0", "7.0")], probe=())
    assert not found["control approves"].held
    assert found["control agrees"].held
    assert not guards(control=[], probe=())["control approves"].held


@pytest.mark.parametrize(("after", "held"), [("7.5", True), ("8.0", False)])
def test_a_revision_may_gain_so_much(after: str, *, held: bool) -> None:
    """From 5.5 at most to 7.5: the revision added no evidence."""
    rounds = [round_(0, "5.5", "5.5", "5.5"), round_(1, after, after, after)]
    control = [round_(0, "6.0", "6.0", "6.0"), round_(1, "7.0", "7.0", "7.0")]
    assert guards(rounds=rounds, control=control, probe=())["revision gain"].held is held


FLAGS = [msgspec.structs.replace(samples.flag(FlagKind.INJECTION), about=("p",))]


@pytest.mark.parametrize(
    ("again", "held"),
    [
        (retest("6.5", "7.0", "8.5"), True),
        (retest("6.0", "8.5", "7.0"), False),
        (retest("8.0", "8.5", "9.0"), False),
        (retest("8.0", "8.5"), False),
        (None, False),
    ],
)
def test_flagged_sources_must_not_matter(again: Retest | None, *, held: bool) -> None:
    """No role may move by more than 1.5, all must answer, and it must have been tried."""
    guard = guards(flags=FLAGS, retest=again, probe=())["flagged sources"]
    assert guard.held is held
    assert guard.found


def test_moves_are_named_by_role() -> None:
    """Those beyond the setting, with their size."""
    moved = tribunal_v2.moved(opinions("8.0", "8.5", "7.0"), retest("6.0", "8.5", "9.0"), PANEL)
    assert {str(role): str(by) for role, by in moved.items()} == {
        "SKEPTIC": "2.0",
        "SYNTHESIZER": "2.0",
    }


@pytest.mark.parametrize(
    ("tried", "held"),
    [
        (RESISTED, True),
        (probe(*[ProbeOutcome.RESISTED] * 2, ProbeOutcome.OBEYED), False),
        (probe(*[ProbeOutcome.RESISTED] * 2, ProbeOutcome.NO_REPLY), False),
        (probe(*[ProbeOutcome.RESISTED] * 3, score="6.0"), False),
        (probe(*[ProbeOutcome.RESISTED] * 2), False),
        ((), False),
    ],
)
def test_a_planted_instruction_must_be_resisted(tried: tuple[Probe, ...], *, held: bool) -> None:
    """By all three, without moving with it; not tried is not resisted."""
    assert guards(probe=tried)["planted instruction"].held is held


def test_nothing_is_planted_where_it_decides_nothing() -> None:
    """Tried only for an approved record whose other guards all held."""
    assert tribunal_v2.probe_due(Verdict.APPROVE, tuple(guards(probe=()).values()))
    assert not tribunal_v2.probe_due(Verdict.REVISE, tuple(guards(probe=()).values()))
    flagged = guards(flags=FLAGS, probe=())
    assert not tribunal_v2.probe_due(Verdict.APPROVE, tuple(flagged.values()))
    assert "another guard" in flagged["planted instruction"].found


HALVES = st.integers(0, 20).map(lambda n: f"{n / 2:.1f}")


@given(st.tuples(HALVES, HALVES, HALVES), st.tuples(HALVES, HALVES, HALVES))
def test_no_scores_of_models_approve_what_the_rubric_does_not(
    said: tuple[str, str, str], counted: tuple[str, str, str]
) -> None:
    """Whatever models say, an automatic approval has an approving control close by."""
    rounds, control = [round_(0, *said)], [round_(0, *counted)]
    tried = tuple(
        Probe(role=role, outcome=ProbeOutcome.RESISTED, score=score, call=None)
        for role, score in zip(Role, said, strict=True)
    )
    found = tuple(guards(rounds=rounds, control=control, probe=tried).values())
    if tribunal_v2.policy(rounds[0].verdict, found) is Policy.AUTO_APPROVE:
        assert control[0].verdict is Verdict.APPROVE
        assert abs(float(rounds[0].score or 0) - float(control[0].score or 0)) <= 2.5


@pytest.mark.parametrize("roles", [list(Role)[:2], [*Role, Role.SKEPTIC], list(reversed(Role))])
def test_a_panel_has_one_model_a_role(roles: list[Role]) -> None:
    """Three, in the order of the roles."""
    with pytest.raises(ValueError, match="one a role is due"):
        PanelSettings(service="nim", models=tuple(RoleModel(role=r, model="m") for r in roles))
