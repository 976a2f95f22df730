"""The world played in memory: every port of the pipeline, and a small library of our own.

Tests fake the world through these, not by patching functions.  The library is about a made-up
field, so that nothing in it can be mistaken for a real paper.
"""

from __future__ import annotations

import random
import re
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import content_sha256, text_sha256
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.papers import (
    Paper,
    SearchReply,
    Section,
    SourceText,
    TextKind,
)
from sovereign_registry.contracts.review import Opinion, Role
from sovereign_registry.contracts.text import content_words, words
from sovereign_registry.pipeline.panel import RubricReviewer
from sovereign_registry.pipeline.ports import Ports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.dossier import Dossier
    from sovereign_registry.contracts.papers import Query
    from sovereign_registry.contracts.ports import ReportPrinter, Reviewer

QUESTION = "How does the gear ratio of a cargo bicycle change climbing speed and rider effort?"


def paper(  # noqa: PLR0913 - a paper has this many fields
    key: str,
    title: str,
    abstract: str = "",
    *,
    version: int | None = 1,
    updated: str = "2026-03-01",
    authors: tuple[str, ...] = ("A. Writer", "B. Author"),
) -> Paper:
    """A paper with sensible fields."""
    return Paper(
        key=key,
        version=version,
        title=title,
        authors=authors,
        published="2026-02-01",
        updated=updated,
        categories=("test.cycling",),
        abstract=abstract,
        licence="written for these tests",
    )


def _line(text: str) -> str:
    return " ".join(text.split())


LIBRARY: dict[str, tuple[str, dict[str, str]]] = {
    "note-gears": (
        "Gear ratio and climbing speed of a cargo bicycle",
        {
            "abstract": """A cargo bicycle with a low gear ratio climbs a steep hill at 7 kilometres
                an hour. Lowering the gear ratio by 20 percent reduces rider effort by 15
                percent.""",
            "2": """Lowering the gear ratio by 20 percent reduces the effort of the rider by 15
                percent on a climb. A gear ratio below one keeps the climbing speed of a loaded
                cargo bicycle above 7 kilometres an hour. See Table 3 for the gears. It is slow.""",
        },
    ),
    "note-load": (
        "Load, slope and rider effort on cargo bicycles",
        {
            "abstract": """Rider effort on a cargo bicycle grows with the load and with the slope of
                the hill. A load of 60 kilograms raises rider effort by 30 percent on a climb.""",
            "2": """A load of 60 kilograms raises the effort of the rider by 30 percent when a cargo
                bicycle climbs. The climbing speed of a cargo bicycle falls from 11 to 7 kilometres
                an hour under a load of 60 kilograms. We propose a new saddle here.""",
        },
    ),
    "note-hub": (
        "Hub gears against derailleurs for climbing",
        {
            "abstract": """Hub gears lose 4 percent more power than derailleurs while a bicycle
                climbs. A hub gear with a low gear ratio lowers rider effort on a steep hill.""",
            "3": """Derailleurs lose 4 percent less power than hub gears while a bicycle climbs. The
                gear ratio of a hub gear decides the climbing speed more than its weight. Is a hub
                gear worth its price for a cargo bicycle on a climb in the city?""",
        },
    ),
    "note-tyres": (
        "Tyre pressure of city bicycles",
        {
            "abstract": """Tyre pressure changes the rolling resistance of a bicycle on rough roads.
                Wide tyres at low pressure save 5 watts on cobbles and lose 2 watts on asphalt.""",
        },
    ),
}
"""Key to (title, sections); every text was written for these tests."""


def library() -> tuple[Paper, ...]:
    """The library's papers."""
    return tuple(
        paper(key, title, _line(sections["abstract"])) for key, (title, sections) in LIBRARY.items()
    )


@dataclass
class FakeSearch:
    """PaperSearch over a list of papers, ranked by shared words; may answer late and in disorder.

    ``jitter`` seeds a random delay of each answer; ``fail_on`` names a query number that fails;
    ``incomplete`` names one that is answered in part.
    """

    papers: Sequence[Paper] = field(default_factory=library)
    jitter: int | None = None
    fail_on: int | None = None
    incomplete: int | None = None
    as_of: str = "2026-03-01"
    name: str = "library in memory"
    version: str = "1"
    label: str = "the tests' own library"
    asked: list[Query] = field(default_factory=list)

    def search(self, query: Query, limit: int) -> SearchReply:
        """Answer from the list."""
        if self.jitter is not None:
            time.sleep(random.Random(self.jitter * 31 + query.number).random() / 50)  # noqa: S311
        self.asked.append(query)
        if query.number == self.fail_on:
            raise SourceFailure("the library is closed", where=self.label, todo="Come back later.")
        wanted = set(content_words(query.text))
        scored = [
            (-len(wanted & set(content_words(f"{item.title} {item.abstract}"))), item.key, item)
            for item in self.papers
        ]
        found = tuple(item for score, _, item in sorted(scored, key=lambda s: s[:2]) if score)
        return SearchReply(
            papers=found[:limit],
            total=len(found),
            sha256=content_sha256([query.text, [item.ref for item in found[:limit]]]),
            as_of=self.as_of,
            complete=query.number != self.incomplete,
        )


@dataclass
class FakeReader:
    """SectionReader over given texts (by default the library's), else over the abstract."""

    texts: Mapping[str, SourceText] | None = None
    name: str = "reader in memory"
    version: str = "1"

    def read(self, paper: Paper) -> SourceText:
        """Return the text that was given for the paper."""
        fallback = SourceText(
            kind=TextKind.ABSTRACT,
            sections=(Section(key="abstract", title="Abstract", text=paper.abstract),),
        )
        texts = library_texts() if self.texts is None else self.texts
        return texts.get(paper.key, fallback)


def library_texts(kind: TextKind = TextKind.SECTIONS) -> dict[str, SourceText]:
    """The library's texts by key."""
    return {
        key: SourceText(
            kind=kind,
            sections=tuple(
                Section(key=name, title=f"Section {name}", text=_line(text))
                for name, text in sections.items()
            ),
        )
        for key, (_, sections) in LIBRARY.items()
    }


class FullStopSplitter:
    """SentenceSplitter that ends a sentence at every full stop, question or exclamation mark."""

    name = "full-stop splitter"
    version = "1"

    def spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Return the spans of the sentences."""
        return [match.span() for match in re.finditer(r"[^\s.?!](?:[^.?!]|\.(?=\d))*[.?!]*", text)]


class CountingEmbedder:
    """Embedder whose vector counts words by the first letter; enough to order texts."""

    name = "letter counts"
    version = "1"
    dimension = 26

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Return one vector of 26 counts per text."""
        return [
            [
                float(sum(word.startswith(letter) for word in words(text)))
                for letter in "abcdefghijklmnopqrstuvwxyz"
            ]
            for text in texts
        ]


@dataclass
class FakeNeighbours:
    """Neighbours over a list of (record id, question, title)."""

    held: Sequence[tuple[str, str, str]] = ()

    @property
    def sha256(self) -> str:
        """Digest of what is held."""
        return content_sha256([list(item) for item in self.held])

    def texts(self, *, without: str) -> Sequence[tuple[str, str, str]]:
        """Return every other record."""
        return [item for item in sorted(self.held) if item[0] != without]

    def passages(self, *, without: str) -> Sequence[tuple[str, str]]:
        """Return every other record's question and title."""
        return [(key, f"{asked}\n{title}") for key, asked, title in self.texts(without=without)]


class PlainPrinter:
    """ReportPrinter that wraps the Markdown; enough to check that the printer was asked."""

    name = "plain printer"
    version = "1"

    def pdf(self, markdown: str, *, title: str, date: str) -> bytes:
        """Return the text behind a PDF header."""
        return f"%PDF-1.7\n{title}\n{date}\n{text_sha256(markdown)}\n".encode()


@dataclass
class Listener:
    """Progress that remembers what it was told."""

    steps: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def step(self, number: int, title: str) -> None:
        """Remember a step."""
        self.steps.append((number, title))

    def note(self, text: str) -> None:
        """Remember a note."""
        self.notes.append(text)


@dataclass
class ScriptedReviewer:
    """Reviewer that gives set scores, one list per round; None stands for no valid opinion.

    It remembers every dossier that it was shown, and by which thread, so that isolation and
    parallelism can be checked.
    """

    rounds: Sequence[Mapping[Role, str | None]]
    name: str = "scripted reviewer"
    version: str = "1"
    method: str = "deterministic rubric"
    cites: tuple[str, ...] = ()
    rationale: str = "As the script says."
    seen: list[tuple[Role, Dossier, int]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def review(self, role: Role, dossier: Dossier) -> Opinion | None:
        """Return the scripted opinion of the role's next round."""
        with self._lock:
            turn = sum(seen is role for seen, _, _ in self.seen)
            self.seen.append((role, dossier, threading.get_ident()))
        score = self.rounds[turn][role]
        if score is None:
            return None
        return Opinion(
            role=role,
            method=self.method,
            reviewer=self.name,
            score=score,
            rationale=self.rationale,
            cited_claims=self.cites,
            features=(),
        )


def scores(*values: str | None) -> dict[Role, str | None]:
    """A round's scores in the order of the roles."""
    return dict(zip(Role, values, strict=True))


def world(**changes: object) -> Ports:
    """All ports with this module's library, rubric panel and plain printer, some replaced."""
    ports = Ports(
        search=FakeSearch(),
        reader=FakeReader(),
        splitter=FullStopSplitter(),
        embedder=CountingEmbedder(),
        reviewer=reviewer(),
        printer=printer(),
        neighbours=FakeNeighbours(),
        progress=Listener(),
    )
    return replace(ports, **changes)  # type: ignore[arg-type]


def reviewer() -> Reviewer:
    """The embedded rubric panel."""
    return RubricReviewer()


def printer() -> ReportPrinter:
    """The plain printer."""
    return PlainPrinter()


CONFIG = RunConfig()
"""The default configuration."""
