"""Parses the corpus's own notes: YAML front matter, then Markdown headings and paragraphs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import yaml

from sovereign_registry.adapters.plain import plain
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.papers import Paper, Section, SourceText, TextKind

if TYPE_CHECKING:
    from pathlib import Path

_T = TypeVar("_T")

_FRONT = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_HEADING = re.compile(r"^(?P<marks>#{1,6})\s+(?P<text>.+?)\s*#*$")
_NUMBERED = re.compile(r"^(?P<key>\d+(?:\.\d+)*)\.?\s+(?P<title>.+)$")
_FENCE = re.compile(r"^(```|~~~)")
_LINK = re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*\)")
_MARKUP = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])")
_LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SECTION_LEVELS = (2, 3, 4)


class _Front(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A note's front matter."""

    id: Annotated[str, msgspec.Meta(pattern=r"^note-[a-z0-9]+(?:-[a-z0-9]+)*$")]
    version: Annotated[int, msgspec.Meta(ge=1)]
    title: Annotated[str, msgspec.Meta(min_length=1)]
    authors: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    date: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    categories: tuple[str, ...]
    licence: Annotated[str, msgspec.Meta(min_length=1)]
    recipe: Any = None
    given: Any = None


def parse_note(path: Path, data: bytes) -> tuple[Paper, SourceText]:
    """Parse a note into its paper and its sections.

    Raises:
        SourceFailure: naming the file and the field or line that is wrong.
    """
    match = _FRONT.match(read_text(path, data).replace("\r\n", "\n"))
    if not match:
        raise SourceFailure(
            "the note does not begin with front matter between two lines of ---",
            where=str(path),
            todo="Begin the file with ---, the fields, and ---.",
        )
    front = convert_yaml(match["front"], _Front, str(path))
    first_line = match["front"].count("\n") + 4
    sections = _sections(path, match["body"], first_line)
    abstract = next((section.text for section in sections if section.key == "abstract"), "")
    paper = Paper(
        key=front.id,
        version=front.version,
        title=plain(front.title, f"{path}, field title"),
        authors=tuple(plain(name, f"{path}, field authors") for name in front.authors),
        published=front.date,
        updated=front.date,
        categories=front.categories,
        abstract=abstract,
        licence=front.licence,
    )
    return paper, SourceText(kind=TextKind.SECTIONS, sections=sections)


def read_text(path: Path, data: bytes) -> str:
    """Decode a corpus file.

    Raises:
        SourceFailure: it is not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceFailure(
            f"byte {error.start} is not UTF-8", where=str(path), todo="Save the file as UTF-8."
        ) from error


def convert_yaml(text: str, kind: type[_T], where: str) -> _T:
    """Parse YAML and check it against a record type, strictly.

    Raises:
        SourceFailure: the text is not YAML, uses an alias, or a field is not what it should be.
    """
    try:
        # A collection has no use for aliases, and a chain of them can grow without bound.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise SourceFailure("an alias is used", where=where, todo="Write the value out.")
        return msgspec.convert(yaml.load(text, _UniqueKeys), kind, strict=True)  # noqa: S506
    except (yaml.YAMLError, ValueError) as error:
        what = "not YAML" if isinstance(error, yaml.YAMLError) else "a field is wrong"
        raise SourceFailure(
            f"{what}: {' '.join(str(error).split())}",
            where=where,
            todo="Correct the field; dates and ids stand in quotes.",
        ) from error


class _UniqueKeys(yaml.SafeLoader):
    """The safe loader, refusing a key that occurs twice (YAML would let the last one win)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys = [key.value for key, _ in node.value]
        for (key, _), name in zip(node.value, keys, strict=True):
            if keys.count(name) > 1:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {name!r} occurs twice", problem_mark=key.start_mark
                )
        return super().construct_mapping(node, deep=deep)


def _sections(path: Path, body: str, first_line: int) -> tuple[Section, ...]:
    """The sections with text, in order; a heading without text of its own gives none."""
    found: list[tuple[str, str, list[str]]] = []
    fenced = False
    for number, line in enumerate(_COMMENT.sub(_blank_lines, body).split("\n"), start=first_line):
        if _FENCE.match(line.strip()):
            fenced = not fenced
            continue
        heading = None if fenced else _HEADING.match(line)
        if heading and len(heading["marks"]) in _SECTION_LEVELS:
            found.append((*_key_and_title(path, heading["text"], number), []))
        elif heading:
            continue
        elif found and not fenced:
            found[-1][2].append(line)
    keys = [key for key, _, _ in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise SourceFailure(
            f"section {twice} occurs twice", where=str(path), todo="Number the headings anew."
        )
    sections = tuple(
        Section(key=key, title=title, text=_running_text(path, lines))
        for key, title, lines in found
    )
    return tuple(section for section in sections if section.text)


def _key_and_title(path: Path, heading: str, number: int) -> tuple[str, str]:
    numbered = _NUMBERED.match(heading)
    if numbered:
        return numbered["key"], plain(numbered["title"], f"{path}, line {number}")
    slug = re.sub(r"[^a-z0-9]+", "-", heading.casefold()).strip("-")
    if not slug:
        raise SourceFailure(
            f"the heading {heading!r} has no word",
            where=f"{path}, line {number}",
            todo="Write ## Abstract, or a number and a title such as ## 2 Method.",
        )
    return slug, plain(heading, f"{path}, line {number}")


def _running_text(path: Path, lines: list[str]) -> str:
    """Paragraphs and list items as one text; tables and rules are left out, being no sentences."""
    kept = (_LIST_MARK.sub("", line) for line in lines if not _is_table_or_rule(line))
    return plain(_unmark(" ".join(kept)), str(path))


def _is_table_or_rule(line: str) -> bool:
    bare = line.strip()
    return bare.startswith("|") or bool(re.fullmatch(r"[-*_]{3,}", bare))


def _unmark(text: str) -> str:
    """Remove link targets, emphasis and code marks; the words stay."""
    text = _LINK.sub(r"\1", text)
    text = _MARKUP.sub(r"\2", text)
    return _EMPHASIS.sub(r"\1", text)


def _blank_lines(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")
