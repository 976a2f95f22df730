"""Instructions to a model in source text: more patterns, for runs in which a model reads it.

``hostile`` documents the patterns of every run.  Where language models judge or choose claims, a
missed instruction can do more harm than a false alarm, so these count as well: orders to approve,
to give a top score, to leave the rubric or the prompt, to reveal them, words that pretend to be a
system's or the review's own, and speech to a reviewer about "your review".  None of them is found
in 2,000 abstracts and titles drawn from arXiv.  A pattern finds phrasings that somebody thought of
before; what it misses is left to the guards that no text can speak to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import UNSET

from sovereign_registry.pipeline.hostile import reads_like_injection
from sovereign_registry.pipeline.lookalikes import holds

if TYPE_CHECKING:
    from sovereign_registry.contracts.config import RunConfig

_READER = (
    r"(?:reviewers?|referees?|graders?|judges?|evaluators?|panel|assistants?"
    r"|(?:ai|llm|language)\s+models?|llms?)"
)
_DUTY = r"(?:must|should|shall|(?:is|are)\s+(?:instructed|asked|told|required|reminded)\s+to)"
_PRAISE = (
    r"(?:approv\w+|accept\w*|recommend\w*|positive|10|full\s+marks"
    r"|(?:high|top|perfect|maximum)\s+(?:score|rating|mark)s?|weakness\w*|limitation\w*|flaws?)"
)
_TOP = (
    r"(?:10\s*(?:/|out\s+of)\s*10"
    r"|(?:maximum|highest|full|top|perfect|best)\s+(?:possible\s+)?(?:scores?|ratings?|marks?)"
    r"|(?:score|rating|mark)s?\s+of\s+(?:9(?:\.\d)?|10|ten)\b)"
)
_THIS = r"this\s+(?:paper|work|report|submission|manuscript|record|article)"
_START = r"(?:^|[.!?:;,]\s*)(?:please\s+)?"
_ORDERS = (
    rf"\b{_READER}\b(?:\s+of\b[^.]{{0,60}}?)?\s+{_DUTY}\b[^.]{{0,60}}\b{_PRAISE}\b",
    rf"\b(?:give|grant|award|assign|output|return|answer|respond|reply|rate)\b[^.]{{0,40}}\b{_TOP}",
    (
        r"\b(?:respond|reply|answer|return|vote)\s+(?:only\s+)?(?:with\s+|by\s+)?"
        r"[\"'\u201c\u2018(]?(?:approve|accept|strong\s+accept)\b"
    ),
    r"\bset\s+(?:the|your)\s+(?:verdict|score|rating|decision)\b",
    (
        r"\b(?:copy|reveal|repeat|print|output|write|include|disclose)\s+(?:\w+\s+){0,3}?"
        r"(?:your|the)\s+(?:system|hidden|secret|initial)\s+(?:prompt|token|instruction|message)"
    ),
    (
        r"\b(?:new|updated|revised|additional|important)\s+(?:system\s+)?instructions?\s*"
        r"(?:for\s+[\w\s]{0,30})?:"
    ),
    (
        r"\byour\s+(?:new\s+|only\s+|real\s+)?task\s+(?:is\s+now|has\s+changed"
        r"|is\s+to\s+(?:approve|accept|praise|recommend))"
    ),
    (
        r"\b(?:in|when\s+writing|throughout)\s+your\s+"
        r"(?:review|assessment|evaluation|rationale|verdict|response|reply|answer)\b"
    ),
    (
        rf"\b{_THIS}\s+(?:must|should|deserves\s+to|has\s+to)\s+(?:be\s+)?"
        r"(?:accepted|approved|rated|published|receive|given|get)\b"
    ),
    (
        r"</?(?:system|assistant|user|instructions?|inst)>|\[(?:system|assistant|admin)\]"
        r"|#{2,}\s*(?:system|instruction)s?\b"
        r"|\bbegin\s+(?:system|admin|new)\s+(?:prompt|message|instruction)"
    ),
    (
        rf"{_START}(?:disregard|ignore|forget|override|bypass)\s+"
        r"(?:(?:the|your|any|all|these|every)\s+)+(?:\w+\s+)?"
        r"(?:rubric|criteri\w+|guidelines?|instructions?|rules?|safety|polic\w+|prompts?)\b"
    ),
    (
        r"\bdo\s+not\s+(?:criti[cq]i[sz]e|penali[sz]e|lower\s+(?:the|your)\s+score"
        r"|reject\s+this)\b"
    ),
    (
        r"\b(?:only\s+(?:output|give|write|report|provide)\s+positive"
        r"|positive\s+(?:feedback|comments?|evaluation)\s+only"
        r"|as\s+(?:favou?rabl[ey]|positive(?:ly)?)\s+as\s+possible)\b"
    ),
    (
        r"\b(?:as|if\s+you\s+are)\s+an?\s+(?:ai|llm|language\s+model|automated|artificial)\s*"
        r"(?:model|reviewer|assistant|system|judge)?\s*,\s*"
        r"(?:you|please|always|emphasi[sz]e|highlight|recommend|accept|rate|give)\b"
    ),
    (
        rf"{_START}(?:emphasi[sz]e|highlight|praise|stress)\s+(?:only\s+)?(?:the\s+)?"
        r"(?:exceptional|outstanding|strong|positive|groundbreaking)?\s*"
        rf"(?:strengths?|novelty|impact)\s+of\s+{_THIS}"
    ),
    r"\b(?:verdict|decision|grade|score|rating)\s*:\s*(?:approve|accept|10\b)",
    (
        r"\b(?:ignore|disregard|forget|override|bypass)\s+"
        r"(?:(?:all|any|every|of|the|your|these|those)\s+)*"
        r"(?:instruction|prompt|direction|command|rule|guideline)s?\s+(?:that\s+(?:is|are|were)\s+)?"
        r"(?:given\s+)?(?:above|before\s+this|so\s+far|you\s+(?:were|have\s+been|are))\b"
    ),
    (
        r"\b(?:ignore|disregard|forget)\s+(?:absolutely\s+)?(?:everything|anything|all)\s+"
        r"(?:that\s+(?:is|was|stands|comes|came)\s+)?(?:(?:written|said|stated)\s+)?"
        r"(?:(?:above|before|so\s+far)\s*(?:$|[.,;:!?)\]\"'\u201d]|(?:and|then|but)\b)"
        r"|(?:above|before)\s+this\s+(?:line|point|sentence|text|note|message)\b"
        r"|you\s+(?:were|have\s+been|are)\s+(?:told|given|asked|instructed))"
    ),
    (
        r"\b(?:system|admin|administrator|developer|editor)(?:['\u2019]?s)?\s+"
        r"(?:note|message|notice|override|command)s?\s*:"
    ),
    (
        r"\b(?:verdict|score|rating|grade|evaluation)\s+(?:here\s+|for\s+[^.]{0,40}?)?"
        r"(?:is|should\s+be|must\s+be|has\s+to\s+be)\s+(?:to\s+)?[\"'\u201c\u2018(]?"
        r"(?:approve|accept|strong\s+accept)\b"
    ),
    (
        r"\bbe\s+(?:rated|scored|graded|marked)\s+(?:as\s+)?"
        r"(?:fully\s+supported|10\b|ten\b|perfect)"
    ),
)
_PATTERN = re.compile("|".join(f"(?:{part})" for part in _ORDERS), re.IGNORECASE)


def reads_like_order(sentence: str) -> bool:
    """Whether a sentence matches one of these patterns or of ``hostile``'s, written or folded."""
    return reads_like_injection(sentence) or holds(_PATTERN, sentence)


def asks_models(config: RunConfig) -> bool:
    """Whether language models read source text in a run of this configuration."""
    return config.panel is not UNSET or config.extraction is not UNSET
