"""Lists, counts, papers and search are compared with the records, without any digest list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.verifier.sites import RETRACTED, faults, look, without_seal

if TYPE_CHECKING:
    from tests.verifier.conftest import Published


def row_of(page: bytes, record: str) -> bytes:
    """The item of a list that shows a record."""
    items: list[bytes] = re.findall(rb"<li><a href=\"[^\"]*\".*?</li>", page, re.DOTALL)
    return next(item for item in items if record.encode() in item)


@pytest.mark.parametrize(
    "path",
    [
        "records/index.html",
        "records/oldest/index.html",
        "records/score/index.html",
        "browse/state/retracted/index.html",
        "browse/gate/unverified/index.html",
        "browse/gate/unverified/score/index.html",
    ],
)
def test_a_record_left_out_of_a_list_is_found(published: Published, path: str) -> None:
    """Whoever hides one record in one list has to say so."""
    page = published.now[path]
    site = {**published.now, path: page.replace(row_of(page, RETRACTED), b"")}
    found = faults(look(without_seal(site)))
    assert f"{path}: does not list {RETRACTED}" in found


def test_an_order_that_is_not_the_stated_one_is_found(published: Published) -> None:
    """The best score stands first; putting another there is a fault."""
    path = "records/score/index.html"
    page = published.now[path]
    items = re.findall(rb"<li><a href=\"[^\"]*sr-.*?</li>", page, re.DOTALL)
    swapped = page.replace(items[0], b"@").replace(items[1], items[0]).replace(b"@", items[1])
    found = faults(look(without_seal({**published.now, path: swapped})))
    assert f"{path}: lists other records, or in another order" in found


@pytest.mark.parametrize("path", ["index.html", "browse/index.html"])
def test_a_prettier_number_is_found(published: Published, path: str) -> None:
    """Counts stand beside words whose lists say otherwise."""
    page = published.now[path].decode()
    told = re.search(r"browse/state/retracted/\"[^>]*>[^<]*</a></th><td[^>]*>1</td>", page) or (
        re.search(r"state/retracted/\"[^>]*>[^<]*</a></th><td[^>]*>1</td>", page)
    )
    assert told is not None
    better = page.replace(told[0], told[0].replace(">1</td>", ">0</td>"))
    found = faults(look(without_seal({**published.now, path: better.encode()})))
    assert f"{path}: says 0 for state/retracted where 1 is due" in found


def test_a_record_that_no_longer_stands_with_its_paper_is_found(published: Published) -> None:
    """What a retraction of the paper would touch cannot be made shorter."""
    shelves = [path for path in published.now if re.fullmatch(r"sources/[^/]+/index\.html", path)]
    path = next(one for one in shelves if published.computed.encode() in published.now[one])
    page = re.sub(rb"<ol class=\"records\">.*?</ol>", b"", published.now[path], flags=re.DOTALL)
    found = faults(look(without_seal({**published.now, path: page})))
    assert f"{path}: does not show that {published.computed} leans on" in found


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("search/records/0.json", b'"RETRACTED"', b'"CURRENT"'),
        ("search/index.json", b'"undone":[', b'"undone":[7,'),
        ("search/terms/all.json", b'{"', b'{"zz'),
    ],
)
def test_a_search_that_would_mislead_is_found(
    published: Published, path: str, old: bytes, new: bytes
) -> None:
    """States in hits, the order of what is not stood behind, and the words themselves."""
    data = published.now[path]
    assert old in data
    found = faults(look(without_seal({**published.now, path: data.replace(old, new, 1)})))
    assert path in found


def test_a_search_without_its_index_is_found(published: Published) -> None:
    """A file of the index that is gone is missing, whatever the list says."""
    site = {path: data for path, data in published.now.items() if path != "search/index.json"}
    assert "search/index.json" in faults(look(without_seal(site)))
