"""Readers of other people agree: feed parser, XML, JSON, meta tags, linked data."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import feedparser  # type: ignore[import-untyped]
import pytest
from lxml import html

from sovereign_registry.contracts.manifest import RecordState
from tests.website.pages.states import PATHS, States, record_id

ADDRESS = "https://registry.example/ledger"
KEPT = [state for state in PATHS if state is not RecordState.REMOVED]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> States:
    """A registry with one record in every state."""
    made = States(tmp_path_factory.mktemp("readers"))
    made.build(ADDRESS)
    return made


@pytest.mark.parametrize("name", ["feed.atom", "corrections.atom"])
def test_feeds_are_well_formed_for_a_feed_parser(site: States, name: str) -> None:
    """No complaint, ids that do not depend on the address, links that lead into the site."""
    read: Any = feedparser.parse((site.output / name).read_bytes())
    assert not read.bozo
    assert read.entries
    for entry in read.entries:
        assert entry.id.startswith("urn:uuid:")
        assert entry.link.startswith(f"{ADDRESS}/records/sr-")
    assert len({entry.id for entry in read.entries}) == len(read.entries)


def test_the_json_index_tells_state_topics_and_source(site: States) -> None:
    """A program sees what the facets are made of."""
    found = json.loads(site.text("records.json"))
    states = {one["id"]: one["record_state"] for one in found["records"]}
    assert states == {record_id(state): state.value for state in KEPT}
    assert {one["source"] for one in found["records"]} == {"import"}
    assert all(isinstance(one["topics"], list) for one in found["records"])


def test_pages_lead_programs_to_feeds_search_and_data(site: States) -> None:
    """The first page names both feeds, the index and the description of the search."""
    page = html.fromstring(site.text("index.html"))
    links = {one.get("type"): one.get("href") for one in page.xpath("//link[@rel]")}
    assert links["application/json"] == "./records.json"
    assert links["application/opensearchdescription+xml"] == "./opensearch.xml"
    feeds = page.xpath("//link[@type='application/atom+xml']/@href")
    assert set(feeds) == {"./feed.atom", "./corrections.atom"}
    ET.fromstring(site.text("opensearch.xml"))  # noqa: S314 - our own text


def test_citation_tags_and_linked_data_agree(site: States) -> None:
    """Title, date and address are the same for a reference manager and for schema.org."""
    for state in KEPT:
        page = html.fromstring(site.text(f"records/{record_id(state)}/index.html"))
        tags = {one.get("name"): one.get("content") for one in page.xpath("//meta[@name]")}
        blocks = page.xpath("//script[@type='application/ld+json']/text()")
        (data,) = [one for one in map(json.loads, blocks) if "creativeWorkStatus" in one]
        assert data["name"] == tags["citation_title"]
        assert data["datePublished"].replace("-", "/") in {
            tags.get("citation_publication_date", "").replace("-", "/"),
            tags.get("citation_date", "").replace("-", "/"),
        }
        assert data["url"] == f"{ADDRESS}/records/{record_id(state)}/"


def test_the_sitemap_names_the_lists(site: States) -> None:
    """Lists, papers and states can be found by a crawler; the search page is left out."""
    tree = ET.fromstring(site.text("sitemap.xml"))  # noqa: S314 - our own text
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = {one.text for one in tree.iter(f"{space}loc")}
    for path in ("", "records/", "browse/", "sources/", "corrections-policy/states/"):
        assert f"{ADDRESS}/{path}" in found
    assert f"{ADDRESS}/search/" not in found
