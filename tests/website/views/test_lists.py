"""The first page: every word with its count, zeros included, and something to read at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.website.rows import row_of
from sovereign_registry.website.views import home as views
from sovereign_registry.website.views.list_parts import row_part
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.website.model import Row

ROWS = [row_of(view) for view in (samples.computed(), samples.revised(), imported.declared())]


def home(rows: list[Row], removed: int = 0) -> views.HomePage:
    """The first page of some rows."""
    page = views.home(rows, (), (("2026-11", 2),), removed, SITE)["home"]
    assert isinstance(page, views.HomePage)
    return page


def test_every_count_adds_up_to_all_records() -> None:
    """Each table counts every record once, zeros included."""
    tables = home(ROWS).counts
    assert [table.caption for table in tables] == [
        "Gate 2",
        "Tribunal verdict",
        "Quality tier",
        "Verification level",
        "State",
    ]
    assert [sum(row.count for row in table.rows) for table in tables] == [3] * 5
    assert [len(table.rows) for table in tables] == [3, 4, 6, 8, 9]


def test_removed_records_are_counted_among_the_states() -> None:
    """What was taken away is not forgotten in the numbers."""
    state = next(table for table in home(ROWS, removed=2).counts if table.id == "state")
    assert {row.label: row.count for row in state.rows}["Removed"] == 2


def test_unflattering_numbers_stand_beside_the_others() -> None:
    """Falsified, unverified and corrections are figures of the first page, each with its list."""
    paths = {figure.label: figure.path for figure in home(ROWS).figures}
    assert paths["records falsified at Gate 2"] == "browse/gate/falsified/"
    assert paths["corrections and changes of state"] == "corrections/"


def test_an_empty_registry_has_a_home() -> None:
    """Nothing is divided by nothing, and every number is zero."""
    page = home([])
    assert page.latest == ()
    assert [figure.number for figure in page.figures] == ["0"] * 5 + ["2"]
    assert {row.count for table in page.counts for row in table.rows} == {0}


def test_declared_ticks_are_marked_in_lists() -> None:
    """The count of an imported record is not taken for one of ours."""
    assert "(declared)" in row_part(ROWS[2]).line
    assert "(declared)" not in row_part(ROWS[0]).line
