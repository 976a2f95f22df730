"""Steps 2 and 3: source text is hostile until checked.

*Hidden text*: characters that no record may hold (controls, bidirectional controls, zero-width and
tag characters) and all others that show nothing (``contracts.text.UNSEEN``) are dropped before
anything else reads the text, and the paper is flagged.  Line ends and tabs hide nothing: they
become spaces without a flag.  Soft hyphens and the selectors of a sign's text or emoji form are
dropped without a flag: typesetting leaves them behind.

*Injection*: a sentence is flagged when it matches one of the documented patterns, all of which
speak to a reader who obeys (an imperative to a model or reviewer), not about such readers.  A flag
sends the record to the owner; it rejects nothing, and a flagged sentence is never taken as a claim.
Sentences are matched as written (NFKC) and in the form of ``lookalikes.folded``, so that marks,
letters of other scripts and signs between words do not hide a phrase.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.papers import Section
from sovereign_registry.contracts.text import TYPOGRAPHIC, collapse, seen
from sovereign_registry.contracts.texts import FullText
from sovereign_registry.pipeline.lookalikes import holds

if TYPE_CHECKING:
    from sovereign_registry.contracts.papers import Paper, SourceText

_PLAIN_SPACE = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_INJECTION = (
    (
        r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+|of\s+)*"
        r"(?:previous|prior|above|earlier|preceding|other)\s+"
        r"(?:instruction|prompt|direction|command|rule|guideline|text)"
    ),
    (
        r"\bgive\s+(?:only\s+)?(?:a\s+|an\s+|this\s+\w+\s+)?(?:positive|favou?rable|good|perfect|high)"
        r"\s+(?:review|rating|score|evaluation|assessment)"
    ),
    r"\b(?:positive|favou?rable)\s+review\s+only\b",
    (
        r"\bdo\s+not\s+(?:mention|highlight|report|list|raise)\s+(?:any\s+|the\s+)?"
        r"(?:negative|weakness|limitation|flaw|problem|concern)"
    ),
    (
        r"(?:^|[.!?:;,]\s*)(?:please\s+)?(?:recommend|vote\s+for|rate\s+(?:it|this))\b[^.]{0,40}"
        r"\b(?:accept|approv|10\s*(?:/|out\s+of)\s*10)"
    ),
    (
        r"\b(?:if\s+you\s+are|dear|attention|note\s+to)\s+(?:an?\s+|the\s+|all\s+|any\s+)*"
        r"(?:ai|llm|language\s+model|automated|automatic)\s+(?:model\s+|language\s+)?"
        r"(?:reviewer|assistant|referee|grader|judge)s?\s*[,:]"
    ),
    (
        r"\byou\s+(?:are|must|should|will)\s+(?:now\s+)?(?:an?\s+|the\s+|act\s+as\s+)*"
        r"(?:reviewer|referee|approve|accept\s+this|assistant\s+that)"
    ),
    (
        r"\byou\s+(?:should|must|will|have\s+to)\s+(?:now\s+)?"
        r"(?:recommend|accept|approve|rate|give|award)\s+(?:accept|approv|this|it|a|the|full|10)"
    ),
    r"\b(?:reveal|print|repeat|output)\s+(?:your|the)\s+(?:system\s+prompt|hidden\s+instruction)",
    r"<\|(?:im_start|im_end|system|endoftext)\|>|\[/?inst\]|^\s*(?:system|assistant)\s*:",
)
_PATTERN = re.compile("|".join(f"(?:{part})" for part in _INJECTION), re.IGNORECASE)


def scrub(text: str) -> tuple[str, bool]:
    """The text as one clean line, and whether it held hidden characters."""
    spaced = TYPOGRAPHIC.sub("", _PLAIN_SPACE.sub(" ", text))
    cleaned = seen(spaced)
    return collapse(cleaned), cleaned != spaced


def scrub_paper(paper: Paper) -> tuple[Paper, bool]:
    """The paper with every string clean, and whether any held hidden characters."""
    title, hidden = scrub(paper.title)
    abstract, abstract_hidden = scrub(paper.abstract)
    authors = tuple(scrub(author) for author in paper.authors)
    categories = tuple(scrub(category) for category in paper.categories)
    licence, _ = scrub(paper.licence)
    clean = msgspec.structs.replace(
        paper,
        title=title,
        abstract=abstract,
        authors=tuple(name for name, _ in authors if name),
        categories=tuple(name for name, _ in categories),
        licence=licence,
    )
    return clean, hidden or abstract_hidden or any(found for _, found in (*authors, *categories))


def scrub_text(text: SourceText) -> tuple[SourceText, bool]:
    """The sections with every string clean, and whether any held hidden characters.

    The paragraphs of a full text stay parted by an empty line; any other text becomes one line.
    """
    sections: list[Section] = []
    hidden = False
    clean = _scrub_paragraphs if isinstance(text, FullText) else scrub
    for section in text.sections:
        (key, _), (title, in_title) = scrub(section.key), scrub(section.title)
        body, in_body = clean(section.text)
        hidden = hidden or in_title or in_body
        if body:
            sections.append(Section(key=key, title=title, text=body))
    return msgspec.structs.replace(text, sections=tuple(sections)), hidden


def _scrub_paragraphs(text: str) -> tuple[str, bool]:
    parts = [scrub(part) for part in text.split("\n\n")]
    return "\n\n".join(part for part, _ in parts if part), any(found for _, found in parts)


def reads_like_injection(sentence: str) -> bool:
    """Whether a sentence matches one of the documented patterns, as written or folded."""
    return holds(_PATTERN, sentence)
