"""Step 4: which sentences become claims, and why.

*Eligible* is a sentence of 8 to 45 words that shares a content word with the question, has a verb
of a documented list, stands on its own (does not open with a pronoun or point at something outside
itself), and is no question, plan, heading, citation list or table row.  A sentence that reads like
an instruction to its reader is never eligible, nor is one of a full text's tables, captions and
listings, one that no full stop ends, or of which formulas are more than a quarter.

*Score* of an eligible sentence: 1 point per content word of the question that it holds, at most 5;
1.5 if it states a quantity; 1 for a verb of finding; 0.5 if it compares; -0.5 if it opens with a
connective; -1 if it points back (``these``, ``such``).  Each point is named among the reasons.

*Relevant* papers are those with an eligible sentence that cover at least two thirds of what the
best of them covers; where these are fewer than three, the next papers in reading order fill up to
three, so that a record does not rest on one source.  Claims come from relevant papers only.

*Text kind*.  A record reaches a level only with all its claims, so claims come from one kind of
text where that kind can carry the record: the relevant papers of the best kind (parsed sections,
then abstracts, then registry summaries) are taken alone if at least two of them give ``ENOUGH``
claims together; else that kind and the next one together, and so on.

*Round robin*: papers take turns in reading order, each offering its best sentence left, until
``max_claims`` are found or each has given ``claims_per_paper``.  A sentence whose normalised text
equals a claim's, or whose content words have a Jaccard index of at least 0.8 with a claim's, is
passed over.

*By a model.*  Where a run has an extractor, relevance, text kind, round robin and repeats are the
same; only what each paper offers, and in which order, is what the model quoted (``quoting``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import ClaimKind, Selection
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.text import jaccard, normalise, words
from sovereign_registry.pipeline.citations import without_citations
from sovereign_registry.pipeline.hostile import reads_like_injection
from sovereign_registry.pipeline.stems import covered, stem, stem_set

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.pipeline.passages import SourcePassage
    from sovereign_registry.pipeline.reading import ReadPaper

MIN_WORDS, MAX_WORDS = 8, 45
SOURCES = 3
"""Relevant papers that a run looks for."""
ENOUGH = 6
"""Claims that one kind of text must give to be used alone; fewer where ``max_claims`` is."""

_KINDS = (TextKind.SECTIONS, TextKind.ABSTRACT, TextKind.SUMMARY)
_MAX_OVERLAP = 5


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


_FINDING = _stems(
    "achieve attain beat confirm decrease degrade deliver demonstrate double drop equal "
    "exceed fall find gain grow halve hold improve increase indicate lose lower match obtain "
    "observe outperform predict prove raise reach reduce remain report require reveal rise save "
    "scale show shrink surpass take yield"
)
_PLAIN = _stems(
    "activate add allow apply assign avoid become build call carry combine compress "
    "compute contain consume correlate depend differ divide drive employ enable ensure exploit "
    "fail fit follow generalise generalize generate give help hide imply include introduce "
    "keep lack lead leave maintain make mean move need occupy offer operate pass "
    "perform pick preserve prevent produce provide quantise quantize read receive recover "
    "replace retain route run select send separate serve share sit skip specialise "
    "specialize split stay stem store suffer support tend train transfer treat use vary"
) | frozenset({"is", "are", "was", "were", "has", "have", "had", "can", "cannot", "does", "be"})
_PRONOUN_START = re.compile(
    r"^(?:it|its|they|their|them|this|these|those|that|he|she|his|her|such|here|there|both|the "
    r"(?:former|latter|same|above|following)|one|another|others?|which|where|who|we|our|i|my)\b",
    re.IGNORECASE,
)
_FINDING_START = re.compile(
    r"^we\s+(?:\w+ly\s+)?(?:find|found|show|showed|observe|observed|demonstrate|prove|measure)\b",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"\b(?:in this (?:paper|work|note|section|study|article|report|survey|project)"
    r"|th(?:is|e present) (?:paper|work|note|section|study|article|report|survey)"
    r"|we (?:also |then |further |instead |first |now |will |aim to |want to |hope to )*"
    r"(?:propose|present|introduce|study|investigate|explore|consider|describe|discuss|review|ask"
    r"|examine|analy[sz]e|evaluate|test|compare|develop|design|formulate|aim|plan|release)"
    r"|(?:study|paper|work|authors|survey|report|note) (?:also )?"
    r"(?:asks?|investigates?|examines?|explores?|analy[sz]es?|stud(?:y|ies)|introduces?|presents?"
    r"|proposes?|describes?|considers?)"
    r"|our (?:goal|aim|code|contributions?|method|approach) (?:is|are|will)"
    r"|(?:code|data|models?|weights) (?:is|are|will be) (?:publicly )?(?:available|released)"
    r"|future work|remains? (?:to be|an open)|available at)\b|https?://",
    re.IGNORECASE,
)
_OUTWARD = re.compile(
    r"\b(?:table|figure|fig\.|section|sec\.|equation|eq\.|appendix|algorithm)\s*\(?\d"
    r"|\b(?:above|below|following)\s*(?:[.,:;)]|$)|\bsee\s",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"\b(?:this|these|those|such)\b", re.IGNORECASE)
_CONNECTIVE = re.compile(
    r"^(?:however|moreover|furthermore|thus|therefore|hence|also|additionally|in addition|but|and"
    r"|yet|nevertheless|consequently|in contrast|by contrast|instead|finally|similarly|meanwhile"
    r"|besides|so|then|as a result|for example|for instance|specifically|notably)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"(?<![\w.])\d[\d,]*(?:\.\d+)?\s*(?:%|x\b|\u00d7|times\b|percent|per cent|[A-Za-z]+)?"
    r"|\b(?:half|third|quarter|double|twice|tenfold|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"\b(?:than|more|less|fewer|higher|lower|faster|slower|larger|smaller|better|worse|versus"
    r"|compared|relative to|as \w+ as|outperforms?|exceeds?)\b",
    re.IGNORECASE,
)
_THEOREM = re.compile(
    r"(?<!-)\b(?:theorem|lemma|corollary|proof|proves?|proven|provabl[ey]|if and only if|converges?"
    r"|np-hard|undecidable|closed form|identity|identically|(?:upper|lower) bound(?:s|ed)?"
    r"|bounded (?:above|below|by)|monoton\w+|asymptotic\w*)\b",
    re.IGNORECASE,
)
_LETTER_SHARE = 0.6
_NO_PROSE = ("table-", "figure-", "listing-")
_WHOLE = re.compile(r"[.!?\u2026][\"')\]\u201d\u2019]*$")
_LONGEST = 500
"""Characters of a claim, as of any quotation."""
_FORMULA = re.compile(r"\$[^$]*\$")
_FORMULA_SHARE = 4
"""At most one character of so many may belong to a formula."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A passage that was taken as a claim, with the reasons."""

    passage: SourcePassage
    selection: Selection
    kind: ClaimKind


def claim_kind(text: str) -> ClaimKind:
    """The kind of a sentence by the first rule that matches.

    MATHEMATICAL if it speaks of a proof, bound or identity; else EMPIRICAL if it states a
    quantity; else NEITHER.
    """
    if _THEOREM.search(text):
        return ClaimKind.MATHEMATICAL
    return ClaimKind.EMPIRICAL if _QUANTITY.search(text) else ClaimKind.NEITHER


def _is_prose(passage: SourcePassage) -> bool:
    """Whether a passage is running text: no table row, no caption, not mostly formulas, and whole.

    Only parsed sections have such passages; their formulas stand as TeX between dollar signs.
    """
    if passage.locator.kind is not TextKind.SECTIONS:
        return True
    if passage.locator.section.startswith(_NO_PROSE) or not _WHOLE.search(passage.text):
        return False
    if len(passage.text) > _LONGEST:
        return False
    formulas = _FORMULA.findall(passage.text)
    rest = _FORMULA.sub("", passage.text)
    return (
        "\\" not in rest
        and "??" not in rest
        and "[formula]" not in rest
        and _FORMULA_SHARE * sum(map(len, formulas)) <= len(passage.text)
    )


def stands_alone(text: str) -> bool:
    """Whether a sentence can be a claim at all, whatever the question is."""
    bare = without_citations(text)
    letters = sum(character.isalpha() for character in bare.replace(" ", ""))
    return (
        MIN_WORDS <= len(words(bare)) <= MAX_WORDS
        and letters >= _LETTER_SHARE * len(bare.replace(" ", ""))
        and not text.endswith(("?", ":", "…"))
        and not bare[:1].islower()
        and all(bare.count(one) == bare.count(other) for one, other in ("()", "[]", "{}"))
        and bare.count("$") % 2 == 0
        and (not _PRONOUN_START.match(bare) or bool(_FINDING_START.match(bare)))
        and not _PLAN.search(bare)
        and not _OUTWARD.search(bare)
        and not reads_like_injection(text)
    )


def judge(text: str, question_words: Sequence[str]) -> Selection | None:
    """The score of a sentence with its reasons, or None where it is not eligible."""
    if not stands_alone(text):
        return None
    shared = covered(question_words, stem_set((text,)))
    found = {stem(word) for word in words(text)}
    finding = bool(found & _FINDING)
    if not shared or not (finding or found & _PLAIN or set(words(text)) & _PLAIN):
        return None
    points: list[tuple[Decimal, str]] = [
        (Decimal(min(len(shared), _MAX_OVERLAP)), f"shares with the question: {', '.join(shared)}")
    ]
    if _QUANTITY.search(text):
        points.append((Decimal("1.5"), "states a quantity"))
    if finding:
        points.append((Decimal(1), "has a verb of finding"))
    if _COMPARES.search(text):
        points.append((Decimal("0.5"), "compares"))
    if _CONNECTIVE.match(text):
        points.append((Decimal("-0.5"), "opens with a connective"))
    if _POINTS_BACK.search(text):
        points.append((Decimal(-1), "points back at what stands before it"))
    total = sum((value for value, _ in points), Decimal(0))
    return Selection(
        score=str(total), reasons=tuple(f"{value:+}: {reason}" for value, reason in points)
    )


def select_claims(
    papers: Sequence[ReadPaper],
    passages: Sequence[SourcePassage],
    question_words: Sequence[str],
    config: RunConfig,
    quoted: Mapping[str, Sequence[Candidate]] | None = None,
) -> tuple[Candidate, ...]:
    """The claims of a run, in the order in which they were taken.

    Args:
        papers: What was read, in reading order.
        passages: All passages.
        question_words: The question's content words.
        config: The run's configuration.
        quoted: By paper key what a model quoted, best first; None: what the published score gives.
    """
    offers = {
        item.paper.key: _offers(item, passages, question_words)
        if quoted is None
        else list(quoted.get(item.paper.key, ()))
        for item in papers
    }
    relevant = relevant_papers([item for item in papers if offers[item.paper.key]])
    found: tuple[Candidate, ...] = ()
    for depth in range(1, len(_KINDS) + 1):
        kinds = _KINDS[:depth]
        queues = [offers[item.paper.key] for item in relevant if item.text.kind in kinds]
        found = _round_robin(queues, config)
        sources = {candidate.passage.key for candidate in found}
        if len(sources) > 1 and len(found) >= min(ENOUGH, config.max_claims):
            break
    return found


def relevant_papers(papers: Sequence[ReadPaper]) -> list[ReadPaper]:
    """Those that cover nearly as much of the question as the best of them, or the first three."""
    best = max((len(item.covered) for item in papers), default=0)
    near = {item.paper.key for item in papers if 3 * len(item.covered) >= 2 * best}
    for item in papers:
        if len(near) >= SOURCES:
            break
        near.add(item.paper.key)
    return [item for item in papers if item.paper.key in near]


def _offers(
    item: ReadPaper, passages: Sequence[SourcePassage], question_words: Sequence[str]
) -> list[Candidate]:
    judged = [
        (passage, judge(passage.text, question_words))
        for passage in passages
        if passage.key == item.paper.key and _is_prose(passage)
    ]
    offers = [
        Candidate(passage=passage, selection=selection, kind=claim_kind(passage.text))
        for passage, selection in judged
        if selection
    ]
    # A stable sort: equal scores stay in reading order.
    return sorted(offers, key=lambda offer: -Decimal(offer.selection.score))


def _round_robin(offers: Sequence[list[Candidate]], config: RunConfig) -> tuple[Candidate, ...]:
    queues = [list(offer) for offer in offers]
    taken: list[Candidate] = []
    for _ in range(config.claims_per_paper):
        for queue in queues:
            if len(taken) == config.max_claims:
                return tuple(taken)
            while queue:
                offer = queue.pop(0)
                if not any(_repeats(offer, claim) for claim in taken):
                    taken.append(offer)
                    break
    return tuple(taken)


def _repeats(offer: Candidate, claim: Candidate) -> bool:
    one, other = offer.passage.text, claim.passage.text
    shared, union = jaccard(one, other)
    return normalise(one) == normalise(other) or (union > 0 and 5 * shared >= 4 * union)
