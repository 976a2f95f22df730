"""Every kind of page in a real Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.web import Serve

pytestmark = pytest.mark.browser

KINDS = {
    "home": "",
    "browse": "records/",
    "computed": "records/sr-2610-4k9m2xqw/",
    "revised": "records/sr-2610-7ztr40vc/",
    "imported": "records/sr-2605-1hd8qzp3/",
    "hostile": "records/sr-2610-hstx0000/",
    "history": "records/sr-2610-7ztr40vc/history/",
    "history of a hostile record": "records/sr-2610-hstx0000/history/",
    "removed": "records/sr-2610-gnne0000/",
    "list of corrections": "corrections/",
    "filter": "corrections/type/claim/",
    "contracts": "contracts/",
    "contract": "contracts/paper-manifest-v1.1/",
    "guide": "quality-guide/",
    "methodology": "methodology/",
    "corrections": "corrections-policy/",
    "verify": "verify/",
}


@pytest.fixture(scope="session")
def address(sample_site: Path, serve: Serve) -> Iterator[str]:
    """The sample site under a sub-path."""
    with serve(sample_site, "/ledger/") as base:
        yield f"{base}/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_quiet_and_fits_a_small_phone(
    browser: Browser, address: str, kind: str, scheme: str
) -> None:
    """No console message, no dialog, no request elsewhere, no sideways scroll at 320 px."""
    context = browser.new_context(
        viewport={"width": 320, "height": 700},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    try:
        page = context.new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(address + KINDS[kind])
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert [one for one in heard if not one.startswith(address)] == []
        assert page.locator("h1").is_visible()
    finally:
        context.close()


def test_the_first_key_offers_to_skip_to_the_content(page: Page, address: str) -> None:
    """Tab shows the skip link, Enter moves the focus to the main part."""
    page.goto(address + KINDS["computed"])
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("one => one === document.activeElement")
    assert skip.evaluate("one => one.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_can_be_seen(page: Page, address: str) -> None:
    """A focused link has an outline of at least two pixels."""
    page.goto(address + KINDS["computed"])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert width >= 2


def test_a_page_reads_without_scripts(browser: Browser, address: str) -> None:
    """Everything is there with scripts switched off."""
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(address + KINDS["revised"])
        for name in ("Abstract", "Claims", "Review by role", "History", "How to cite"):
            assert page.get_by_role("heading", name=name, exact=True).is_visible()
    finally:
        context.close()


def test_versions_stand_side_by_side_without_scripts(browser: Browser, address: str) -> None:
    """Old and new text are struck out and underlined, and told in words; versions have anchors."""
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{address}{KINDS['history']}#v3")
        entry = page.locator("#v3")
        assert entry.get_by_text("All sources come from one collection.").is_visible()
        assert entry.locator("del").first.is_visible()
        assert entry.locator("ins").first.is_visible()
        assert entry.get_by_text("is now").first.is_visible()
        assert page.locator("#v1").get_by_text("As first published").is_visible()
    finally:
        context.close()


def test_a_filter_works_without_scripts(browser: Browser, address: str) -> None:
    """A link leads to the page that holds only the entries of one type."""
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{address}corrections/")
        assert page.locator("li.entry").count() == 2
        page.get_by_role("link", name="Removal of the text", exact=True).click()
        page.wait_for_url(f"{address}corrections/type/removal/", wait_until="load")
        assert page.locator("li.entry").count() == 1
        assert page.locator("[aria-current=true]").filter(has_text="Removal").is_visible()
    finally:
        context.close()


def test_lines_are_of_a_readable_length(page: Page, address: str) -> None:
    """Running text on a wide screen has 60 to 75 characters a line."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address + "methodology/")
    width = (
        page.locator(".prose p")
        .nth(1)
        .evaluate(
            """one => {
            const probe = document.createElement('span');
            probe.textContent = 'the software takes its claims from papers and counts the words ';
            one.append(probe);
            const per = probe.getBoundingClientRect().width / probe.textContent.length;
            return parseFloat(getComputedStyle(one).width) / per;
        }"""
        )
    )
    assert 60 <= width <= 76


def test_paper_shows_the_record_and_not_the_frame(page: Page, address: str) -> None:
    """In print the navigation is gone and what was folded is open."""
    page.emulate_media(media="print")
    page.goto(address + KINDS["computed"])
    assert not page.locator(".masthead nav").is_visible()
    assert not page.locator(".contents").is_visible()
    assert page.locator("#claims").is_visible()


def test_the_missing_page_works_at_any_depth(page: Page, address: str) -> None:
    """Its links and its style are found from a deep address that does not exist."""
    page.goto(address + "records/nothing/here/")
    assert page.get_by_role("heading", level=1).inner_text() == "There is no page at this address"
    page.get_by_role("link", name="All records", exact=True).click()
    assert page.url == f"{address}records/"


def test_right_to_left_text_keeps_to_its_own_direction(page: Page, address: str) -> None:
    """An Arabic name among Latin ones does not turn the line around it."""
    page.goto(address + KINDS["hostile"])
    assert page.locator("bdi", has_text="محمد").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"
