"""What may be asked of a sealed run."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.sealing import KIB, MIB, Limits, SealedJob

LIMITS: dict[str, int] = {
    "wall_seconds": 60,
    "cpu_seconds": 60,
    "memory_bytes": 64 * MIB,
    "disk_bytes": MIB,
    "output_bytes": KIB,
    "stream_bytes": KIB,
    "processes": 4,
}


def job(**changes: object) -> SealedJob:
    """A sound job with some fields changed."""
    fields: dict[str, Any] = {
        "argv": ("python", "main.py"),
        "folder": "/somewhere",
        "environment": None,
        "variables": (("SEED", "0"),),
        "outputs": ("metrics.json",),
        "limits": Limits(**LIMITS),
    }
    return SealedJob(**{**fields, **changes})


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [0, -1, 2**60, True, 1.5, None])
def test_limits_keep_their_ranges(name: str, value: object) -> None:
    """A limit outside its range, or no whole number, is refused by name."""
    with pytest.raises(ValueError, match=f"{name} is .*; it must be from"):
        Limits(**{**LIMITS, name: value})  # type: ignore[arg-type]


def test_limits_survive_a_round_trip() -> None:
    """What was built is what is read back."""
    limits = Limits(**LIMITS)
    assert msgspec.json.decode(msgspec.json.encode(limits), type=Limits) == limits


@pytest.mark.parametrize(
    "changes",
    [
        {"argv": ()},
        {"argv": ("",)},
        {"argv": ("python",) * 65},
        {"argv": ("python", "a\0b")},
        {"argv": ("python", "\ud800")},
        {"argv": ("python", "x" * 4097)},
        {"folder": "relative"},
        {"folder": "/a\0b"},
        {"environment": "relative"},
        {"variables": (("PATH", "/x"),)},
        {"variables": (("PYTHONPATH", "/x"),)},
        {"variables": (("lower", "x"),)},
        {"variables": (("A=B", "x"),)},
        {"variables": (("A\n", "x"),)},
        {"variables": (("A", "1"), ("A", "2"))},
        {"variables": (("A", "\0"),)},
        {"outputs": ("a", "a")},
        {"outputs": tuple(f"o{number}" for number in range(65))},
    ],
)
def test_an_ambiguous_job_is_refused(changes: dict[str, Any]) -> None:
    """What could be read in two ways, or is too much, is no job."""
    with pytest.raises(ValueError, match=r"."):
        job(**changes)


@given(st.text(max_size=40) | st.from_regex(r"[a-z./\-]{1,20}", fullmatch=True))
def test_an_output_stays_below_its_folder(name: str) -> None:
    """A name that is accepted is plain, relative and climbs nowhere."""
    try:
        job(outputs=(name,))
    except ValueError:
        return
    levels = name.split("/")
    assert 1 <= len(levels) <= 4
    assert all(level and not level.startswith((".", "-")) for level in levels)
    assert name.isascii()
    assert name.isprintable()


@pytest.mark.parametrize("name", ["/etc/passwd", "../a", "a/../b", "a//b", "a/", ".a", "-a", "a\n"])
def test_a_climbing_output_is_refused(name: str) -> None:
    """Absolute, climbing, hidden and option-like names are refused."""
    with pytest.raises(ValueError, match="cannot name an output"):
        job(outputs=(name,))


def test_a_plain_output_is_accepted() -> None:
    """A name in a folder is one."""
    assert job(outputs=("plots/figure-1.png", "metrics.json")).outputs[0] == "plots/figure-1.png"
