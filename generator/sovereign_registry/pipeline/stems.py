"""Content words and how two of them are compared.

A *content word* is a word of the text that is no stop word, has at least two characters (one is
enough outside ASCII) and at least one letter; a possessive ``'s`` is dropped; of words with the
same stem the first is kept.

Two words agree when their stems do: the English Snowball stemmer (``snowballstemmer``), after the
plural ``s`` of an acronym (``llms``, ``gpus``) was dropped, which Snowball leaves, and British
endings (``-ise``, ``-our``) were written the American way.  A hyphenated
word also agrees with its parts side by side (``token level``) and in one (``multimodal``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from threading import local
from typing import TYPE_CHECKING

from snowballstemmer.english_stemmer import EnglishStemmer

from sovereign_registry.contracts.text import STOP_WORDS, words

if TYPE_CHECKING:
    from collections.abc import Iterable

_EDGES = "-'\u2019"
_POSSESSIVE = re.compile(r"['\u2019]s?$")
_ACRONYM_PLURAL = re.compile(r"^(?=.{4,}$)[^aeiouy\W\d_]+[aeiou]?s$")
_PART = re.compile(r"[-'\u2019]+")
_BRITISH = (
    (re.compile(r"(?<=\w{3})is(?=(?:e|es|ed|er|ers|ing|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=\w{3})our(?=(?:s|ed|al)?$)"), "or"),
)
_STATE = local()  # a stemmer holds the word it works on, so each thread has its own


def _stemmer() -> EnglishStemmer:
    stemmer = getattr(_STATE, "stemmer", None)
    if stemmer is None:
        stemmer = _STATE.stemmer = EnglishStemmer()
    return stemmer


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of one case-folded word."""
    if _ACRONYM_PLURAL.match(word) and not word.endswith("ss"):
        word = word[:-1]
    for ending, american in _BRITISH:
        word = ending.sub(american, word)
    return str(_stemmer().stemWord(word))


def clean_word(word: str) -> str:
    """A word without its possessive ending and without hyphens at its ends."""
    return _POSSESSIVE.sub("", word.strip(_EDGES)).strip(_EDGES)


def is_content(word: str) -> bool:
    """Whether a cleaned, case-folded word counts as a content word."""
    long_enough = len(word) > 1 or not word.isascii()
    return long_enough and word not in STOP_WORDS and any(letter.isalpha() for letter in word)


def content_words(text: str) -> tuple[str, ...]:
    """The content words of a text in order, each stem once."""
    found: dict[str, str] = {}
    for raw in words(text):
        word = clean_word(raw)
        if is_content(word):
            found.setdefault(stem(word), word)
    return tuple(found.values())


@lru_cache(maxsize=65_536)
def _parts(word: str) -> tuple[str, ...]:
    """The stems of a hyphenated word's parts; of any other word its one stem."""
    return tuple(stem(part) for part in _PART.split(word) if part)


def stem_set(texts: Iterable[str]) -> frozenset[str]:
    """All stems under which the words of some texts can be found, and all adjacent pairs."""
    found: set[str] = set()
    for text in texts:
        row: list[str] = []
        for raw in words(text):
            word = clean_word(raw)
            parts = _parts(word)
            row.extend(parts)
            if len(parts) > 1:
                found.add(stem("".join(_PART.split(word))))
        found.update(row)
        found.update(f"{left} {right}" for left, right in pairwise(row))
    return frozenset(found)


def covers(stems: frozenset[str], word: str) -> bool:
    """Whether a text with these stems holds a content word."""
    parts = _parts(word)
    if len(parts) < 2:  # noqa: PLR2004 - not hyphenated
        return stem(word) in stems
    joined = stem("".join(_PART.split(word))) in stems
    return joined or all(f"{left} {right}" in stems for left, right in pairwise(parts))


def covered(question_words: Iterable[str], stems: frozenset[str]) -> tuple[str, ...]:
    """Those of the question's content words that a text with these stems holds, in order."""
    return tuple(word for word in question_words if covers(stems, word))
