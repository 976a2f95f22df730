"""Tables and figures of a LaTeX source: captions and rows as sections of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sovereign_registry.adapters.fulltexts.html_tables import row_line
from sovereign_registry.adapters.fulltexts.tex_text import CELL, ROW
from sovereign_registry.adapters.fulltexts.tex_tokens import arguments, group, option

if TYPE_CHECKING:
    from sovereign_registry.adapters.fulltexts.parsed import Sections
    from sovereign_registry.adapters.fulltexts.tex_text import TexText

PLACE = re.compile("\ue005(\\d+)\ue006")
"""Where a float stood."""
_KINDS = {
    "figure": "figure", "wrapfigure": "figure", "sidewaysfigure": "figure", "SCfigure": "figure",
    "table": "table", "wraptable": "table", "sidewaystable": "table", "longtable": "table",
    "algorithm": "listing", "algorithm2e": "listing", "listing": "listing",
    "tabular": "table", "tabularx": "table", "tabulary": "table", "tikzpicture": "drawing",
    "pgfpicture": "drawing", "picture": "drawing", "algorithmic": "drawing",
}  # fmt: skip
_FLOAT = re.compile(
    rf"\\begin\s*\{{(?P<env>(?:{'|'.join(sorted(_KINDS, key=len, reverse=True))})\*?)\}}"
    r"(?P<body>.*?)\\end\s*\{(?P=env)\}",
    re.DOTALL,
)
_ROWS = re.compile(
    r"\\begin\s*\{(?P<env>tabular[xy]?\*?|tabulary|longtable)\}(?P<body>.*?)\\end\s*\{(?P=env)\}",
    re.DOTALL,
)
_CAPTION = re.compile(r"\\(?:caption|captionof\s*\{[a-z]+\}|subcaption)\*?(?![a-zA-Z])")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_RULE = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot"
    r"|addlinespace)(?![a-zA-Z])(?:\s*\[[^\]]*\])?"
    r"|\\(?:cline|cmidrule|specialrule)(?![a-zA-Z])(?:\s*\([^)]*\))?(?:\s*\{[^{}]*\})+"
    r"|\\(?:rowcolor|cellcolor|columncolor)(?![a-zA-Z])(?:\s*\[[^\]]*\])?\s*\{[^{}]*\}"
)
_SPANNING = re.compile(r"\\(multicolumn|multirow)(?![a-zA-Z])\s*(?=[\[{])")
_ROW_END = re.compile(r"\\\\\*?(?:\s*\[[^\]]{0,20}\])?|\\tabularnewline(?![a-zA-Z])")
_AMPERSAND = re.compile(r"(?<!\\)&")
_MOST_ROWS = 500
_CELL_CHARACTERS = 300


@dataclass(frozen=True)
class Float:
    """One table or figure."""

    kind: str
    number: str
    body: str
    labels: tuple[str, ...]
    captions: tuple[str, ...]


def take_floats(text: str) -> tuple[str, list[Float]]:
    """The text with a mark where each float stood, and the floats in order."""
    floats: list[Float] = []
    counts: dict[str, int] = {}

    def take(match: re.Match[str]) -> str:
        name = match["env"].rstrip("*")
        kind, body = _KINDS[name], match[0]
        if kind == "drawing":
            return " "
        captions = _captions(body)
        number = ""
        if captions:
            counts[kind] = counts.get(kind, 0) + 1
            number = str(counts[kind])
        floats.append(Float(kind, number, body, tuple(_LABEL.findall(body)), captions))
        return f"\ue005{len(floats) - 1}\ue006"

    return _FLOAT.sub(take, text), floats


def _captions(body: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in _CAPTION.finditer(body):
        short = option(body, match.end())
        braced = group(body, short[1] if short else match.end())
        if braced:
            found.append(braced[0])
    return tuple(found)


def write(one: Float, sections: Sections, to_text: TexText) -> None:
    """Write a float as a section: its captions, then its rows."""
    name = one.kind.capitalize()
    key = f"{one.kind}-{one.number or 'x'}"
    place = sections.open(key, f"{name} {one.number}" if one.number else f"{name} without a number")
    for caption in one.captions:
        for paragraph in to_text.paragraphs(caption):
            sections.add(place, paragraph)
    if one.kind != "table":
        return
    for match in _ROWS.finditer(one.body):
        for line in _rows(match, to_text):
            sections.add(place, line)


def _rows(match: re.Match[str], to_text: TexText) -> list[str]:
    wide = match["env"].startswith(("tabularx", "tabulary", "tabular*"))
    body = match["body"]
    taken = arguments(body, 0, 2 if wide else 1)
    body = body[taken[1] :] if taken else body
    body = _without_spans(_RULE.sub(" ", body))
    if "longtable" in match["env"]:
        body = _without_captions(body)
    marked = _AMPERSAND.sub(CELL, _ROW_END.sub(ROW, body))
    lines: list[str] = []
    heads: list[str] = []
    for row in to_text.text(marked).split(ROW)[:_MOST_ROWS]:
        cells = [" ".join(cell.split())[:_CELL_CHARACTERS] for cell in row.split(CELL)]
        if not any(cells):
            continue
        lines.append(row_line(heads, cells))
        heads = heads or (cells if all(cells[1:]) else [])
    return lines


def _without_captions(body: str) -> str:
    while (match := _CAPTION.search(body)) is not None:
        braced = group(body, match.end())
        body = body[: match.start()] + " " + body[braced[1] if braced else match.end() :]
    return body


def _without_spans(body: str) -> str:
    """Cells over several columns or rows, as their text alone."""
    kept: list[str] = []
    at = 0
    while (match := _SPANNING.search(body, at)) is not None:
        kept.append(body[at : match.start()])
        taken = arguments(body, match.end(), 3)
        kept.append(taken[0][2] if taken else "")
        at = taken[1] if taken else match.end()
    kept.append(body[at:])
    return "".join(kept)
