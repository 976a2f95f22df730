"""A static web server on the loopback interface, as plain as GitHub Pages."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BytesIO
    from os import PathLike


class Serve(Protocol):
    """Serves a folder for as long as the context lasts; the value is its base URL, no slash."""

    def __call__(self, folder: Path, prefix: str = "/") -> AbstractContextManager[str]:
        """Serve ``folder`` under the path ``prefix``, such as ``/registry/``."""
        ...


class Pages(SimpleHTTPRequestHandler):
    """Serves files below a prefix; anything else gets the folder's own 404.html."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, folder: Path, prefix: str) -> None:
        self.prefix = prefix
        super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Find the file; what lies outside the prefix, once dots are resolved, is not there."""
        plain = normpath(unquote(urlsplit(self.path).path)) + "/"
        if not plain.startswith(self.prefix):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def translate_path(self, path: str) -> str:
        """Map a URL path below the prefix to a file of the folder."""
        return super().translate_path("/" + path.removeprefix(self.prefix))

    def list_directory(self, path: str | PathLike[str]) -> BytesIO | None:  # noqa: ARG002
        """Show no listing: a folder without an index is not found."""
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer 404 with the site's page for it, as Pages hosts do."""
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Say nothing: a test reads what it asked for."""


@contextmanager
def serving(folder: Path, prefix: str = "/") -> Iterator[str]:
    """Serve ``folder`` under ``prefix`` on a free port of 127.0.0.1; yield the base URL."""
    if not (prefix.startswith("/") and prefix.endswith("/")):
        message = f"a prefix begins and ends with a slash, not {prefix!r}"
        raise ValueError(message)
    handler = partial(Pages, folder=folder, prefix=prefix)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        # Threads of kept-alive connections end when the browser does; the test does not wait.
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{prefix}".rstrip("/")
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Return the context manager that serves a folder; see `Serve`."""
    return serving
