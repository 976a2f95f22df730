"""What Gate 2 refuses before it runs anything, what it tells, and claims that were retracted."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.fair_test import unfair
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.repro import Repro
from sovereign_registry.contracts.sealing import Ended
from sovereign_registry.contracts.verdicts import load_report
from sovereign_registry.store import Registry
from sovereign_registry.store.artifacts import read_artifact
from sovereign_registry.wiring.gate_batch import Order, run_batch
from sovereign_registry.wiring.gate_report import report
from sovereign_registry.wiring.gate_try import try_out
from sovereign_registry.wiring.history import Request, add
from tests.gate_world import (
    ROOT,
    SCRIPT,
    outcome,
    repro,
    sandbox_of,
    tools,
    write_artifact,
)
from tests.wiring.gate_registry import World, far

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world of its own."""
    return World(tmp_path)


def test_a_retracted_claim_is_not_tried_and_no_longer_verifies(world: World) -> None:
    """Refused at attach, at run and while it runs; the entry that retracts it says so."""
    digest = world.artifact()
    number = float(world.number)
    world.verdict(number, number)
    assert GateReason.PARTLY_VERIFIED is world.record.gate.reason_code
    checkable = world.record.gate.checkable_claims
    world.artifact("other", about="The same in other words.")
    request = Request(
        event=Event.PARTIAL_RETRACTION, by="owner", note="Wrong.", claims=(world.claim.id,)
    )
    add(world.registry, world.id, request, world.clock)
    gate = world.record.gate
    assert (checkable - 1, ()) == (gate.checkable_claims, gate.claims)
    assert "verified" not in gate.reason
    assert f"no longer checkable: {world.claim.id}" in gate.reason
    with pytest.raises(BadInput, match="was retracted"):
        world.gate.attach(world.id, world.folder / "art")
    with pytest.raises(BadInput, match="was retracted"):
        world.run(tools(number, number), artifact=digest)
    assert [] == world.run(tools(number, number))  # what waited for it waits no longer
    add(
        world.registry,
        world.id,
        Request(event=Event.REINSTATEMENT, by="owner", note="It was right."),
        world.clock,
    )
    assert (world.claim.id,) == world.record.gate.claims
    assert [] == world.faults()


def test_a_claim_that_is_retracted_while_the_run_goes_on_gets_no_verdict(world: World) -> None:
    """Nothing is written."""
    world.artifact()
    number = float(world.number)
    found = tools(number, number)
    request = Request(
        event=Event.PARTIAL_RETRACTION, by="owner", note="Wrong.", claims=(world.claim.id,)
    )
    asked: list[object] = []

    def meddle(_: Path) -> None:
        if not asked:
            asked.append(add(world.registry, world.id, request, world.clock))

    sandbox_of(found).meddle = meddle
    with pytest.raises(BadInput, match="was retracted"):
        world.run(found)
    assert () == world.record.gate.verdicts


def test_a_falsified_claim_that_is_retracted_stays_falsified(world: World) -> None:
    """Its words stay, and so does what became of them."""
    world.accept(world.artifact())
    world.verdict(far(world.number), far(world.number))
    request = Request(
        event=Event.PARTIAL_RETRACTION, by="owner", note="Wrong.", claims=(world.claim.id,)
    )
    add(world.registry, world.id, request, world.clock)
    assert (GateStatus.FALSIFIED, (world.claim.id,)) == (
        world.record.gate.status,
        world.record.gate.claims,
    )
    assert [] == world.faults()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"control": {"about": "Other.", "command": ["python", "-c", "pass"]}}, "control.command"),
        ({"command": ["python", "-c", "print(1)"]}, "the word after python is '-c'"),
    ],
)
def test_an_unfair_artifact_is_not_attached(
    world: World, changes: dict[str, Any], says: str
) -> None:
    """The message names the file and the field, and nothing is kept."""
    with pytest.raises(BadInput, match=says) as found:
        world.artifact(**changes)
    assert "repro.yaml" in found.value.where
    assert {} == world.gate.artifacts(world.registry.read(world.id))


def test_an_unfair_artifact_that_was_attached_before_is_not_run(world: World) -> None:
    """What waits since an older version is checked again; nothing is written."""
    spec = repro(world.claim, world.number)
    spec["metrics"][0] |= {"absolute": None, "relative": "0.5"}
    folder = write_artifact(world.folder / "art", spec)
    artifact = read_artifact(folder)
    target = world.gate.folder / "attached" / world.id / artifact.sha256 / "files"
    shutil.copytree(folder, target)
    number = float(world.number)
    assert [] == world.run(tools(number, number))
    (unfit,) = report(world.gate, world.id).unfit
    assert "the tolerance of" in unfit.why
    with pytest.raises(BadInput, match="the tolerance of"):
        world.run(tools(number, number), artifact=artifact.sha256)
    assert () == world.record.gate.verdicts


def test_requirements_that_can_never_be_installed_are_refused_at_once(world: World) -> None:
    """Not only as a published attempt."""
    lock = b"-e ./repo\n"
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
    with pytest.raises(BadInput, match="is no name==version"):
        world.gate.attach(world.id, folder)


def test_a_damaged_attached_artifact_stops_no_other_and_can_be_taken_away(world: World) -> None:
    """It is named with what is wrong and with the command."""
    lost, sound = world.artifact("one"), world.artifact("two", about="In other words.")
    place = world.gate.folder / "attached" / world.id / lost / "files" / "main.py"
    place.chmod(0o644)
    place.write_bytes(b"other")
    found = report(world.gate, world.id)
    assert ([sound], [lost]) == (
        [one.sha256 for one in found.artifacts],
        [one.sha256 for one in found.unfit],
    )
    assert found.unfit[0].why.startswith("main.py: has the SHA-256")
    with pytest.raises(BadInput, match=f"gate detach {world.id} {lost[:16]}"):
        world.run(tools(1, 1), artifact=lost)
    number = float(world.number)
    assert GateStatus.VERIFIED is world.verdict(number, number).status
    assert lost == world.gate.detach(world.id, lost[:12])
    assert () == report(world.gate, world.id).unfit
    with pytest.raises(BadInput, match="names 0 artifacts"):
        world.gate.detach(world.id, sound[:12])  # published, so no longer attached
    with pytest.raises(BadInput, match="is too short"):
        world.gate.detach(world.id, "")


def test_what_is_being_done_is_told(world: World) -> None:
    """A run can take long; one that waits for another says so."""
    world.artifact()
    number, told = float(world.number), list[str]()
    found = tools(number, number)
    list(run_batch(world.registry, Order(record=world.id), found, world.clock, told.append))
    assert ["proving the seal", f"{world.id}: trying claim {world.claim.id}"] == [
        one.partition(" with ")[0] for one in told
    ]
    told.clear()

    def second() -> None:
        with world.gate.batch(told.append):
            told.append("in")

    with world.gate.batch(told.append):
        waiting = threading.Thread(target=second)
        waiting.start()
        deadline = time.monotonic() + 10
        while not told and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ["waiting for another `gate run` of this registry to end"] == told
    waiting.join(10)
    assert "in" == told[-1]


def test_a_report_names_the_number_of_the_claim_that_is_run_again(world: World) -> None:
    """In the claim's own words."""
    world.artifact()
    (line,) = report(world.gate, world.id).artifacts
    assert line.numbers
    assert line.numbers[0].startswith(f"{world.number} in “")
    assert () == line.notes


@pytest.mark.parametrize(
    ("values", "control", "why"),
    [
        (("12.5", "13"), "0", "the two runs disagree on value"),
        ((outcome(exit_code=3), "1"), "0", "the first run ended with the exit code 3"),
        (
            (outcome(ended=Ended.TIMED_OUT, exit_code=None, why="took too long"), "1"),
            "0",
            "the first run did not end by itself: took too long",
        ),
        (("12.5", "12.5"), outcome({}), "the control left no number"),
    ],
)
def test_a_try_that_fails_says_which_run_and_why(
    world: World, values: tuple[object, ...], control: object, why: str
) -> None:
    """Also from a folder that holds no claim."""
    folder = write_artifact(world.folder / "art", repro(world.claim, "12.5"))

    def value(one: object) -> object:
        return float(one) if isinstance(one, str) else one

    found = try_out(str(folder), tools(*map(value, values), control=value(control)))
    assert not found.reproduced
    assert why in found.why


def test_every_shipped_artifact_is_a_fair_test_of_its_claim() -> None:
    """Those that were published, by the words that they were tried for, and those to attach."""
    shipped, texts, seen = Registry(ROOT), dict[str, str](), 0
    for record_id in shipped.ids():
        record, folder = shipped.read(record_id).record, shipped.record_dir(record_id)
        for verdict in (one for one in record.gate.verdicts if one.run is not None):
            place = folder / verdict.folder
            run = load_report((place / "run.json").read_bytes(), str(place))
            texts[run.claim_sha256] = run.claim_text
            artifact = read_artifact(place / "files")
            assert isinstance(artifact.spec, Repro)
            assert [] == list(unfair(artifact.spec, artifact.files, run.claim_text))
            seen += 1
    assert seen >= 5
    for folder in sorted((ROOT / "artifacts").iterdir()):
        artifact = read_artifact(folder)
        assert isinstance(artifact.spec, Repro)
        text = texts[artifact.spec.claim.sha256]
        assert [] == list(unfair(artifact.spec, artifact.files, text))
