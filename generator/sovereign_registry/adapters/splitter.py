"""SentenceSplitter over ``sentencex`` (Wikimedia), with what it gets wrong in papers put right.

Measured against pysbd (no release since 2021) on prose of papers: both break after ``Eq.``,
``Figs.``, ``Tab.`` and ``Approx.`` and inside inline math; sentencex alone lets a pair of quotation
marks or apostrophes (``It's`` ... ``experts'``) swallow whole sentences, pysbd alone breaks at
citations such as ``et al. [3]``, in URLs and at every line end.  So math, addresses, brackets and
quotation marks are masked, character for character, before splitting, and a break is undone where
no sentence can end or begin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.text import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MASKED = re.compile(
    r"\$\$[^$]{1,2000}\$\$"  # display math
    r"|(?<![\\\w$])\$(?!\s)[^$\n]{1,500}?(?<![\s\\])\$(?!\d)"  # inline math
    r"|\\\((?:(?!\\\)).){1,500}\\\)"
    r"|https?://[^\s<>\"]+(?<![.,;:!?)\]])"
)
_MARKS = str.maketrans(dict.fromkeys("\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb()[]{}", " "))
_OPENING = "([{`\u201c\u201e\u2018\u00ab"

_OPEN_END = re.compile(
    r"(?:^|[\s(\[])(?:"
    r"Eqs?|Eqns?|Figs?|Tabs?|Secs?|Sects?|Refs?|Chaps?|Algs?|Thms?|Lem|Props?|Cor|Defs?|Apps?|Vols?|"
    r"cf|i\.e|e\.g|vs|viz|resp|[Aa]pprox|ca|w\.r\.t|a\.k\.a|Dr|Prof|Mr|Mrs|Ms|St"
    r")\.$"
)
"""An abbreviation that a number, a name or a word follows: no sentence ends behind it."""

_MAYBE_END = re.compile(
    r"(?:^|[\s(\[])(?:[Nn]os?|pp?|acc|avg|max|min|std|ch|fig|sec|tab|eq|ed|eds)\.$"
)
_NUMBERED = re.compile(r"[\d$([#]|[A-Z](?:[.,;)\d]|\s*$)")
"""What makes the foregoing an abbreviation: a number or a single letter."""

_SIGHT = 60
"""Characters on either side of a break that decide whether it is one."""

_AL_END = re.compile(r"\bet\s+al\.\s*$")
_LOWER_START = re.compile(r"[a-z](?![a-z]*[A-Z])")
"""A lower-case word, but not a name such as vLLM or iPhone."""
_CONTINUATION = re.compile(r"[,;:)\]}%]|\[\d")
_MARK_ONLY = re.compile(r"[\W_]+$")
_CLOSING = re.compile(r"[\"'\u201d\u2019\u00bb)\]}]+(?=\s|$)")
_ITEM = re.compile(r"(?:\(?\d{1,3}|\(?[a-z])[.)]\s*$")
_FIRST_WORD = re.compile(r"\w+")
_WORD_CHARACTER = re.compile(r"\w")


class SentencexSplitter:
    """Splits English prose of papers into sentences."""

    name = "sentencex"

    @property
    def version(self) -> str:
        """The library's version, and that of the merge rules here."""
        from importlib.metadata import version  # noqa: PLC0415 - reads the disk

        return f"{version('sentencex')}+rules-1"

    def spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Return the (start, end) spans of the sentences, trimmed, in order, not overlapping.

        A paragraph break (an empty line) always ends a sentence.  Spans without a word are left
        out; every other character that is no white space belongs to exactly one span.
        """
        starts = sorted({_before_opening(text, start) for start in _starts(_mask(text))})
        pieces = [
            _trim(text, start, end)
            for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
        ]
        merged = _merge(text, [piece for piece in pieces if piece[0] < piece[1]])
        return [span for span in merged if _WORD_CHARACTER.search(text, *span)]


def _mask(text: str) -> str:
    """The text as the library sees it: same length, no math, addresses, quotes or brackets."""
    masked = _MASKED.sub(lambda match: "x" * len(match.group()), text)
    return masked.translate(_MARKS)


def _starts(masked: str) -> set[int]:
    import sentencex  # noqa: PLC0415 - a compiled module, only needed where text is split

    found = {0}
    for boundary in sentencex.get_sentence_boundaries("en", masked):
        found.add(min(int(boundary["start_index"]), len(masked)))
    return found


def _before_opening(text: str, start: int) -> int:
    """Move a start before the opening marks that belong to the sentence."""
    moved = start
    while moved and text[moved - 1] in _OPENING:
        moved -= 1
    return moved if moved == 0 or text[moved - 1].isspace() else start


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _merge(text: str, pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join pieces that are one sentence, and give closing marks back to the sentence they close."""
    sentences: list[tuple[int, int]] = []
    for piece in pieces:
        start, end = piece
        if sentences:
            last_start, last_end = sentences[-1]
            closing = _CLOSING.match(text, start, end)
            if closing and start == last_end:
                sentences[-1] = (last_start, closing.end())
                start, end = _trim(text, closing.end(), end)
                if start >= end:
                    continue
                last_end = closing.end()
            if not _is_break(text, (last_start, last_end), (start, end)):
                sentences[-1] = (last_start, end)
                continue
        sentences.append((start, end))
    return sentences


def _is_break(text: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
    """Whether a sentence ends at ``left`` and another begins at ``right``."""
    if "\n\n" in text[left[1] : right[0]]:
        return True
    before = text[max(left[0], left[1] - _SIGHT) : left[1]]
    after = text[right[0] : min(right[1], right[0] + _SIGHT)]
    if _MARK_ONLY.match(text, *right) or _ITEM.fullmatch(before):
        return False
    if _AL_END.search(before):
        # "Smith et al. They show": a name list rarely ends a sentence, but it may.
        return _starts_afresh(after)
    if _OPEN_END.search(before) or (_MAYBE_END.search(before) and _NUMBERED.match(after)):
        return False
    return not (_LOWER_START.match(after) or _CONTINUATION.match(after))


def _starts_afresh(after: str) -> bool:
    """Whether the text begins as a sentence does: with a capitalised function word."""
    word = _FIRST_WORD.match(after)
    return bool(word and word.group()[0].isupper() and word.group().casefold() in STOP_WORDS)
