"""Asks arXiv's API for papers by id: their newest version, and whether they were withdrawn.

The same transport as a search: one request per three seconds for all programs of a user, replies
kept for the UTC day.  The API leaves out ids that it does not know, and now and then ids that it
does know: what is missing is asked for once more before it counts as not listed.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sovereign_registry.adapters.arxiv_cache import ReplyCache
from sovereign_registry.adapters.arxiv_feed import check_feed, paper_id
from sovereign_registry.adapters.arxiv_limiter import INTERVAL_SECONDS, Limiter
from sovereign_registry.adapters.arxiv_search import BASE_URL, USER_AGENT
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.monitor import Listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from sovereign_registry.contracts.ports import Clock, Progress

BATCH = 100
"""Ids in one request: an address of about 1,500 characters."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_IN_ABSTRACT = re.compile(
    r"\W*(?:this|the)\s+(?:paper|article|submission|manuscript|work|preprint)\s+"
    r"(?:has\s+been|have\s+been|was|is(?:\s+being)?|is\s+now)\s+withdrawn\b",
    re.IGNORECASE,
)
"""How the abstract of a withdrawn paper begins; within one, the words may be about other papers."""
_IN_COMMENT = re.compile(r"\bwithdrawn\b(?!\s+from\b)", re.IGNORECASE)
_MOST_MISSING = 0.5
_FEW = 4


class ArxivLookup:
    """Papers by id over arXiv's API.

    Args:
        cache: Folder for replies and for the lock of the limiter, shared with ``ArxivSearch``.
        clock: Says which UTC day it is.
        base_url: The API's address; its host is the only one that is talked to.
        interval: Seconds between two requests.
        tries: How often a request is sent at most.
        progress: Told of requests, and why one is sent again.
    """

    name = "arXiv API"

    def __init__(  # noqa: PLR0913 - the limits are set by tests
        self,
        cache: Path,
        clock: Clock,
        *,
        base_url: str = BASE_URL,
        interval: float = INTERVAL_SECONDS,
        tries: int = 4,
        progress: Progress | None = None,
    ) -> None:
        self._cache = ReplyCache(cache / "replies")
        self._limiter = Limiter(cache / "last-request", interval)
        self._interval = interval
        self._clock = clock
        self._base_url = base_url
        self._tries = tries
        self._note = progress.note if progress else None
        self.date = ""
        """UTC date of the newest answer so far."""

    def look(self, keys: Collection[str]) -> dict[str, Listed]:
        """The papers that are still listed, by versionless key.

        Raises:
            SourceFailure: no whole answer could be had, or so much is missing from the answers
                that they cannot be believed.
        """
        found: dict[str, Listed] = {}
        for part in _parts(sorted(keys)):
            found |= self._ask(part)
        anchor = sorted(found)[:1]  # so that an answer without any entry is known to be a failure
        for part in _parts(sorted(set(keys) - found.keys())):
            found |= self._ask([*part, *anchor])
        gone = len(set(keys) - found.keys())
        if gone > _FEW and gone > len(keys) * _MOST_MISSING:
            raise SourceFailure(
                f"{gone} of {len(keys)} papers are missing from the answers, which is more than "
                "can be believed",
                where=self._base_url,
                todo="Nothing was written; look again another day.",
            )
        return found

    def _ask(self, keys: Sequence[str]) -> dict[str, Listed]:
        import requests  # noqa: PLC0415 - heavy, and only needed here

        from sovereign_registry.adapters.arxiv_wire import PoliteTransport  # noqa: PLC0415 - same

        transport = PoliteTransport(
            self._limiter,
            self._cache,
            self._clock,
            user_agent=USER_AGENT,
            tries=self._tries,
            backoff=self._interval,
            note=self._note,
        )
        query = urlencode({"id_list": ",".join(keys), "start": 0, "max_results": len(keys)})
        with requests.Session() as session:
            for prefix in list(session.adapters):
                session.mount(prefix, transport)
            session.get(f"{self._base_url}?{query}", allow_redirects=False)
        reply = transport.replies[0]
        self.date = max(self.date, reply.date)
        return dict(_listed(reply.body, reply.url, set(keys)))


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def _listed(body: bytes, url: str, asked: set[str]) -> Iterator[tuple[str, Listed]]:
    """Key and listing of every entry of a feed.

    Raises:
        SourceFailure: the feed holds a paper that was not asked for.
    """
    check_feed(body, url)
    root = ET.fromstring(body)  # noqa: S314 - checked: no DOCTYPE, so no entity
    for entry in root.findall(f"{_ATOM}entry"):
        identity = paper_id(entry.findtext(f"{_ATOM}id") or "")
        if identity is None or identity[0] not in asked:
            raise SourceFailure(
                f"the answer holds {identity[0] if identity else 'an entry'}, which was not asked "
                "for",
                where=url,
                todo="Check that the address is arXiv's API.",
            )
        withdrawn = _IN_ABSTRACT.match(
            entry.findtext(f"{_ATOM}summary") or ""
        ) or _IN_COMMENT.search(entry.findtext(f"{_ARXIV}comment") or "")
        yield identity[0], Listed(version=identity[1], withdrawn=bool(withdrawn))
