"""Step 1, second half, and step 2: asking, merging, ordering."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.papers import Paper, Query, SearchReply
from sovereign_registry.pipeline.reading import off_topic, read_papers, reading_order
from sovereign_registry.pipeline.retrieval import ask_all, fuse, query_records, require_papers
from tests.world import FakeReader, FakeSearch, paper

if TYPE_CHECKING:
    import random


def reply(*papers: Paper) -> SearchReply:
    """A complete reply with these papers, best first."""
    return SearchReply(
        papers=papers, total=len(papers), sha256="0" * 64, as_of="2026-01-01", complete=True
    )


def query(number: int, *terms: str) -> Query:
    """A query with these terms."""
    return Query(number=number, terms=terms, rule="for this test")


A, B, C = (paper(f"note-{name}", name) for name in "abc")


def test_fusion_adds_reciprocal_ranks() -> None:
    """A paper's score is the sum of 1 / (60 + rank) over the queries that returned it."""
    fused = fuse([reply(A, B), reply(B, C)])
    assert [(item.paper.key, item.score) for item in fused] == [
        ("note-b", "0.032522475"),  # 1/62 + 1/61
        ("note-a", "0.016393443"),  # 1/61
        ("note-c", "0.016129032"),  # 1/62
    ]


def test_equal_scores_are_ordered_by_key() -> None:
    """Two papers at the same ranks stand in the order of their keys."""
    assert [item.paper.key for item in fuse([reply(B, A), reply(A, B)])] == ["note-a", "note-b"]


def test_the_newest_version_stands_for_a_paper() -> None:
    """Versions of one paper are one paper, at the best rank that any of them had."""
    old, new = paper("2401.00001", "old", version=1), paper("2401.00001", "new", version=3)
    fused = fuse([reply(old, A), reply(A, new)])
    held = next(item for item in fused if item.paper.key == "2401.00001")
    assert held.paper.ref == "2401.00001v3"
    within = fuse([reply(old, new)])
    assert [(item.paper.version, item.score) for item in within] == [(3, "0.016393443")]


@given(
    st.lists(st.permutations(range(8)), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_fusion_does_not_depend_on_the_order_of_arrival(
    rankings: list[list[int]], shuffler: random.Random
) -> None:
    """The same replies in any order give the same papers with the same scores."""
    papers = [paper(f"note-{number}", str(number)) for number in range(8)]
    replies = [reply(*(papers[place] for place in ranking)) for ranking in rankings]
    expected = fuse(replies)
    shuffler.shuffle(replies)
    assert fuse(replies) == expected


def test_all_queries_are_in_flight_together() -> None:
    """No query waits for another: each search returns only once all have begun."""
    barrier = threading.Barrier(4, timeout=10)

    class Together(FakeSearch):
        def search(self, query: Query, limit: int) -> SearchReply:
            barrier.wait()
            return super().search(query, limit)

    queries = [query(number, "gear", str(number)) for number in range(1, 5)]
    replies = ask_all(Together(), queries, 5)
    assert len(replies) == 4


def test_replies_come_back_in_the_order_of_the_queries() -> None:
    """Whatever answers first, reply n belongs to query n."""
    queries = [query(1, "tyre"), query(2, "hub"), query(3, "load")]
    for jitter in range(3):
        replies = ask_all(FakeSearch(jitter=jitter), queries, 1)
        records = query_records(queries, replies)
        assert [record.hits[0].paper for record in records] == [
            "note-tyres.v1", "note-hub.v1", "note-load.v1",
        ]  # fmt: skip


def test_a_failed_query_fails_the_search() -> None:
    """One query that cannot be answered is an error, never a silent gap."""
    with pytest.raises(SourceFailure, match="closed"):
        ask_all(FakeSearch(fail_on=2), [query(1, "gear"), query(2, "hub")], 5)


def test_no_paper_at_all_is_one_clear_error() -> None:
    """Nothing found says so, names the source and what to do."""
    with pytest.raises(SourceFailure, match="no paper matches") as caught:
        require_papers((), "the tests' own library")
    assert caught.value.where == "the tests' own library"
    assert caught.value.todo


def test_papers_about_the_question_are_read_first() -> None:
    """Coverage outweighs rank: a paper at rank 2 that holds more of the question overtakes."""
    near = paper("note-near", "Meadow sheep", "Sheep graze the mountain meadow in herds.")
    far = paper("note-far", "Sheep", "Wool.")
    words = ("sheep", "mountain", "meadow", "herds")
    ordered = reading_order(fuse([reply(far, near)]), words, FakeReader())
    assert [item.paper.key for item in ordered] == ["note-near", "note-far"]
    read = read_papers(ordered, words, FakeReader())
    assert read[0].covered == words
    assert (read[0].coverage, read[1].coverage) == ("1.000000000", "0.250000000")


def test_a_record_whose_best_papers_say_little_is_flagged() -> None:
    """Below a third on average the flag stands and is unresolved; at a third it does not."""
    words = ("sheep", "mountain", "meadow")
    on, off = paper("note-on", "Sheep"), paper("note-off", "Wool")

    def flags(*papers: Paper) -> list[FlagKind]:
        ordered = reading_order(fuse([reply(*papers)]), words, FakeReader())
        return [flag.kind for flag in off_topic(read_papers(ordered, words, FakeReader()), words)]

    assert flags(on) == []
    assert flags(on, off) == [FlagKind.OFF_TOPIC]


def test_off_topic_looks_at_the_five_best_only() -> None:
    """Poor papers behind the five best do not make a record off topic."""
    words = ("sheep",)
    papers = [paper(f"note-s{number}", "Sheep") for number in range(5)]
    papers += [paper(f"note-w{number}", "Wool") for number in range(7)]
    read = read_papers(
        reading_order(fuse([reply(*papers)]), words, FakeReader()), words, FakeReader()
    )
    assert off_topic(read, words) == ()
    assert Decimal(read[-1].coverage) == 0
