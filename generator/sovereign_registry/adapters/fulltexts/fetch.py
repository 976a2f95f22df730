"""Fetches the files of a paper from arXiv: one request at a time under the shared limiter, kept.

A file of a stated version does not change, so its kept bytes serve on any later day; of a paper
without a version the kept bytes serve for the UTC day.  What the host does not have is asked for
once a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from sovereign_registry.adapters.arxiv_cache import Reply, ReplyCache
from sovereign_registry.adapters.arxiv_feed import Refused, Retryable
from sovereign_registry.adapters.arxiv_limiter import INTERVAL_SECONDS, Limiter
from sovereign_registry.adapters.arxiv_search import USER_AGENT
from sovereign_registry.adapters.arxiv_wire import PoliteTransport, Timeouts
from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.parsed import Unreadable
from sovereign_registry.contracts.errors import SourceFailure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.adapters.fulltexts.parsed import ReaderName
    from sovereign_registry.contracts.papers import Paper
    from sovereign_registry.contracts.ports import Clock

BASE_URL = "https://arxiv.org"
_PATHS: dict[ReaderName, str] = {"html": "html", "latex": "e-print", "pdf": "pdf"}
_ABSENT = frozenset({404, 410})


def base_of(api_url: str | None) -> str:
    """Where the files are: on arXiv, or on the host of another API address."""
    if not api_url:
        return BASE_URL
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc}"


class TextFetcher:
    """Fetches and keeps the files of papers.

    Args:
        cache: The folder that the search keeps its replies in; limiter and cache are shared.
        clock: Says which UTC day it is.
        base_url: Scheme and host; the only host that is talked to.
        interval: Seconds between two requests.
        tries: How often a request is sent at most.
        backoff: Seconds before the second try, doubled for each further one.
        timeouts: Limits of waiting.
        note: Told of waiting and of tries.
    """

    def __init__(  # noqa: PLR0913 - the limits are set by tests, and documented
        self,
        cache: Path,
        clock: Clock,
        *,
        base_url: str = BASE_URL,
        interval: float = INTERVAL_SECONDS,
        tries: int = 4,
        backoff: float = INTERVAL_SECONDS,
        timeouts: Timeouts | None = None,
        note: Callable[[str], None] | None = None,
    ) -> None:
        self._cache = ReplyCache(cache / "texts")
        self._absent = ReplyCache(cache / "absent")
        self._limiter = Limiter(cache / "last-request", interval)
        self._clock = clock
        self._base_url = base_url
        self._tries = tries
        self._backoff = backoff
        self._timeouts = timeouts or Timeouts(whole=180.0)
        self._note = note
        self._folder = cache

    def fetch(self, name: ReaderName, paper: Paper) -> Reply:
        """The file of one format, kept or fetched.

        Raises:
            Unreadable: the host has no such file, or one that is too large.
            GaveUp: no usable answer came within the tries.
            SourceFailure: the host asked for a long wait, or the cache cannot be written.
        """
        url = f"{self._base_url}/{_PATHS[name]}/{paper.ref}"
        if kept := self._kept(url, versioned=paper.version is not None):
            return kept
        today = self._clock.now().date().isoformat()
        if absent := self._absent.get(url, today):
            raise Unreadable(absent.body.decode("ascii", "replace"))
        try:
            return self._fetched(name, url)
        except Refused as error:
            reason = _reason(error.status)
            if error.status in _ABSENT:
                self._absent.put(url, today, reason.encode("ascii"))
            raise Unreadable(reason) from error
        except OSError as error:
            raise SourceFailure(
                f"a file cannot be kept: {error.strerror or error}",
                where=str(self._folder),
                todo="Make room on the disk, or choose another cache folder.",
            ) from error

    def _kept(self, url: str, *, versioned: bool) -> Reply | None:
        today = self._clock.now().date().isoformat()
        for date in self._cache.dates(url) if versioned else (today,):
            if reply := self._cache.get(url, date):
                return reply
        return None

    def _fetched(self, name: ReaderName, url: str) -> Reply:
        transport = PoliteTransport(
            self._limiter,
            self._cache,
            self._clock,
            user_agent=USER_AGENT,
            tries=self._tries,
            backoff=self._backoff,
            timeouts=self._timeouts,
            note=self._note,
            check=_check,
            max_bytes=limits.FETCHED_BYTES[name],
        )
        with requests.Session() as session:
            session.mount("https://", transport)
            session.mount("http://", transport)
            session.get(url)
        return transport.replies[-1]


def _reason(status: int) -> str:
    """Why the host's answer gives no file; none of the host's own words."""
    if status == requests.codes.ok:
        return "the file is larger than it may be"
    redirect = 300 <= status < 400  # noqa: PLR2004 - RFC 9110, section 15.4
    return f"HTTP status {status}" + (", a redirect that is not followed" if redirect else "")


def _check(body: bytes, _url: str) -> None:
    """Refuse a body that is no file.

    Raises:
        Retryable: it is empty, or arXiv's notice of too many requests.
    """
    if not body.strip():
        raise Retryable("the reply is empty")
    if body[:40].lstrip().startswith(b"Rate exceeded"):
        raise Retryable("the reply is a notice of too many requests")
