"""A run compared with a registry that grew is the run that had seen it all along."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.pipeline.conduct import compare_again, complete, prepare
from sovereign_registry.wiring.ports import RegistryNeighbours
from tests.world import QUESTION, world

OTHERS = (
    "How does the load of a cargo bicycle change rider effort?",
    "What limits the climbing speed of city bicycles?",
    "Do penguins prefer cold water?",
    "How does tyre pressure change rolling resistance?",
    QUESTION,
    QUESTION.replace("effort", "comfort"),
)
"""Two unlike it, two that share words, the same and nearly the same."""


def neighbours(numbers: set[int]) -> RegistryNeighbours:
    """A registry that holds some of the others."""
    return RegistryNeighbours([(f"sr-2601-0000000{n}", OTHERS[n], OTHERS[n]) for n in numbers])


subsets = st.sets(st.integers(min_value=0, max_value=len(OTHERS) - 1))


@settings(max_examples=15)
@given(subsets, subsets)
def test_comparing_again_is_making_the_run_again(before: set[int], after: set[int]) -> None:
    """The same manifest and files wherever no other flag is raised, and None wherever one is."""
    ports = world(neighbours=neighbours(before))
    prepared = prepare(QUESTION, ports, RunConfig(), None)
    run = complete(prepared, ports)
    grown = replace(ports, neighbours=neighbours(after))
    whole, again = complete(prepared, grown), compare_again(prepared, run, grown)
    same = run.manifest.flags == whole.manifest.flags
    assert same == (again is not None)
    if again is not None:
        assert (whole.manifest, whole.artifacts) == (again.manifest, again.artifacts)
