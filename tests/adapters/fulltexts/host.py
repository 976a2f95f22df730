"""A loopback arXiv that serves files by path; what it does not have is a 404."""

from __future__ import annotations

import contextlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.adapters.loopback import Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class TextHost:
    """Serves files; ``asked`` lists the paths in order, ``times`` when each request began.

    Args:
        files: By path, such as ``/html/2603.00001v2``; bytes are served as they are.
    """

    def __init__(self, files: Mapping[str, bytes | Scripted]) -> None:
        self.files = dict(files)
        self.asked: list[str] = []
        self.times: list[float] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Serve one request."""
        path = handler.path.partition("?")[0]
        with self._guard:
            self.asked.append(handler.path)
            self.times.append(time.monotonic())
        found = self.files.get(path, Scripted(b"not here", status=404))
        reply = found if isinstance(found, Scripted) else Scripted(found)
        if reply.drop:
            handler.connection.close()
            return
        with contextlib.suppress(OSError):
            handler.send_response(reply.status)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(reply.body) + reply.cut))
            handler.end_headers()
            handler.wfile.write(reply.body)

    @contextlib.contextmanager
    def running(self) -> Iterator[TextHost]:
        """Serve until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
