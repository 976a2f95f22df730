"""A loopback arXiv: real sockets, scripted replies, and a record of who called when."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENTRY = """<entry><id>http://arxiv.org/abs/{key}</id><title>{title}</title>
<updated>2026-03-02T10:00:00Z</updated><published>2026-03-01T23:30:00Z</published>
<summary>{summary}</summary><author><name>Ada B. See</name></author>
<author><name>Zo\u00eb Dee</name></author>
<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
<arxiv:primary_category term="cs.LG"/></entry>"""


def feed(*entries: str, total: int | None = None, start: int = 0) -> bytes:
    """An Atom reply as arXiv lays it out."""
    count = len(entries) if total is None else total
    text = f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"
 xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
<id>https://arxiv.org/api/xyz</id><title>arXiv Query</title><updated>2026-03-03T00:00:00Z</updated>
<opensearch:itemsPerPage>10</opensearch:itemsPerPage>
<opensearch:totalResults>{count}</opensearch:totalResults>
<opensearch:startIndex>{start}</opensearch:startIndex>
{"".join(entries)}</feed>"""
    return text.encode()


def entry(key: str = "2603.00001v2", title: str = "Sparse  routing\n of experts") -> str:
    """One entry; white space as the older layout wraps it."""
    return ENTRY.format(key=key, title=title, summary=" Experts are\n routed by tokens. ")


@dataclass
class Scripted:
    """One reply; what is left out is a good one."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stall: float = 0.0
    drop: bool = False
    cut: int = 0
    """Announce this many bytes more than are sent."""


@dataclass
class Call:
    """One request as the server saw it."""

    path: str
    query: dict[str, list[str]]
    user_agent: str
    began: float
    ended: float = 0.0


class LoopbackArxiv:
    """Answers the requests in order with scripted replies, the last one for all further."""

    def __init__(self, script: Callable[[int], Scripted]) -> None:
        self.calls: list[Call] = []
        self.most_in_flight = 0
        self._script = script
        self._in_flight = 0
        self._guard = threading.Lock()
        self.closing = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/query"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Play the next reply."""
        parts = urlsplit(handler.path)
        agent = str(handler.headers.get("User-Agent"))
        with self._guard:
            call = Call(handler.path, parse_qs(parts.query), agent, time.monotonic())
            number = len(self.calls)
            self.calls.append(call)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            self._play(handler, self._script(number))
        finally:
            with self._guard:
                self._in_flight -= 1
                call.ended = time.monotonic()

    def _play(self, handler: BaseHTTPRequestHandler, reply: Scripted) -> None:
        if reply.stall:
            self.closing.wait(reply.stall)
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
    def running(self) -> Iterator[LoopbackArxiv]:
        """Serve until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


def script(*replies: Scripted) -> Callable[[int], Scripted]:
    """The replies in order; the last one for all further requests."""
    return lambda number: replies[min(number, len(replies) - 1)]
