"""Home and browse: every record with its state, every word with its count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.rows import row_of
from sovereign_registry.website.views import lists, words
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.website.model import Row

ROWS = [row_of(view) for view in (samples.computed(), samples.revised(), imported.declared())]


def home(rows: list[Row]) -> lists.HomePage:
    """The home page of some rows."""
    page = lists.home(rows, SITE)["home"]
    assert isinstance(page, lists.HomePage)
    return page


def browse(rows: list[Row], number: int, total: int) -> lists.BrowsePage:
    """One page of the list."""
    page = lists.browse(rows, number, total, SITE)["browse"]
    assert isinstance(page, lists.BrowsePage)
    return page


def test_every_count_adds_up_to_all_records() -> None:
    """Each table counts every record once, zeros included."""
    tables = home(ROWS).counts
    assert [table.caption for table in tables] == [
        "Gate 2",
        "Verification level",
        "Tribunal verdict",
        "Quality tier",
        "State",
    ]
    assert [sum(row.count for row in table.rows) for table in tables] == [3] * 5
    assert [len(table.rows) for table in tables] == [3, 8, 4, 6, 9]


def test_an_empty_registry_has_a_home() -> None:
    """Nothing is divided by nothing, and the summary says zero."""
    page = home([])
    assert page.latest == ()
    assert page.summary.startswith("0 records with 0 claims.")


@pytest.mark.parametrize("state", list(RecordState))
def test_a_state_stands_beside_the_title_unless_current(state: RecordState) -> None:
    """No list leaves a state out."""
    row = lists.row_part(msgspec.structs.replace(ROWS[0], record_state=state))
    expected = "" if state is RecordState.CURRENT else words.state_word(state)
    assert row.state == expected


def test_declared_ticks_are_marked_in_lists() -> None:
    """The count of an imported record is not taken for one of ours."""
    assert lists.row_part(ROWS[2]).claims.endswith("passed the lexical tick (declared)")


@given(st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(1, total), st.just(total))))
def test_pagination_always_offers_first_last_and_neighbours(place: tuple[int, int]) -> None:
    """Every page is reachable in steps, and no link leads to a page that is not there."""
    number, total = place
    page = browse(ROWS, number, total)
    paths = [link.path for link in page.pages]
    assert lists.browse_path(1) in paths
    assert lists.browse_path(total) in paths
    assert lists.browse_path(number) in paths
    assert (page.previous is None) == (number == 1)
    assert (page.following is None) == (number == total)
    allowed = {lists.browse_path(one) for one in range(1, total + 1)}
    assert set(paths) <= allowed
