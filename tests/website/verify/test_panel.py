"""The panel *Verify this record* in a real Chromium, on sites that are in order."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.history import Event
from tests.verifier.sites import IMPORTED, WITH_HISTORY
from tests.website.verify.look import TITLES, listen, look, press, serve_from_memory

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.web import Serve
    from tests.website.verify.conftest import Published

pytestmark = pytest.mark.browser

ALL_HOLD = dict.fromkeys(TITLES, "holds")


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write a site to a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [("beside", "/"), ("beside", "/registry/"), ("bundled", "/"), ("bundled", "/registry/")],
)
def test_every_check_holds_on_a_served_site(
    request: pytest.FixtureRequest, page: Page, tmp_path: Path, kind: str, prefix: str
) -> None:
    """Under a root and a sub-path; nothing is heard, and nothing is asked of anybody else."""
    site: Published = request.getfixturevalue(kind)
    serve: Serve = request.getfixturevalue("serve")
    write(site.now, tmp_path)
    with serve(tmp_path, prefix) as base:
        heard = listen(page, base)
        page.goto(f"{base}/records/{site.computed}/")
        said = press(page, heard)
    assert (said.outcomes, said.heard) == (ALL_HOLD, []), said.text
    assert said.status.startswith("7 of 7 checks hold, none fails. Read: ")


@pytest.mark.parametrize("record", [IMPORTED, WITH_HISTORY])
def test_numbers_that_were_declared_cannot_be_told(
    beside: Published, page: Page, record: str
) -> None:
    """Neither pass nor failure; everything else holds."""
    said = look(page, beside.now, record)
    assert said.outcomes == ALL_HOLD | {"Cosine of every claim": "unknown"}
    assert "not recomputable: evidence not carried" in said.line("Cosine of every claim")
    assert said.status.startswith("6 of 7 checks hold, none fails. 1 cannot be told.")


def test_without_a_log_it_says_not_logged(unlogged: Published, page: Page) -> None:
    """And never that nothing newer exists."""
    said = look(page, unlogged.now, unlogged.computed)
    log = {"Signature of the log", "Entries in the log", "Nothing newer"}
    assert said.outcomes == ALL_HOLD | dict.fromkeys(log, "unknown")
    assert "not logged" in said.line("Nothing newer")
    assert said.heard == []


def test_it_can_be_run_again(beside: Published, page: Page) -> None:
    """The second run replaces the lines of the first."""
    said = look(page, beside.now, beside.computed)
    assert press(page, said.heard) == said


def test_a_screen_reader_is_told(beside: Published, page: Page) -> None:
    """The summary stands in a live region, the section has a name, marks are not read out."""
    look(page, beside.now, beside.computed)
    assert page.get_by_role("region", name="Verify this record").count() == 1
    assert page.get_by_role("status").inner_text().startswith("7 of 7")
    marks = page.locator("[data-verify=lines] [aria-hidden=true]")
    assert marks.count() == len(TITLES)


def test_without_scripts_it_shows_the_command(browser: Browser, beside: Published) -> None:
    """Exactly what to run, and no button that does nothing."""
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        serve_from_memory(page, beside.now)
        page.goto(f"http://localhost/registry/records/{beside.computed}/")
        panel = page.locator("#verify-record")
        command = (
            f"sovereign-registry verify https://example.org/registry/ --record {beside.computed}"
        )
        assert panel.locator("code").first.inner_text() == command
        assert panel.locator("noscript p").is_visible()
        assert not panel.locator("button").is_visible()
    finally:
        context.close()


def test_without_ed25519_the_signature_cannot_be_told(beside: Published, page: Page) -> None:
    """The rest is checked, and says that the checkpoint was not."""
    page.add_init_script(
        "crypto.subtle.importKey = async () => { throw new DOMException('', 'NotSupportedError') }"
    )
    said = look(page, beside.now, beside.computed)
    assert said.outcomes == ALL_HOLD | {"Signature of the log": "unknown"}
    assert "cannot check Ed25519" in said.line("Signature of the log")
    assert "whose signature was not checked" in said.line("Nothing newer")


def test_without_webcrypto_it_names_the_command(beside: Published, page: Page) -> None:
    """As on a site that is read over plain http."""
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    said = look(page, beside.now, beside.computed)
    assert said.outcomes == {}
    assert "no WebCrypto" in said.status
    assert "Run the command" in said.status


def test_a_site_that_does_not_answer_fails_nothing(beside: Published, page: Page) -> None:
    """A file that cannot be read is no fault of the record."""
    serve_from_memory(page, beside.now)
    page.goto(f"http://localhost/registry/records/{beside.computed}/")
    for kept in ("records", "log"):
        page.route(f"http://localhost/registry/{kept}/**", lambda route: route.abort())
    said = press(page, [])
    assert set(said.outcomes.values()) <= {"unknown"}
    assert "could not be read" in said.line("Manifest")


def test_scripts_come_only_when_they_are_asked_for(beside: Published, page: Page) -> None:
    """A page loads one small script; a missing one is said, and the command stands there."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    files = {path: data for path, data in beside.now.items() if "verify/claims" not in path}
    serve_from_memory(page, files)
    page.goto(f"http://localhost/registry/records/{beside.computed}/")
    assert len([url for url in asked if "static/verify/" in url]) == 1
    said = press(page, [])
    assert said.outcomes == {}
    assert "a script could not be loaded" in said.status
    assert "Run the command" in said.status


def test_the_offline_page_works_from_a_file(bundled: Published, page: Page, tmp_path: Path) -> None:
    """Out of the bundle, without any request, quietly."""
    data = bundled.now[f"records/{bundled.computed}/bundle.zip"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (tmp_path / "verify.html").write_bytes(archive.read("verify.html"))
    address = (tmp_path / "verify.html").as_uri()
    heard = listen(page, address)
    page.goto(address)
    said = press(page, heard)
    assert (said.outcomes, said.heard) == (ALL_HOLD, []), said.text


def test_the_offline_page_finds_what_was_changed_in_it(
    bundled: Published, page: Page, tmp_path: Path
) -> None:
    """A tick in its table."""
    data = bundled.now[f"records/{bundled.computed}/bundle.zip"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read("verify.html").decode()
    other = {"✓ Verified": "✗ Not verified", "✗ Not verified": "✓ Verified"}
    changed = re.sub(
        r'(data-shown="c1 tick">)(✓ Verified|✗ Not verified)',
        lambda found: found[1] + other[found[2]],
        text,
    )
    assert changed != text
    (tmp_path / "verify.html").write_text(changed, encoding="utf-8")
    page.goto((tmp_path / "verify.html").as_uri())
    said = press(page, [])
    assert said.outcomes == ALL_HOLD | {"What this page shows": "fails"}


def test_an_append_of_others_leaves_the_page_as_it_is(beside: Published) -> None:
    """Places in the log never change, and the page names nothing else of the log."""
    world, record = beside.world, beside.computed
    page = f"records/{record}/index.html"
    before = world.publish()
    world.enter(WITH_HISTORY, Event.ADDENDUM, "Nothing about the other record.")
    world.log()
    after = world.publish()
    assert after[page] == before[page]
    assert after["log/checkpoint"] != before["log/checkpoint"]
