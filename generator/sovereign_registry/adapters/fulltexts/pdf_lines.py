"""From the lines of a PDF's pages to sections: no page heads, no hyphens at line ends."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.adapters.fulltexts.parsed import Findings, Sections

EDGE = 3
"""Lines at the top and the foot of a page that may be its head or foot."""
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
     "\ufb05": "st", "\ufb06": "st", "\u00a0": " ", "\u00ad": "-"}
)  # fmt: skip
_ITALIC = re.compile("[\U0001d400-\U0001d7ff]")
_STAMP = re.compile(r"^\s*arXiv:\S+\s+\[[\w.-]+\]\s+\d")
_PAGE_NUMBER = re.compile(r"^\s*(?:page\s+)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\s*$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z](?:\.\d{1,2}){0,2})\.?\s+"
                       r"(?P<title>[A-Z][^\n]{1,90})$")  # fmt: skip
_NAMED = re.compile(
    r"^(?:abstract|introduction|related work|background|methods?|results|discussion"
    r"|conclusions?|limitations|acknowledge?ments?|references|bibliography|appendix(?: [A-Z])?)$",
    re.IGNORECASE,
)
_REFERENCES = re.compile(r"references|bibliography$", re.IGNORECASE)
_CAPTION = re.compile(r"^(?P<kind>Table|Figure|Fig\.)\s*(?P<number>[A-Z]?\d+)\s*[:.|]\s")
_MOST_CAPTION_LINES = 8
_LETTERS = 0.45
_SENTENCE_END = re.compile(r"[.!?][\"')\]\u201d]?\s*$")
_HEADING_WORDS = 12
_HEADING_LINES = 3
_OWN_NUMBER = re.compile(r"^\s*(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z](?:\.\d{1,2}){0,2})\.?\s+")


@dataclass(frozen=True)
class Heading:
    """A heading from the outline or found by its form."""

    key: str
    title: str
    lines: int = 1
    """Over how many lines it runs."""


def clean_pages(pages: Sequence[str]) -> list[list[str]]:
    """The lines of each page without what repeats at its head or foot, and without numbers."""
    lines = [
        [line for raw in _plain(page).split("\n") if (line := " ".join(raw.split()))]
        for page in pages
    ]
    seen = Counter(
        form for page in lines for form in {_form(line) for line in (*page[:EDGE], *page[-EDGE:])}
    )
    least = max(2, (len(lines) + 1) // 2)
    return [list(_kept(page, seen, least)) for page in lines]


def _plain(page: str) -> str:
    """A page with plain letters for ligatures and for the italic letters of formulas."""
    return _ITALIC.sub(
        lambda match: unicodedata.normalize("NFKC", match[0]), page.translate(_LIGATURES)
    )


def _kept(page: list[str], seen: Counter[str], least: int) -> Iterator[str]:
    for at, line in enumerate(page):
        edge = at < EDGE or at >= len(page) - EDGE
        if edge and (seen[_form(line)] >= least or _PAGE_NUMBER.match(line)):
            continue
        if not _STAMP.match(line):
            yield line


def _form(line: str) -> str:
    return re.sub(r"\d+", "#", line).casefold()


def letters_only(text: str) -> str:
    """Letters and digits of a line, for comparing headings."""
    return re.sub(r"[\W_]+", "", text).casefold()


def by_outline(pages: list[list[str]], outline: Sequence[tuple[str, int]]) -> dict[int, Heading]:
    """The lines (counted through all pages) that are headings by the document's own outline.

    Args:
        pages: Lines of each page.
        outline: (title, page) in order.
    """
    starts = [0]
    for page in pages:
        starts.append(starts[-1] + len(page))
    flat = [letters_only(line) for page in pages for line in page]
    original = [line for page in pages for line in page]
    found: dict[int, Heading] = {}
    at = unnumbered = 0
    for title, number in outline:
        wanted = letters_only(_OWN_NUMBER.sub("", title))
        if not wanted or number >= len(pages):
            continue
        place = _place(flat, wanted, range(max(at, starts[number]), starts[number + 1]))
        if place is None:
            continue
        line, lines = place
        match = _OWN_NUMBER.match(original[line])
        if not match:
            unnumbered += 1
        key = match["number"] if match else f"unnumbered-{unnumbered}"
        key = "abstract" if wanted == "abstract" else key
        found[line] = Heading(key, _OWN_NUMBER.sub("", title), lines)
        at = line + lines
    return found


def _place(flat: Sequence[str], wanted: str, among: range) -> tuple[int, int] | None:
    """The first of some lines at which a title stands, and over how many lines it runs."""
    form = re.compile(rf"[a-z]?\d{{0,6}}{re.escape(wanted)}")
    for line in among:
        for lines in range(1, _HEADING_LINES + 1):
            if form.fullmatch("".join(flat[line : line + lines])):
                return line, lines
    return None


def by_form(lines: Sequence[str]) -> dict[int, Heading]:
    """The lines that look like headings and whose numbers follow one another."""
    found: dict[int, Heading] = {}
    last: tuple[str, ...] = ()
    unnumbered = 0
    for at, line in enumerate(lines):
        match = _NUMBERED.match(line)
        if match and len(line.split()) <= _HEADING_WORDS and not line.endswith((".", ",", ";")):
            number = tuple(match["number"].split("."))
            if _follows(last, number):
                last = number
                found[at] = Heading(match["number"], match["title"])
                continue
        if _NAMED.match(line):
            name = line.lower()
            unnumbered += 1
            found[at] = Heading(
                "abstract" if name == "abstract" else f"unnumbered-{unnumbered}", line
            )
    return found


def _follows(last: tuple[str, ...], number: tuple[str, ...]) -> bool:
    if not last:
        return number in {("1",), ("0",)}
    if number == (*last, "1"):
        return True
    if number == ("A",) and last[0].isdigit():
        return True
    depth = len(number)
    if depth > len(last) or number[:-1] != last[: depth - 1]:
        return False
    before, now = last[depth - 1], number[-1]
    if before.isdigit() and now.isdigit():
        return int(now) == int(before) + 1
    return len(before) == len(now) == 1 and ord(now) == ord(before) + 1


def fill(
    lines: Sequence[str], headings: dict[int, Heading], sections: Sections, findings: Findings
) -> None:
    """Write the lines into sections; what stands before the first heading is left out.

    The list of references is left out too, up to the next heading after it.
    """
    place: int | None = None
    if not headings:
        place = sections.open("text", "Text without headings")
    prose: list[str] = []
    at = 0
    while at < len(lines):
        if heading := headings.get(at):
            _write(place, prose, sections)
            skipped = bool(_REFERENCES.match(heading.title))
            place = None if skipped else sections.open(heading.key, heading.title)
            prose = []
            at += heading.lines
            continue
        caption = _CAPTION.match(lines[at])
        if caption and place is not None:
            at = _caption(lines, at, caption, headings, sections)
            if prose and _SENTENCE_END.search(prose[-1]):  # else the sentence goes on below it
                _write(place, prose, sections)
                prose = []
            continue
        if place is not None:
            if _wordy(lines[at]) or _closes(prose, lines[at]):
                prose.append(lines[at])
            else:
                findings.unread("lines of numbers or formulas", lines[at])
                _write(place, prose, sections)
                prose = []
        at += 1
    _write(place, prose, sections)


def _caption(
    lines: Sequence[str],
    at: int,
    match: re.Match[str],
    headings: dict[int, Heading],
    sections: Sections,
) -> int:
    kind = "table" if match["kind"] == "Table" else "figure"
    taken = [lines[at]]
    at += 1
    while at < len(lines) and len(taken) < _MOST_CAPTION_LINES:
        if _SENTENCE_END.search(taken[-1]) or at in headings:
            break
        taken.append(lines[at])
        at += 1
    number = match["number"]
    place = sections.open(f"{kind}-{number}", f"{kind.capitalize()} {number}")
    sections.add(place, joined(taken)[match.end() :])
    return at


def _wordy(line: str) -> bool:
    solid = line.replace(" ", "")
    return sum(character.isalpha() for character in solid) >= _LETTERS * len(solid)


def _closes(prose: Sequence[str], line: str) -> bool:
    """Whether a line of few letters is the end of a sentence: ``by 15%.``."""
    open_ended = bool(prose) and not _SENTENCE_END.search(prose[-1])
    return open_ended and bool(_SENTENCE_END.search(line)) and line[:1].isalnum()


def _write(place: int | None, prose: list[str], sections: Sections) -> None:
    if place is not None and prose:
        sections.add(place, joined(prose))


def joined(lines: Sequence[str]) -> str:
    """Lines as running text; a word that was parted at a line end is put together again."""
    text = ""
    for line in lines:
        if re.search(r"[a-z]-$", text) and line[:1].islower():
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text
