"""Reads an e-print's LaTeX source: sections, tables, captions and footnotes; nothing is run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sovereign_registry.adapters.fulltexts import archive, tex_floats
from sovereign_registry.adapters.fulltexts.parsed import (
    Findings,
    Found,
    Sections,
    Unreadable,
    require_prose,
)
from sovereign_registry.adapters.fulltexts.tex_files import Source, main_file
from sovereign_registry.adapters.fulltexts.tex_hidden import white_names, without_hidden
from sovereign_registry.adapters.fulltexts.tex_macros import expand, take_macros
from sovereign_registry.adapters.fulltexts.tex_text import NOTHING, TexText, prepared
from sovereign_registry.adapters.fulltexts.tex_tokens import group, option

if TYPE_CHECKING:
    from sovereign_registry.contracts.papers import Section

_BEGIN = re.compile(r"\\begin\s*\{document\}")
_END = re.compile(r"\\end\s*\{document\}")
_BIBLIOGRAPHY = re.compile(
    r"\\begin\s*\{thebibliography\}.*?(?:\\end\s*\{thebibliography\}|\Z)", re.DOTALL
)
_ABSTRACT = re.compile(r"\\begin\s*\{abstract\}(?P<text>.*?)\\end\s*\{abstract\}", re.DOTALL)
_ABSTRACT_COMMAND = re.compile(r"\\abstract\s*(?=\{)")
_HEADING = re.compile(
    r"\\(?P<level>part|chapter|section|subsection|subsubsection|paragraph|subparagraph)"
    r"(?P<star>\*?)(?![a-zA-Z])(?=\s*[\[{])|\\(?P<appendix>appendix|appendices)(?![a-zA-Z])"
    r"|\\begin\s*\{(?P<env>appendix|appendices)\}"
)
_LEVELS = {"section": 0, "subsection": 1, "subsubsection": 2}
_LABEL = re.compile(r"\s*\\label\s*\{([^{}]*)\}")
_FOOTNOTE = re.compile(r"\\footnote(?:text)?(?![a-zA-Z])\s*(?:\[[^\]]{0,20}\])?(?=\s*\{)")


@dataclass
class _Piece:
    """One section of the source."""

    number: str
    title: str
    body: str
    labels: tuple[str, ...] = ()


@dataclass
class _Document:
    pieces: list[_Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)


def read(body: bytes) -> Found:
    """Read an e-print.

    Raises:
        Unreadable: it is no LaTeX source, is hostile, or exceeds a limit.
    """
    findings = Findings()
    files = archive.unpack(body)
    whole = prepared(Source(files, findings).whole(main_file(files)))
    begin = _BEGIN.search(whole)
    if begin is None:
        raise Unreadable("the source has no document environment")
    preamble, text = whole[: begin.start()], whole[begin.end() :]
    if end := _END.search(text):
        findings.comment(text[end.end() :])
        text = text[: end.start()]
    whites = white_names(whole)
    _, macros = take_macros(preamble)
    text, more = take_macros(text)
    text = expand(text, {**macros, **more})
    text = without_hidden(text, whites, findings)
    abstract, text = _abstract(text, without_hidden(preamble, whites, Findings()))
    text = _BIBLIOGRAPHY.sub("\n\n", text)
    sections = _sections(text, abstract)
    require_prose(sections)
    return Found(sections=sections, findings=findings.listed(), concealed=tuple(findings.concealed))


def _abstract(text: str, preamble: str) -> tuple[str, str]:
    """The abstract's source, and the text without it; some classes have it before the document."""
    if match := _ABSTRACT.search(text):
        return match["text"], text[: match.start()] + "\n\n" + text[match.end() :]
    if match := _ABSTRACT.search(preamble):
        return match["text"], text
    for source, inside in ((text, True), (preamble, False)):
        command = _ABSTRACT_COMMAND.search(source)
        braced = group(source, command.end()) if command else None
        if command and braced:
            rest = text[: command.start()] + "\n\n" + text[braced[1] :] if inside else text
            return braced[0], rest
    return "", text


def _sections(text: str, abstract: str) -> tuple[Section, ...]:
    document = _Document()
    text = _footnotes(text, document)
    text, floats = tex_floats.take_floats(text)
    for one in floats:
        document.labels.update(dict.fromkeys(one.labels, (one.kind, one.number)))
    _split(text, document)
    to_text = TexText(document.labels)
    sections = Sections()
    if abstract:
        place = sections.open("abstract", "Abstract")
        for paragraph in to_text.paragraphs(abstract):
            sections.add(place, paragraph)
    for piece in document.pieces:
        place = sections.open(piece.number, to_text.text(piece.title))
        for paragraph in to_text.paragraphs(tex_floats.PLACE.sub(NOTHING, piece.body)):
            sections.add(place, paragraph)
        for index in map(int, tex_floats.PLACE.findall(piece.body)):
            tex_floats.write(floats[index], sections, to_text)
    if document.notes:
        place = sections.open("footnotes", "Footnotes")
        for note in document.notes:
            for paragraph in to_text.paragraphs(note):
                sections.add(place, paragraph)
    return sections.listed()


def _footnotes(text: str, document: _Document) -> str:
    kept: list[str] = []
    at = 0
    while (match := _FOOTNOTE.search(text, at)) is not None:
        kept.append(text[at : match.start()])
        at = match.end()
        if braced := group(text, at):
            document.notes.append(braced[0])
            at = braced[1]
    kept.append(text[at:])
    return "".join(kept)


def _split(text: str, document: _Document) -> None:
    """Split at the headings, numbering them as LaTeX's article class does."""
    counts = [0, 0, 0]
    appendix = False
    unnumbered = at = 0
    number, title = "front", "Before the first section"
    while (match := _HEADING.search(text, at)) is not None:
        _piece(document, number, title, text[at : match.start()])
        at = match.end()
        if not match["level"]:
            appendix, counts = True, [0, 0, 0]
            continue
        if short := option(text, at):
            at = short[1]
        braced = group(text, at)
        if braced is None:
            continue
        title, at = braced
        level = _LEVELS.get(match["level"])
        if level is None or match["star"]:
            unnumbered += 1
            number = f"unnumbered-{unnumbered}"
            continue
        counts[level] += 1
        counts[level + 1 :] = [0] * (2 - level)
        number = _numbered(counts[: level + 1], appendix=appendix)
        if label := _LABEL.match(text, at):
            document.labels[label[1].strip()] = ("section", number)
    _piece(document, number, title, text[at:])


def _piece(document: _Document, number: str, title: str, body: str) -> None:
    if document.pieces and document.pieces[-1].number == number:
        document.pieces[-1].body += "\n\n" + body
    elif body.strip() or title:
        document.pieces.append(_Piece(number, title, body))


def _numbered(counts: list[int], *, appendix: bool) -> str:
    first = chr(ord("A") + (counts[0] - 1) % 26) if appendix and counts[0] else str(counts[0])
    return ".".join([first, *map(str, counts[1:])])


def warm_up() -> None:
    """Read a small source, so that whatever is loaded late is loaded now."""
    prose = "A sentence with \\'e and \\textbf{bold} words, $x$ and \\cite{a} in it. " * 5
    read(f"\\documentclass{{article}}\\begin{{document}}{prose}\\end{{document}}".encode())
