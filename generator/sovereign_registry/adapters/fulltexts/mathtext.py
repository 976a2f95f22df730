"""Math kept readable: plain where it is plain, else its TeX between dollar signs."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w\s.,%+\-=<>/:'\u00b1\u00d7\u2212\u2264\u2265]*$")
_SPACING = re.compile(r"\\(?:[,;:!> ]|q?quad(?![a-zA-Z])|displaystyle(?![a-zA-Z])|nolimits)")
_SIMPLE = {
    "\\times": "\u00d7", "\\pm": "\u00b1", "\\%": "%", "\\leq": "\u2264", "\\geq": "\u2265",
    "\\le": "\u2264", "\\ge": "\u2265", "\\sim": "~", "\\approx": "\u2248", "\\cdot": "\u00b7",
    "\\to": "\u2192", "\\rightarrow": "\u2192", "\\ldots": "...", "\\dots": "...",
}  # fmt: skip
_COMMAND = re.compile(r"\\(?:[a-zA-Z]+|%)")
_TRAILING = re.compile(r"\s*(?<!\\right)(?<!\\left)([.,;:])\s*$")
LONGEST = 450
"""Characters of one formula; of a longer one only that it was there is kept.  The splitter of
sentences knows formulas of up to 500 characters."""


def math_text(tex: str) -> str:
    r"""A formula as it stands in a sentence; sentence marks at its end stand outside.

    ``k=2`` stays ``k=2``; ``10\times`` becomes ``10x`` with the multiplication sign; anything that
    needs TeX stays TeX, between dollar signs on one line.
    """
    line = " ".join(_SPACING.sub(" ", tex.replace("$", " ")).split())
    if not line:
        return ""
    if len(line) > LONGEST:
        return "[formula]"
    mark = ""
    trailing = _TRAILING.search(line)
    if trailing:
        line, mark = line[: trailing.start()], trailing[1]
    line = line.rstrip("\\ ")
    simple = _COMMAND.sub(lambda match: _SIMPLE.get(match[0], match[0]), line)
    simple = re.sub(r"\s*([\u00d7\u00b1])\s*", r"\1", simple)
    if _PLAIN.match(simple.replace("~", "").replace("\u2248", "").replace("\u2192", "")):
        return simple + mark
    return f"${line}${mark}"
