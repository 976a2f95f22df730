"""Step 1, first half: check the question and derive up to four search queries from it.

1. all content words;
2. the names: words with a capital or a digit behind their first letter (``MoE``, ``GPT4``), words
   with a capital that do not open the question, and hyphenated words; no measured quantities;
3. the topic: the content words up to the first preposition or word of comparison that follows at
   least three of them, or else the first half;
4. the outcomes: words for measured quantities, each with the content word before it, anchored by
   the first name (or the first content word) so that the query keeps its subject.

Where a rule gives nothing, or the same set of words as an earlier query, its place is taken by the
first of these that is new: the second half of the content words, the longer half of them, all but
the first, all but the last.  A question too short for that gets fewer queries.  Terms are plain
case-folded words; query syntax is the search adapter's affair.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.papers import Query
from sovereign_registry.contracts.text import collapse, require_clean
from sovereign_registry.pipeline.stems import clean_word, content_words, stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_QUESTION = 1000
"""Longest question in characters; the longest of the source documents has 232."""

_BREAKS = str.maketrans(dict.fromkeys("\t\n\r\x85\u2028\u2029", " "))
"""Line ends and tabs of a pasted question; other control characters are refused."""

_TOKEN = re.compile(r"\b\w[\w'\u2019-]*")
_NAME = re.compile(r"^\w+[A-Z0-9]|^\w[\w'\u2019]*-\w")
_BOUNDARY_WORDS = (
    "across against among at between by compared depend depends does during for from given in "
    "into on over per relative than through to under using versus via vs when while with"
)
_BOUNDARIES = frozenset(_BOUNDARY_WORDS.split())
_TOPIC_MIN = 3
_OUTCOME_WORDS = (
    "accuracy bandwidth calibration capacity computation convergence cost coverage delay "
    "diversity divergence efficiency energy entropy error f1 fairness flops footprint "
    "generalisation generalization gradient imbalance balance latency loss memory overhead "
    "parameters performance perplexity power precision quality rate recall reliability "
    "robustness savings score skew sparsity speed speedup stability storage throughput "
    "time trade-off utilisation utilization variance"
)
_OUTCOMES = frozenset(stem(word) for word in _OUTCOME_WORDS.split())
_RULES = {
    1: "all content words",
    2: "names: acronyms, capitalised and hyphenated words",
    3: "topic: the leading content words",
    4: "outcomes: measured quantities with the word before them and the first name",
}


_WORD = re.compile(r"\w+")
REPEATS_FROM = 12
"""Words from which on a question may be told that it repeats itself."""


def check_question(raw: str) -> str:
    """Return the question as one line, if the pipeline can work with it.

    Line breaks, tabs and repeated spaces become single spaces: a pasted question is one question.

    Raises:
        BadInput: the question is empty, longer than 1,000 characters, holds another control or a
            bidirectional character, has no content word, or is filler: of twelve words or more,
            fewer than half differ.
    """
    question = collapse(require_clean(raw.translate(_BREAKS), "question"))
    if not question:
        raise BadInput(
            "the question is empty", where="question", todo="Ask something in one sentence."
        )
    if len(question) > MAX_QUESTION:
        raise BadInput(
            f"the question has {len(question):,} characters; at most {MAX_QUESTION:,} are accepted",
            where="question",
            todo=(
                f"Shorten it by at least {len(question) - MAX_QUESTION:,}: ask one question in a "
                "sentence or two, and leave background out."
            ),
        )
    if not content_words(question):
        raise BadInput(
            "the question has no content word: nothing in it says what it is about",
            where="question",
            todo="Name the subject and the quantity that you ask about.",
        )
    words = _WORD.findall(question.casefold())
    if len(words) >= REPEATS_FROM and 2 * len({*words}) < len(words):
        raise BadInput(
            f"the question repeats itself: {len({*words})} different words among {len(words)}",
            where="question",
            todo="Ask it once, in a sentence or two.",
        )
    return question


def derive_queries(question: str, limit: int) -> tuple[Query, ...]:
    """Derive at most ``limit`` distinct queries from a checked question; never none."""
    content = content_words(question)
    ruled = [content, _names(question), _topic(question), _outcomes(question, content)]
    spare: Iterator[tuple[tuple[str, ...], str]] = _spares(content)
    queries: list[Query] = []
    seen: set[frozenset[str]] = set()
    for number, terms in enumerate(ruled[:limit], start=1):
        chosen, rule = terms, _RULES[number]
        while not chosen or frozenset(chosen) in seen:
            chosen, rule = next(spare, ((), ""))
            if not rule:
                break
        if chosen:
            seen.add(frozenset(chosen))
            queries.append(Query(number=number, terms=tuple(chosen), rule=rule))
    return tuple(queries)


def _names(question: str) -> tuple[str, ...]:
    names = []
    for index, match in enumerate(_TOKEN.finditer(question)):
        token = clean_word(match.group())
        capitalised = index > 0 and token[:1].isupper()
        measured = stem(token.casefold()) in _OUTCOMES
        if token and not measured and (capitalised or _NAME.match(token)):
            names.append(token)
    return content_words(" ".join(names))


def _topic(question: str) -> tuple[str, ...]:
    content = set(content_words(question))
    topic: list[str] = []
    for raw in (clean_word(token.casefold()) for token in _TOKEN.findall(question)):
        if raw in content and raw not in topic:
            topic.append(raw)
        elif raw in _BOUNDARIES and len(topic) >= _TOPIC_MIN:
            return tuple(topic)
    ordered = content_words(question)
    return ordered[: (len(ordered) + 1) // 2]


def _outcomes(question: str, content: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for index, word in enumerate(content):
        if stem(word) in _OUTCOMES:
            found |= dict.fromkeys(content[max(0, index - 1) : index + 1])
    if not found:
        return ()
    anchor = (_names(question) or tuple(content))[0]
    return tuple(dict.fromkeys((anchor, *found)))


def _spares(content: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    half = (len(content) + 1) // 2
    longer = set(sorted(content, key=lambda word: (-len(word), word))[:half])
    yield content[half:], "second half of the content words"
    yield tuple(word for word in content if word in longer), "longer half of the content words"
    yield content[1:], "all content words but the first"
    yield content[:-1], "all content words but the last"
