"""Home, lists, papers, guides and search in a real Chromium, under a sub-path."""

from __future__ import annotations

import sys
import unicodedata
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.contracts import search_words
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.views.words import state_word
from tests.website.pages.states import PATHS, States, record_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.web import Serve

pytestmark = pytest.mark.browser

PAGES = {
    "home": "",
    "all records": "records/",
    "by score": "records/score/",
    "browse": "browse/",
    "a facet": "browse/gate/unverified/",
    "an empty facet": "browse/gate/falsified/",
    "removed": "browse/state/removed/",
    "papers": "sources/",
    "search": "search/",
    "a query": "search/?q=trams",
    "states": "corrections-policy/states/",
    "a contract": "contracts/gate-verdict-v1/",
    "corrections": "corrections/",
    "missing": "nothing/here/",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """async tags => (await axe.run(document, {runOnly: {type: "tag", values: tags}})).violations
  .map(one => one.id + ": " + one.nodes.map(node => node.target.join(" ")).join(", "))"""
FOUND = "#hits > li > a"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Iterator[str]:
    """A registry with one record in every state, served under a sub-path."""
    made = States(tmp_path_factory.mktemp("browse"))
    made.build("https://registry.example/registry")
    with serve(made.output, "/registry/") as base:
        yield f"{base}/"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Iterator[str]:
    """The same with a registry that never had a record."""
    made = States.__new__(States)
    folder = tmp_path_factory.mktemp("empty")
    made.root, made.output = folder, folder / "output"
    (folder / "manifests" / "records").mkdir(parents=True)
    (folder / "manifests" / "registry.yaml").write_text(NEW, encoding="utf-8")
    made.build()
    with serve(made.output, "/registry/") as base:
        yield f"{base}/"


NEW = """contract: "registry-v1"
title: "A new registry"
publisher: "Example Publisher"
description: "Nothing yet."
base_url: ""
language: "en"
records_licence: "CC BY 4.0"
report_problem: "Write a letter."
new: true
"""


def query(page: Page, address: str, text: str) -> list[str]:
    """Open the search with a query in its address; the titles that are found."""
    page.goto(f"{address}search/")
    page.locator("#q").fill(text)
    page.locator("#q").press("Enter")
    page.locator("#count").filter(has_text=".").wait_for()
    return page.locator(FOUND).all_inner_texts()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_is_quiet_fits_and_breaks_no_rule_of_wcag(
    browser: Browser, address: str, kind: str, width: int
) -> None:
    """No console message, no request elsewhere, no sideways scroll, nothing that axe finds."""
    scheme: Any = "dark" if width == 320 else "light"
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    try:
        page = context.new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(address + PAGES[kind])
        page.wait_for_load_state("networkidle")
        if kind == "missing":
            heard = [one for one in heard if "404" not in one]
        assert [one for one in heard if not one.startswith(address)] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
        assert page.evaluate(AXE, TAGS) == []
    finally:
        context.close()


@pytest.mark.parametrize("kind", ["home", "all records", "browse", "papers", "search"])
def test_an_empty_registry_reads_well(page: Page, empty: str, kind: str) -> None:
    """Nothing breaks at zero, and the first page says that the registry is new."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.goto(empty + PAGES[kind])
    assert page.locator("h1").is_visible()
    assert heard == []
    if kind == "home":
        assert page.get_by_text("This registry is new").is_visible()


def test_a_query_stands_in_the_address_and_comes_back_from_it(page: Page, address: str) -> None:
    """What is typed is shareable: the same address shows the same hits, without a submit."""
    titles = query(page, address, "trams wait")
    assert len(titles) == len(PATHS) - 1
    assert page.url == f"{address}search/?q=trams+wait"
    page.goto(page.url)
    page.locator(FOUND).first.wait_for()
    assert page.locator("#q").input_value() == "trams wait"
    assert page.locator(FOUND).all_inner_texts() == titles


def test_the_form_of_the_first_page_leads_to_the_hits(page: Page, address: str) -> None:
    """Home has no index to load: its form is a plain link to the search with the query."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert not [one for one in asked if "/search/" in one]
    page.get_by_role("searchbox").fill("trams")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}search/?q=trams", wait_until="commit")
    page.locator(FOUND).first.wait_for()
    assert page.locator(FOUND).count() == len(PATHS) - 1


def test_every_hit_shows_its_state_and_the_undone_come_last(page: Page, address: str) -> None:
    """A retracted record is found under its badge, after those that are stood behind."""
    query(page, address, "trams")
    links = page.locator(FOUND)
    order = [str(links.nth(n).get_attribute("href")).split("/")[-2] for n in range(links.count())]
    for state in PATHS:
        if state is RecordState.REMOVED:
            continue
        item = page.locator("#hits > li", has=page.locator(f'a[href*="{record_id(state)}"]'))
        shown = item.locator(".tag").all_inner_texts()
        assert shown == ([] if state is RecordState.CURRENT else [state_word(state)])
    undone = {record_id(one) for one in (RecordState.RETRACTED, RecordState.WITHDRAWN)}
    undone.add(record_id(RecordState.SUPERSEDED))
    assert set(order[-3:]) == undone


def test_the_number_of_hits_is_told_to_screen_readers(page: Page, address: str) -> None:
    """It stands in a live region that was there before; nothing found is told, too."""
    page.goto(f"{address}search/")
    assert page.locator("#count").get_attribute("aria-live") == "polite"
    page.locator("#q").type("trams")
    page.locator("#count", has_text=f"{len(PATHS) - 1} of {len(PATHS) - 1} records.").wait_for()
    page.locator("#q").fill("trams zzzz")
    page.locator("#count", has_text="No record holds all of these words.").wait_for()
    assert page.locator(FOUND).count() == 0


def test_a_beginning_finds_and_accents_do_not_matter(page: Page, address: str) -> None:
    """The last word may go on; folding is that of the index; an id finds its record."""
    assert query(page, address, "tra") == query(page, address, "TRÁMS")
    ident = record_id(RecordState.CORRECTED)
    query(page, address, ident.rpartition("-")[2])
    assert page.locator(FOUND).count() == 1
    assert ident in str(page.locator(FOUND).get_attribute("href"))


def test_keys_lead_from_the_box_to_a_record(page: Page, address: str) -> None:
    """Arrow down and up move among the hits, Enter opens one, Tab works as everywhere."""
    query(page, address, "trams")
    page.locator("#q").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator(FOUND).nth(1)
    assert second.evaluate("one => one === document.activeElement")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/records/sr-*/", wait_until="commit")


def test_only_this_site_is_asked_and_only_for_what_is_typed(page: Page, address: str) -> None:
    """Nothing is loaded before the box has the focus; then the head, one file of words, hits."""
    asked: list[str] = []
    page.goto(f"{address}search/")
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    page.locator("#q").focus()
    page.locator("#q").fill("trams")
    page.locator(FOUND).first.wait_for()
    asked = [one for one in asked if one != "static/icon.svg"]  # the browser, in its own time
    assert asked == ["search/index.json", "search/terms/all.json", "search/records/0.json"]


@pytest.mark.parametrize(
    "text", ['<img src=x onerror="alert(1)">', "'><script>alert(1)</script>", "{{7*7}} ../../", "%"]
)
def test_a_hostile_query_is_text(page: Page, address: str, text: str) -> None:
    """A query out of an address is put into the box and nowhere else."""
    heard: list[str] = []
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(f"{address}search/")
    page.evaluate("text => { location.search = '?q=' + encodeURIComponent(text) }", text)
    page.wait_for_load_state("networkidle")
    assert page.locator("#q").input_value() == text
    assert page.locator("main img, main script:not([type])").count() == 0
    assert heard == []


def test_a_lost_index_is_told(browser: Browser, address: str) -> None:
    """Where the files cannot be loaded the page says so and leads to the lists."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.route("**/search/terms/**", lambda route: route.abort())
        page.goto(f"{address}search/?q=trams")
        page.locator("#count", has_text="The index cannot be loaded.").wait_for()
        assert page.get_by_role("link", name="Browse instead").is_visible()
    finally:
        context.close()


def test_without_scripts_the_search_leads_to_the_lists(browser: Browser, address: str) -> None:
    """The page says that it needs a script and links what works without."""
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{address}search/?q=trams")
        page.locator("noscript a").first.click()
        page.wait_for_url(f"{address}browse/", wait_until="load")
        page.get_by_role("link", name="Retracted", exact=True).click()
        page.wait_for_url(f"{address}browse/state/retracted/", wait_until="load")
        assert page.locator(".records .tag").all_inner_texts() == ["Retracted"]
        page.goto(f"{address}browse/gate/unverified/")
        page.get_by_role("link", name="Highest review score first").click()
        assert page.locator("[aria-current=true]", has_text="Highest").is_visible()
        assert page.locator(".records > li").count() == len(PATHS) - 1
    finally:
        context.close()


def test_script_and_index_fold_every_letter_alike(page: Page, address: str, root: Path) -> None:
    """All assigned letters, marks and digits give the same words in both languages."""
    script = (root / "theme" / "static" / "search.js").read_text(encoding="utf-8")
    page.goto(address)
    every = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code))[0] in "LMN"
    ]
    texts = [f"x{one}y {one}{one}" for one in every]
    head = {
        "folds": search_words.FOLDS,
        "stop": list(search_words.STOP),
        "longest": search_words.LONGEST,
    }
    call = f"given => {{ {script}; return given[0].map(one => wordsOf(one, given[1])) }}"
    found = page.evaluate(call, [texts, head])
    differ = [
        (one, theirs, search_words.words(text))
        for one, text, theirs in zip(every, texts, found, strict=True)
        if theirs != search_words.words(text)
    ]
    assert differ == []
