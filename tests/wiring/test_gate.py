"""Gate 2 of a registry, from an attached folder to a verdict that every reader works out again."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.errors import BadInput, RecordFault, RegistryError, UsageError
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.rules import gate_v2
from sovereign_registry.contracts.sealing import Ended
from sovereign_registry.wiring.gate_report import report
from sovereign_registry.wiring.gate_try import try_out
from sovereign_registry.wiring.history import Request, add
from tests.gate_world import (
    BROKEN,
    SCRIPT,
    outcome,
    repro,
    result,
    sandbox_of,
    tools,
    write_artifact,
)
from tests.wiring.gate_registry import World, far

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.contracts.gate import ClaimVerdict


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world of its own."""
    return World(tmp_path)


def test_a_reproduced_claim_rises_to_level_5_and_the_registry_stays_sound(world: World) -> None:
    """The verdict, its report and the artifact are published, and ``check`` decides it again."""
    digest = world.artifact()
    before = world.record
    found = world.verdict(float(world.number), float(world.number), control=0)
    assert (GateStatus.VERIFIED, GateReason.REPRODUCED) == (found.status, found.reason_code)
    assert (digest, 2) == (found.artifact, found.runs)
    after = world.record
    claim = next(one for one in after.claims if one.id == world.claim.id)
    assert 5 == claim.level
    assert after.review == before.review
    assert after.assessment.tier.review_score == before.assessment.tier.review_score
    entry = world.registry.read(world.id).history[-1]
    assert (Event.RE_EVALUATION, None) == (entry.happened, entry.correction_type)
    assert (claim.id,) == entry.affected_claims
    newer = any(gate_v2.numberless(one) for one in before.claims)
    assert {"gate-v2" if newer else "gate-v1", "levels-v1"} <= set(entry.rules)
    folder = world.registry.record_dir(world.id) / found.folder
    assert SCRIPT == (folder / "files" / "main.py").read_bytes()
    assert found.run == file_sha256((folder / "run.json").read_bytes())
    assert [] == world.faults()
    assert [] == world.run(tools(1, 1))  # nothing is pending any more


def test_no_expected_value_and_no_contract_enters_the_sandbox(world: World) -> None:
    """The staged folder holds the inputs alone, and no argument or variable the number."""
    world.artifact()
    found = tools(1, 1)
    world.run(found)
    for job, files in zip(sandbox_of(found).jobs, sandbox_of(found).seen, strict=True):
        assert {"main.py": SCRIPT} == files
        told = (*job.argv, *(value for _, value in job.variables))
        assert not any(world.number in text for text in told)
        assert ("result.json",) == job.outputs
    first, second, control = sandbox_of(found).jobs
    assert first == second
    assert ("python", "main.py", "--none") == control.argv
    assert (("OUT", "/out"), ("SEED", "7")) == first.variables


def test_only_an_artifact_that_the_owner_accepted_before_falsifies(world: World) -> None:
    """The first run decides nothing; the acceptance makes it pending again."""
    digest = world.artifact()
    first = world.verdict(far(world.number), far(world.number))
    assert (GateStatus.UNVERIFIED, GateReason.NOT_ACCEPTED) == (first.status, first.reason_code)
    assert [] == world.run(tools(1, 1))
    world.accept(digest)
    second = world.verdict(far(world.number), far(world.number))
    assert (GateStatus.FALSIFIED, True) == (second.status, second.accepted)
    assert GateStatus.FALSIFIED is world.record.gate.status
    assert [] == world.faults()


def test_a_falsified_claim_that_is_corrected_starts_anew(world: World) -> None:
    """The old verdict stays in the history and is told, and counts no longer."""
    world.accept(world.artifact())
    world.verdict(far(world.number), far(world.number))
    pointer = f"/claims/{world.claim.id}/text=Corrected words with the number 4.25 in them."
    request = Request(event=Event.CORRECTION, by="editor", note="Wrong.", sets=(pointer,))
    add(world.registry, world.id, request, world.clock)
    gate = world.record.gate
    assert GateStatus.UNVERIFIED is gate.status
    assert f"{world.claim.id} was FALSIFIED" in gate.reason
    assert [] == world.faults()
    with pytest.raises(BadInput, match=r"claim\.sha256"):
        world.gate.attach(world.id, world.folder / "art")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"ended": Ended.TIMED_OUT, "exit_code": None}, GateReason.TIMED_OUT),
        ({"ended": Ended.OUT_OF_MEMORY, "exit_code": None}, GateReason.OUT_OF_MEMORY),
        ({"ended": Ended.OUTPUT_LIMIT, "exit_code": None}, GateReason.OUTPUT_LIMIT),
        ({"ended": Ended.PROCESS_LIMIT, "exit_code": None}, GateReason.PROCESS_LIMIT),
        ({"ended": Ended.KILLED, "exit_code": None}, GateReason.CRASHED),
        ({"ended": Ended.UNAVAILABLE, "exit_code": None}, GateReason.SANDBOX_UNAVAILABLE),
        ({"exit_code": 1}, GateReason.CRASHED),
        ({"outputs": {}}, GateReason.MALFORMED_OUTPUT),
        ({"outputs": {"result.json": b'{"value": NaN}'}}, GateReason.MALFORMED_OUTPUT),
        ({"outputs": {"result.json": b"[" * 100_000}}, GateReason.MALFORMED_OUTPUT),
        (
            {"exit_code": 1, "stderr": "\u202eevil\x00\x1b[31m".encode() * 100_000},
            GateReason.CRASHED,
        ),
    ],
)
@pytest.mark.parametrize("place", [0, 2])
def test_a_run_that_fails_is_unverified_with_its_reason(
    world: World, spoil: dict[str, Any], reason: GateReason, place: int
) -> None:
    """Whichever of the three runs it is, and even if the artifact was accepted."""
    world.accept(world.artifact())
    given: list[Any] = [outcome(result(float(world.number))) for _ in range(3)]
    given[2] = outcome(result(0))
    given[place] = msgspec.structs.replace(given[place], **spoil)
    found = world.verdict(*given[:2], control=given[2])
    assert (GateStatus.UNVERIFIED, reason) == (found.status, found.reason_code)
    assert [] == world.faults()


def test_two_runs_that_disagree_decide_nothing(world: World) -> None:
    """Not even where both are within the tolerance."""
    world.artifact()
    number = float(world.number)
    found = world.verdict(number, number + 0.0001)
    assert GateReason.NONDETERMINISTIC is found.reason_code


def test_a_control_that_does_not_move_decides_nothing(world: World) -> None:
    """A script that prints the expected number reproduces nothing."""
    world.artifact()
    number = float(world.number)
    assert GateReason.CONTROL_UNMOVED is world.verdict(number, number, control=number).reason_code


def test_a_run_that_changes_its_inputs_decides_nothing(world: World) -> None:
    """Should the seal ever let it."""
    world.artifact()
    number = float(world.number)
    found = tools(number, number)

    def meddle(folder: Path) -> None:
        (folder / "main.py").chmod(0o644)
        (folder / "main.py").write_bytes(b"other")

    sandbox_of(found).meddle = meddle
    ((verdict, _),) = world.run(found)
    assert GateReason.INPUT_MISMATCH is verdict.reason_code


def test_another_python_is_another_environment(world: World) -> None:
    """Nothing is run under it."""
    world.artifact()
    found = tools(1, 1)
    sandbox_of(found).python = "3.12.1"
    ((verdict, _),) = world.run(found)
    assert GateReason.ENVIRONMENT_MISMATCH is verdict.reason_code
    assert [] == sandbox_of(found).jobs


def test_without_a_seal_nothing_is_run_and_it_is_said_once(world: World) -> None:
    """The artifact stays pending; the same word is not written twice, nor over an outcome."""
    world.artifact()
    found = tools(1, 1, seal=BROKEN)
    ((verdict, written),) = world.run(found)
    assert (GateReason.SANDBOX_UNAVAILABLE, True) == (verdict.reason_code, written)
    assert [] == sandbox_of(found).jobs
    ((again, written),) = world.run(tools(1, 1, seal=BROKEN))
    assert (GateReason.SANDBOX_UNAVAILABLE, False) == (again.reason_code, written)
    number = float(world.number)
    assert GateStatus.VERIFIED is world.verdict(number, number).status
    digest = verdict.artifact or ""
    ((lost, written),) = world.run(tools(1, 1, seal=BROKEN), artifact=digest)
    assert (GateReason.SANDBOX_UNAVAILABLE, False) == (lost.reason_code, written)
    assert 5 == next(one.level for one in world.record.claims if one.id == world.claim.id)
    assert [] == world.faults()


def test_the_seal_is_proven_once_a_batch_and_before_anything_runs(world: World) -> None:
    """Two artifacts, one check."""
    world.artifact("one")
    world.artifact("two", about="The same in other words.")
    number = float(world.number)
    found = tools(number, number)
    sandbox_of(found).outcomes *= 2
    assert 2 == len(world.run(found, record=None))
    assert 1 == sandbox_of(found).checked


def test_requirements_are_installed_before_the_run_and_given_to_it(world: World) -> None:
    """The lock goes to the installer; the folder that it fills goes to every run."""
    lock = b"helper==1 --hash=sha256:" + b"0" * 64 + b"\n"
    spec = repro(
        world.claim,
        world.number,
        inputs=[
            {"path": "main.py", "sha256": file_sha256(SCRIPT)},
            {"path": "r.lock", "sha256": file_sha256(lock)},
        ],
        environment={"python": "3.11", "requirements": "r.lock"},
    )
    folder = write_artifact(world.folder / "art", spec, {"main.py": SCRIPT, "r.lock": lock})
    world.gate.attach(world.id, folder)
    number = float(world.number)
    found = tools(number, number)
    ((verdict, _),) = world.run(found)
    assert GateStatus.VERIFIED is verdict.status
    assert all(job.environment for job in sandbox_of(found).jobs)


def test_a_claim_that_nothing_can_decide_is_said_to_be_so(world: World) -> None:
    """Once; and a claim that something could decide is not."""
    other = next(one for one in world.record.claims if one.kind is ClaimKind.NEITHER)
    ((verdict, _),) = world.run(tools(), claim=other.id)
    assert (GateReason.NOT_APPLICABLE, None) == (verdict.reason_code, verdict.artifact)
    assert [] == world.faults()
    with pytest.raises(BadInput, match="says already"):
        world.run(tools(), claim=other.id)
    with pytest.raises(BadInput, match=r"attach a repro\.yaml"):
        world.run(tools(), claim=world.claim.id)
    spec = repro(other, world.number)
    with pytest.raises(BadInput, match="nothing can decide it"):
        world.gate.attach(world.id, write_artifact(world.folder / "no", spec))


def test_an_artifact_must_reproduce_a_number_that_the_claim_states(world: World) -> None:
    """Any other number is no test of it."""
    spec = repro(world.claim, "0.123456")
    with pytest.raises(BadInput, match="no expected value stands"):
        world.gate.attach(world.id, write_artifact(world.folder / "art", spec))


def test_only_the_owner_accepts_and_only_what_is_attached(world: World) -> None:
    """And only once, for the claim that the artifact names."""
    digest = world.artifact()

    def accept(text: str, claim: str, by: str = "owner") -> None:
        world.gate.accept(world.id, text, claim, by=by, note="Fair.")

    with pytest.raises(UsageError, match="Only the owner may"):
        accept(digest, world.claim.id, "editor")
    with pytest.raises(BadInput, match="names 0 artifacts"):
        accept("0" * 16, world.claim.id)
    with pytest.raises(BadInput, match="is too short"):
        accept(digest[:4], world.claim.id)
    with pytest.raises(BadInput, match="is about claim"):
        accept(digest, "c999")
    accept(digest[:8], world.claim.id, "Owner: A. Name")
    with pytest.raises(BadInput, match="already"):
        accept(digest, world.claim.id)
    assert [] == world.faults()


def test_an_acceptance_that_comes_while_the_run_goes_on_is_not_before_it(world: World) -> None:
    """The verdict would say otherwise than the history, so nothing is written."""
    digest = world.artifact()
    found = tools(far(world.number), far(world.number))
    sandbox_of(found).meddle = lambda _: (
        None if world.record.gate.accepted else world.accept(digest)
    )
    with pytest.raises(RecordFault, match="accepted before"):
        world.run(found)
    assert () == world.record.gate.verdicts
    assert [] == world.faults()


def test_a_claim_that_is_corrected_while_the_run_goes_on_gets_no_verdict(world: World) -> None:
    """The numbers would be about other words."""
    world.artifact()
    found = tools(1, 1)
    pointer = f"/claims/{world.claim.id}/text=Other words with 4.25 in them."
    request = Request(event=Event.CORRECTION, by="editor", note="Wrong.", sets=(pointer,))
    done: list[object] = []
    sandbox_of(found).meddle = lambda _: (
        None if done else done.append(add(world.registry, world.id, request, world.clock))
    )
    with pytest.raises(BadInput, match="was corrected while"):
        world.run(found)
    assert not (world.registry.record_dir(world.id) / "gate").exists()


def test_a_record_that_is_not_stood_behind_gets_no_verdict(world: World) -> None:
    """Its history says what may follow; nothing is left behind."""
    world.artifact()
    add(world.registry, world.id, Request(event=Event.RETRACTION, by="editor", note="Wrong."))
    with pytest.raises(RegistryError, match="may not follow"):
        world.run(tools(1, 1))
    assert not (world.registry.record_dir(world.id) / "gate").exists()


def break_report(world: World, verdict: ClaimVerdict) -> Path:
    """Change one observed number in the report."""
    path = world.registry.record_dir(world.id) / verdict.folder / "run.json"
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"milliseconds": 250', b'"milliseconds": 251'))
    assert data != path.read_bytes()
    return path


def swap_script(world: World, verdict: ClaimVerdict) -> Path:
    """Put another script in the artifact's place."""
    path = world.registry.record_dir(world.id) / verdict.folder / "files" / "main.py"
    path.write_bytes(b"print(1)\n")
    return path


def drop_script(world: World, verdict: ClaimVerdict) -> Path:
    """Take the script away."""
    path = world.registry.record_dir(world.id) / verdict.folder / "files" / "main.py"
    path.unlink()
    return path


def link_script(world: World, verdict: ClaimVerdict) -> Path:
    """Put a link to the very same bytes in its place."""
    path = world.registry.record_dir(world.id) / verdict.folder / "files" / "main.py"
    shutil.copy(path, world.folder / "same.py")
    path.unlink()
    path.symlink_to(world.folder / "same.py")
    return path


def add_file(world: World, verdict: ClaimVerdict) -> Path:
    """Slip one more file in."""
    path = world.registry.record_dir(world.id) / verdict.folder / "files" / "more.py"
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize("damage", [break_report, swap_script, drop_script, link_script, add_file])
def test_check_names_the_file_behind_a_verdict_that_is_not_what_it_was(
    world: World, damage: Callable[[World, ClaimVerdict], Path]
) -> None:
    """A report, a script, a missing one, a link, a stray one."""
    world.artifact()
    number = float(world.number)
    path = damage(world, world.verdict(number, number))
    faults = world.faults()
    assert any(world.registry.relative(path) in one for one in faults), faults


class Killed(BaseException):
    """The process is gone."""


def test_a_kill_at_any_write_leaves_no_verdict_or_the_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each sync of a file or folder in turn; the next run ends with one verdict, whole."""
    real = os.fsync
    for calls in range(1, 100):
        world = World(tmp_path / str(calls))
        world.artifact()
        number = float(world.number)
        left = [calls]

        def fsync(handle: int, left: list[int] = left) -> None:
            left[0] -= 1
            if not left[0]:
                raise Killed
            real(handle)

        with monkeypatch.context() as patch, suppress(Killed):
            patch.setattr(os, "fsync", fsync)  # the one seam at which a write becomes durable
            world.verdict(number, number)
        assert len(world.record.gate.verdicts) in {0, 1}
        assert [] == world.faults()
        for verdict, _ in world.run(tools(number, number)):
            assert GateStatus.VERIFIED is verdict.status
        assert 1 == len(world.record.gate.verdicts)
        assert [] == world.faults()
        if left[0] > 0:
            break
    assert 5 < calls < 99


def test_another_entry_takes_away_what_a_killed_run_left(world: World) -> None:
    """The folder of the next number belongs to nobody until an entry names it."""
    folder = world.registry.record_dir(world.id) / "gate" / "0001"
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(b"{}")
    assert [] == world.faults()
    add(world.registry, world.id, Request(event=Event.ADDENDUM, by="editor", note="A note."))
    assert not folder.exists()
    assert [] == world.faults()


def test_show_lists_claims_artifacts_and_attempts(world: World) -> None:
    """With the judge that each claim may get."""
    digest = world.artifact()
    found = report(world.gate, world.id)
    assert {"empirical": "sealed-run", "neither": "none"}.items() <= {
        one.kind: one.judge for one in found.claims
    }.items()
    assert [(digest, True, False)] == [
        (one.sha256, one.pending, one.accepted) for one in found.artifacts
    ]


def test_an_artifact_can_be_tried_without_a_registry(world: World) -> None:
    """From its folder and from its published one, with the same numbers and no trace."""
    world.artifact()
    number = float(world.number)
    verdict = world.verdict(number, number)
    published = world.registry.record_dir(world.id) / verdict.folder
    for place in (world.folder / "art", published):
        found = try_out(str(place), tools(number, number))
        assert (found.reproduced, found.artifact) == (True, verdict.artifact)
        assert not try_out(str(place), tools(far(world.number), far(world.number))).reproduced
        assert not try_out(str(place), tools(1, 1, seal=BROKEN)).reproduced
    swap_script(world, verdict)
    with pytest.raises(RegistryError, match="SHA-256"):
        try_out(str(published), tools(number, number))


def test_the_same_claim_is_never_taken_for_another(world: World) -> None:
    """An artifact for a claim that the record has not is refused with the claims that it has."""
    spec = repro(world.claim, world.number)
    spec["claim"]["id"] = "c999"
    with pytest.raises(BadInput, match="no claim 'c999'"):
        world.gate.attach(world.id, write_artifact(world.folder / "art", spec))
