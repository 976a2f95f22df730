"""SectionReader over full texts: the first format that can be had and read, else the abstract."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from sovereign_registry.adapters.abstract_reader import AbstractReader
from sovereign_registry.adapters.arxiv_feed import GaveUp
from sovereign_registry.adapters.fulltexts.parsed import Unreadable
from sovereign_registry.contracts.errors import SourceFailure, UsageError
from sovereign_registry.contracts.papers import SourceText, TextKind
from sovereign_registry.contracts.texts import FullText, FullTextRead, PassedOver, TextFormat

if TYPE_CHECKING:
    from sovereign_registry.adapters.arxiv_cache import Reply
    from sovereign_registry.adapters.fulltexts.crew import Crew
    from sovereign_registry.adapters.fulltexts.fetch import TextFetcher
    from sovereign_registry.adapters.fulltexts.parsed import Found, ReaderName
    from sovereign_registry.contracts.papers import Paper
    from sovereign_registry.contracts.ports import Progress

FORMATS: tuple[tuple[ReaderName, TextFormat, str], ...] = (
    ("html", TextFormat.HTML, "lxml"),
    ("latex", TextFormat.LATEX, "pylatexenc"),
    ("pdf", TextFormat.PDF, "pypdf"),
)
"""In the order of preference, with the library that parses each."""


def require_parsers() -> None:
    """Make sure that the parsers are installed before anything is fetched.

    Raises:
        UsageError: one is not.
    """
    for _, _, library in FORMATS:
        try:
            version(library)
        except PackageNotFoundError as error:
            raise UsageError(
                f"the library {library} is not installed",
                where="--texts",
                todo='Full texts need it: pip install "sovereign-registry[research]".',
            ) from error


class FullTextReader:
    """Reads papers of arXiv in full.

    Args:
        fetcher: Where files come from.
        crew: The processes that parse.
        progress: Told what each paper was read from.
    """

    name = "full-text reader"

    def __init__(self, fetcher: TextFetcher, crew: Crew, progress: Progress) -> None:
        self._fetcher = fetcher
        self._crew = crew
        self._progress = progress
        self._abstracts = AbstractReader()

    @property
    def version(self) -> str:
        """The version of the rules, and of the libraries that parse."""
        return "1 (" + ", ".join(f"{name} {version(name)}" for _, _, name in FORMATS) + ")"

    def read(self, paper: Paper) -> SourceText:
        """Return the sections of the best format that can be read; the abstract is the fallback.

        Raises:
            SourceFailure: no format could be read, and at least one of them only because the host
                did not answer, so that another try may give the text.
        """
        passed: list[PassedOver] = []
        silent: GaveUp | None = None
        for name, kind, library in FORMATS:
            try:
                reply = self._fetcher.fetch(name, paper)
                found = self._crew.parse(name, reply.body)
            except Unreadable as error:
                passed.append(PassedOver(format=kind, reason=str(error)))
                continue
            except GaveUp as error:
                silent = error
                passed.append(PassedOver(format=kind, reason="the host did not answer"))
                continue
            self._progress.note(f"{paper.ref}: {kind}, {len(found.sections)} sections")
            parser = f"{library} {version(library)}"
            return _text(found, _facts(kind, reply, parser, found, tuple(passed)))
        if silent is not None:
            raise SourceFailure(
                f"no text of {paper.ref} could be had: {silent.what}",
                where=silent.where,
                todo="Run the same command again: what was fetched is kept.",
            ) from silent
        self._progress.note(f"{paper.ref}: abstract only")
        return self._fallback(paper, tuple(passed))

    def _fallback(self, paper: Paper, passed: tuple[PassedOver, ...]) -> FullText:
        abstract = self._abstracts.read(paper)
        return FullText(
            kind=TextKind.ABSTRACT,
            sections=abstract.sections,
            read=FullTextRead(
                format=TextFormat.ABSTRACT,
                url=None,
                sha256=None,
                bytes=0,
                date=None,
                parser="",
                sections=len(abstract.sections),
                characters=sum(len(section.text) for section in abstract.sections),
                findings=(),
                passed_over=passed,
            ),
        )


def _facts(
    kind: TextFormat, reply: Reply, parser: str, found: Found, passed: tuple[PassedOver, ...]
) -> FullTextRead:
    return FullTextRead(
        format=kind,
        url=reply.url,
        sha256=reply.sha256,
        bytes=len(reply.body),
        date=reply.date,
        parser=parser,
        sections=len(found.sections),
        characters=sum(len(section.text) for section in found.sections),
        findings=found.findings,
        passed_over=passed,
    )


def _text(found: Found, read: FullTextRead) -> FullText:
    return FullText(
        kind=TextKind.SECTIONS, sections=found.sections, read=read, concealed=found.concealed
    )
