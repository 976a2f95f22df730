"""Shows a built site on this machine, as a static host would."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BytesIO
    from os import PathLike

HOST = "127.0.0.1"
"""Loopback only: this is a preview, no web server."""

TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".yaml": "application/yaml; charset=utf-8",
}
"""Content types, independent of what this machine's registry of types says."""


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves files, no listings, and the site's own page for what is not there."""

    protocol_version = "HTTP/1.1"
    server_version = "sovereign-registry"
    extensions_map = {"": "application/octet-stream"} | TYPES

    def list_directory(self, path: str | PathLike[str]) -> BytesIO | None:  # noqa: ARG002 - as above
        """Show no listing: a folder without an index is not found."""
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer 404 with the site's page."""
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", TYPES[".html"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self) -> None:
        """Ask browsers to look again each time: the site may be built anew meanwhile."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing for each request."""


def make_server(output: Path, port: int) -> ThreadingHTTPServer:
    """A server for a built site, listening but not serving yet.

    Args:
        output: The output folder.
        port: The port; 0 takes a free one.

    Raises:
        UsageError: nothing is built there, or the port is taken.
    """
    if not (output / "index.html").is_file():
        raise UsageError(
            "holds no built site",
            where=str(output),
            todo="Build it first: sovereign-registry build.",
        )
    try:
        server = ThreadingHTTPServer((HOST, port), partial(SiteHandler, directory=str(output)))
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"port {port} cannot be used: {error}", todo="Choose another one with --port."
        ) from error
    server.daemon_threads = True
    server.block_on_close = False
    return server


def serve(output: Path, port: int, announce: Callable[[str], None]) -> None:
    """Serve a built site until Ctrl-C.

    Args:
        output: The output folder.
        port: The port; 0 takes a free one.
        announce: Told the address once it can be opened.

    Raises:
        UsageError: nothing is built there, or the port is taken.
    """
    with make_server(output, port) as server:
        try:
            announce(f"http://{HOST}:{server.server_address[1]}/")
            server.serve_forever()
        except KeyboardInterrupt:
            return
