"""A record's state stands wherever the record is named: pages, lists, feeds, exports."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules.states_v1 import SHOWS
from sovereign_registry.website.views.words import state_word
from tests.website.pages.outline import outline
from tests.website.pages.states import HOSTILE, LOST, PATHS, States, record_id, state_view

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ATOM = "{http://www.w3.org/2005/Atom}"
KEPT = [state for state in PATHS if state is not RecordState.REMOVED]
LOUD = [state for state in KEPT if state is not RecordState.CURRENT]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> States:
    """Return the built registry."""
    made = States(tmp_path_factory.mktemp("states"))
    made.build()
    return made


def page(site: States, state: RecordState, name: str = "index.html") -> str:
    """A file of the record in a state."""
    return site.text(f"records/{record_id(state)}/{name}")


class Blocks(HTMLParser):
    """Collects the blocks of linked data and all visible text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.data: list[Any] = []
        self.text = ""
        self._inside = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter a block."""
        self._inside = tag == "script" and ("type", "application/ld+json") in attrs

    def handle_data(self, data: str) -> None:
        """Read a block, or collect text."""
        if self._inside:
            self.data.append(json.loads(data))
        else:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        """Leave a block."""
        self._inside = self._inside and tag != "script"


def entries(source: str) -> Iterator[tuple[str, str, str]]:
    """(id, title, address) of every entry of a feed."""
    for one in ET.fromstring(source).iter(f"{ATOM}entry"):  # noqa: S314 - our own
        link = one.find(f"{ATOM}link")
        assert link is not None
        yield one.findtext(f"{ATOM}id", ""), one.findtext(f"{ATOM}title", ""), link.attrib["href"]


@pytest.mark.parametrize("state", LOUD)
def test_the_page_opens_with_the_state_and_its_reason(site: States, state: RecordState) -> None:
    """The banner stands above everything else, with who, when and why."""
    text = page(site, state)
    banner = text.index(f"<strong>{state_word(state)}</strong>")
    assert banner < text.index('class="status"')
    opening = Blocks(text[: text.index('class="status"')]).text
    assert HOSTILE in opening
    assert "editor: A. Name (declared)" in opening
    title = re.search(r"<title>(.*?) · ", text)
    assert title is not None
    assert title[1].startswith(SHOWS[state].title_prefix)


@pytest.mark.parametrize("state", KEPT)
def test_all_text_stays_under_the_banner(site: States, state: RecordState) -> None:
    """Abstract, question and every claim are readable in every state that is no removal."""
    shown, record = Blocks(page(site, state)).text, state_view(state).record
    for text in (
        record.work.title,
        record.work.abstract,
        record.question.text,
        *(claim.text for claim in record.claims),
    ):
        assert text in shown


@pytest.mark.parametrize("state", LOUD)
def test_lists_name_the_state(site: States, state: RecordState) -> None:
    """Home, the list of records, the corrections and the page of a related record."""
    word = state_word(state)
    link = (
        rf'records/{record_id(state)}/"><bdi>[^<]*</bdi></a> <span class="tag[^"]*">{word}</span>'
    )
    for path in ("index.html", "records/index.html", "corrections/index.html"):
        assert re.search(link, site.text(path).replace("../", "")), path
    related = page(site, RecordState.CURRENT)
    assert f'{record_id(state)} ({word})</a> <span class="note"><b>related</b>' in related


@pytest.mark.parametrize("state", LOUD)
def test_data_and_feeds_name_the_state(site: States, state: RecordState) -> None:
    """The index, the record's own data and the titles of every feed."""
    rows = {row["id"]: row for row in json.loads(site.text("records.json"))["records"]}
    assert rows[record_id(state)]["record_state"] == state
    data = json.loads(page(site, state, "correction-record.json"))
    assert data["record_state"] == state
    named = state.value.replace("_", " ")
    for path in ("feed.atom", "corrections.atom"):
        titles = [title for _, title, href in entries(site.text(path)) if record_id(state) in href]
        assert titles
        assert all(f"{named}: " in title for title in titles), path
    own = list(entries(page(site, state, "history.atom")))
    assert len(own) == len(PATHS[state]) + 1
    assert all(f"{named}: " in title for _, title, _ in own)


@pytest.mark.parametrize("state", KEPT)
def test_every_citation_names_the_state(site: States, state: RecordState) -> None:
    """BibTeX, RIS, CSL-JSON, linked data, RO-Crate, PROV and the tags that indexers read."""
    word, prefix = state_word(state), SHOWS[state].title_prefix
    note = f"Record state: {word}"
    title = prefix + state_view(state).record.work.title
    bib, ris = page(site, state, "cite.bib"), page(site, state, "cite.ris")
    assert f"title = {{{{{title}}}}}" in bib
    assert note in bib
    assert f"TI  - {title}\n" in ris
    assert f"N1  - {note}" in ris
    (item,) = json.loads(page(site, state, "cite.csl.json"))
    assert item["title"] == title
    assert item["status"].startswith(word.lower())
    assert note in item["note"]
    (linked,) = Blocks(page(site, state)).data
    assert linked["name"] == title
    assert linked["creativeWorkStatus"].startswith(word)
    assert linked["version"] == str(len(PATHS[state]) + 1)
    counted = [one for one in state_view(state).history if one.correction_type]
    assert [one["text"] for one in linked.get("correction", [])] == [one.note for one in counted]
    crate = json.loads(page(site, state, "ro-crate-metadata.json"))
    root = next(one for one in crate["@graph"] if one["@id"] == "./")
    assert (root["name"], root["creativeWorkStatus"]) == (title, item["status"].capitalize())
    prov = json.loads(page(site, state, "prov.json"))
    whole = prov["entity"][f"sr:{record_id(state)}"]
    assert whole["terms:record_state"] == state
    tags = outline(page(site, state)).metas
    assert tags["citation_title"] == title
    assert tags["citation_keywords"].startswith(f"record state: {word}")


def test_a_superseded_record_leads_to_its_successor_and_its_state(site: States) -> None:
    """The link says that what replaces it was itself retracted."""
    text = page(site, RecordState.SUPERSEDED)
    assert f"{record_id(RecordState.RETRACTED)} (Retracted)</a>" in text


def test_a_record_that_is_not_stood_behind_has_no_tier(site: States) -> None:
    """Neither its page nor a list prints one."""
    for state in (RecordState.RETRACTED, RecordState.WITHDRAWN):
        tier = re.search(r"<dt>Tier</dt>\s*<dd[^>]*>([^<]*)", page(site, state))
        assert tier is not None
        assert tier[1] == "Not tiered"
        row = site.text("records/index.html").partition(f"{record_id(state)}/")[2]
        assert "Not tiered" in row.partition("</li>")[0]


def test_only_retracted_claims_are_marked(site: States) -> None:
    """A partial retraction marks its claims and no others."""
    text = page(site, RecordState.PARTIALLY_RETRACTED)
    assert text.count("retracted: do not rely on it") == 1
    assert "retracted: do not rely on it" in text.partition('id="c2"')[2].partition('id="c3"')[0]


def test_what_was_removed_is_nowhere(site: States) -> None:
    """A tombstone stands at the record's addresses; no word of the record is left in any file."""
    found = [
        path.relative_to(site.output).as_posix()
        for path in site.output.rglob("*")
        if path.is_file() and LOST.encode() in path.read_bytes()
    ]
    assert found == []
    name = record_id(RecordState.REMOVED)
    for path in (f"records/{name}/index.html", f"records/{name}/history/index.html"):
        shown = Blocks(site.text(path)).text
        assert HOSTILE in shown
        assert "Court order 12/34" in shown
        assert "Removed" in shown
        assert outline(site.text(path)).faults == []
    index = json.loads(site.text("records.json"))
    assert [(one["id"], one["record_state"]) for one in index["removed"]] == [(name, "REMOVED")]
    assert name not in [row["id"] for row in index["records"]]
    assert ("REMOVED: " + name) in [title for _, title, _ in entries(site.text("feed.atom"))]
    assert f"{name} (Removed)</a>" in page(site, RecordState.CURRENT)
    assert name in site.text("corrections/type/removal/index.html")


def test_a_removal_takes_the_published_files_away(tmp_path: Path) -> None:
    """What an earlier build published of the record goes with the next one."""
    site = States(tmp_path)
    site.build()
    folder = site.output / "records" / record_id(RecordState.WITHDRAWN)
    assert (folder / "manifest.yaml").exists()
    site.remove(RecordState.WITHDRAWN)
    site.build()
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*")) == [
        "history.atom",
        "history/index.html",
        "index.html",
        "record.json",
    ]
    assert f"{record_id(RecordState.WITHDRAWN)} (Removed)" in page(site, RecordState.CURRENT)


def test_the_history_tells_every_version(site: States) -> None:
    """Newest first, each with an anchor, old and new text, and its own file."""
    text = page(site, RecordState.RETRACTED, "history/index.html")
    assert re.findall(r'<li class="entry" id="(v\d)"', text) == ["v3", "v2", "v1"]
    assert "was <del" in text
    assert "is now <ins" in text
    assert "work, title <code>/work/title</code>" in text
    assert 'href="0002-state-change.yaml"' in text
    quiet = page(site, RecordState.CURRENT, "history/index.html")
    assert "does not mean that the record is free of errors" in quiet


def test_a_history_names_other_records_with_their_states(site: States) -> None:
    """Old and new values stay as they are; the state of what they name stands below them."""
    text = page(site, RecordState.SUPERSEDED, "history/index.html")
    assert "sr-2605-00000005 (Retracted)</a>" in text
    assert '<ins dir="auto">sr-2605-00000005</ins>' in text


def test_filters_hold_what_they_say(site: States) -> None:
    """Every entry stands under its type and under its event, and under nothing else."""
    every = {
        name: site.text(f"corrections/type/{name}/index.html").count('<li class="entry"')
        for name in ("metadata", "claim", "retraction", "challenge", "concern", "benchmark")
    }
    expected = {
        "metadata": 2,
        "claim": 2,
        "retraction": 1,
        "challenge": 1,
        "concern": 1,
        "benchmark": 0,
    }
    assert every == expected
    assert site.text("corrections/index.html").count('<li class="entry"') == 9


@pytest.mark.parametrize("address", ["", "https://b.example", "http://c.example/deep/er"])
def test_ids_of_feeds_do_not_know_the_address(site: States, address: str, tmp_path: Path) -> None:
    """A site that moves keeps every id, and an entry has the same id in both feeds."""
    moved = States(tmp_path)
    moved.build(address)
    paths = ["feed.atom", "corrections.atom"]
    paths += [f"records/{record_id(state)}/history.atom" for state in PATHS]
    every: dict[str, set[str]] = {}
    for path in paths:
        ids = re.findall(r"<id>(.*?)</id>", site.text(path))
        assert ids == re.findall(r"<id>(.*?)</id>", moved.text(path))
        assert len(ids) == len(set(ids))
        assert all(one.startswith("urn:uuid:") for one in ids)
        every[path] = {name for name, _, _ in entries(site.text(path))}
    own = set().union(*(every[path] for path in paths[2:]))
    assert every["corrections.atom"] <= own


def test_markup_in_a_reason_is_text_everywhere(site: States) -> None:
    """Pages are sound, no reason becomes an element, linked data ends where it should."""
    for path in sorted(site.output.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert outline(text).faults == [], path
        assert "<script>alert" not in text
        assert len(Blocks(text).data) == text.count('<script type="application/ld+json"')
    for path in site.output.rglob("*.atom"):
        ET.fromstring(path.read_bytes())  # noqa: S314 - our own


def test_a_record_has_few_files(site: States) -> None:
    """At most twelve beside its history and its artifacts."""
    for state in KEPT:
        folder = site.output / "records" / record_id(state)
        assert len([path for path in folder.iterdir() if path.is_file()]) <= 12


def test_a_second_build_changes_nothing(site: States) -> None:
    """The states that pages show of other records are settled in one build."""
    report = site.build()
    assert (report.rendered, report.files.written) == (0, 0)


def test_other_readers_read_the_citations(site: States) -> None:
    """BibTeX, RIS and feeds come out of third-party readers as they went in."""
    bibtexparser = pytest.importorskip("bibtexparser")
    rispy = pytest.importorskip("rispy")
    feedparser = pytest.importorskip("feedparser")
    for state in KEPT:
        title = SHOWS[state].title_prefix + state_view(state).record.work.title
        library = bibtexparser.parse_string(page(site, state, "cite.bib"))
        assert not library.failed_blocks
        (entry,) = library.entries
        assert entry["title"].strip("{}") == title
        (reference,) = rispy.loads(page(site, state, "cite.ris"))
        assert reference["title"] == title
        feed = feedparser.parse(page(site, state, "history.atom"))
        assert not feed.bozo
        assert len(feed.entries) == len(PATHS[state]) + 1
