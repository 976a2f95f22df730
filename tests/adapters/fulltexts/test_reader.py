"""Full texts over real HTTP: the order of formats, the cache, the limiter, and what fails."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typst

from sovereign_registry.adapters.arxiv_wire import Timeouts
from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.crew import Crew
from sovereign_registry.adapters.fulltexts.fetch import BASE_URL, TextFetcher, base_of
from sovereign_registry.adapters.fulltexts.reader import FullTextReader
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.texts import FullText, TextFormat
from tests import world
from tests.adapters.fulltexts.host import TextHost
from tests.adapters.loopback import Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sovereign_registry.contracts.papers import Paper

DOCUMENTS = Path(__file__).with_name("documents")
PAGE = (DOCUMENTS / "gears.html").read_bytes()
SOURCE = (DOCUMENTS / "gears.tex").read_bytes()
PAPER = world.paper("2603.00001", "Gears", "The abstract says little.", version=2)
FATAL = b"<p>Conversion to HTML had a Fatal error and exited abruptly.</p>"
AWAY = {"Location": "http://elsewhere.test/x"}
NOT_FOLLOWED = "HTTP status 302, a redirect that is not followed"
STUB = b"<html><body>No HTML for '2603.00001'.</body></html>"


class Clock:
    """A clock that stands on a day of March 2026."""

    def __init__(self, day: int = 3) -> None:
        self.day = day

    def now(self) -> datetime:
        """Noon of the day."""
        return datetime(2026, 3, self.day, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    """One crew for all tests here, as in a run."""
    with Crew() as made:
        yield made


@pytest.fixture(scope="module")
def printed() -> bytes:
    """The document as a PDF."""
    result = typst.compile((DOCUMENTS / "gears.typ").read_bytes())
    assert isinstance(result, bytes)
    return result


def reader(cache: Path, host: TextHost, crew: Crew, day: int = 3, **more: Any) -> FullTextReader:  # noqa: ANN401 - limits of several types
    """A reader with short waits."""
    options: dict[str, Any] = {
        "interval": 0.0,
        "tries": 2,
        "backoff": 0.01,
        "timeouts": Timeouts(connect=1.0, read=1.0, whole=2.0),
        **more,
    }
    fetcher = TextFetcher(cache, Clock(day), base_url=host.base, **options)
    return FullTextReader(fetcher, crew, world.Listener())


def read(
    tmp_path: Path, crew: Crew, files: Mapping[str, bytes | Scripted], paper: Paper = PAPER
) -> tuple[FullText, list[str]]:
    """What is read of a paper, and what was asked of the host."""
    with TextHost(files).running() as host:
        text = reader(tmp_path, host, crew).read(paper)
        assert isinstance(text, FullText)
        return text, host.asked


def test_html_is_read_first_and_the_file_is_named(tmp_path: Path, crew: Crew) -> None:
    """One request; address, digest, size, date, parser and counts are recorded."""
    text, asked = read(tmp_path, crew, {"/html/2603.00001v2": PAGE})
    assert asked == ["/html/2603.00001v2"]
    assert text.kind is TextKind.SECTIONS
    assert text.read.format is TextFormat.HTML
    assert text.read.url is not None
    assert text.read.url.endswith("/html/2603.00001v2")
    assert text.read.sha256 == hashlib.sha256(PAGE).hexdigest()
    assert (text.read.bytes, text.read.date) == (len(PAGE), "2026-03-03")
    assert text.read.parser.startswith("lxml ")
    assert text.read.sections == len(text.sections) == 11
    assert text.read.passed_over == ()


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Scripted(b"", status=404), "HTTP status 404"),
        (Scripted(b"gone", status=410), "HTTP status 410"),
        (Scripted(STUB), "no article made by LaTeXML on the page"),
        (Scripted(PAGE + FATAL), "arXiv's conversion to HTML had a fatal error"),
        (Scripted(b"", status=302, headers=AWAY), NOT_FOLLOWED),
        (Scripted(b"x" * (limits.FETCHED_BYTES["html"] + 1)), "the file is larger than it may be"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_goes_on_to_the_source(
    tmp_path: Path, crew: Crew, page: Scripted, reason: str
) -> None:
    """The reason stands in the record."""
    files: dict[str, bytes | Scripted] = {
        "/html/2603.00001v2": page,
        "/e-print/2603.00001v2": SOURCE,
    }
    text, _ = read(tmp_path, crew, files)
    assert text.read.format is TextFormat.LATEX
    assert [(one.format, one.reason) for one in text.read.passed_over] == [
        (TextFormat.HTML, reason)
    ]


def test_the_pdf_is_read_last(tmp_path: Path, crew: Crew, printed: bytes) -> None:
    """Where there is neither a page nor a source, as for papers sent in as PDF."""
    files = {"/pdf/2603.00001v2": printed, "/e-print/2603.00001v2": printed}
    text, asked = read(tmp_path, crew, files)
    assert [path.split("/")[1] for path in asked] == ["html", "e-print", "pdf"]
    assert text.read.format is TextFormat.PDF
    assert [one.reason for one in text.read.passed_over] == [
        "HTTP status 404",
        "the e-print is a PDF, not a source",
    ]


def test_the_abstract_is_the_fallback_and_is_named_so(tmp_path: Path, crew: Crew) -> None:
    """With every reason; no file is claimed to have been read."""
    text, _ = read(tmp_path, crew, {})
    assert text.kind is TextKind.ABSTRACT
    assert [section.text for section in text.sections] == ["The abstract says little."]
    assert (text.read.format, text.read.url, text.read.sha256) == (TextFormat.ABSTRACT, None, None)
    assert len(text.read.passed_over) == 3


def test_a_redirect_on_the_host_is_followed(tmp_path: Path, crew: Crew) -> None:
    """As arXiv does for addresses without a version."""
    moved = Scripted(b"", status=301, headers={"Location": "/html/moved"})
    text, _ = read(tmp_path, crew, {"/html/2603.00001v2": moved, "/html/moved": PAGE})
    assert text.read.format is TextFormat.HTML


def test_kept_files_serve_on_any_later_day(tmp_path: Path, crew: Crew) -> None:
    """A stated version does not change; what was missing is asked for again the next day."""
    files = {"/e-print/2603.00001v2": SOURCE}
    with TextHost(files).running() as host:
        first = reader(tmp_path, host, crew, day=3).read(PAPER)
        again = reader(tmp_path, host, crew, day=3).read(PAPER)
        assert len(host.asked) == 2
        later = reader(tmp_path, host, crew, day=9).read(PAPER)
        assert host.asked[2:] == ["/html/2603.00001v2"]
    assert first == again == later


def test_a_paper_without_a_version_is_kept_for_the_day(tmp_path: Path, crew: Crew) -> None:
    """Its address gives the newest version, so the next day it is fetched again."""
    bare = world.paper("2603.00001", "Gears", version=None)
    with TextHost({"/html/2603.00001": PAGE}).running() as host:
        for day in (3, 3, 4):
            reader(tmp_path, host, crew, day=day).read(bare)
        assert host.asked == ["/html/2603.00001"] * 2


def test_requests_keep_the_interval(tmp_path: Path, crew: Crew) -> None:
    """Formats and papers take turns under the one limiter."""
    with TextHost({"/pdf/2603.00001v2": b"x"}).running() as host:
        reader(tmp_path, host, crew, interval=0.15).read(PAPER)
        gaps = [after - before for before, after in pairwise(host.times)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.15


@pytest.mark.parametrize("reply", [Scripted(drop=True), Scripted(b"", status=503), Scripted(b"")])
def test_a_host_that_does_not_answer_stops_the_run(
    tmp_path: Path, crew: Crew, reply: Scripted
) -> None:
    """An abstract must not stand in for a text that only the network kept away."""
    files = {f"/{kind}/2603.00001v2": reply for kind in ("html", "e-print", "pdf")}
    with TextHost(files).running() as host:
        with pytest.raises(SourceFailure, match=r"no text of 2603\.00001v2 could be had") as caught:
            reader(tmp_path, host, crew).read(PAPER)
        assert len(host.asked) == 6
    assert "Run the same command again" in caught.value.todo


def test_a_silent_page_is_no_reason_to_stop_where_the_source_answers(
    tmp_path: Path, crew: Crew
) -> None:
    """What can be read is read, and the silence is recorded."""
    files: dict[str, bytes | Scripted] = {
        "/html/2603.00001v2": Scripted(b"Rate exceeded."),
        "/e-print/2603.00001v2": SOURCE,
    }
    text, _ = read(tmp_path, crew, files)
    assert [one.reason for one in text.read.passed_over] == ["the host did not answer"]


def test_the_files_are_where_the_api_is() -> None:
    """A mirror of the API is asked for the files too; else arXiv itself."""
    assert base_of(None) == BASE_URL == "https://arxiv.org"
    assert base_of("http://127.0.0.1:8080/api/query") == "http://127.0.0.1:8080"


def test_the_reader_names_its_parsers(tmp_path: Path, crew: Crew) -> None:
    """Their versions are part of the record's id."""
    with TextHost({}).running() as host:
        version = reader(tmp_path, host, crew).version
    assert all(name in version for name in ("lxml ", "pylatexenc ", "pypdf "))
