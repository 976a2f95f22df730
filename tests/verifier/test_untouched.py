"""No false alarm: whatever really happened to a registry, its site is in order."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.history import Event
from sovereign_registry.verifier.findings import Check
from tests.verifier.sites import World, faults, look

TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1).map(
    str.strip
)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["import", "log"]), st.just("")),
    st.tuples(
        st.sampled_from(
            [
                Event.CORRECTION,
                Event.ADDENDUM,
                Event.CHALLENGE,
                Event.CHALLENGE_CLOSED,
                Event.CONCERN,
                Event.CONCERN_LIFTED,
                Event.RETRACTION,
                Event.WITHDRAWAL,
                Event.REINSTATEMENT,
            ]
        ),
        TEXT.filter(bool),
    ),
)


def _do(world: World, step: tuple[str, str], ids: list[str]) -> None:
    """Do one step; what may not follow, or may not be said, is refused and changes nothing."""
    what, note = step
    if what == "import":
        ids.append(f"sr-2605-{len(ids):08d}")
        world.import_record(ids[-1])
        return
    if what == "log":
        world.log()
        return
    sets = {"sets": (f"/work/title={note}",)} if what == Event.CORRECTION else {}
    try:
        world.enter(ids[len(note) % len(ids)], Event(what), note, **sets)
    except RegistryError:
        return


@settings(max_examples=8)
@given(st.lists(STEPS, max_size=14))
def test_a_site_that_nobody_touched_has_no_fault(steps: list[tuple[str, str]]) -> None:
    """Of any length and course of history, logged in any number of appends."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        ids: list[str] = []
        kept = None
        for step in [("import", ""), *steps]:
            _do(world, step, ids)
            log = world.root / "manifests" / "log" / "checkpoint"
            kept = log.read_bytes() if kept is None and log.exists() else kept
        world.log()
        report = look(world.publish(), kept)
        assert "" == faults(report)
        assert {Check.NUMBERS} == {found.check for found in report.open}
        assert any(line.check is Check.SEAL and line.passed for line in report.checks)


@settings(max_examples=4)
@given(st.lists(STEPS.filter(lambda step: step[0] != "log"), max_size=8))
def test_a_site_without_a_key_is_not_logged_and_has_no_fault(steps: list[tuple[str, str]]) -> None:
    """What cannot be told is neither pass nor failure."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        ids: list[str] = []
        for step in [("import", ""), *steps]:
            _do(world, step, ids)
        report = look(world.publish(seal=False))
        assert "" == faults(report)
        assert {Check.NUMBERS, Check.SEAL, Check.LOG} == {found.check for found in report.open}
