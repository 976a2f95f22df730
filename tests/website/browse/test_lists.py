"""Lists, facets and shelves: nothing is left out, a new record moves little, files are bounded."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.review import Verdict
from sovereign_registry.verifier import lists as restated
from sovereign_registry.website import facets, papers
from sovereign_registry.website.facets import CAP, PER_PAGE, Facet, newest_pages, plain_pages
from sovereign_registry.website.lists import line_digest
from sovereign_registry.website.rows import newest_first, row_of
from sovereign_registry.website.views import lists
from sovereign_registry.website.views.list_parts import row_part
from tests.website.views import samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.website.model import Row

BASE = row_of(samples.computed())


def row(number: int, **changes: object) -> Row:
    """A record of its own; a higher number is newer."""
    fields: dict[str, object] = {
        "id": f"sr-2601-{number:08d}",
        "published": f"20{20 + number // 3000:02d}-{1 + number // 250 % 12:02d}-01",
        "score": f"{number % 10}.{number % 7}",
        "tier": list(Tier)[number % len(Tier)],
        "topics": ("cs.CL", "cs.LG")[: number % 3],
    }
    return msgspec.structs.replace(BASE, **{**fields, **changes})


@cache
def rows(count: int) -> tuple[Row, ...]:
    """So many records, newest first."""
    return newest_first(row(number) for number in range(count))


@given(st.integers(0, 730))
def test_every_record_stands_once_in_every_order(count: int) -> None:
    """The pages of a list, put together, are the list."""
    every = rows(count)
    assert [one for page in newest_pages(every) for one in page.rows] == list(every)
    assert [one for page in plain_pages(every) for one in page.rows] == list(every)


@given(st.integers(PER_PAGE, 700))
def test_a_new_record_leaves_older_pages_alone(count: int) -> None:
    """Older pages are numbered from the oldest record, so that they keep their rows."""
    before = {page.number: page.rows for page in newest_pages(rows(count))}
    newer = (row(9000, published="2039-01-01"), *rows(count))
    after = {page.number: page.rows for page in newest_pages(newer)}
    assert {number: after[number] for number in before if number > 1} == {
        number: those for number, those in before.items() if number > 1
    }
    assert len(after[1]) < 2 * PER_PAGE


def test_every_word_of_a_fixed_scale_has_its_page_at_zero() -> None:
    """An empty registry shows all words of tier, gate, level, state and source, each with zero."""
    specs = {spec.path: spec for spec in facets.plan((), ())}
    counts = dict(specs["browse/index.html"].counts)
    assert set(counts.values()) == {0}
    assert len(counts) == len(Tier) + 3 + 8 + len(RecordState) + 4
    for name in ("tier/quarantine-candidate", "gate/falsified", "level/7", "state/retracted"):
        page = lists.browse(specs[f"browse/{name}/index.html"], SITE)["browse"]
        assert isinstance(page, lists.BrowsePage)
        assert page.rows == ()


def test_a_retracted_record_is_in_no_tier() -> None:
    """What prints *not tiered* is not listed under the tier that it once had."""
    before = samples.manifest()
    standing = msgspec.structs.replace(before.standing, record_state=RecordState.RETRACTED)
    one = row_of(samples.view(msgspec.structs.replace(before, standing=standing)))
    had = before.assessment.tier.tier
    found = facets.sorted_out([one])
    assert (had is Tier.NOT_TIERED, found[Facet.TIER, had.value]) == (False, [])
    assert found[Facet.TIER, "NOT_TIERED"] == [one]
    assert found[Facet.STATE, "RETRACTED"] == [one]


def test_scores_are_compared_as_numbers() -> None:
    """10.0 stands before 9.9, no score stands last, equal ones newest first."""
    given = [row(3, score="9.9"), row(2, score=None), row(1, score="10.0"), row(0, score="9.9")]
    assert [one.score for one in facets.by_score(given)] == ["10.0", "9.9", "9.9", None]
    assert [one.id[-1] for one in facets.by_score(given)] == ["1", "3", "0", "2"]


def test_the_files_of_ten_thousand_records_are_counted() -> None:
    """Lists and facets take at most a quarter of a file a record, and no page over 200 rows."""
    specs = list(facets.plan(rows(10_000), ()))
    assert len(specs) <= 2_500
    assert max(len(spec.rows) for spec in specs) < 2 * PER_PAGE
    assert len({spec.path for spec in specs}) == len(specs)
    capped = Counter(
        spec.path.partition("page/")[0].removesuffix("index.html")
        for spec in specs
        for _ in spec.rows
        if spec.path.startswith("browse/") and ("/oldest/" in spec.path or "/score/" in spec.path)
    )
    assert max(capped.values()) == CAP


def test_a_longer_list_leaves_the_summary_of_older_pages_alone() -> None:
    """Only the first page tells how many records a list has."""
    before = {spec.path: spec.counts for spec in facets.plan(rows(450), ())}
    after = {spec.path: spec.counts for spec in facets.plan(rows(451), ())}
    moved = {path for path in before if before[path] != after[path]}
    assert not [path for path in moved if "/page/" in path]


def test_an_order_that_stops_says_so() -> None:
    """It tells how many it shows and leads to the whole list."""
    specs = {spec.path: spec for spec in facets.plan(rows(900), ())}
    page = lists.browse(specs["browse/gate/unverified/score/index.html"], SITE)["browse"]
    assert isinstance(page, lists.BrowsePage)
    assert "this order shows the first 500" in page.summary
    last = specs["browse/gate/unverified/score/page/5/index.html"]
    page = lists.browse(last, SITE)["browse"]
    assert isinstance(page, lists.BrowsePage)
    assert page.following is None
    assert page.more is not None
    assert page.more.path == "browse/gate/unverified/"


def test_neighbours_are_linked_both_ways() -> None:
    """Following *older* to the end and back passes every page of a list."""
    specs = {spec.path: spec for spec in facets.plan(rows(450), ())}
    path, seen = "records/", []
    while True:
        page = lists.browse(specs[f"{path}index.html"], SITE)["browse"]
        assert isinstance(page, lists.BrowsePage)
        seen.append((path, page))
        if page.following is None:
            break
        path = page.following.path
    assert sum(len(page.rows) for _, page in seen) == 450
    for (before, _), (_, page) in pairwise(seen):
        assert page.previous is not None
        assert page.previous.path == before


@pytest.mark.parametrize("state", list(RecordState))
def test_a_state_stands_beside_the_title_unless_current(state: RecordState) -> None:
    """No list leaves a state out."""
    found = row_part(row(1, record_state=state)).state
    assert bool(found) == (state is not RecordState.CURRENT)


@pytest.mark.parametrize(
    "changes",
    [
        {"corrections": 4},
        {"history": 9},
        {"updated": "2031-01-01T00:00:00Z"},
        {"flags": 3},
        {"sources": 1},
    ],
)
def test_what_no_list_shows_rewrites_no_list(changes: dict[str, object]) -> None:
    """The key of a list holds what it shows of a record, and nothing more."""
    assert line_digest(row(1, **changes)) == line_digest(row(1))


@pytest.mark.parametrize(
    "changes",
    [
        {"record_state": RecordState.RETRACTED},
        {"title": "Another"},
        {"verified": 0},
        {"score": "8.0"},
        {"verdict": Verdict.REJECT},
    ],
)
def test_what_a_list_shows_is_in_its_key(changes: dict[str, object]) -> None:
    """A line that reads otherwise has another key."""
    other = row(1, **changes)
    assert row_part(other) != row_part(row(1))
    assert line_digest(other) != line_digest(row(1))


@given(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(r"\d{4}\.\d{4,5}", fullmatch=True),
        st.from_regex(r"(hep-th|math\.AG|cond-mat)/\d{7}", fullmatch=True),
        st.from_regex(r"note-[a-z0-9]{1,20}", fullmatch=True),
    )
)
def test_a_paper_has_a_safe_place_that_its_key_alone_decides(key: str) -> None:
    """Folder and fragment hold no slash but our own, and the verifier finds the same shelf."""
    path, fragment = papers.place_of(key)
    assert re.fullmatch(r"sources/[A-Za-z0-9.-]{1,40}/", path)
    assert re.fullmatch(r"[A-Za-z0-9.-]{1,80}", fragment)
    assert ".." not in path
    assert path == f"sources/{restated.shelf_of(key)}/"


def test_a_shelf_shows_each_paper_and_leads_on_where_there_is_no_room() -> None:
    """Rows are shared out; a paper with more of them has pages of its own."""
    every = rows(400)
    keys = {
        one.id: ("2601.00001", *(("2601.00002",) if n < 3 else ())) for n, one in enumerate(every)
    }
    details = {one.id: b"d" for one in every}
    specs = {spec.path: spec for spec in papers.plan(every, keys, details)}
    shelf = specs["sources/2601.00/index.html"]
    assert dict(shelf.counts) == {"2601.00001": 400, "2601.00002": 3}
    assert len(shelf.rows) == papers.MOST
    own = [one for path, one in specs.items() if "/2601.00001/" in path]
    assert sum(len(one.rows) for one in own) == 400
    assert not [path for path in specs if "/2601.00002/" in path]


def test_lists_are_the_same_as_the_verifier_expects() -> None:
    """Both work out the same lists from the same rows."""
    every = [row(n, record_state=list(RecordState)[n % 8]) for n in range(60)]
    plain = [msgspec.to_builtins(one) for one in newest_first(every)]
    due = {name: [one["id"] for one in those] for name, those in restated.due_lists(plain).items()}
    ours = {
        f"{facet.value}/{facets.slug(word)}": [one.id for one in those]
        for (facet, word), those in facets.sorted_out(newest_first(every)).items()
        if (facet, word) != (Facet.STATE, "REMOVED")
    }
    assert ours == due
