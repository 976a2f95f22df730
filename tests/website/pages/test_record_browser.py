"""Record pages in a real Chromium: both themes, phone, paper, without scripts, by keyboard."""

from __future__ import annotations

import gzip
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.website.pages.odd_records import KINDS, TITLES, write
from tests.website.pages.outline import outline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.web import Serve

pytestmark = pytest.mark.browser

EVERY = [*KINDS, *TITLES, "history"]
JUDGED = [*(kind for kind in KINDS if kind != "crowded"), "arabic", "markup", "history"]
"""Pages that axe looks at: those that differ in more than a title or a number."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""The rules of axe that stand for WCAG 2.2, levels A and AA."""
AXE = """async tags => (await axe.run(document, {runOnly: {type: "tag", values: tags}})).violations
  .map(one => one.id + ": " + one.nodes.map(node => node.target.join(" ")).join(", "))"""
HEAVIEST = 50_000
"""Bytes of a page with its stylesheet, compressed."""


class Built(NamedTuple):
    """The rendered pages and where they are served."""

    folder: Path
    paths: dict[str, str]
    base: str

    def address(self, kind: str) -> str:
        """Where a kind of page is served."""
        return f"{self.base}/{self.paths[kind]}"


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Iterator[Built]:
    """All pages, rendered once and served under a sub-path."""
    folder = tmp_path_factory.mktemp("odd")
    paths = write(root, folder)
    with serve(folder, "/ledger/") as base:
        yield Built(folder, paths, base)


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """A dark phone, 320 pixels wide."""
    yield from _tab(browser, 320, "dark")


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[Page]:
    """A light desktop window."""
    yield from _tab(browser, 1280, "light")


def _tab(browser: Browser, width: int, scheme: Any) -> Iterator[Page]:  # noqa: ANN401 - a literal
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def look(page: Page, address: str) -> list[str]:
    """Open a page; return whatever it said in the console and asked of others."""
    heard: list[str] = []

    def console(message: Any) -> None:  # noqa: ANN401 - Playwright's event
        heard.append(message.text)

    def failed(error: Any) -> None:  # noqa: ANN401 - likewise
        heard.append(str(error))

    page.on("console", console)
    page.on("pageerror", failed)
    page.goto(address)
    page.remove_listener("console", console)
    page.remove_listener("pageerror", failed)
    return heard


def widths(page: Page) -> tuple[int, int]:
    """How wide the page is, and how wide its window."""
    found: list[int] = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return found[0], found[1]


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("window", ["phone", "desk"])
def test_a_page_is_quiet_fits_and_breaks_no_rule_of_wcag(
    request: pytest.FixtureRequest, built: Built, axe: str, window: str, kind: str
) -> None:
    """Dark at 320 pixels and light on a desk: no message, no sideways scroll, no violation."""
    page: Page = request.getfixturevalue(window)
    assert look(page, built.address(kind)) == []
    wide, window_width = widths(page)
    assert wide <= window_width
    page.locator("details").evaluate_all("every => every.forEach(one => { one.open = true })")
    assert widths(page)[0] <= window_width
    if kind in JUDGED:
        page.evaluate(axe)
        assert page.evaluate(AXE, TAGS) == []


def test_axe_sees_what_is_wrong(desk: Page, built: Built, axe: str) -> None:
    """The judge of the pages above does find a fault that is put there."""
    desk.goto(built.address("history"))
    desk.evaluate(axe)
    desk.locator("h1").evaluate("one => one.insertAdjacentHTML('afterend', '<img>')")
    assert [found.partition(":")[0] for found in desk.evaluate(AXE, TAGS)] == ["image-alt"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_keep_the_plots(browser: Browser, built: Built, scheme: Any) -> None:  # noqa: ANN401
    """What is drawn stays visible where the system chooses all colours."""
    context = browser.new_context(forced_colors="active", color_scheme=scheme)
    page = context.new_page()
    page.goto(built.address("auto-approved"))
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    for drawn in (".chart .pass circle:not(.o)", ".bar rect", ".range circle:last-child"):
        fill = page.locator(drawn).first.evaluate("one => getComputedStyle(one).fill")
        assert fill not in {ground, "none", "rgba(0, 0, 0, 0)"}, drawn
    context.close()


SAID = ["State", "Gate 2", "Lexical tick", "Review"]


SCREENS = {"desk": (1280, 800), "phone": (390, 844)}


@pytest.mark.parametrize(
    ("kind", "screen"),
    [
        *((kind, one) for kind in ("auto-approved", "retracted", "imported") for one in SCREENS),
        # A title of 500 characters fills a phone by itself.
        ("long", "desk"),
    ],
)
def test_the_first_screen_says_how_it_came_out(
    browser: Browser, built: Built, kind: str, screen: str
) -> None:
    """State, gate, claims with the tick and score can be read before anybody scrolls."""
    width, height = SCREENS[screen]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(built.address(kind))
    strip = page.locator(".strip")
    assert strip.locator("dt").all_inner_texts() == SAID
    assert all(strip.locator("dd").all_inner_texts())
    place = strip.bounding_box()
    assert place is not None
    assert place["y"] + place["height"] <= height
    context.close()


@pytest.mark.parametrize("kind", EVERY)
def test_markup_is_sound(built: Built, kind: str) -> None:
    """Balanced tags, ids that are one of a kind, headings step by step, fragments that exist."""
    page = outline((built.folder / built.paths[kind] / "index.html").read_text(encoding="utf-8"))
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert [pair for pair in steps if pair[1] > pair[0] + 1] == []
    assert page.headings.count(1) == 1
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)


def test_every_page_is_small(built: Built) -> None:
    """With 200 claims as well."""
    style = len(gzip.compress((built.folder / "static" / "style.css").read_bytes()))
    sizes = {
        kind: len(gzip.compress((built.folder / path / "index.html").read_bytes())) + style
        for kind, path in built.paths.items()
    }
    assert max(sizes.values()) <= HEAVIEST, sizes


def test_paper_holds_what_details_hide_and_says_what_it_is(desk: Page, built: Built) -> None:
    """Every closed part is open, the version stands on the first sheet, no button is printed."""
    desk.goto(built.address("approved after a revision, corrected"))
    desk.emulate_media(media="print")
    heights = desk.locator("details > *:last-child").evaluate_all(
        "every => every.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) == desk.locator("details").count() >= 4
    assert min(heights) > 0
    stamp = desk.locator(".stamp")
    assert stamp.is_visible()
    place = stamp.bounding_box()
    assert place is not None
    assert place["y"] + place["height"] < 900
    text = stamp.inner_text()
    for said in ("sr-2610-7ztr40vc", "3, corrected", "https://registry.example/ledger/records/"):
        assert said in text
    assert not desk.locator("#theme").is_visible()
    desk.emulate_media(media="screen")
    assert not stamp.is_visible()


def test_without_scripts_everything_is_there(browser: Browser, built: Built) -> None:
    """Claims, figures and details can be read; what needs a script is not shown."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(built.address("auto-approved"))
    assert page.locator(".claims > li").count() == 5
    assert page.locator("#c4 .result").inner_text().startswith("Cosine 0.149")
    assert not page.locator("#theme").is_visible()
    page.locator("#setup-tools summary").click()
    assert page.locator("#setup-tools p").is_visible()
    context.close()


def test_the_theme_can_be_chosen_and_is_kept(context: BrowserContext, built: Built) -> None:
    """The button goes through system, light and dark; the next page knows before it is drawn."""
    page = context.new_page()
    page.emulate_media(color_scheme="light")
    page.goto(built.address("auto-approved"))
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    button = page.get_by_role("button", name="Theme")
    button.click()
    assert page.evaluate(ground) == light
    button.click()
    assert button.inner_text() == "Theme: dark"
    dark = page.evaluate(ground)
    assert dark != light
    page.goto(built.address("imported"))
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="Theme").click()
    assert page.evaluate("() => document.documentElement.dataset.theme") is None
    assert page.evaluate(ground) == light


FOCUS = """() => { const at = document.activeElement, box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  return {name: at.tagName, outline: style.outlineStyle, width: parseFloat(style.outlineWidth),
    inside: box.bottom > 0 && box.top < innerHeight, target: at.getAttribute("href")} }"""


def test_a_page_can_be_walked_by_keyboard(desk: Page, built: Built) -> None:
    """The skip link comes first, every stop is seen, details open with Enter."""
    desk.goto(built.address("auto-approved"))
    desk.keyboard.press("Tab")
    assert desk.evaluate(FOCUS)["target"] == "#main"
    desk.keyboard.press("Enter")
    assert desk.evaluate("() => document.activeElement.id") == "main"
    seen = []
    for _ in range(60):
        desk.keyboard.press("Tab")
        stop = desk.evaluate(FOCUS)
        assert stop["outline"] != "none", stop
        assert stop["width"] >= 2, stop
        assert stop["inside"], stop
        seen.append(stop["target"] or stop["name"])
    assert {"#c1", "#level", "SUMMARY"} <= set(seen)
    desk.locator("#review summary").first.focus()
    desk.keyboard.press("Enter")
    assert desk.locator("#review details dl").first.is_visible()


def test_a_foreign_title_keeps_its_direction(desk: Page, built: Built) -> None:
    """Arabic with Latin inside runs from right to left, within a page that does not."""
    desk.goto(built.address("arabic"))
    direction = "one => getComputedStyle(one).direction"
    assert desk.locator("h1 bdi").evaluate(direction) == "rtl"
    assert desk.locator("#abstract .text").evaluate(direction) == "rtl"
    assert desk.locator("main").evaluate(direction) == "ltr"


def test_other_records_stand_with_their_states(desk: Page, built: Built) -> None:
    """In banners, among related records, and in the reasons and values of a history."""
    desk.goto(built.address("superseded"))
    assert "sr-2605-00000005 (Retracted)" in desk.locator(".notice").first.inner_text()
    assert "sr-2605-00000005 (Retracted)" in desk.locator("#history").inner_text()
    desk.goto(built.address("auto-approved"))
    assert "sr-2609-00abcdef (Superseded)" in desk.locator("#related").inner_text()
