"""Which questions wait for which: only what is much alike, and always for what comes before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.pipeline.indexing import build_index
from sovereign_registry.wiring.batch_plan import alike, rounds, windows
from sovereign_registry.wiring.ports import RegistryNeighbours
from tests.world import CountingEmbedder

WORDS = ("tram", "junction", "signal", "delay", "route", "driver")
questions = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join),
    max_size=10,
)


@given(questions)
def test_a_question_waits_for_those_that_would_be_flagged_on_its_record(found: list[str]) -> None:
    """Exactly those before it that the pipeline calls the same question or a near-duplicate."""
    window = tuple(range(len(found)))
    before = alike(window, dict(enumerate(found)))
    for place in window:
        rows = [(f"sr-2601-000000{n:02}", found[n], found[n]) for n in range(place)]
        index = build_index(
            record="sr-2601-zzzzzzzz",
            question=found[place],
            papers=(),
            embedder=CountingEmbedder(),
            neighbours=RegistryNeighbours(rows),
            near_duplicate_at=RunConfig().near_duplicate_at,
        )
        flagged = {record for flag in index.flags for record in flag.about}
        assert flagged == {f"sr-2601-000000{n:02}" for n in before[place]}


@given(questions)
def test_rounds_hold_every_question_once_and_after_what_it_waits_for(found: list[str]) -> None:
    """Nothing is lost; whoever waits is in a later round, in the running order within it."""
    window = tuple(range(len(found)))
    before = alike(window, dict(enumerate(found)))
    made = list(rounds(window, before))
    assert sorted(place for places in made for place in places) == list(window)
    number = {place: n for n, places in enumerate(made) for place in places}
    assert all(number[other] < number[place] for place in window for other in before[place])
    assert all(list(places) == sorted(places) for places in made)


def test_windows_cut_the_running_order() -> None:
    """In order, none longer than the window."""
    assert [(3, 1), (2, 0), (4,)] == list(windows((3, 1, 2, 0, 4), 2))
