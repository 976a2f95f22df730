"""The test server behaves like a Pages host, and the browser really opens what it serves."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.web import Serve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a site of two pages."""
    (tmp_path / "index.html").write_text("<!doctype html><title>Home</title><p>here", "utf-8")
    (tmp_path / "404.html").write_text("<!doctype html><title>Lost</title>", "utf-8")
    return tmp_path


def get(base: str, path: str) -> tuple[int, bytes]:
    """Ask the server for a path as it stands, dots and all."""
    parts = urlsplit(base)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def test_serves_a_folder_under_a_prefix(folder: Path, serve: Serve) -> None:
    """Files are found below the prefix."""
    with serve(folder, "/registry/") as base:
        assert base.endswith("/registry")
        assert get(base, "/registry/index.html") == (200, (folder / "index.html").read_bytes())


@pytest.mark.parametrize("path", ["/", "/index.html", "/registry/none", "/registry/../index.html"])
def test_outside_the_prefix_is_not_found(folder: Path, serve: Serve, path: str) -> None:
    """Anything else is 404 with the site's own page."""
    with serve(folder, "/registry/") as base:
        assert get(base, path) == (404, (folder / "404.html").read_bytes())


def test_a_prefix_needs_its_slashes(folder: Path, serve: Serve) -> None:
    """A prefix without slashes is refused."""
    with pytest.raises(ValueError, match="begins and ends with a slash"), serve(folder, "registry"):
        pass


@pytest.mark.browser
def test_a_browser_opens_the_page(folder: Path, serve: Serve, page: Page) -> None:
    """Chromium shows the page and, for a wrong address, the site's 404 page."""
    with serve(folder, "/registry/") as base:
        page.goto(f"{base}/")
        assert page.title() == "Home"
        reply = page.goto(f"{base}/nothing/here")
        assert reply is not None
        assert (reply.status, page.title()) == (404, "Lost")
