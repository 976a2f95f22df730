"""Finds citations in a sentence, in time that grows with its length.

A citation is ``[1, 3-5]``, or a bracket of names with years: ``(Smith et al., 2020; Doe 2021a)``.
One regular expression for the second form takes time that doubles with every year in a hostile
bracket; so the bracket is found first, and then its years are walked once each.
"""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"\[[\d,;\s\u2013-]+\]")
_BRACKET = re.compile(r"\(([^()]*)\)")
_YEAR = re.compile(r" \d{4}")
_REST = re.compile(r"[a-z]?[;,\s]*")
_NAMES = re.compile(r"[A-Z][\w.&\s-]+")
_LONGEST = 500
"""Characters of a bracket that may be a citation."""


def without_citations(text: str) -> str:
    """The text without citations."""
    bare = _NUMBERS.sub("", text)
    return _BRACKET.sub(lambda match: "" if _names_and_years(match[1]) else match[0], bare)


def _names_and_years(inside: str) -> bool:
    """Whether a bracket holds nothing but names, each with a year."""
    if len(inside) > _LONGEST:
        return False
    starts = {0}
    for year in _YEAR.finditer(inside):
        end = year.start() - (inside[: year.start()].endswith(","))
        rest = _REST.match(inside, year.end())
        if rest and any(_NAMES.fullmatch(inside, start, end) for start in starts):
            starts.add(rest.end())
    return bool(inside) and len(inside) in starts
