"""Drafts and a page of our own, in the grammar of the documents that the importer reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

STYLES = ("plain", "hash", "bold")
QUESTION = (
    "How does priority at junctions change the waiting time of trams and the delay of crossing "
    "cyclists on shared corridors?"
)
ANALYSED = "Signal Priority for Trams: Waiting, Crossing, and Delay"
ABSTRACT = (
    "Trams that share a road wait at junctions. We observe the waiting time of trams on four "
    "corridors with and without signal priority, and the delay of crossing cyclists."
)
CLAIMS = (
    ("Priority lowers the waiting time of trams from 40 to 12 seconds.", True, "0.31"),
    ("Crossing cyclists wait 3 seconds longer.", False, "0.15"),
    ("The gain vanishes where corridors are shared with buses.", False, "0.08"),
)
REFERENCES = ("http://arxiv.org/abs/2401.00001v1", "http://arxiv.org/abs/2402.00002v3")
_ESCAPED = re.compile(r"([_*\[\]`#])")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The fields of a draft and how its headings are written."""

    style: str = "plain"
    title: str = QUESTION[:110]
    question: str = QUESTION
    analysed: str = ANALYSED
    abstract: str = ABSTRACT
    claims: tuple[tuple[str, bool, str], ...] = CLAIMS
    references: tuple[str, ...] = REFERENCES
    score: str = "3.0"
    verdict: str = "REJECT"
    policy: str = "ESCALATE_TO_OWNER"
    date: str = "March 5, 2026"
    counts: tuple[int, int] | None = None
    replaced: dict[str, str] = field(default_factory=dict)
    """Text to replace in the finished draft."""


def render(sample: Sample) -> str:
    """The draft's text; ``hash`` and ``bold`` drafts escape Markdown's characters."""

    def head(name: str) -> str:
        return {"plain": name, "hash": f"## {name}", "bold": f"### **{name}**"}[sample.style]

    def prose(text: str) -> str:
        return text if sample.style == "plain" else _ESCAPED.sub(r"\\\1", text)

    verified = sum(passed for _, passed, _ in sample.claims)
    extracted, ticked = sample.counts or (len(sample.claims), verified)
    rows = [
        f"{prose(text)}\t{'✓' if passed else '×'}\t{value}"  # noqa: RUF001 - the draft's cross
        for text, passed, value in sample.claims
    ]
    parts = [
        "\n",
        f"{'' if sample.style == 'plain' else '# '}SOVEREIGN: {prose(sample.title)}",
        "Tram Kernel",
        "Autonomous draft — Owner review required before publication",
        sample.date,
        head("Abstract"),
        prose(sample.abstract),
        head("1 Introduction"),
        f"Analysis of: {prose(sample.analysed)}. Research goal: {prose(sample.question)}.",
        head("2 Methodology"),
        (
            "Multi-query arXiv search (4 parallel queries, Relevance-sorted). TF-IDF cosine "
            "semantic verification (bigrams, threshold=0.15). NIM tram-embed (dim=64) for semantic "
            "indexing. Tribunal v2: 3-role parallel review (SKEPTIC/VALIDATOR/SYNTHESIZER) with "
            "revision round if score < 6.5."
        ),
        head("3 Results"),
        (
            f"9 papers retrieved. {extracted} claims extracted, {ticked} verified. Tribunal: "
            f"{sample.score}/10 → {sample.verdict} ({prose('revision_round')}=0). Policy: "
            f"{prose(sample.policy)}."
        ),
        head("4 Uncertainties"),
        "Corridors differ in length. tram timetables vary by season.",
        head("5 Extracted Claims"),
        "\n".join(["Claim\tVerified\tConfidence", *rows]),
        head("References"),
        "\n".join(f"- <{address}>" for address in sample.references),
    ]
    text = "\n\n".join(parts)
    for old, new in sample.replaced.items():
        assert old in text
        text = text.replace(old, new)
    return text


def draft(**changes: object) -> bytes:
    """A draft's file."""
    return render(Sample(**changes)).encode()  # type: ignore[arg-type]


PAGE = f"""{QUESTION[:110]}
Abstract
Abstract: {ABSTRACT}
Research Question
{QUESTION}
Verification Level
| Paper level | L2, Source-grounded claims | |
| Source-grounded claims | 3 | |
| Claim record source | parsed source sections |
Counts are public, single claims are not.
Truth-Engine Gate Verdict
| Status | Unverified | |
| Gate | Gate 2 — Verification (formal proof or sandbox reproduction) | |
| Reason | Nobody had built the gate yet. | |
| Evaluated | 2026-04-01T06:30:49+00:00 |
This is a synthesis only.
Quality Tier
| Tier | Quarantine candidate | |
| Basis | The score is too low. |
A triage.
Quality Dimensions
| Evidence strength | LOW | |
| Citation grounding | MEDIUM | |
| Uncertainty disclosure | MEDIUM | |
| Reproducibility status | MEDIUM |
Signals only.
Correction Record
| Status | CURRENT |
| Correction count | 0 |
| Manifest contract | paper-manifest-v1.1 |
| Correction contract | correction-record-v1 |
Corrections are added.
Provenance
| Publisher | Tram Press |
| Public provenance | L3, Claim aggregate record |
| Report artifact | Available |
| External record | Not registered |
| Claim lineage | 3 aggregate source-grounded claims |
| Review method | Three automatic reviewers |
| Provenance contract | source-provenance-v1 |
| Note | Written by software. |"""


def page(**replaced: str) -> bytes:
    """The page's file; ``old=new`` pairs come as ``{"old": "new"}``."""
    text = PAGE
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()
