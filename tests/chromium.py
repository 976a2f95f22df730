"""A headless Chromium, the system's own, for tests that look at real pages."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox, because containers rarely allow one and only our own pages are opened; the rest keeps
# the browser from talking to anyone but the test.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = f"no Chromium on PATH (looked for {', '.join(COMMANDS)}); `make browser` installs one"


def executable() -> str | None:
    """Return the path of the first Chromium on PATH, or None."""
    return next((path for path in map(shutil.which, COMMANDS) if path), None)


def required() -> bool:
    """Tell whether a missing browser is a failure (SOVEREIGN_REQUIRE_BROWSER=1) or a skip."""
    return os.environ.get("SOVEREIGN_REQUIRE_BROWSER") == "1"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one Chromium per test process."""
    path = executable()
    if path is None:
        if required():
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Open a fresh profile: no cookies, no storage, no cache of another test."""
    fresh = browser.new_context()
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Open an empty tab in a fresh profile."""
    return context.new_page()
