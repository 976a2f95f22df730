"""The HTTP transport under the ``arxiv`` package: polite, bounded, checked, cached.

The package has no timeout, ignores Retry-After, retries a dropped connection at once and is not
thread-safe; so its session gets this transport, which answers from the cache or takes one turn of
the shared limiter per request.
"""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as BrokenTransfer

from sovereign_registry.adapters.arxiv_feed import (
    GaveUp,
    Refused,
    Retryable,
    check_feed,
    error_text,
)
from sovereign_registry.contracts.errors import SourceFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.adapters.arxiv_cache import Reply, ReplyCache
    from sovereign_registry.adapters.arxiv_limiter import Limiter, Turn
    from sovereign_registry.contracts.ports import Clock

MAX_BYTES = 32 * 1024 * 1024
"""A full page of 2,000 entries is about 5 MB."""

MAX_PAGES = 5
"""Requests per search; one page holds all that is asked for, unless arXiv delivers fewer."""

REDIRECTS = 3
_OK = 200
_TOO_MANY = 429
_REDIRECT = range(300, 400)
_SERVER_FAULT = range(500, 600)
_CHUNK = 64 * 1024


def _say_nothing(_text: str) -> None:
    """Nobody asked to be told."""


class Timeouts:
    """Seconds for connecting, between two bytes, and for a whole reply."""

    def __init__(self, connect: float = 10.0, read: float = 30.0, whole: float = 90.0) -> None:
        self.connect = connect
        self.read = read
        self.whole = whole


class PoliteTransport(HTTPAdapter):
    """Sends the requests of one search; ``replies`` lists what it answered with, in order.

    Args:
        limiter: Shared by everybody who talks to the host.
        cache: Where replies are kept.
        clock: Says which UTC day it is.
        user_agent: Sent in place of the package's own.
        on: Answer only from replies of this UTC date; today may also be fetched.
        since: Answer from the oldest reply of this UTC date or later, where one is kept.
        tries: How often a request is sent at most, 1 or more.
        backoff: Seconds before the second try; doubled for each further one.
        timeouts: Limits of waiting.
        note: Told why a request is waited for or sent again.
        check: Looks at a body and its address; raises Retryable or SourceFailure.
        max_bytes: The longest body; ``MAX_BYTES`` where none is given.
    """

    def __init__(  # noqa: PLR0913 - every limit is the caller's to set
        self,
        limiter: Limiter,
        cache: ReplyCache,
        clock: Clock,
        *,
        user_agent: str,
        on: str | None = None,
        since: str | None = None,
        tries: int = 4,
        backoff: float = 3.0,
        timeouts: Timeouts | None = None,
        note: Callable[[str], None] | None = None,
        check: Callable[[bytes, str], object] = check_feed,
        max_bytes: int | None = None,
    ) -> None:
        super().__init__(max_retries=0)
        self.replies: list[Reply] = []
        self._options: dict[str, Any] = {}
        self._limiter = limiter
        self._cache = cache
        self._clock = clock
        self._user_agent = user_agent
        self._on = on
        self._since = since
        self._tries = tries
        self._backoff = backoff
        self._timeouts = timeouts or Timeouts()
        self._note = note or _say_nothing
        self._check = check
        self._max_bytes = max_bytes or MAX_BYTES

    def send(  # type: ignore[override]  # the session passes everything by name
        self,
        request: requests.PreparedRequest,
        **options: Any,  # noqa: ANN401 - as the library declares it
    ) -> requests.Response:
        """Answer with status 200 and a checked body, or raise.

        Raises:
            SourceFailure: no usable answer came within the bounds.
        """
        url = str(request.url)
        if len(self.replies) >= MAX_PAGES:
            raise SourceFailure(
                f"arXiv delivers in more than {MAX_PAGES} pages", where=url, todo="Ask for less."
            )
        # The user's proxy and certificate settings; time limits and streaming are ours.
        self._options = {
            key: options[key] for key in ("verify", "cert", "proxies") if key in options
        }
        reply = self._cached(url) or self._fetch_checked(request, url)
        self.replies.append(reply)
        return _response(request, reply)

    def _cached(self, url: str) -> Reply | None:
        today = self._clock.now().date().isoformat()
        reply = self._cache.get(url, self._on or self._begun(url, today))
        if reply is None and self._on is not None and self._on != today:
            kept = ", ".join(self._cache.dates(url)) or "no date"
            raise SourceFailure(
                f"no reply of {self._on} is in the cache (kept: {kept})",
                where=url,
                todo="Choose a date that is kept, or leave the date out to ask arXiv today.",
            )
        if reply is not None:
            try:
                self._check(reply.body, url)
            except (Retryable, SourceFailure):
                return None
        return reply

    def _begun(self, url: str, today: str) -> str:
        """The date of the oldest reply since the caller began; today's where there is none."""
        if self._since is None:
            return today
        return next((one for one in self._cache.dates(url) if self._since <= one <= today), today)

    def _fetch_checked(self, request: requests.PreparedRequest, url: str) -> Reply:
        request.headers["User-Agent"] = self._user_agent
        failure = "nothing was sent"
        for attempt in range(self._tries):
            with self._limiter.turn() as turn:
                if attempt == 0 and (cached := self._cached(url)):  # another thread was first
                    return cached
                date = self._clock.now().date().isoformat()
                try:
                    body = self._exchange(request, turn)
                    self._check(body, url)
                    return self._cache.put(url, date, body)
                except Retryable as error:
                    failure = error.what
                    wait = max(error.wait, self._backoff * 2**attempt)
                    if attempt + 1 < self._tries:
                        self._note(f"{failure}; trying again in {wait:.0f} s")
                    turn.hold(wait)
        raise GaveUp(
            f"{failure}, also at the last of {self._tries} tries",
            where=url,
            todo="Check the network, or try again later; --source corpus needs no network.",
        )

    def _exchange(self, request: requests.PreparedRequest, turn: Turn) -> bytes:
        """Send once, following redirects on the host; the body of a reply with status 200."""
        host = urlsplit(str(request.url)).netloc
        hop = request.copy()
        for _ in range(REDIRECTS + 1):
            status, headers, body = self._send_once(hop)
            if status not in _REDIRECT:
                return _body_of(str(request.url), status, headers, body)
            target = urljoin(str(hop.url), headers.get("Location", ""))
            parts = urlsplit(target)
            if parts.netloc != host or parts.scheme not in {"http", "https"}:
                raise Refused(
                    f"the reply redirects to {target[:200]!r}, away from {host}",
                    status=status,
                    where=str(request.url),
                    todo="Redirects to another host are not followed; check the address.",
                )
            hop.url = target
            time.sleep(turn.pause)
        raise Refused(
            f"more than {REDIRECTS} redirects",
            status=_REDIRECT.start,
            where=str(request.url),
            todo="Check the address.",
        )

    def _send_once(
        self, request: requests.PreparedRequest
    ) -> tuple[int, requests.structures.CaseInsensitiveDict[str], bytes]:
        deadline = time.monotonic() + self._timeouts.whole
        limits = (self._timeouts.connect, self._timeouts.read)
        try:
            with super().send(request, stream=True, timeout=limits, **self._options) as response:
                body = self._read(response, str(request.url), deadline)
                return response.status_code, response.headers, body
        except requests.RequestException as error:
            raise Retryable(f"the connection failed ({type(error).__name__})") from error

    def _read(self, response: requests.Response, url: str, deadline: float) -> bytes:
        """Read the body piece by piece, so that neither size nor slowness is without bounds."""
        body = bytearray()
        try:
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._max_bytes:
                    raise Refused(
                        f"the reply is longer than {self._max_bytes} bytes",
                        status=_OK,
                        where=url,
                        todo="Check that the address is arXiv's.",
                    )
                if time.monotonic() > deadline:
                    raise Retryable(f"the reply took longer than {self._timeouts.whole} seconds")
        except (OSError, BrokenTransfer) as error:
            raise Retryable(f"the connection broke ({type(error).__name__})") from error
        return bytes(body)


def _body_of(
    url: str, status: int, headers: requests.structures.CaseInsensitiveDict[str], body: bytes
) -> bytes:
    if status == _OK:
        return body
    what = f"HTTP status {status}: {error_text(body)}"
    if status == _TOO_MANY or status in _SERVER_FAULT:
        raise Retryable(what, wait=_retry_after(headers.get("Retry-After", "")))
    raise Refused(what, status=status, where=url, todo="Check the address and the question.")


def _retry_after(text: str) -> float:
    """Seconds of a Retry-After header (RFC 9110, section 10.2.3); 0.0 for none or nonsense."""
    if text.strip().isdigit():
        return float(text.strip()[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    response = requests.Response()
    response.status_code = _OK
    response.url = reply.url
    response.request = request
    response.encoding = "utf-8"
    response.raw = io.BytesIO(reply.body)
    return response
