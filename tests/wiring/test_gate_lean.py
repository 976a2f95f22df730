"""Proofs at Gate 2 of a registry, with a judge played in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.adapters.lean_judge import LakeJudge
from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.judge_canaries import CANARIES
from sovereign_registry.contracts.runs import LeanRun
from sovereign_registry.contracts.sealing import Ended, SealCheck
from sovereign_registry.contracts.verdicts import decided, load_report
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.gate_files import folder_reader, gate_faults
from sovereign_registry.wiring.gate import Gate
from sovereign_registry.wiring.gate_batch import Order, run_batch
from sovereign_registry.wiring.gate_report import examine
from tests.adapters.sealing.seal import bubblewrap
from tests.contracts import gate_samples
from tests.contracts.records import computed_record
from tests.gate_world import LEAN_FILES, FakeJudge, Ticking, lean, repro, tools, write_artifact
from tests.verifier.sites import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.gate import ClaimVerdict


class World:
    """A registry of one record of our own whose first claim is mathematical."""

    def __init__(self, folder: Path) -> None:
        root = folder / "registry"
        (root / "manifests").mkdir(parents=True)
        (root / "manifests" / "registry.yaml").write_text(REGISTRY)
        record = computed_record(2)
        first = msgspec.structs.replace(record.claims[0], kind=ClaimKind.MATHEMATICAL)
        record = msgspec.structs.replace(record, claims=(first, *record.claims[1:]))
        self.registry, self.id, self.claim = Registry(root), record.id, first
        with self.registry.lock():
            self.registry.publish(emit(record), {})
        self.folder, self.clock = folder, Ticking()
        self.gate = Gate(self.registry, self.clock)

    def attach(self, **changes: object) -> str:
        """Attach a proof; its digest."""
        reviewed = bool(changes.pop("reviewed", True))
        spec = lean(self.claim, reviewed=reviewed, **changes)
        folder = write_artifact(self.folder / "proof", spec, LEAN_FILES)
        return self.gate.attach(self.id, folder).sha256

    def judged(self, judge: FakeJudge) -> ClaimVerdict:
        """The verdict of one run with this judge; every reader comes to the same."""
        order = Order(record=self.id)
        (found,) = run_batch(self.registry, order, tools(judge=judge), self.clock)
        record = self.registry.read(self.id).record
        folder = self.registry.record_dir(self.id)
        assert [] == list(gate_faults(record, folder_reader(folder)))
        return found.verdict


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world of its own."""
    return World(tmp_path)


def test_an_accepted_proof_raises_its_claim_to_level_7(world: World) -> None:
    """And says by which judge."""
    world.attach()
    verdict = world.judged(FakeJudge())
    assert (GateStatus.VERIFIED, "judge in memory") == (verdict.status, verdict.tool)
    assert 7 == world.registry.read(world.id).record.claims[0].level


@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        (FakeJudge(exit_code=1), GateReason.PROOF_REJECTED),
        (FakeJudge(exit_code=2), GateReason.JUDGE_UNAVAILABLE),
        (FakeJudge(exit_code=5), GateReason.CRASHED),
        (FakeJudge(exit_code=None, ended=Ended.TIMED_OUT), GateReason.TIMED_OUT),
        (FakeJudge(exit_code=None, ended=Ended.OUTPUT_LIMIT), GateReason.OUTPUT_LIMIT),
        (FakeJudge(exit_code=None, ended=Ended.UNAVAILABLE), GateReason.JUDGE_UNAVAILABLE),
        (FakeJudge(available=False), GateReason.JUDGE_UNAVAILABLE),
        (FakeJudge(toolchain="leanprover/lean4:v4.36.0"), GateReason.ENVIRONMENT_MISMATCH),
    ],
)
def test_everything_else_is_unverified_with_its_reason(
    world: World, judge: FakeJudge, reason: GateReason
) -> None:
    """Although the submission printed that it is okay, and the owner accepted it."""
    digest = world.attach()
    world.gate.accept(world.id, digest, world.claim.id, by="owner", note="Fair.")
    verdict = world.judged(judge)
    assert (GateStatus.UNVERIFIED, reason) == (verdict.status, verdict.reason_code)
    assert 3 >= world.registry.read(world.id).record.claims[0].level


def test_without_a_reviewed_statement_no_judge_is_asked(world: World) -> None:
    """Nobody said that the statement says what the claim says."""
    world.attach(reviewed=False)
    judge = FakeJudge()
    assert GateReason.STATEMENT_NOT_REVIEWED is world.judged(judge).reason_code
    assert 0 == judge.judged


def test_a_proof_of_the_negation_needs_the_owners_acceptance(world: World) -> None:
    """Then it falsifies."""
    digest = world.attach(proves="negation")
    assert GateReason.NOT_ACCEPTED is world.judged(FakeJudge()).reason_code
    world.gate.accept(world.id, digest, world.claim.id, by="owner", note="Fair.")
    assert GateStatus.FALSIFIED is world.judged(FakeJudge()).status


def test_the_kind_of_a_claim_decides_which_judge_it_may_get(world: World) -> None:
    """No script for a theorem, no proof for a measurement."""
    folder = write_artifact(world.folder / "script", repro(world.claim, "1"))
    with pytest.raises(BadInput, match=r"attach a lean\.yaml"):
        world.gate.attach(world.id, folder)
    other = world.registry.read(world.id).record.claims[1]
    with pytest.raises(BadInput, match=r"attach a repro\.yaml"):
        world.gate.attach(world.id, write_artifact(world.folder / "proof", lean(other), LEAN_FILES))


def test_a_judge_is_believed_only_after_its_canaries(world: World) -> None:
    """They go the way that submissions go, once a batch, and the report says how they came out."""
    world.attach()
    judge = FakeJudge()
    verdict = world.judged(judge)
    assert [one.name for one in CANARIES] == judge.canaries
    assert "4 of 4 canaries came out as they must right before" in verdict.seal
    place = world.registry.record_dir(world.id) / verdict.folder / "run.json"
    report = load_report(place.read_bytes(), "run.json")
    assert isinstance(report, LeanRun)
    assert report.preflight is not None
    assert report.preflight.checks
    assert all(one.passed for one in report.preflight.checks)


@pytest.mark.parametrize(
    ("judge", "why"),
    [
        (FakeJudge(exit_code=0, honest=False), "accepts what it must refuse"),
        (FakeJudge(exit_code=1, honest=False), "refuses what it must accept: a true theorem"),
        (
            FakeJudge(exit_code=None, ended=Ended.TIMED_OUT, honest=False),
            "does not answer: a true theorem",
        ),
    ],
)
def test_a_judge_that_fails_a_canary_judges_nothing(
    world: World, judge: FakeJudge, why: str
) -> None:
    """The attempt is unverified for want of a judge, and may be made again."""
    world.attach()
    verdict = world.judged(judge)
    assert (GateStatus.UNVERIFIED, GateReason.JUDGE_UNAVAILABLE) == (
        verdict.status,
        verdict.reason_code,
    )
    assert why in verdict.reason
    assert 0 == judge.judged
    assert GateStatus.VERIFIED is world.judged(FakeJudge()).status


def test_a_shell_script_named_lake_verifies_nothing(world: World, tmp_path: Path) -> None:
    """It prints a version and accepts all that it is given; the real driver asks it."""
    bubblewrap()
    path = tmp_path / "lake"
    path.write_text("#!/bin/sh\necho 'Lake version 5.0.0 (Lean version 4.35.0)'\n")
    path.chmod(0o755)
    world.attach()
    fake = LakeJudge(lake=str(path), home=str(tmp_path))
    (found,) = run_batch(world.registry, Order(record=world.id), tools(judge=fake), world.clock)
    assert GateReason.JUDGE_UNAVAILABLE is found.verdict.reason_code
    assert "accepts what it must refuse" in found.verdict.reason
    assert 3 >= world.registry.read(world.id).record.claims[0].level


def test_a_report_whose_judge_failed_a_canary_backs_no_proof() -> None:
    """Whatever else the report says of the judge."""
    run = gate_samples.proof()
    assert run.preflight is not None
    failed = SealCheck(name="sorry", passed=False, what="accepted")
    preflight = msgspec.structs.replace(run.preflight, checks=(failed,))
    found = decided(msgspec.structs.replace(run, preflight=preflight))
    assert (GateStatus.UNVERIFIED, GateReason.JUDGE_UNAVAILABLE) == (
        found.status,
        found.reason_code,
    )


def test_doctor_tries_the_canaries_too() -> None:
    """And says of a judge that fails them that it is none."""
    assert examine("leanprover/lean4:v4.35.0", tools()).judge.available
    found = examine("leanprover/lean4:v4.35.0", tools(judge=FakeJudge(honest=False))).judge
    assert (False, 4) == (found.available, len(found.checks or ()))
    assert "accepts what it must refuse" in found.why
