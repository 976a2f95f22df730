"""A loopback model server: real sockets, the NIM and OpenAI dialects, and a record of who asked.

    with serve_models(ModelScript(chat=honest_reviewer())) as world:
        ...  # world.url, world.requests, world.in_flight_max

The script's parts are in ``tests.model_scripts`` and can be imported from here.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.model_scripts import (
    Fault,
    FaultKind,
    ModelScript,
    hashed,
    hashed_embedding,
    honest_reviewer,
    obedient_model,
    user_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "Fault",
    "FaultKind",
    "ModelScript",
    "ModelWorld",
    "Seen",
    "hashed",
    "hashed_embedding",
    "honest_reviewer",
    "obedient_model",
    "serve_models",
    "user_text",
]

_TITLES = {
    400: ("Bad Request", "invalid_request_error"),
    401: ("Unauthorized", "invalid_api_key"),
    403: ("Forbidden", "permission_denied"),
    404: ("Not Found", "model_not_found"),
    408: ("Request Timeout", "timeout"),
    410: ("Gone", "model_withdrawn"),
    422: ("Unprocessable Entity", "invalid_request_error"),
    429: ("Too Many Requests", "rate_limit_exceeded"),
    500: ("Internal Server Error", "server_error"),
    502: ("Bad Gateway", "server_error"),
    503: ("Service Unavailable", "server_error"),
}
_HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>"


@dataclass
class Seen:
    """One request as the server saw it; times are of the monotonic clock."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    """Names in lower case."""
    started: float
    ended: float = 0.0
    status: int = 0
    """What was answered; 0 where the connection was dropped."""


@dataclass
class Answer:
    """What is sent: status, headers, body, and how."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "whole"
    seconds: float = 0.0
    size: int = 0


class ModelWorld:
    """The server while it runs."""

    def __init__(self, script: ModelScript) -> None:
        self.script = script
        self.requests: list[Seen] = []
        """All requests, in the order of arrival; those for the list of models too."""
        self.in_flight_max = 0
        self._in_flight = 0
        self._guard = threading.Lock()
        self._closing = threading.Event()
        self._accepted: deque[float] = deque()
        self._pending: dict[str, Answer] = {}
        self._open: set[socket.socket] = set()
        self._port = 0
        self.revive()
        self.url = f"http://127.0.0.1:{self._port}/v1"

    @property
    def calls(self) -> list[Seen]:
        """The chat and embedding requests that were answered with status 200."""
        return [seen for seen in self.requests if seen.body and seen.status == 200]

    def revive(self) -> None:
        """Listen, after a death on the same port."""
        self._closing = threading.Event()
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with world._guard:
                    world._open.add(self.connection)

            def finish(self) -> None:
                with world._guard:
                    world._open.discard(self.connection)
                with contextlib.suppress(OSError):
                    super().finish()

            def handle(self) -> None:
                with contextlib.suppress(OSError):  # the client or the test went away
                    super().handle()

            def do_POST(self) -> None:
                world._serve(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def do_GET(self) -> None:
                world._serve(self, b"")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = False  # so that closing waits for them

        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def kill(self) -> None:
        """Die: stop listening and break every open connection."""
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler, raw: bytes) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = json.loads(raw) if raw else {}
        with self._guard:
            seen = Seen(handler.path, body, headers, time.monotonic())
            self.requests.append(seen)
            self._in_flight += 1
            self.in_flight_max = max(self.in_flight_max, self._in_flight)
            fault = self._next_fault(handler.path) if raw else None
        try:
            self._send(handler, self._answer(seen, fault), seen)
        finally:
            with self._guard:
                self._in_flight -= 1
                seen.ended = time.monotonic()

    def _next_fault(self, path: str) -> Fault | None:
        for place, fault in enumerate(self.script.faults):
            if path.endswith(fault.on):
                return self.script.faults.pop(place)
        return None

    # What to answer

    def _answer(self, seen: Seen, fault: Fault | None) -> Answer:
        script = self.script
        if script.key and seen.headers.get("authorization") != f"Bearer {script.key}":
            return self._error(401, "Authorization failed")
        if seen.path == "/v1/models":
            rows = [{"id": name, "object": "model"} for name in script.models or ()]
            return _json({"object": "list", "data": rows})
        if seen.path.startswith("/v1/status/"):
            return self._looked_again(seen.path.rpartition("/")[2])
        if fault is not None and fault.kind not in {"refusal", "schema-ignored", "length"}:
            return self._faulty(seen, fault)
        if wait := self._over_the_limit():
            return self._error(429, "", {"Retry-After": f"{wait:.0f}"})
        late = script.latency(seen.body) if callable(script.latency) else script.latency
        if late:
            self._closing.wait(late)
        return self._reply(seen, fault)

    def _over_the_limit(self) -> float:
        """Seconds until a request would be within the limit; 0 where it is, and is counted."""
        rate = self.script.requests_per_minute
        if rate is None:
            return 0.0
        with self._guard:
            now = time.monotonic()
            while self._accepted and self._accepted[0] <= now - self.script.window:
                self._accepted.popleft()
            if len(self._accepted) < max(1, int(rate * self.script.window / 60)):
                self._accepted.append(now)
                return 0.0
            return max(1.0, self._accepted[0] + self.script.window - now)

    def _reply(self, seen: Seen, fault: Fault | None) -> Answer:
        model = seen.body.get("model")
        if self.script.models is not None and model not in self.script.models:
            return self._error(404, f"Function 'x': Not found for account; the model is {model!r}")
        if seen.path == "/v1/chat/completions":
            return self._chat(seen.body, fault)
        if seen.path == "/v1/embeddings":
            return self._embed(seen)
        return self._error(404, f"no such path {seen.path}")

    def _chat(self, body: dict[str, Any], fault: Fault | None) -> Answer:
        if not self.script.takes_schema and "response_format" in body:
            return self._error(400, "response_format is not supported by this model")
        chat = obedient_model(self.script.chat) if self.script.obedient else self.script.chat
        said = chat(body)
        if isinstance(said, Fault):
            if said.kind not in {"refusal", "schema-ignored", "length"}:
                return self._faulty(None, said)
            fault, said = said, "{}"
        text: str | None = said
        finish, refusal = "stop", None
        if fault and fault.kind == "schema-ignored":
            text = fault.detail or "Sure! Here is my review: I would give it a solid 8 out of 10."
        elif fault and fault.kind == "length":
            text, finish = said[: len(said) // 2], "length"
        elif fault:
            text, refusal = None, fault.detail or "I cannot help with that request."
        message = {"role": "assistant", "content": text}
        if refusal:
            message["refusal"] = refusal
        reply: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": body.get("model"),
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }
        if self.script.counts_tokens:
            asked = sum(len(str(m.get("content", "")).split()) for m in body["messages"])
            answered = len((text or "").split())
            reply["usage"] = {
                "prompt_tokens": asked,
                "completion_tokens": answered,
                "total_tokens": asked + answered,
            }
        return _json(reply)

    def _embed(self, seen: Seen) -> Answer:
        body, nim = seen.body, self.script.dialect == "nim"
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        strange = set(body) & {"input_type", "truncate"}
        if nim and body.get("input_type") not in {"query", "passage"}:
            return self._error(400, "'input_type' parameter is required for this model")
        if not nim and strange:
            return self._error(400, f"Unrecognized request argument supplied: {strange.pop()}")
        limit = self.script.longest_text
        if limit and body.get("truncate", "NONE") == "NONE":
            long = [text for text in texts if len(text.split()) > limit]
            if long:
                return self._error(400, f"Input length exceeds maximum allowed token size {limit}")
        rows: list[dict[str, Any]] = []
        for index, text in enumerate(texts):
            vector = self.script.embed(text, str(body.get("input_type", "")))
            if isinstance(vector, Fault):
                return self._faulty(seen, vector)
            rows.append({"object": "embedding", "index": index, "embedding": vector})
        reply: dict[str, Any] = {"object": "list", "model": body.get("model"), "data": rows}
        if self.script.counts_tokens:
            count = sum(len(text.split()) for text in texts)
            reply["usage"] = {"prompt_tokens": count, "total_tokens": count}
        return _json(reply)

    def _error(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
        title, code = _TITLES.get(status, ("Error", "error"))
        if self.script.dialect == "nim":
            body: dict[str, Any] = {"status": status, "title": title}
            body |= {"detail": detail} if detail else {}
        else:
            error = {"message": detail or title, "type": code, "param": None, "code": code}
            body = {"error": error}
        answer = _json(body, status)
        if self.script.dialect == "nim":
            answer.headers["Content-Type"] = "application/problem+json"
        answer.headers.update(headers or {})
        return answer

    def _faulty(self, seen: Seen | None, fault: Fault) -> Answer:
        good = b'{"choices": [{"message": {"role": "assistant", "content": "{}"}}]}'
        kind, headers = fault.kind, dict(fault.headers)
        typed = {"Content-Type": "application/json"} | headers
        if kind == "status":
            return self._error(fault.status, fault.detail, headers)
        if kind == "html":
            return Answer(fault.status, _HTML, {"Content-Type": "text/html"} | headers)
        if kind == "pending" and seen is not None:
            name = str(uuid.uuid4())
            self._pending[name] = self._reply(seen, None)
            return Answer(202, b"", {"NVCF-REQID": name, "NVCF-STATUS": "pending-evaluation"})
        given = {"body": fault.body, "malformed-json": good[: len(good) // 2], "empty": b""}
        if kind in given:
            return Answer(fault.status, given[kind], typed)
        return Answer(fault.status, good, typed, kind, fault.seconds, fault.size)

    def _looked_again(self, name: str) -> Answer:
        """The first look finds it pending still, the second one has it."""
        with self._guard:
            if (waiting := self._pending.pop(name, None)) is None:
                return self._error(404, "no such request")
            if "seen" in waiting.headers:
                del waiting.headers["seen"]
                return waiting
            waiting.headers["seen"] = "1"
            self._pending[name] = waiting
        return Answer(202, b"", {"NVCF-REQID": name, "NVCF-STATUS": "pending-evaluation"})

    # How it is sent

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer, seen: Seen) -> None:
        if answer.kind == "drop":
            handler.close_connection = True
            return
        announced = {"truncated": 64, "slow": 4096}.get(answer.kind, 0) + len(answer.body)
        if answer.kind == "huge":
            announced = answer.size
        headers = answer.headers | {"Content-Length": str(announced)}
        head = f"HTTP/1.1 {answer.status} {_TITLES.get(answer.status, ('OK',))[0]}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        seen.status = answer.status
        handler.close_connection = answer.kind != "whole"
        out = handler.wfile
        if answer.kind in {"slow", "huge"}:
            out.write(head.encode("latin-1"))
            self._drip(handler, answer)
        else:
            out.write(head.encode("latin-1") + answer.body)  # at once: no delay between the two

    def _drip(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.kind == "huge":
            block = b" " * 65_536
            for _ in range(0, answer.size, len(block)):
                handler.wfile.write(block)
            return
        until = time.monotonic() + answer.seconds
        while time.monotonic() < until and not self._closing.wait(0.05):
            handler.wfile.write(b" ")


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


@contextlib.contextmanager
def serve_models(script: ModelScript | None = None) -> Iterator[ModelWorld]:
    """Serve until the block ends."""
    world = ModelWorld(script or ModelScript())
    try:
        yield world
    finally:
        world.kill()
