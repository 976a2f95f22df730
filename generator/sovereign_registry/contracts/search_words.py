"""How texts become search words, version 1: for the index, the page's script and the check.

A text is normalised (NFKD), lowered, freed of combining marks, and a few letters that Unicode does
not take apart are written out (``FOLDS``).  Runs of letters and digits are the words; words of one
character and the ``STOP`` words are left out, and a word is cut at ``LONGEST`` characters.  Both
tables are published with the index, so that the script has no tables of its own.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 24
"""Characters of a word that count; the rest is left out, in the index and in a query."""

FOLDS = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "þ": "th",
    "ı": "i",  # noqa: RUF001 - that letter is meant
    "ħ": "h",
    "ŧ": "t",
    "ς": "σ",  # noqa: RUF001 - as above
}
"""Letters that NFKD leaves whole, and what they are written as."""

STOP = tuple(
    sorted(
        "a an and are as at be but by can do does for from has have how if in into is it its "  # noqa: SIM905 - reads better as a text
        "no not of on or such than that the their then there these they this to was were what "
        "when where which while who why will with".split()
    )
)
"""English words that nearly every record holds."""

_STOP = frozenset(STOP)
_WORD = re.compile(r"[^\W_]+")
_ODD = re.compile(f"[{''.join(FOLDS)}]")


def fold(text: str) -> str:
    """A text in the letters that words are compared in."""
    if text.isascii():
        return text.lower()
    plain = "".join(
        one
        for one in unicodedata.normalize("NFKD", text).lower()
        if unicodedata.category(one)[0] != "M"
    )
    return _ODD.sub(lambda found: FOLDS[found[0]], plain)


def words(text: str) -> list[str]:
    """The words of a text in their order, repeated ones too."""
    found = [word[:LONGEST] for word in _WORD.findall(fold(text))]
    return [word for word in found if len(word) > 1 and word not in _STOP]


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Every word of several texts once, sorted by code points."""
    return tuple(sorted({word for text in texts for word in words(text)}))
