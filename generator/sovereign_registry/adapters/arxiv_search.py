"""PaperSearch over arXiv's live API by the ``arxiv`` package (4.x).

The package's one-shot clients run over :class:`PoliteTransport`, mounted on their private session;
a test keeps watch over that attribute.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry import __version__
from sovereign_registry.adapters.arxiv_cache import ReplyCache
from sovereign_registry.adapters.arxiv_feed import check_feed, paper_id
from sovereign_registry.adapters.arxiv_limiter import INTERVAL_SECONDS, Limiter
from sovereign_registry.adapters.plain import one_line
from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.papers import Paper, SearchReply

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import arxiv

    from sovereign_registry.adapters.arxiv_cache import Reply
    from sovereign_registry.adapters.arxiv_wire import PoliteTransport, Timeouts
    from sovereign_registry.contracts.papers import Query
    from sovereign_registry.contracts.ports import Clock, Progress

BASE_URL = "https://export.arxiv.org/api/query"
USER_AGENT = f"sovereign-registry/{__version__} (research registry; cached, 1 request per 3 s)"
LICENCE = "CC0 1.0 (arXiv metadata)"

ALL_TERMS_UP_TO = 3
"""So many terms must all occur; of more terms, any may occur and relevance decides the order."""

PAGE_LIMIT = 2000
"""Results per page that the API gives at most (user's manual, section 3.1.1.2)."""

_WORD = re.compile(r"[^\W_]+")


class ArxivSearch:
    """PaperSearch over arXiv's API.

    Args:
        cache: Folder for replies and for the lock of the limiter.
        clock: Says which UTC day it is; the day is the reply's as-of date.
        base_url: The API's address; its host is the only one that is talked to.
        on: Answer from the replies of this UTC date instead of today's.
        since: Answer from replies kept since this UTC date: work that goes on over midnight, or is
            taken up again, sees one answer to one query.
        interval: Seconds between two requests.
        tries: How often a request is sent at most.
        backoff: Seconds before the second try, doubled for each further one.
        timeouts: Limits of waiting for a reply.
        progress: Told of failed tries, so that waiting has a reason on the screen.
    """

    name = "arXiv API"

    def __init__(  # noqa: PLR0913 - the limits are set by tests, and documented
        self,
        cache: Path,
        clock: Clock,
        *,
        base_url: str = BASE_URL,
        on: str | None = None,
        since: str | None = None,
        interval: float = INTERVAL_SECONDS,
        tries: int = 4,
        backoff: float = INTERVAL_SECONDS,
        timeouts: Timeouts | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._note = progress.note if progress else None
        self._folder = cache
        self._cache = ReplyCache(cache / "replies")
        self._limiter = Limiter(cache / "last-request", interval)
        self._clock = clock
        self._base_url = base_url
        self._on = on
        self._since = since
        self._tries = tries
        self._backoff = backoff
        self._timeouts = timeouts

    @property
    def version(self) -> str:
        """The version of the package that asks."""
        import arxiv  # noqa: PLC0415 - heavy, and only needed for live searches

        return f"arxiv.py {arxiv.__version__}"

    @property
    def label(self) -> str:
        """What the source is."""
        return "arXiv API (live, replies kept by digest)"

    def search(self, query: Query, limit: int) -> SearchReply:
        """Answer from today's cached reply, or ask arXiv; relevance order is arXiv's own.

        Raises:
            SourceFailure: no whole answer could be had.
        """
        import arxiv  # noqa: PLC0415 - heavy, and only needed for live searches

        size = max(1, min(limit, PAGE_LIMIT))
        client = arxiv.Client(page_size=size, delay_seconds=0.0, num_retries=0)
        client.query_url_format = self._base_url + "?{}"
        transport = self._mount(client)
        asked = arxiv.Search(query=search_query(query.terms), max_results=size)
        results, whole = [], True
        try:
            for result in client.results(asked):
                results.append(result)  # noqa: PERF402 - keeps what came before a failing page
        except OSError as error:  # the cache folder; what goes wrong on the wire is named there
            raise SourceFailure(
                f"a reply cannot be kept: {error.strerror or error}",
                where=str(self._folder),
                todo="Make room on the disk, or choose another cache folder.",
            ) from error
        except SourceFailure:
            if not transport.replies:
                raise
            whole = False  # a later page failed: what came is good, and said to be not all
        return _reply(transport.replies, results, whole=whole, limit=limit)

    def _mount(self, client: arxiv.Client) -> PoliteTransport:
        from sovereign_registry.adapters.arxiv_wire import PoliteTransport  # noqa: PLC0415 - same

        transport = PoliteTransport(
            self._limiter,
            self._cache,
            self._clock,
            user_agent=USER_AGENT,
            on=self._on,
            since=self._since,
            tries=self._tries,
            backoff=self._backoff,
            timeouts=self._timeouts,
            note=self._note,
        )
        for prefix in list(client._session.adapters):  # noqa: SLF001 - contract-tested
            client._session.mount(prefix, transport)  # noqa: SLF001
        return transport


def search_query(terms: Iterable[str]) -> str:
    """The API's query of plain terms: ``all:word`` or ``all:"two words"``, joined.

    Only letters and digits of a term are kept, in lower case, so no term can be a field, an
    operator, a wildcard or a bracket.  Up to three terms must all occur (AND); more terms are
    joined by OR, because a paper rarely holds them all and the relevance order ranks what it holds.

    Raises:
        SourceFailure: no term holds a letter or digit.
    """
    parts = [" ".join(_WORD.findall(term.lower())) for term in terms]
    clauses = [f'all:"{part}"' if " " in part else f"all:{part}" for part in parts if part]
    clauses = list(dict.fromkeys(clauses))
    if not clauses:
        raise SourceFailure(
            "the query holds no word", where="arXiv query", todo="Reword the question."
        )
    return (" AND " if len(clauses) <= ALL_TERMS_UP_TO else " OR ").join(clauses)


def _reply(
    replies: list[Reply], results: list[arxiv.Result], *, whole: bool, limit: int
) -> SearchReply:
    total = check_feed(replies[0].body, replies[0].url).total
    papers = tuple(_paper(result, replies[0].url) for result in results)[:limit]
    bodies = b"".join(reply.body for reply in replies)
    return SearchReply(
        papers=papers,
        total=total,
        sha256=file_sha256(bodies),
        as_of=max(reply.date for reply in replies),
        complete=whole and len(papers) >= min(limit, total),
    )


def _paper(result: arxiv.Result, url: str) -> Paper:
    identity = paper_id(result.entry_id)
    if identity is None:
        raise SourceFailure(
            f"the id {result.entry_id!r} is no paper", where=url, todo="Try again later."
        )
    key, version = identity
    names = (one_line(author.name) for author in result.authors)
    return Paper(
        key=key,
        version=version,
        title=one_line(result.title),
        authors=tuple(name for name in names if name),
        published=result.published.date().isoformat(),
        updated=result.updated.date().isoformat(),
        categories=tuple(result.categories),
        abstract=one_line(result.summary),
        licence=LICENCE,
    )
