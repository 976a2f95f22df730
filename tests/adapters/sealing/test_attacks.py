"""Attacks against the real sandbox: none gets through, and each does without what stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.sealing import Ended
from tests.adapters.sealing.cases import ATTACKS, MUST_BITE, NAMESPACES
from tests.adapters.sealing.seal import TryOut, came_of

if TYPE_CHECKING:
    import subprocess


LISTED = [
    "abstract",
    "accounts",
    "clock",
    "complain_much",
    "descriptors",
    "disk",
    "first_process",
    "hidden_files",
    "host_name",
    "kernel_objects",
    "kill_process",
    "kill_supervisor",
    "large_file",
    "listeners",
    "many_files",
    "many_memories",
    "memory",
    "mount",
    "mount_nested",
    "nested",
    "netlink",
    "packages",
    "pair",
    "powers",
    "print_much",
    "processes",
    "processor",
    "read_memory",
    "root_disk",
    "see_process",
    "session",
    "shared_files",
    "shared_memory_file",
    "shared_pages",
    "system_v_list",
    "system_v_memory",
    "tcp",
    "threads",
    "trace",
    "udp6",
    "write_dev",
    "write_environment",
    "write_job",
    "write_root",
]


def test_a_list_names_the_attacks_that_must_bite() -> None:
    """The list is written down, so that an attack cannot quietly become unexercisable."""
    assert sorted(MUST_BITE) == LISTED


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_gets_through(
    name: str, try_out: TryOut, victim: subprocess.Popen[bytes]
) -> None:
    """Under the whole seal the attack runs to its end and has not got through."""
    outcome = try_out(name)
    assert outcome.ended is Ended.EXITED, outcome
    said = came_of(outcome)
    assert said is not None, outcome
    assert not said["through"], said
    assert victim.poll() is None


@pytest.mark.parametrize("name", [name for name, one in ATTACKS.items() if one.without])
def test_an_attack_gets_through_without_what_stops_it(
    name: str, try_out: TryOut, victim: subprocess.Popen[bytes]
) -> None:
    """With its protections taken away, the same attack gets through: the suite bites."""
    one = ATTACKS[name]
    if one.exercisable is not None and not one.exercisable():
        pytest.skip("not exercisable here: this kernel stops it unsealed too")
    outcome = try_out(name, *one.without)
    said = came_of(outcome)
    if name == "kill_process":
        assert victim.wait(5) != 0
    elif name == "kill_supervisor":
        assert outcome.ended is Ended.KILLED or (said is not None and said["through"]), outcome
    else:
        assert said is not None, outcome
        assert said["through"], (said, outcome)


@pytest.mark.parametrize("name", [name for name, one in ATTACKS.items() if len(one.without) > 1])
def test_each_protection_of_several_is_enough(name: str, try_out: TryOut) -> None:
    """Where several protections stop an attack, taking the first away lets nothing through."""
    outcome = try_out(name, ATTACKS[name].without[0])
    said = came_of(outcome)
    assert said is None or not said["through"], outcome


def test_every_namespace_is_own(try_out: TryOut) -> None:
    """The sealed job shares no namespace of the host."""
    assert came_of(try_out("namespaces")) == {"through": False, "seen": "[]"}


@pytest.mark.parametrize("name", NAMESPACES)
def test_a_namespace_that_is_given_back_is_seen(name: str, try_out: TryOut) -> None:
    """Without its flag the namespace is the host's."""
    said = came_of(try_out("namespaces", *NAMESPACES[name]))
    assert said == {"through": True, "seen": f"['{name}']"}
