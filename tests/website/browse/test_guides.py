"""Guides made by code: states, contracts' examples, llms.txt, OpenSearch, activity."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules import states_v1
from sovereign_registry.contracts.schemas import SCHEMA_NAMES
from sovereign_registry.website.guides import DATA, GUIDES, llms_txt, opensearch, shorten
from sovereign_registry.website.views import words
from sovereign_registry.website.views.activity import FEWEST, MOST, activity
from sovereign_registry.website.views.contracts import CONTRACTS, changes_of
from sovereign_registry.website.views.states import StatesPage, states
from sovereign_registry.website.views.topics import topic_label
from tests.website.views.sample_parts import SITE

OS = "{http://a9.com/-/spec/opensearch/1.1/}"


def page() -> StatesPage:
    """The page of states."""
    found = states(SITE)["states"]
    assert isinstance(found, StatesPage)
    return found


def test_every_event_and_state_of_the_rules_is_drawn() -> None:
    """A new line in the table of the rules is a new line, box or arrow here."""
    found = page()
    assert {row.event for row in found.events} == {words.EVENTS[one] for one in Event}
    assert len(found.events) == len(Event)
    boxes = {one.label for one in (*found.left, *found.right, *found.over)}
    assert boxes == {words.state_word(one) for one in RecordState}
    leading = [
        row for row in states_v1.TRANSITIONS.values() if row.to not in {None, *states_v1.LIVE}
    ]
    drawn = {one.label for one in found.arrows}
    assert {words.EVENTS[row.event] for row in leading} <= drawn
    assert words.EVENTS[Event.REINSTATEMENT] in drawn


def test_boxes_do_not_touch_and_fit_the_drawing() -> None:
    """Nothing is drawn over another box or outside."""
    found = page()
    for column in ((*found.left, *found.over), found.right):
        tops = [one.y for one in column]
        assert all(below - above >= found.high for above, below in pairwise(tops))
    lowest = max(one.y for one in (*found.left, *found.right, *found.over)) + found.high
    assert max(lowest, *(one.y for one in found.arrows)) <= found.height


JSON: Any = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(JSON)
def test_a_shortened_example_is_part_of_the_document(value: Any) -> None:  # noqa: ANN401
    """Nothing is changed or added, and nothing is left out that is not counted."""
    short, left_out = shorten(value)
    assert (short == value) == (left_out == 0)
    assert _within(short, value)


def _within(short: Any, value: Any) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(short, dict):
        return all(key in value and _within(one, value[key]) for key, one in short.items())
    if isinstance(short, list):
        return all(_within(*pair) for pair in zip(short, value, strict=False))
    return bool(short == value)


def test_every_contract_has_its_line_and_its_changes() -> None:
    """No contract is without a sentence or without its first version."""
    assert set(SCHEMA_NAMES) <= set(CONTRACTS)
    for name in SCHEMA_NAMES:
        (change,) = changes_of(name)
        assert name.endswith(change.version)
        assert change.what


def test_llms_txt_has_its_form_and_names_what_to_take_care_of() -> None:
    """One heading, one quotation, sections of links; states and words are explained."""
    text = llms_txt(SITE).decode()
    lines = text.splitlines()
    assert lines[0] == f"# {SITE.title}"
    assert lines[2].startswith("> ")
    assert [line for line in lines if line.startswith("## ")] == [
        "## Data",
        "## Guides",
        "## Optional",
    ]
    for path, name, _ in (*DATA, *GUIDES):
        assert f"[{name}]({SITE.address(path) or path})" in text
    assert "record_state" in text
    assert "None of the three means true" in " ".join(lines)


def test_opensearch_can_be_read_and_leads_to_the_search() -> None:
    """The template holds the terms, names are not too long, markup in a title is text."""
    site = msgspec.structs.replace(
        SITE, title="A & B <i>long</i> name of a registry", base_url="https://example.org/registry"
    )
    root = ET.fromstring(opensearch(site))  # noqa: S314 - our own text
    short, long = root.findtext(f"{OS}ShortName") or "", root.findtext(f"{OS}LongName") or ""
    assert site.title.startswith(short)
    assert 0 < len(short) <= 16
    assert 0 < len(long) <= 48
    urls = {one.get("type"): one.get("template") for one in root.findall(f"{OS}Url")}
    assert urls["text/html"] == "https://example.org/registry/search/?q={searchTerms}"
    feeds = [one for one in root.findall(f"{OS}Url") if one.get("type") == "application/atom+xml"]
    assert [one.get("rel") for one in feeds] == ["collection", "collection"]


@given(
    st.lists(st.dates().map(str), max_size=20),
    st.dictionaries(st.dates().map(lambda day: str(day)[:7]), st.integers(1, 50), max_size=8),
)
def test_activity_draws_every_record_of_the_last_years(
    dates: list[str], changed: dict[str, int]
) -> None:
    """Bars are bounded, none is lost among those that are drawn, and zero has no bar."""
    plot = activity(dates, sorted(changed.items()))
    if not dates and not changed:
        assert plot is None
        return
    assert plot is not None
    assert plot.span == "year" or len(plot.bars) >= FEWEST
    assert len(plot.bars) <= MOST
    for bar in plot.bars:
        assert bar.records == sum(date.startswith(bar.label) for date in dates)
        assert (bar.up == 0) == (bar.records == 0)
        assert (bar.down == 0) == (bar.changes == 0)
        assert bar.up <= plot.line


def test_an_impossible_month_ends() -> None:
    """A date that the pattern lets through and no calendar has does not run for ever."""
    plot = activity(["2026-99-01", "2027-01-01"], [])
    assert plot is not None


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("cs.LG", "cs.LG, Machine learning"),
        ("cs.XX", "cs.XX, Computer science"),
        ("nowhere.AB", "nowhere.AB"),
    ],
)
def test_topics_are_named_where_arxiv_names_them(code: str, label: str) -> None:
    """The category, else its archive, else the code alone."""
    assert topic_label(code) == label
