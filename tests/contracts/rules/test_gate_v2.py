"""gate-v2: which claims count, and that records under gate-v1 keep what they say."""

from __future__ import annotations

import msgspec
import pytest

from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.gate import GateReason, GateStatus, Judge
from sovereign_registry.contracts.rederive import Held, rederive
from sovereign_registry.contracts.rules import gate_v1, gate_v2
from tests.contracts import samples
from tests.contracts.gate_samples import CLAIM, falsified, verified
from tests.contracts.records import computed_record

SILENT = samples.claim(2, "The mean must agree with its logarithm to half a variance.")
OTHER = samples.claim(3, "Trams wait 4.5 seconds at the third junction.")
NEITHER = msgspec.structs.replace(samples.claim(4), kind=ClaimKind.NEITHER)
GATE = msgspec.structs.replace(samples.gate(), verdicts=(verified(),))


def test_a_claim_without_a_number_in_digits_has_no_judge() -> None:
    """Nothing may be attached for it; a theorem keeps its judge."""
    theorem = msgspec.structs.replace(SILENT, kind=ClaimKind.MATHEMATICAL)
    claims = (CLAIM, SILENT, theorem, NEITHER)
    assert [Judge.SEALED_RUN, Judge.NONE, Judge.LEAN, Judge.NONE] == [
        gate_v2.judge_of(one) for one in claims
    ]


def test_a_record_is_verified_once_all_that_can_be_decided_is() -> None:
    """Rule v1 waits for ever for a claim that no run can decide."""
    claims = (CLAIM, SILENT, NEITHER)
    assert GateStatus.UNVERIFIED is gate_v1.standing(claims, GATE).status
    found = gate_v2.standing(claims, GATE)
    assert (GateStatus.VERIFIED, 1, ("c1",)) == (
        found.status,
        found.checkable_claims,
        found.claims,
    )
    assert "no re-run decides it: c2." in found.reason
    assert GateStatus.UNVERIFIED is gate_v2.standing((*claims, OTHER), GATE).status


@pytest.mark.parametrize(
    ("retracted", "status", "code", "checkable"),
    [
        ((), GateStatus.UNVERIFIED, GateReason.PARTLY_VERIFIED, 2),
        (("c3",), GateStatus.VERIFIED, GateReason.REPRODUCED, 1),
        (("c1",), GateStatus.UNVERIFIED, GateReason.NOT_ATTEMPTED, 1),
        (("c1", "c3"), GateStatus.UNVERIFIED, GateReason.NOT_APPLICABLE, 0),
    ],
)
def test_a_retracted_claim_is_not_checkable_and_verifies_nothing(
    retracted: tuple[str, ...], status: GateStatus, code: GateReason, checkable: int
) -> None:
    """And the reason names it."""
    found = gate_v2.standing((CLAIM, OTHER), GATE, retracted)
    assert (status, code, checkable) == (found.status, found.reason_code, found.checkable_claims)
    assert all(one not in found.claims and one in found.reason for one in retracted)


def test_a_falsified_claim_stays_so_when_it_is_retracted() -> None:
    """Its words stay on the page."""
    gate = msgspec.structs.replace(samples.gate(), verdicts=(falsified(2),))
    found = gate_v2.standing((CLAIM, OTHER), gate, ("c1",))
    assert (GateStatus.FALSIFIED, ("c1",), 1) == (
        found.status,
        found.claims,
        found.checkable_claims,
    )


def test_both_versions_agree_where_every_claim_counts() -> None:
    """So that v2 is named only where it makes a difference."""
    assert gate_v1.standing((CLAIM, OTHER), GATE) == gate_v2.standing((CLAIM, OTHER), GATE)


def test_an_entry_is_made_again_under_the_rules_that_it_names() -> None:
    """Older entries keep rule v1, whatever is retracted; a new one takes v2 and says so."""
    before, held = computed_record(2), Held(retracted=("c1",))
    after = msgspec.structs.replace(
        before, gate=msgspec.structs.replace(before.gate, verdicts=(verified(),))
    )
    old, rules = rederive(before, after, ("gate-v1",), held)
    checkable = old.gate.checkable_claims
    assert ("gate-v1" in rules, "gate-v2" in rules) == (True, False)
    new, rules = rederive(before, after, None, held)
    assert ("gate-v2" in rules, new.gate.checkable_claims) == (True, checkable - 1)
    again, rules = rederive(before, after, rules, held)
    assert (again, "gate-v2" in rules) == (new, True)
    kept, rules = rederive(old, old, None, held)
    assert (kept.gate, rules) == (old.gate, ())
    for sticks in ({"named": frozenset({"gate-v2"})}, {"moved": True}):
        moved, rules = rederive(old, old, None, held._replace(**sticks))
        assert (moved.gate, "gate-v2" in rules) == (new.gate, True)
