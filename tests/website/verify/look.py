"""Open a record's page in Chromium, press the button, and read what the panel says."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Page, Route

BASE = "http://localhost/registry/"
"""Answered from memory; WebCrypto needs a place that counts as secure."""
DONE = "#verify-record:not([aria-busy]) [data-verify=status]:not(:empty)"
TITLES = [
    "Manifest",
    "History",
    "Signature of the log",
    "Entries in the log",
    "Nothing newer",
    "Cosine of every claim",
    "What this page shows",
]


class Said(NamedTuple):
    """What came of a check in the page."""

    outcomes: dict[str, str]
    """Check -> ``holds``, ``fails`` or ``unknown``, in order."""
    text: str
    """All lines."""
    status: str
    heard: list[str]
    """Console messages, errors, dialogs, and addresses outside the site that were asked for."""

    def line(self, title: str) -> str:
        """The line of one check."""
        return next(one for one in self.text.split("\n") if one.startswith(f"{title}."))


def serve_from_memory(page: Page, files: Mapping[str, bytes]) -> None:
    """Answer the page's requests from a site in memory."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path.removeprefix("/registry/")
        path += "index.html" if path.endswith("/") or not path else ""
        if path not in files:
            route.fulfill(status=404, body="<p>missing", content_type="text/html")
            return
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        route.fulfill(body=files[path], content_type=kind)

    page.route(f"{BASE}**", answer)


def listen(page: Page, base: str) -> list[str]:
    """Note what the page should not do."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on(
        "request",
        lambda request: None if request.url.startswith(base) else heard.append(request.url),
    )
    return heard


def press(page: Page, heard: list[str]) -> Said:
    """Start the check with the keyboard and wait for its end."""
    page.locator("[data-verify=start]").focus()
    page.keyboard.press("Enter")
    page.locator(DONE).wait_for()
    items = page.locator("[data-verify=lines] li").evaluate_all(
        "all => all.map(one => [one.className, one.textContent])"
    )
    outcomes = {text.partition(".")[0]: kind for kind, text in items}
    lines = "\n".join(text for _, text in items)
    return Said(outcomes, lines, page.inner_text("[data-verify=status]"), heard)


def look(page: Page, files: Mapping[str, bytes], record: str) -> Said:
    """Check a record of a site in memory."""
    serve_from_memory(page, files)
    heard = listen(page, BASE)
    page.goto(f"{BASE}records/{record}/")
    return press(page, heard)
