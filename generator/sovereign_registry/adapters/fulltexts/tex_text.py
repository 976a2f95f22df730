"""Turns pieces of LaTeX into plain text by ``pylatexenc``, formulas kept as readable source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.mathtext import math_text
from sovereign_registry.adapters.fulltexts.parsed import Unreadable
from sovereign_registry.adapters.fulltexts.tex_tokens import arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPEN, _CLOSE, CELL, ROW, NOTHING = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_PRIVATE = re.compile("[\ue000-\ue00f]")
_HELD = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_MATH_ENVS = "equation|align|alignat|gather|multline|eqnarray|displaymath|math|flalign|dmath"
_MATH = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\\\[(?P<b>.+?)\\\]|\\\((?P<c>.+?)\\\)"
    rf"|\\begin\s*\{{(?P<env>(?:{_MATH_ENVS})\*?)\}}(?P<d>.+?)\\end\s*\{{(?P=env)\}}"
    r"|(?<!\\)\$(?P<e>(?:[^$\\]|\\.)+?)\$",
    re.DOTALL,
)
_MATH_LAYOUT = re.compile(
    r"\\(?:label|tag|notag|nonumber|intertext|vspace|hspace)\*?(?![a-zA-Z])(?:\s*\{[^{}]*\})?"
)
_LAYOUT = {
    1: "vspace hspace label index pagestyle thispagestyle bibliographystyle bibliography nocite "
    "graphicspath usepackage hypersetup captionsetup includegraphics vskip hskip input thanks "
    "title author date affiliation affil institute email keywords pagenumbering hyphenation "
    "titlerunning authorrunning orcid icmltitle icmlauthor tikzset pgfplotsset printbibliography",
    2: "setlength addtolength setcounter addtocounter newcolumntype newtheorem icmlaffiliation",
    3: "addcontentsline definecolor",
}
_LAYOUT_ARGUMENTS = {name: number for number, names in _LAYOUT.items() for name in names.split()}
_LAYOUT_CALL = re.compile(
    rf"\\({'|'.join(sorted(_LAYOUT_ARGUMENTS, key=len, reverse=True))})\*?(?![a-zA-Z])"
)
_CITED = re.compile(r"(?P<space>[~ ]*)\\(?P<name>[a-zA-Z]*[Cc]ite[a-zA-Z]*)\*?(?=\s*[\[{])")
_PARAGRAPH = re.compile(r"\\par(?![a-zA-Z])")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_ENVIRONMENT = re.compile(
    r"\\(?:begin|end)\s*\{[a-zA-Z]+\*?\}"
    r"(?:\s*\[[^\]]{0,300}\])?(?:\s*\{[^{}]{0,60}(?:width|height|pt|cm|em|in|\d)\})?"
)
_REF = re.compile(r"\\(?P<name>[a-zA-Z]*ref)\*?\s*\{(?P<label>[^{}]*)\}")
_ITEM = re.compile(r"\\item(?![a-zA-Z])\s*(?:\[(?P<label>[^\]]{0,200})\])?")
_SWITCHES = re.compile(
    r"\\(?:centering|small|footnotesize|scriptsize|tiny|large|Large|noindent|maketitle|newpage"
    r"|clearpage|smallskip|medskip|bigskip|raggedright|hfill|vfill|fi|tableofcontents)(?![a-zA-Z])"
)
_TEXTUAL = frozenset({"citet", "textcite", "citeauthor", "newcite", "Citet", "citealt"})
_NAMES = {"table": "Table", "figure": "Figure", "section": "Section", "listing": "Listing"}


def _context() -> object:
    context = get_default_latex_context_db()
    empty = [MacroTextSpec(name, "") for name in ("includegraphics", "maketitle", "protect")]
    context.add_context_category(
        "full-texts",
        macros=[*empty, MacroTextSpec("operatorname", "%s")],
        prepend=True,
    )
    return context


class TexText:
    """Plain text of pieces of one source.

    Args:
        labels: (kind, number) of every label that could be resolved.
    """

    def __init__(self, labels: Mapping[str, tuple[str, str]]) -> None:
        self._labels = labels
        self._convert = LatexNodes2Text(
            math_mode="text",
            keep_comments=False,
            latex_context=_context(),
            strict_latex_spaces=False,
            fill_text=False,
        )

    def paragraphs(self, tex: str) -> list[str]:
        """The paragraphs of a piece, each on one line."""
        text = self._text(_PARAGRAPH.sub("\n\n", _ITEM.sub(_item, tex)))
        lines = (" ".join(part.replace(NOTHING, " ").split()) for part in _EMPTY_LINE.split(text))
        return [line for line in lines if line]

    def text(self, tex: str) -> str:
        """The text of a piece of one paragraph.

        Raises:
            Unreadable: it is nested too deeply.
        """
        return self._text(tex).replace(NOTHING, " ")

    def _text(self, tex: str) -> str:
        held: list[str] = []

        def hold(match: re.Match[str]) -> str:
            inner = next(match[name] for name in "abcde" if match[name] is not None)
            held.append(math_text(_math_line(inner)))
            return f"{_OPEN}{len(held) - 1}{_CLOSE}"

        plain = without_layout(tex)
        plain = _MATH.sub(hold, plain)
        plain = _without_citations(plain)
        plain = _ENVIRONMENT.sub(" ", plain)
        plain = _REF.sub(self._ref, plain)
        plain = _SWITCHES.sub(" ", plain)
        if _depth(plain) > limits.NESTING:
            raise Unreadable("the source is nested too deeply")
        text = str(self._convert.latex_to_text(plain))
        return _HELD.sub(lambda match: _of(held, int(match[1])), text)

    def _ref(self, match: re.Match[str]) -> str:
        kinds_numbers = [
            self._labels.get(label.strip(), ("", "??")) for label in match["label"].split(",")
        ]
        numbers = ", ".join(number for _, number in kinds_numbers)
        kind = _NAMES.get(kinds_numbers[0][0], "") if match["name"].lower() != "ref" else ""
        if match["name"] in {"eqref", "pageref"}:
            return f"({numbers})"
        return f"{kind} {numbers}".strip()


def prepared(text: str) -> str:
    """A source without the characters that this module uses for itself."""
    return _PRIVATE.sub("", text)


def without_layout(tex: str) -> str:
    """The text without commands of layout and their arguments."""
    kept: list[str] = []
    at = 0
    while (match := _LAYOUT_CALL.search(tex, at)) is not None:
        kept.append(tex[at : match.start()])
        taken = arguments(tex, match.end(), _LAYOUT_ARGUMENTS[match[1]])
        at = taken[1] if taken else match.end()
    kept.append(tex[at:])
    return "".join(kept)


def _without_citations(tex: str) -> str:
    """Citations in brackets vanish with the blank before them; one in the text keeps its key."""
    kept: list[str] = []
    at = 0
    while (match := _CITED.search(tex, at)) is not None:
        kept.append(tex[at : match.start()])
        taken = arguments(tex, match.end(), 1)
        if taken and match["name"] in _TEXTUAL:
            kept.append(f"{match['space'] and ' '}[{taken[0][0].strip()}]")
        at = taken[1] if taken else match.end()
    kept.append(tex[at:])
    return "".join(kept)


def _item(match: re.Match[str]) -> str:
    return f"\n\n{match['label'] or ''} "


def _of(held: list[str], number: int) -> str:
    return held[number] if number < len(held) else ""


def _math_line(tex: str) -> str:
    return _MATH_LAYOUT.sub(" ", tex).replace("&", " ").replace("\\\\", " ")


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in re.finditer(r"\\.|[{}]", text):
        if match[0] == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] == "}":
            depth -= 1
    return deepest
