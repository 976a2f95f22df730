"""Bombs against the real sandbox: each is stopped by its limit, and goes off without it."""

from __future__ import annotations

import os

import pytest

from sovereign_registry.contracts.sealing import Ended
from tests.adapters.sealing.cases import BOMBS
from tests.adapters.sealing.seal import LIMITS, TryOut, attack, came_of


@pytest.mark.parametrize("name", BOMBS)
def test_every_bomb_is_stopped(name: str, try_out: TryOut) -> None:
    """A bomb ends the way its limit says, well before the wall clock does."""
    outcome = try_out(name)
    assert outcome.ended in BOMBS[name].ends, outcome
    said = came_of(outcome)
    # A flood may end before it is stopped: what counts is what was kept of it, below.
    assert name.endswith("_much") or said is None or not said["through"], outcome
    assert outcome.wall_seconds < LIMITS.wall_seconds
    assert name != "processor" or "processor time" in outcome.why
    assert len(outcome.stdout) <= 64 * 1024
    assert len(outcome.stderr) <= 64 * 1024


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_goes_off_without_its_limit(name: str, try_out: TryOut) -> None:
    """With its limit taken away, the same bomb uses up what it wants."""
    outcome = try_out(name, *BOMBS[name].without)
    if name.endswith("_much"):
        assert len(outcome.stdout) + len(outcome.stderr) > 64 * 1024
        return
    said = came_of(outcome)
    assert said is not None, outcome
    assert said["through"], outcome


@pytest.mark.skipif(os.geteuid() != 0, reason="the seal changes the user only under root")
def test_root_is_not_held_by_a_limit_of_processes(try_out: TryOut) -> None:
    """As root the kernel ignores the limit of processes, so the seal runs as another user."""
    held = came_of(try_out("processes", "watch"))
    assert held is not None
    assert not held["through"]
    let = came_of(try_out("processes", "watch", "user"))
    assert let is not None
    assert let["through"]


def test_long_names_and_deep_folders_do_not_matter() -> None:
    """Names of the greatest length in the deepest folders vanish with the seal."""
    outcome = attack("bombs", "long_names", {})
    assert outcome.ended is Ended.EXITED, outcome
    assert came_of(outcome) == {"through": False, "seen": "made"}
