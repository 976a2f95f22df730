"""The panel's scripts in an empty page of a real Chromium, for tests of their parts."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sovereign_registry.website.views.verify_panel import SCRIPTS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

PLACE = "http://localhost/scripts/"
_BYTES = "const bytes = (text) => registryCheck.fromBase64(text);"


def open_scripts(page: Page, root: Path) -> Page:
    """Load the scripts into an empty page; WebCrypto needs a place that counts as secure."""
    page.route(f"{PLACE}**", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto(PLACE)
    for name in SCRIPTS:
        page.add_script_tag(path=root / "theme" / "static" / "verify" / f"{name}.js")
    return page


def run(page: Page, body: str, given: object = None) -> Any:  # noqa: ANN401 - any JSON value
    """Run a function body; ``lib`` is what the scripts define, ``given`` what is handed over.

    Faults of the check come back as their text behind ``fault: ``.
    """
    code = f"""async (given) => {{
        const lib = registryCheck;
        {_BYTES}
        try {{ {body} }} catch (error) {{
            if (error instanceof lib.Fault) return `fault: ${{error.message}}`;
            if (error instanceof lib.Unknown) return `unknown: ${{error.message}}`;
            throw error;
        }}
    }}"""
    return page.evaluate(code, given)


def b64(data: bytes) -> str:
    """Bytes as the page is given them."""
    return base64.b64encode(data).decode()
