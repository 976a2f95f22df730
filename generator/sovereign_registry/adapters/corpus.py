"""The bundled sample: papers with summaries in our own words, and full notes of our own.

A paper's text is the registry's summary (kind SUMMARY, which bounds the level); a note's text is
its sections.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sovereign_registry.adapters.corpus_notes import convert_yaml, parse_note, read_text
from sovereign_registry.adapters.fulltext import in_memory
from sovereign_registry.adapters.plain import plain
from sovereign_registry.adapters.ranking import ranking_sha256
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.papers import (
    PAPER_KEY_PATTERN,
    Paper,
    SearchReply,
    Section,
    SourceText,
    TextKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.papers import Query

SUMMARY_TITLE = "Registry summary (our own words)"

TEMPLATE_SUFFIX = ".tmpl.md"
"""Notes are written from templates beside them; a template's numbers are not filled in."""

_Words = Annotated[str, msgspec.Meta(min_length=1)]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One paper of ``papers.yaml``."""

    id: Annotated[str, msgspec.Meta(pattern=PAPER_KEY_PATTERN)]
    title: _Words
    authors: Annotated[tuple[_Words, ...], msgspec.Meta(min_length=1)]
    date: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    categories: tuple[_Words, ...]
    summary: _Words


class _Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file ``papers.yaml``."""

    contract: Literal["corpus-v1"]
    title: _Words
    licence: _Words
    papers: Annotated[tuple[_Entry, ...], msgspec.Meta(min_length=1)]


def bundled_folder() -> Path:
    """The corpus folder: package data of a wheel, else the repository's own folder.

    Raises:
        SourceFailure: neither is there.
    """
    packaged = Path(str(resources.files("sovereign_registry"))) / "corpus"
    repository = Path(__file__).resolve().parents[3] / "corpus"
    for folder in (packaged, repository):
        if (folder / "papers.yaml").is_file():
            return folder
    raise SourceFailure(
        "the bundled corpus is not there",
        where=f"{packaged} or {repository}",
        todo="Install the package again, or run from a complete clone.",
    )


class Corpus:
    """PaperSearch and SectionReader over a corpus folder, read whole when it is opened.

    Args:
        folder: Holds ``papers.yaml`` and ``notes/*.md``.

    Raises:
        SourceFailure: naming the file and the field that is wrong, or a key that occurs twice.
    """

    name = "bundled corpus"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[str, str] = {}
        self._papers: dict[str, Paper] = {}
        self._texts: dict[str, SourceText] = {}
        self._title = self._read_sheet()
        self._read_notes()
        self._version = hashlib.sha256(
            json.dumps(self._digests, sort_keys=True).encode("ascii")
        ).hexdigest()
        self._fulltext = in_memory(self._rows())
        self._as_of = max(paper.updated for paper in self._papers.values())

    @property
    def version(self) -> str:
        """SHA-256 over the digests of all corpus files by their names."""
        return self._version

    @property
    def label(self) -> str:
        """What the source is, with how many papers and notes it holds."""
        notes = sum(text.kind is TextKind.SECTIONS for text in self._texts.values())
        return f"{self._title} ({len(self._papers) - notes} paper summaries, {notes} notes)"

    def search(self, query: Query, limit: int) -> SearchReply:
        """Answer from the corpus, best first."""
        papers, total = self._fulltext.search(query.terms, limit)
        return SearchReply(
            papers=papers,
            total=total,
            sha256=ranking_sha256(self._version, papers),
            as_of=self._as_of,
            complete=True,
        )

    def read(self, paper: Paper) -> SourceText:
        """Return the paper's summary or the note's sections.

        Raises:
            SourceFailure: the paper is not of this corpus.
        """
        text = self._texts.get(paper.key)
        if text is None:
            raise SourceFailure(
                f"{paper.key} is not in the corpus",
                where=str(self._folder),
                todo="Read a paper with the reader of the source that returned it.",
            )
        return text

    def _read_sheet(self) -> str:
        path = self._folder / "papers.yaml"
        sheet = convert_yaml(read_text(path, self._bytes(path)), _Sheet, str(path))
        for number, entry in enumerate(sheet.papers):
            self._add(path, *_from_entry(entry, sheet.licence, f"{path}, papers[{number}]"))
        return sheet.title

    def _read_notes(self) -> None:
        for path in sorted((self._folder / "notes").glob("*.md")):
            if path.name.endswith(".tmpl.md"):
                continue  # what a note is rendered from; stays out of the wheel
            self._add(path, *parse_note(path, self._bytes(path)))

    def _bytes(self, path: Path) -> bytes:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SourceFailure(
                f"the corpus file cannot be read: {error.strerror or error}",
                where=str(path),
                todo="A corpus folder holds papers.yaml and notes/*.md.",
            ) from error
        self._digests[path.relative_to(self._folder).as_posix()] = hashlib.sha256(data).hexdigest()
        return data

    def _add(self, path: Path, paper: Paper, text: SourceText) -> None:
        if paper.key in self._papers:
            raise SourceFailure(
                f"the id {paper.key} occurs twice", where=str(path), todo="Remove one of the two."
            )
        self._papers[paper.key] = paper
        self._texts[paper.key] = text

    def _rows(self) -> Iterator[tuple[Paper, str]]:
        for key in sorted(self._papers):
            sections = self._texts[key].sections
            yield self._papers[key], " ".join(f"{part.title} {part.text}" for part in sections)


def _from_entry(entry: _Entry, licence: str, where: str) -> tuple[Paper, SourceText]:
    paper = Paper(
        key=entry.id,
        version=None,
        title=plain(entry.title, f"{where}, field title"),
        authors=tuple(plain(name, f"{where}, field authors") for name in entry.authors),
        published=entry.date,
        updated=entry.date,
        categories=entry.categories,
        abstract="",
        licence=licence,
    )
    summary = Section(
        key="summary",
        title=SUMMARY_TITLE,
        text=plain(entry.summary, f"{where}, field summary"),
    )
    return paper, SourceText(kind=TextKind.SUMMARY, sections=(summary,))
