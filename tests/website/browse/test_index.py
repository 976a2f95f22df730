"""The search index: every word leads back to its records, files stay small, names are safe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.verifier import searching
from sovereign_registry.website import search_index
from sovereign_registry.website.details import Details, details_of, packed
from sovereign_registry.website.rows import newest_first, row_of
from sovereign_registry.website.search_index import SearchIndex, file_name, postings, split
from tests.website.pages.site import Details as Shelf
from tests.website.pages.site import sample_views

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.text(st.characters(min_codepoint=97, max_codepoint=104), min_size=2, max_size=8)


def details(name: set[str], claims: set[str]) -> Details:
    """A record with these words."""
    return Details((), tuple(sorted(name)), tuple(sorted(claims - name)))


@given(st.lists(st.tuples(st.sets(WORDS, max_size=8), st.sets(WORDS, max_size=20)), max_size=12))
def test_every_word_leads_back_to_its_records(given_: list[tuple[set[str], set[str]]]) -> None:
    """Steps added up are the places; odd ones are titles, even ones claims."""
    found = postings(details(*one) for one in given_)
    files = split(found)
    assert sorted(word for words in files.values() for word in words) == sorted(found)
    for start, words in files.items():
        assert all(word.startswith(start) for word in words)
        for word, steps in msgspec.json.decode(search_index.terms_json(words, found)).items():
            places, at = [], 0
            for step in steps:
                at += step
                places.append(at)
            assert places == sorted(places)
            for number, (name, claims) in enumerate(given_):
                assert (2 * number + 1 in places) == (word in name)
                assert (2 * number in places) == (word in claims - name)


def test_a_file_that_grows_is_split_by_one_more_letter() -> None:
    """No file but one of very long beginnings is larger than the bound."""
    many = {f"{a}{b}{c}x": list(range(0, 12000, 2)) for a in "ab" for b in "cd" for c in "efgh"}
    files = split({**many, "ac": [0]})
    assert set(files) > {"ac"}
    assert files["ac"] == ["ac"]
    weights = [search_index._weight(words, {**many, "ac": [0]}) for words in files.values()]
    assert max(weights) <= search_index.SPLIT
    assert split({}) == {"": []}


@given(st.text(min_size=1, max_size=4).filter(lambda text: text.isalnum()))
def test_file_names_are_plain_and_the_verifier_has_the_same(start: str) -> None:
    """Only ASCII letters, digits and hyphens, whatever the words are written in."""
    name = file_name(start.lower())
    assert re.fullmatch(r"[a-z0-9-]+\.json", name)
    assert name == searching._file(start.lower())


def test_a_known_split_reads_no_record(tmp_path: Path) -> None:
    """With the same words as in the last build the details are left alone."""
    views = sample_views()
    made = {view.record.id: packed(details_of(view))[1] for view in views}
    rows, memo = newest_first(map(row_of, views)), tmp_path / "memo"
    shelf: Any = Shelf(views)
    first = [(one.path, one.depends) for one in SearchIndex(rows, shelf, made, memo).plan()]
    shelf.views.clear()
    again = [(one.path, one.depends) for one in SearchIndex(rows, shelf, made, memo).plan()]
    assert first == again


def test_a_record_that_is_not_stood_behind_is_listed_as_such() -> None:
    """Its number is among those that come last."""
    views = sample_views()
    rows = [row_of(view) for view in views]
    state = rows[0].record_state.__class__("RETRACTED")
    rows[1] = msgspec.structs.replace(rows[1], record_state=state)
    assert search_index.undone(rows) == [1]
