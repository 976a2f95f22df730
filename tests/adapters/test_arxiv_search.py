"""The live source against a loopback server with real sockets."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import arxiv
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters import arxiv_wire
from sovereign_registry.adapters.arxiv_limiter import Limiter
from sovereign_registry.adapters.arxiv_search import ArxivSearch, search_query
from sovereign_registry.adapters.arxiv_wire import Timeouts
from sovereign_registry.contracts.canonical import canonical_json
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.papers import Query
from sovereign_registry.contracts.review import Policy
from sovereign_registry.contracts.text import seen
from sovereign_registry.pipeline.conduct import complete, prepare
from tests.adapters.loopback import LoopbackArxiv, Scripted, entry, feed, script
from tests.world import CONFIG, FakeReader, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUERY = Query(number=1, terms=("sparse", "experts"), rule="a test")
GOOD = Scripted(feed(entry(), entry("hep-th/9901001v1", "Old key"), total=2))


class FixedClock:
    """A clock that stands still until it is set."""

    def __init__(self, day: int = 3) -> None:
        self.day = day

    def now(self) -> datetime:
        """The set day, shortly before midnight UTC."""
        return datetime(2026, 3, self.day, 23, 59, 0, tzinfo=UTC)


@contextlib.contextmanager
def serving(*replies: Scripted) -> Iterator[LoopbackArxiv]:
    """A loopback server that plays the replies."""
    with LoopbackArxiv(script(*replies)).running() as server:
        yield server


def source(
    cache: Path,
    url: str,
    clock: FixedClock | None = None,
    **limits: Any,  # noqa: ANN401 - each limit has its own type
) -> ArxivSearch:
    """A source with short waits."""
    options: dict[str, Any] = {
        "interval": 0.0,
        "backoff": 0.01,
        "tries": 3,
        "timeouts": Timeouts(connect=1.0, read=0.3, whole=1.0),
    }
    return ArxivSearch(cache, clock or FixedClock(), base_url=url, **{**options, **limits})


def failure(
    tmp_path: Path,
    *replies: Scripted,
    **limits: Any,  # noqa: ANN401 - same
) -> tuple[SourceFailure, int]:
    """The error that the replies lead to, and how many requests were sent."""
    with serving(*replies) as server:
        with pytest.raises(SourceFailure) as caught:
            source(tmp_path, server.url, **limits).search(QUERY, 10)
        assert server.url in caught.value.where
        assert caught.value.todo
        return caught.value, len(server.calls)


def test_the_package_still_sends_through_the_session_that_we_mount_on() -> None:
    """The private attribute that the transport is mounted on exists and carries all requests."""
    client = arxiv.Client()
    assert isinstance(client._session, requests.Session)
    assert set(client._session.adapters) == {"https://", "http://"}


def test_a_reply_becomes_papers_with_date_and_digest(tmp_path: Path) -> None:
    """Papers, totals, the digest of the exact bytes, and the UTC date of the fetch."""
    with serving(GOOD) as server:
        reply = source(tmp_path, server.url).search(QUERY, 10)
        (call,) = server.calls
    assert [paper.ref for paper in reply.papers] == ["2603.00001v2", "hep-th/9901001v1"]
    first = reply.papers[0]
    assert first.title == "Sparse routing of experts"
    assert first.abstract == "Experts are routed by tokens."
    assert first.authors == ("Ada B. See", "Zo\u00eb Dee")
    assert (first.published, first.updated, first.categories) == (
        "2026-03-01", "2026-03-02", ("cs.LG",),
    )  # fmt: skip
    assert (reply.total, reply.complete, reply.as_of) == (2, True, "2026-03-03")
    assert reply.sha256 == hashlib.sha256(GOOD.body).hexdigest()
    assert call.query["search_query"] == ["all:sparse AND all:experts"]
    assert call.query["sortBy"] == ["relevance"]
    assert call.query["max_results"] == ["10"]
    assert call.user_agent.startswith("sovereign-registry/")


def test_zero_results_in_a_proper_feed_are_an_answer(tmp_path: Path) -> None:
    """An empty feed with totals is no error."""
    with serving(Scripted(feed(total=0))) as server:
        reply = source(tmp_path, server.url).search(QUERY, 10)
    assert (reply.papers, reply.total, reply.complete) == ((), 0, True)


def test_a_total_beyond_the_limit_is_complete(tmp_path: Path) -> None:
    """More matches than asked for is no lack."""
    with serving(Scripted(feed(entry(), total=500))) as server:
        reply = source(tmp_path, server.url).search(QUERY, 1)
        assert len(server.calls) == 1
    assert (len(reply.papers), reply.total, reply.complete) == (1, 500, True)


def test_a_failing_second_page_leaves_what_came_and_says_so(tmp_path: Path) -> None:
    """The first page is kept, complete is false."""
    with serving(Scripted(feed(entry(), total=3)), Scripted(b"gone", status=404)) as server:
        reply = source(tmp_path, server.url).search(QUERY, 3)
    assert (len(reply.papers), reply.total, reply.complete) == (1, 3, False)


def test_a_server_of_tiny_pages_is_not_followed_for_ever(tmp_path: Path) -> None:
    """At most five requests per search."""

    def page(number: int) -> Scripted:
        return Scripted(feed(entry(f"2603.{number:05d}v1"), total=100, start=number))

    with LoopbackArxiv(page).running() as server:
        reply = source(tmp_path, server.url).search(QUERY, 50)
        assert len(server.calls) == 5
    assert (len(reply.papers), reply.complete) == (5, False)


def test_the_same_day_is_answered_from_the_cache_without_a_server(tmp_path: Path) -> None:
    """A cached reply is replayed offline, with the same digest and date."""
    with serving(GOOD) as server:
        fresh = source(tmp_path, server.url).search(QUERY, 10)
        url = server.url
    assert source(tmp_path, url).search(QUERY, 10) == fresh


def test_another_utc_day_is_asked_anew_and_the_old_one_can_be_replayed(tmp_path: Path) -> None:
    """A reply expires with its UTC day, and stays available by its date."""
    with serving(GOOD, Scripted(feed(entry()))) as server:
        clock = FixedClock(3)
        first = source(tmp_path, server.url, clock).search(QUERY, 10)
        clock.day = 4
        second = source(tmp_path, server.url, clock).search(QUERY, 10)
        assert (first.as_of, second.as_of) == ("2026-03-03", "2026-03-04")
        assert first.sha256 != second.sha256
        assert len(server.calls) == 2
        assert source(tmp_path, server.url, clock, on="2026-03-03").search(QUERY, 10) == first
        with pytest.raises(SourceFailure, match="kept: 2026-03-03, 2026-03-04"):
            source(tmp_path, server.url, clock, on="2026-01-01").search(QUERY, 10)


def test_work_that_began_yesterday_sees_the_answers_of_yesterday(tmp_path: Path) -> None:
    """What was asked since then is taken from the cache, what was not is asked today."""
    with serving(GOOD, Scripted(feed(entry()))) as server:
        clock = FixedClock(3)
        first = source(tmp_path, server.url, clock).search(QUERY, 10)
        clock.day = 4
        assert first == source(tmp_path, server.url, clock, since="2026-03-03").search(QUERY, 10)
        assert 1 == len(server.calls)
        newer = source(tmp_path, server.url, clock, since="2026-03-04").search(QUERY, 10)
        assert "2026-03-04" == newer.as_of


@pytest.mark.parametrize("damage", [b"", b"not a header\n", b"flip"])
def test_a_damaged_cache_entry_is_fetched_anew(tmp_path: Path, damage: bytes) -> None:
    """The digest finds the damage; the entry is replaced by a whole one."""
    with serving(GOOD) as server:
        fresh = source(tmp_path, server.url).search(QUERY, 10)
        (kept,) = tmp_path.glob("replies/*/*.reply")
        whole = kept.read_bytes()
        kept.write_bytes(whole.replace(b"Sparse", b"Sparce") if damage == b"flip" else damage)
        assert source(tmp_path, server.url).search(QUERY, 10) == fresh
        assert len(server.calls) == 2
        assert kept.read_bytes() == whole


HTML = b"<!DOCTYPE html>\n<html><body>Maintenance</body></html>"
ERROR = b"""<?xml version='1.0'?><feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><o:itemsPerPage>1</o:itemsPerPage>
<o:totalResults>1</o:totalResults><o:startIndex>0</o:startIndex>
<entry><id>https://arxiv.org/api/errors#x</id><title>Error</title>
<updated>2026-03-03T00:00:00Z</updated><published>2026-03-03T00:00:00Z</published>
<summary>incorrect field</summary><author><name>core</name></author></entry></feed>"""


@pytest.mark.parametrize(
    ("reply", "found", "requests_sent"),
    [
        (Scripted(HTML), "HTML page", 1),
        (Scripted(b"Rate exceeded."), "plain text: Rate exceeded.", 3),
        (Scripted(b""), "empty", 3),
        (Scripted(GOOD.body[:-40]), "cut off", 3),
        (Scripted(ERROR), "incorrect field", 1),
        (Scripted(ERROR, status=400), "HTTP status 400: incorrect field", 1),
        (Scripted(feed(total=7)), "announces 7 results and holds none", 3),
        (Scripted(feed(entry(), entry(), total=1)), "announces 1 results and holds 2", 1),
        (Scripted(GOOD.body.replace(b"totalResults", b"other")), "no opensearch:totalResults", 1),
        (Scripted(GOOD.body.replace(b"/abs/", b"/pdf/")), "no paper under arxiv.org/abs/", 1),
        (Scripted(GOOD.body.replace(b"arxiv.org/abs", b"evil.org/abs")), "evil.org", 1),
        (Scripted(GOOD.body.replace(b"<published>", b"<x:published xmlns:x='y'>")
                  .replace(b"</published>", b"</x:published>")), "has no published", 1),
        (Scripted(b"<!DOCTYPE feed [<!ENTITY a 'b'>]>" + GOOD.body[38:]), "document type", 1),
        (Scripted(b"<rss/>"), "not an Atom feed", 1),
        (Scripted(b"\xff\xfe<"), "not UTF-8", 1),
        (Scripted(GOOD.body.replace(b"Sparse", b"Sp\x08arse")), "not well-formed", 3),
        (Scripted(GOOD.body.replace(b"Old key", "\u200b\u2800".encode())), "has no title", 1),
        (Scripted(drop=True), "connection failed", 3),
        (Scripted(GOOD.body, stall=5.0), "connection failed", 3),
        (Scripted(GOOD.body, cut=100), "connection broke", 3),
        (Scripted(b"busy", status=503), "HTTP status 503: busy", 3),
        (Scripted(status=302, headers={"Location": "http://127.0.0.2:9/"}), "away from", 1),
        (Scripted(status=302, headers={"Location": "/api/query?loop"}), "redirects", 4),
    ],
)  # fmt: skip
def test_what_is_no_whole_answer_is_one_clear_error(
    tmp_path: Path, reply: Scripted, found: str, requests_sent: int
) -> None:
    """Each wrong reply is named with its address; only passing faults are tried again."""
    error, sent = failure(tmp_path, reply)
    assert found in error.what
    assert sent == requests_sent
    assert not list(tmp_path.glob("replies/*/*"))


def test_a_hidden_character_ends_no_question(tmp_path: Path) -> None:
    """The paper is read, its record flagged and left to the owner; the others stand as they are."""
    dirty = GOOD.body.replace(b"Sparse", "Sp\u202earse".encode()).replace(
        b"Experts are", "Exp\u200berts a\u034fre".encode(), 1
    )
    with serving(Scripted(dirty)) as server:
        live = source(tmp_path, server.url)
        assert live.search(QUERY, 10).papers[0].title == "Sp\u202earse routing of experts"
        ports = world(search=live, reader=FakeReader(texts={}))
        manifest = complete(
            prepare("How does sparse routing of experts use tokens?", ports, CONFIG, None), ports
        ).manifest
    (flag,) = (one for one in manifest.flags if one.kind is FlagKind.HIDDEN_TEXT)
    assert (flag.about, flag.unresolved) == (("2603.00001v2",), True)
    assert manifest.review.policy is Policy.ESCALATE_TO_OWNER
    assert {one.title for one in manifest.sources} == {"Sparse routing of experts", "Old key"}
    assert seen(text := canonical_json(manifest).decode()) == text


def test_a_reply_beyond_the_byte_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compressed reply cannot unfold without bounds."""
    monkeypatch.setattr(arxiv_wire, "MAX_BYTES", 1000)
    error, _ = failure(tmp_path, Scripted(b"<" + b"a" * 5000))
    assert "longer than 1000 bytes" in error.what


def test_a_dripping_reply_ends_at_the_deadline(tmp_path: Path) -> None:
    """The whole reply has a limit, not only the pause between two bytes."""
    error, _ = failure(tmp_path, GOOD, tries=1, timeouts=Timeouts(connect=1.0, read=0.3, whole=0.0))
    assert "took longer" in error.what


def test_passing_faults_are_survived(tmp_path: Path) -> None:
    """A dropped connection and a 503 are followed by the answer."""
    with serving(Scripted(drop=True), Scripted(status=503), GOOD) as server:
        assert len(source(tmp_path, server.url).search(QUERY, 10).papers) == 2
        assert len(server.calls) == 3


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(tmp_path: Path, form: str) -> None:
    """The next request comes no sooner than a 429 asks, in seconds or as a date."""
    after = "1" if form == "seconds" else format_datetime(
        datetime.fromtimestamp(int(time.time()) + 2, UTC), usegmt=True
    )  # fmt: skip
    limited = Scripted(b"Rate exceeded.", status=429, headers={"Retry-After": after})
    with serving(limited, GOOD) as server:
        source(tmp_path, server.url).search(QUERY, 10)
        first, second = server.calls
    assert second.began - first.began >= 0.9


def test_an_unreasonable_retry_after_ends_the_run_with_the_time(tmp_path: Path) -> None:
    """Nobody waits an hour; the error says how long the source asked for."""
    limited = Scripted(b"", status=429, headers={"Retry-After": "3600"})
    with serving(limited) as server:
        with pytest.raises(SourceFailure, match="another 3600 seconds"):
            source(tmp_path, server.url).search(QUERY, 10)
        assert len(server.calls) == 1


def test_four_threads_send_one_at_a_time_and_keep_the_interval(tmp_path: Path) -> None:
    """One request in flight and a gap of the interval, whatever the parallelism."""
    queries = [Query(number=n, terms=(f"term{n}",), rule="") for n in range(1, 5)]
    slow = Scripted(GOOD.body, stall=0.05)
    with serving(slow) as server, ThreadPoolExecutor(4) as pool:
        live = source(tmp_path, server.url, interval=0.2)
        replies = list(pool.map(lambda query: live.search(query, 10), queries))
        calls = sorted(server.calls, key=lambda call: call.began)
        assert server.most_in_flight == 1
    assert len(replies) == len(calls) == 4
    gaps = [b.began - a.began for a, b in pairwise(calls)]
    assert min(gaps) >= 0.2


def test_threads_with_the_same_query_send_it_once(tmp_path: Path) -> None:
    """Whoever comes second finds the first one's reply."""
    with serving(Scripted(GOOD.body, stall=0.1)) as server, ThreadPoolExecutor(4) as pool:
        live = source(tmp_path, server.url)
        replies = list(pool.map(lambda _: live.search(QUERY, 10), range(4)))
        assert len(server.calls) == 1
    assert all(reply == replies[0] for reply in replies)


def test_two_processes_share_the_limit(tmp_path: Path) -> None:
    """The lock file holds another process back."""
    code = (
        "import sys, time, pathlib\n"
        "from sovereign_registry.adapters.arxiv_limiter import Limiter\n"
        "with Limiter(pathlib.Path(sys.argv[1]), 0.5).turn():\n"
        "    print(time.time(), flush=True)\n"
    )
    lock = tmp_path / "last-request"
    with Limiter(lock, 0.5).turn():
        began = time.time()
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE, text=True
        )
        time.sleep(0.3)
    output, _ = child.communicate(timeout=20)
    assert float(output) - began >= 0.8


def test_a_cache_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file in the folder's place is one clear error."""
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    with serving(GOOD) as server, pytest.raises(SourceFailure, match="cannot be kept"):
        source(tmp_path / "cache", server.url).search(QUERY, 10)


def test_the_limiter_survives_a_broken_lock_file(tmp_path: Path) -> None:
    """Nonsense in the lock file means nobody has sent yet."""
    lock = tmp_path / "last-request"
    lock.write_bytes(b"\xff nonsense")
    began = time.monotonic()
    with Limiter(lock, 1.0).turn():
        assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (("moe",), "all:moe"),
        (("Mixture-of-Experts", "latency"), 'all:"mixture of experts" AND all:latency'),
        (("a1", "b2", "c3", "d4"), "all:a1 OR all:b2 OR all:c3 OR all:d4"),
        (("ti:x", "OR", "(y*"), 'all:"ti x" AND all:or AND all:y'),
        (('"quoted"', "\\", "quoted"), "all:quoted"),
    ],
)
def test_terms_become_a_query_without_syntax_of_their_own(
    terms: tuple[str, ...], expected: str
) -> None:
    """Words only: no field, operator, wildcard, bracket or quote of a term survives."""
    assert search_query(terms) == expected


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_no_text_can_break_out_of_its_term(terms: list[str]) -> None:
    """Whatever the terms, only our own operators and quotes are in the query."""
    try:
        query = search_query(terms)
    except SourceFailure:
        assert not any(character.isalnum() for term in terms for character in term)
        return
    joint = " OR " if " OR " in query else " AND "
    for clause in query.split(joint):
        assert clause.startswith("all:")
        word = clause.removeprefix("all:")
        quoted = len(word) > 2 and word[0] == word[-1] == '"'
        inner = word[1:-1] if quoted else word
        assert quoted == (" " in inner)
        assert all(character.isalnum() or character == " " for character in inner)


def test_a_query_without_a_word_is_refused() -> None:
    """There is nothing to ask for."""
    with pytest.raises(SourceFailure, match="no word"):
        search_query(["?!", "—"])


def test_recorded_replies_of_both_layouts_are_read_whole(tmp_path: Path, shared: Path) -> None:
    """Every recorded search page gives exactly the papers that its feed holds."""
    folder = shared / "realdata" / "atom"
    files = sorted(folder.glob("*_200.atom")) + sorted(folder.glob("rebuilt/*.atom"))
    assert len(files) >= 20
    for number, path in enumerate(files):
        body = path.read_bytes()
        entries = body.count(b"<entry>")
        with serving(Scripted(body)) as server:
            reply = source(tmp_path / str(number), server.url).search(QUERY, max(1, entries))
        assert len(reply.papers) == entries, path.name
        assert all(paper.title and paper.authors and paper.version for paper in reply.papers)
        assert reply.sha256 == hashlib.sha256(body).hexdigest()
