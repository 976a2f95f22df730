"""gate-v1: one path to VERIFIED, and none that a score, a count or a missing step can take."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.gate import (
    ClaimVerdict,
    GateFile,
    GateReason,
    GateStatus,
    GateVerdict,
    Judge,
)
from sovereign_registry.contracts.repro import Repro, listing_sha256
from sovereign_registry.contracts.rules import gate_attempts_v1, gate_v1, levels_v1
from sovereign_registry.contracts.runs import (
    Installed,
    LeanRun,
    Machine,
    ReproRun,
)
from sovereign_registry.contracts.sealing import Ended
from sovereign_registry.contracts.verdicts import decided, inapplicable, verdict_of
from tests.contracts import samples
from tests.contracts.gate_samples import (
    CLAIM,
    WHEN,
    accepted,
    falsified,
    proof,
    sealed,
    verified,
    with_run,
)
from tests.gate_world import BROKEN, HELD, repro


def code(run: ReproRun) -> tuple[GateStatus, GateReason]:
    """Status and reason of an attempt."""
    found = gate_attempts_v1.decide_run(run)
    return found.status, found.reason_code


def test_a_reproduction_within_tolerance_whose_control_moved_is_verified() -> None:
    """The one path."""
    assert (GateStatus.VERIFIED, GateReason.REPRODUCED) == code(sealed())


def test_out_of_tolerance_falsifies_only_what_the_owner_accepted_before() -> None:
    """Anybody can write a bad test of a true claim."""
    run = sealed("14")
    assert (GateStatus.UNVERIFIED, GateReason.NOT_ACCEPTED) == code(run)
    held = msgspec.structs.replace(run, acceptance=accepted(run))
    assert (GateStatus.FALSIFIED, GateReason.OUT_OF_TOLERANCE) == code(held)
    other = msgspec.structs.replace(accepted(run), artifact="0" * 64)
    assert code(msgspec.structs.replace(run, acceptance=other))[0] is GateStatus.UNVERIFIED
    words = msgspec.structs.replace(accepted(run), claim_sha256="0" * 64)
    assert code(msgspec.structs.replace(run, acceptance=words))[0] is GateStatus.UNVERIFIED


SPEC = sealed().spec
SPOILED = [
    (sealed(artifact="0" * 64), GateReason.INPUT_MISMATCH),
    (sealed(claim_text="Other words."), GateReason.INPUT_MISMATCH),
    (sealed(claim_sha256="0" * 64), GateReason.INPUT_MISMATCH),
    (sealed(claim="c2"), GateReason.INPUT_MISMATCH),
    (sealed(files_after="0" * 64), GateReason.INPUT_MISMATCH),
    (sealed(files_after=None), GateReason.INPUT_MISMATCH),
    (sealed(preflight=None), GateReason.SANDBOX_UNAVAILABLE),
    (sealed(preflight=BROKEN), GateReason.SANDBOX_UNAVAILABLE),
    (
        sealed(preflight=msgspec.structs.replace(HELD, checks=())),
        GateReason.SANDBOX_UNAVAILABLE,
    ),
    (
        sealed(
            preflight=msgspec.structs.replace(
                HELD, checks=(msgspec.structs.replace(HELD.checks[0], passed=False),)
            )
        ),
        GateReason.SANDBOX_UNAVAILABLE,
    ),
    (sealed(machine=None), GateReason.ENVIRONMENT_MISMATCH),
    (
        sealed(machine=Machine(python="3.1.1", implementation="", platform="", kernel="")),
        GateReason.ENVIRONMENT_MISMATCH,
    ),
    (sealed(runs=()), GateReason.SANDBOX_UNAVAILABLE),
    (sealed(runs=sealed().runs[:2]), GateReason.SANDBOX_UNAVAILABLE),
    (sealed(runs=(*sealed().runs[:2], sealed().runs[0])), GateReason.ENVIRONMENT_MISMATCH),
    (sealed("12.5", "12.500001"), GateReason.NONDETERMINISTIC),
    (sealed(control="12.5"), GateReason.CONTROL_UNMOVED),
    (sealed(control="12.5004"), GateReason.CONTROL_UNMOVED),
    (with_run(0, argv=("python", "other.py")), GateReason.ENVIRONMENT_MISMATCH),
    (with_run(1, variables={"SEED": "8", "OUT": "/out"}), GateReason.ENVIRONMENT_MISMATCH),
    *(
        (with_run(place, ended=ended, exit_code=None, metrics=()), reason)
        for place in range(3)
        for ended, reason in (
            (Ended.TIMED_OUT, GateReason.TIMED_OUT),
            (Ended.OUT_OF_MEMORY, GateReason.OUT_OF_MEMORY),
            (Ended.OUTPUT_LIMIT, GateReason.OUTPUT_LIMIT),
            (Ended.PROCESS_LIMIT, GateReason.PROCESS_LIMIT),
            (Ended.KILLED, GateReason.CRASHED),
            (Ended.UNAVAILABLE, GateReason.SANDBOX_UNAVAILABLE),
        )
    ),
    *((with_run(place, exit_code=1), GateReason.CRASHED) for place in range(3)),
    *(
        (with_run(place, metrics=(), fault="no JSON"), GateReason.MALFORMED_OUTPUT)
        for place in range(3)
    ),
]


@pytest.mark.parametrize(("run", "reason"), SPOILED)
def test_whatever_is_missing_or_else_leaves_the_claim_unverified(
    run: ReproRun, reason: GateReason
) -> None:
    """Never VERIFIED, never FALSIFIED, even where the owner accepted the artifact."""
    for one in (run, msgspec.structs.replace(run, acceptance=accepted(run))):
        assert (GateStatus.UNVERIFIED, reason) == code(one)
        verdict = verdict_of(decided(one), entry=2, evaluated_at=WHEN)
        assert verdict.status is GateStatus.UNVERIFIED


def test_a_lock_needs_its_installation() -> None:
    """Requirements that were not installed, or from another lock, are another environment."""
    lock = GateFile(path="r.lock", sha256="ef" * 32, bytes=1)
    base = sealed()
    spec = msgspec.convert(
        repro(
            CLAIM,
            "12.5",
            inputs=[
                {"path": "main.py", "sha256": base.files[0].sha256},
                {"path": "r.lock", "sha256": lock.sha256},
            ],
            environment={"python": "3.11", "requirements": "r.lock"},
        ),
        Repro,
    )
    files = (base.files[0], lock, base.files[1])
    run = msgspec.structs.replace(
        base,
        spec=spec,
        files=files,
        artifact=listing_sha256(files),
        files_after=listing_sha256([base.files[0], lock]),
    )
    done = Installed(tool="x", lock_sha256=lock.sha256, packages=(), sha256="12" * 32, why="")
    assert GateReason.ENVIRONMENT_MISMATCH is code(run)[1]
    bad = (
        msgspec.structs.replace(done, sha256=None, why="no wheel"),
        msgspec.structs.replace(done, lock_sha256="0" * 64),
    )
    for one in bad:
        found = code(msgspec.structs.replace(run, installed=one))
        assert (GateStatus.UNVERIFIED, GateReason.ENVIRONMENT_MISMATCH) == found
    assert GateStatus.VERIFIED is code(msgspec.structs.replace(run, installed=done))[0]


def test_a_number_that_the_claim_does_not_state_decides_nothing() -> None:
    """A script that gives another number of its own is no test of the claim."""
    text = "Trams wait 11 seconds at the second junction."
    digest = text_sha256(text)
    base = sealed()
    ref = msgspec.structs.replace(base.spec.claim, sha256=digest)
    run = msgspec.structs.replace(
        base,
        claim_text=text,
        claim_sha256=digest,
        spec=msgspec.structs.replace(base.spec, claim=ref),
    )
    assert (GateStatus.UNVERIFIED, GateReason.INPUT_MISMATCH) == code(run)


values = st.decimals(min_value=0, max_value=30, places=3).map(
    lambda one: f"{one.normalize() + 0:f}"
)


@settings(max_examples=300)
@given(first=values, second=values, control=values, held=st.booleans(), same=st.booleans())
def test_the_verdict_is_a_function_of_distances_alone(
    first: str, second: str, control: str, *, held: bool, same: bool
) -> None:
    """VERIFIED and FALSIFIED follow exactly where their definitions hold."""
    run = sealed(first, first if same else second, control)
    if held:
        run = msgspec.structs.replace(run, acceptance=accepted(run))
    status, _ = code(run)
    allowed, expected = Decimal("0.001"), Decimal("12.5")
    agreed = same or first == second
    near = abs(Decimal(first) - expected) <= allowed
    moved = abs(Decimal(first) - Decimal(control)) > allowed and not (
        near and abs(Decimal(control) - expected) <= allowed
    )
    assert (status is GateStatus.VERIFIED) is (agreed and near and moved)
    assert (status is GateStatus.FALSIFIED) is (agreed and not near and moved and held)


# --- proofs


@pytest.mark.parametrize(
    ("run", "status", "reason"),
    [
        (proof(0), GateStatus.VERIFIED, GateReason.PROOF_ACCEPTED),
        (proof(1), GateStatus.UNVERIFIED, GateReason.PROOF_REJECTED),
        (proof(2), GateStatus.UNVERIFIED, GateReason.JUDGE_UNAVAILABLE),
        (proof(3), GateStatus.UNVERIFIED, GateReason.CRASHED),
        (proof(None, Ended.TIMED_OUT), GateStatus.UNVERIFIED, GateReason.TIMED_OUT),
        (proof(None, Ended.OUTPUT_LIMIT), GateStatus.UNVERIFIED, GateReason.OUTPUT_LIMIT),
        (proof(None, Ended.KILLED), GateStatus.UNVERIFIED, GateReason.CRASHED),
        (proof(None, Ended.UNAVAILABLE), GateStatus.UNVERIFIED, GateReason.JUDGE_UNAVAILABLE),
        (proof(outcome=None), GateStatus.UNVERIFIED, GateReason.JUDGE_UNAVAILABLE),
        (proof(preflight=None), GateStatus.UNVERIFIED, GateReason.JUDGE_UNAVAILABLE),
        (
            proof(spec={"reviewed": False}),
            GateStatus.UNVERIFIED,
            GateReason.STATEMENT_NOT_REVIEWED,
        ),
        (
            proof(spec={"toolchain": "leanprover/lean4:v4.36.0"}),
            GateStatus.UNVERIFIED,
            GateReason.ENVIRONMENT_MISMATCH,
        ),
        (proof(spec={"proves": "negation"}), GateStatus.UNVERIFIED, GateReason.NOT_ACCEPTED),
    ],
)
def test_a_proof_counts_by_the_judges_exit_code_alone(
    run: LeanRun, status: GateStatus, reason: GateReason
) -> None:
    """Whatever was printed, and only after a person reviewed the statement."""
    found = gate_attempts_v1.decide_proof(run)
    assert (status, reason) == (found.status, found.reason_code)
    assert verdict_of(decided(run), entry=2, evaluated_at=WHEN).status is status


def test_a_proof_of_the_negation_falsifies_what_the_owner_accepted() -> None:
    """And nothing else does."""
    run = proof(spec={"proves": "negation"})
    held = msgspec.structs.replace(run, acceptance=accepted(run))
    found = gate_attempts_v1.decide_proof(held)
    assert (GateStatus.FALSIFIED, GateReason.NEGATION_PROVED) == (found.status, found.reason_code)


# --- verdicts and records


@pytest.mark.parametrize(
    "change",
    [
        {"artifact": None},
        {"run": None},
        {"files": ()},
        {"runs": 1},
        {"metrics": ()},
        {"judge": Judge.NONE},
        {"judge": Judge.LEAN},
        {"reason_code": GateReason.OUT_OF_TOLERANCE},
        {"reason_code": GateReason.NOT_ATTEMPTED},
        {"status": GateStatus.FALSIFIED},
        {"status": GateStatus.FALSIFIED, "reason_code": GateReason.OUT_OF_TOLERANCE},
    ],
)
def test_a_strong_verdict_cannot_be_made_without_all_that_it_takes(change: dict[str, Any]) -> None:
    """Not by hand, not by replacing a field, not by decoding."""
    with pytest.raises(ValueError, match=r"VERIFIED|FALSIFIED"):
        msgspec.structs.replace(verified(), **change)


@pytest.mark.parametrize("field", ["within", "moved", "observed", "stated"])
def test_a_verified_verdict_needs_every_metric_observed_and_within(field: str) -> None:
    """One metric without its value, its tolerance or its control is not enough."""
    found = verified()
    value = None if field == "observed" else False
    metric = msgspec.structs.replace(found.metrics[0], **{field: value})
    with pytest.raises(ValueError, match="VERIFIED"):
        msgspec.structs.replace(found, metrics=(metric,))


def test_a_record_is_verified_only_where_every_checkable_claim_is() -> None:
    """And its claim's level rises by its own verdict, whatever the record's is."""
    other = samples.claim(2, "Trams wait 4 seconds.", place=samples.locator())
    none = msgspec.structs.replace(samples.claim(3), kind=ClaimKind.NEITHER)
    gate = msgspec.structs.replace(samples.gate(), verdicts=(verified(),))
    both = gate_v1.standing((CLAIM, other, none), gate)
    assert (GateStatus.UNVERIFIED, GateReason.PARTLY_VERIFIED) == (both.status, both.reason_code)
    assert "Of 2 checkable claims (of 3 in all)" in both.reason
    alone = gate_v1.standing((CLAIM, none), gate)
    assert (GateStatus.VERIFIED, ("c1",)) == (alone.status, alone.claims)
    assert 5 == levels_v1.claim_level(CLAIM, gate=both)
    assert 2 == levels_v1.claim_level(other, gate=both)
    assert 2 == levels_v1.assess_level((CLAIM, other), gate=both).paper_level
    assert 5 == levels_v1.assess_level((CLAIM,), gate=alone).paper_level
    assert "Gate 2 verified 1 of 1." in levels_v1.assess_level((CLAIM,), gate=alone).basis


def test_a_proof_raises_a_claim_to_the_highest_rung() -> None:
    """Formally verified, Level 7 of 7."""
    verdict = verdict_of(decided(proof()), entry=1, evaluated_at=WHEN)
    gate = gate_v1.standing((CLAIM,), msgspec.structs.replace(samples.gate(), verdicts=(verdict,)))
    assert 7 == levels_v1.claim_level(CLAIM, gate=gate)


def test_a_later_attempt_with_the_same_artifact_replaces_the_earlier() -> None:
    """A missing sandbox replaces nothing; another artifact neither."""
    base = samples.gate()

    def status(*verdicts: ClaimVerdict) -> GateStatus:
        return gate_v1.standing((CLAIM,), msgspec.structs.replace(base, verdicts=verdicts)).status

    missing = verdict_of(decided(sealed(preflight=BROKEN)), entry=3, evaluated_at=WHEN)
    slow = verdict_of(
        decided(with_run(0, ended=Ended.TIMED_OUT, exit_code=None)), entry=3, evaluated_at=WHEN
    )
    other = msgspec.structs.replace(slow, artifact="12" * 32)
    assert GateStatus.VERIFIED is status(verified(1), missing)
    assert GateStatus.UNVERIFIED is status(verified(1), slow)
    assert GateStatus.VERIFIED is status(verified(1), other)
    assert GateStatus.FALSIFIED is status(verified(1), falsified(2))
    assert GateStatus.VERIFIED is status(falsified(1), verified(2))


def test_a_verdict_does_not_carry_over_to_other_words() -> None:
    """A corrected claim starts anew, and its earlier outcome is still told."""
    text = "Trams wait 14 seconds at the second junction."
    changed = msgspec.structs.replace(CLAIM, text=text, sha256=text_sha256(text))
    gate = msgspec.structs.replace(samples.gate(), verdicts=(falsified(2),))
    found = gate_v1.standing((changed,), gate)
    assert (GateStatus.UNVERIFIED, GateReason.NOT_ATTEMPTED) == (found.status, found.reason_code)
    assert "Before its words were corrected, c1 was FALSIFIED." in found.reason
    assert 2 == levels_v1.claim_level(changed, gate=found)


def test_nothing_can_decide_a_claim_without_quantity_or_theorem() -> None:
    """Such a record is not applicable, however many such claims were said to be."""
    claim = msgspec.structs.replace(CLAIM, kind=ClaimKind.NEITHER)
    verdict = inapplicable(claim, entry=1, evaluated_at=WHEN)
    gate = gate_v1.standing((claim,), msgspec.structs.replace(samples.gate(), verdicts=(verdict,)))
    assert GateReason.NOT_APPLICABLE is gate.reason_code
    assert 0 == gate.checkable_claims


def test_attempts_are_only_ever_added_one_at_a_time() -> None:
    """An entry that drops, edits or misnumbers one is unsound."""
    one, two = verified(1), falsified(2)
    empty = samples.gate()
    first = msgspec.structs.replace(empty, verdicts=(one,))
    held = msgspec.structs.replace(first, accepted=(accepted(sealed("14")),))
    both = msgspec.structs.replace(held, verdicts=(one, two))

    def faults(before: GateVerdict, after: GateVerdict, number: int, *, accepts: bool) -> list[str]:
        return list(gate_v1.added_faults(before, after, number, accepts=accepts))

    assert [] == faults(empty, first, 1, accepts=False)
    assert [] == faults(held, both, 2, accepts=False)
    assert [] == faults(first, held, 1, accepts=True)
    assert faults(empty, first, 1, accepts=True)
    assert faults(first, held, 1, accepts=False)
    assert faults(empty, first, 2, accepts=False)
    assert faults(first, empty, 2, accepts=False)
    assert faults(first, first, 2, accepts=False)
    unheld = msgspec.structs.replace(first, verdicts=(one, two))
    (fault,) = faults(first, unheld, 2, accepts=False)
    assert "accepted before" in fault
