"""Step 1: the question is screened as source text is.

A question that reads like an instruction to a reviewer, or that holds markup or code, is answered
all the same, but the flag sends its record to the owner: nothing of the kind publishes itself.

*An instruction* is what ``hostile`` documents for source text.  A question has less reason than a
paper to be in the imperative, so three more forms count, at the head of a clause: to ignore all or
your instructions or rules, to approve or score this record, and to give the best score or verdict.

*Markup or code* is: a tag (``<b>``, ``</p>``, ``<img src=...``, a comment), the opening of a tag
that browsers act on, a character reference, a template's braces, a Typst or TeX command that reads
or defines, a fenced block, a Markdown link or image, a script address or event attribute, and a
quotation mark that ends a statement of SQL.  Signs of comparison, ``C++``, ``C#`` and formulas in
dollar signs are none of these.
"""

from __future__ import annotations

import re
import unicodedata

from sovereign_registry.contracts.manifest import Flag, FlagKind
from sovereign_registry.pipeline.hostile import reads_like_injection
from sovereign_registry.pipeline.lookalikes import holds

_MARKUP = (
    r"<!--|<!\[|<!doctype|<[?%]",
    r"</?[a-z][\w:-]*\s*/?>|</[a-z]",
    r"<[a-z][\w:-]*[\s/]+[\w:-]+\s*=\s*[\"'\w]",
    (
        r"</?(?:script|iframe|img|svg|style|object|embed|form|input|link|meta|body|html|video"
        r"|audio)\b"
    ),
    r"&(?:lt|gt|amp|quot|apos|nbsp|#\d+|#x[0-9a-f]+);",
    r"\{\{|\{%|\$\{[^}$]*\}(?![$^_])",
    r"#[a-z][\w.-]*[(\[]|#(?:set|let|show|import|include)\s+[\w\"<]",
    r"\\(?:input|include|write18|immediate|catcode|newcommand)\b",
    r"```|!?\[[^\]]*\]\(\s*(?:[a-z]+:|/|#)",
    r"\bjavascript:\S|\bon(?:error|load|click|focus|mouseover)\s*=",
    r"['\"]\s*\)?\s*;\s*(?:--|#|/\*|drop\b|delete\b|select\b|insert\b|update\b)",
    r"['\"]\s*(?:or|and)\s+(?:'[^']*'|\"[^\"]*\"|\d+)\s*=\s*['\"\d]",
    r";\s*(?:drop|alter|truncate)\s+table\b|\bunion\s+(?:all\s+)?select\b",
)
_CLAUSE = r"(?:^|[.!?:;,]\s*|\b(?:please|and|then|now|must|should)\s+)"
_ORDERS = (
    (
        r"(?:ignore|disregard|forget|override|bypass|skip)\s+(?:(?:all|any|your|these|of|the)\s+)*"
        r"(?:all|any|your|these)\s+(?:the\s+)?(?:instruction|prompt|guideline|rule|guard|check)s?\b"
    ),
    (
        r"(?:approve|accept|publish|rate|score)\s+(?:this|my)\s+"
        r"(?:record|report|question|draft|paper|submission)\b"
    ),
    (
        r"(?:give|award|assign|output|return|print|answer|reply|respond|vote)\s+(?:[\w:]+\s+){0,5}"
        r"(?:10\s*(?:/|out\s+of)\s*10|10\.0|full\s+marks|score\s+of\s+(?:10|ten)|(?:auto_)?approved?)\b"
    ),
)
_ORDER = re.compile(_CLAUSE + "(?:" + "|".join(_ORDERS) + ")", re.IGNORECASE)
_PATTERN = re.compile("|".join(f"(?:{part})" for part in _MARKUP), re.IGNORECASE)


def holds_markup(text: str) -> bool:
    """Whether a text holds markup, template syntax or code, characters compared NFKC."""
    return bool(_PATTERN.search(unicodedata.normalize("NFKC", text)))


def gives_orders(question: str) -> bool:
    """Whether a question reads like an instruction to a reviewer, as written or folded."""
    return reads_like_injection(question) or holds(_ORDER, question)


def question_flags(question: str) -> tuple[Flag, ...]:
    """Unresolved flags on the question itself; ``about`` is empty, since it names no source."""
    messages = []
    if gives_orders(question):
        messages.append("The question reads like an instruction to a reviewer; it was not obeyed.")
    if holds_markup(question):
        messages.append("The question holds markup or code.")
    return tuple(
        Flag(kind=FlagKind.INJECTION, message=message, about=(), unresolved=True)
        for message in messages
    )
