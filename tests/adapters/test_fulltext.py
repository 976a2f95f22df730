"""The shared full-text machinery."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.fulltext import in_memory, match_phrases
from sovereign_registry.contracts.papers import Paper


def paper(number: int, title: str = "Same title") -> Paper:
    """A paper with a number."""
    return Paper(
        key=f"2605.{number:05d}", version=None, title=title, authors=("a",),
        published="2026-01-01", updated="2026-01-01", categories=(), abstract="", licence="x",
    )  # fmt: skip


@pytest.mark.parametrize("limit", [1, 5, 40, 99, 100, 200])
def test_ties_are_ordered_by_key_whatever_the_order_of_building(limit: int) -> None:
    """A hundred equal papers, added backwards, come in the order of their keys."""
    index = in_memory((paper(number), "same text") for number in range(99, -1, -1))
    papers, total = index.search(["same"], limit)
    assert [item.key for item in papers] == [paper(n).key for n in range(min(limit, 100))]
    assert total == 100


def test_the_title_weighs_more_and_forms_of_a_word_are_one() -> None:
    """Routed, routing and routers meet; a hit in the title wins."""
    index = in_memory(
        [(paper(1, "Other"), "they routed tokens"), (paper(2, "Routing"), "other x y")]
    )
    assert [item.key for item in index.search(["router", "routes"], 5)[0]] == [
        "2605.00002",
        "2605.00001",
    ]


def test_terms_become_quoted_phrases_without_stop_words() -> None:
    """Hyphens make a phrase; stop words go unless there is nothing else."""
    assert match_phrases(["Mixture-of-Experts", "the", "LATENCY", "latency", "NOT"]) == (
        '"mixture of experts"',
        '"latency"',
    )
    assert match_phrases(["the", "of"]) == ('"the"', '"of"')
    assert match_phrases(["?!", ""]) == ()


@given(st.lists(st.text(max_size=20), max_size=6), st.integers(-1, 5))
def test_no_term_is_query_syntax(terms: list[str], limit: int) -> None:
    """Any text may be a term; the answer is a list of papers, never an error."""
    index = in_memory([(paper(1), "a near text OR title")])
    papers, total = index.search(terms, limit)
    assert len(papers) <= max(limit, 0)
    assert len(papers) <= total <= 1
