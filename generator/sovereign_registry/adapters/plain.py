"""Plain text from what sources deliver: hard-wrapped lines, LaTeX accents, author strings."""

from __future__ import annotations

import re
import unicodedata

from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.text import FORBIDDEN, describe_character

_COMBINING = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø",
    "l": "ł", "L": "Ł", "i": "\u0131", "j": "\u0237",
}  # fmt: skip
_BASE = r"(?:\{\s*(?P<braced>\\[ij]|[A-Za-z])\s*\}|(?P<bare>\\[ij](?![A-Za-z])|[A-Za-z]))"
# \'e, \'{e}, {\'e}, \c{c}, \v s: a mark named by a letter needs braces or a space behind it.
_ACCENT = re.compile(
    r"(?P<open>\{)?\\(?:(?P<sign>['`^\"~=.])\s*|(?P<named>[uvHckrdb])(?=\s*\{|\s+[A-Za-z\\])\s*)"
    + _BASE
    + r"(?P<close>(?(open)\}))"
)
_LETTER = re.compile(
    r"\{\\(?P<braced>ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)\}"
    r"|\\(?P<bare>ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?:\{\}|\s+(?=[a-z])|(?![A-Za-z]))"
)
_MATH = re.compile(r"(\$\$?[^$]*\$\$?)")
_AUTHOR_SEPARATOR = re.compile(r",\s+and\s+|\s+and\s+|,\s*")
_AFFILIATION = re.compile(r"\s*\([^()]*\)")


def _accent(match: re.Match[str]) -> str:
    base = (match["braced"] or match["bare"]).replace("\\i", "i").replace("\\j", "j")
    mark = _COMBINING[match["sign"] or match["named"]]
    return unicodedata.normalize("NFC", base + mark)


def _letter(match: re.Match[str]) -> str:
    return _LETTERS[match["braced"] or match["bare"]]


def latex_letters(text: str) -> str:
    """Replace LaTeX accents and national letters by Unicode, outside inline math.

    Only letters are touched; any other command stays as the source wrote it.
    """
    if "\\" not in text:
        return text
    parts = _MATH.split(text)
    for index in range(0, len(parts), 2):
        parts[index] = _LETTER.sub(_letter, _ACCENT.sub(_accent, parts[index]))
    return "".join(parts)


def one_line(text: str) -> str:
    """Collapse white space, turn LaTeX letters into Unicode (NFC).

    For what strangers wrote: hidden characters pass, because one paper must not end the question
    that finds it; the pipeline drops them and flags the paper.
    """
    return unicodedata.normalize("NFC", latex_letters(" ".join(text.split())))


def plain(text: str, where: str) -> str:
    """As ``one_line``, for what the registry itself keeps: hidden characters are refused.

    Raises:
        SourceFailure: the text holds a control, bidirectional or otherwise forbidden character.
    """
    line = one_line(text)
    found = FORBIDDEN.search(line)
    if found:
        raise SourceFailure(
            f"found {describe_character(found.group())} at character {found.start()}",
            where=where,
            todo="Remove the character or the line: hidden characters are not accepted.",
        )
    return line


def split_authors(text: str) -> tuple[str, ...]:
    """Split an author string such as ``A. Bee, C. Dee, and E. Eff (X collaboration)``.

    Affiliations in parentheses are left out.  A closing ``et al.`` is kept as the last name, so
    that a cut-off list stays visible as one.
    """
    flat = " ".join(text.split())
    while (stripped := _AFFILIATION.sub("", flat)) != flat:
        flat = stripped
    flat = re.sub(r",?\s+et al\.?$", ", et al.", flat)
    names = [name.strip() for name in _AUTHOR_SEPARATOR.split(flat)]
    joined: list[str] = []
    for name in names:
        if joined and re.fullmatch(r"(?:Jr|Sr|II|III|IV)\.?", name):
            joined[-1] += f", {name}"
        elif name:
            joined.append(name)
    return tuple(joined)
