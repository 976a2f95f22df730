"""Step 9: the report in Markdown, written from the facts of this run in complete sentences.

Sources speak only in quotation marks with their reference; everything else is this module's own
sentence about what the run did.  Nothing is cut.  All text from outside is escaped.  The Results
end with a paragraph that begins ``Tribunal:``; the reviewers judge the text without that paragraph.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import UnsetType

from sovereign_registry.contracts.numbers import show
from sovereign_registry.pipeline.facts import used_for
from sovereign_registry.pipeline.markdown import escape, table
from sovereign_registry.pipeline.own_texts import NOTES, is_note
from sovereign_registry.pipeline.uncertainties import counted, listed, uncertainties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.review import Review
    from sovereign_registry.pipeline.facts import Facts
    from sovereign_registry.pipeline.reading import ReadPaper

KERNEL = "SOVEREIGN Registry Kernel"
BANNER = "Autonomous draft - Owner review required before publication"
LEADING = 3
"""Claims that the abstract quotes."""

_MONTH_NAMES = (
    "January February March April May June July August September October November December"
)
_MONTHS = _MONTH_NAMES.split()
_USES = {
    "claims": "claims were taken from it",
    "evidence": "it holds the best passage for a claim",
    "corroboration": "it was the closest other source to a claim",
}


def abstract(facts: Facts) -> str:
    """The report's own abstract, plain text; sources only as marked quotations."""
    claims, verified = len(facts.retained), len(facts.verified)
    sentences = [
        f"This report asks: “{facts.question}”",
        (
            f"It rests on {counted(facts.retrieved, facts.noun)} found by "
            f"{counted(len(facts.queries), 'query', 'queries')} to one collection, "
            f"of which the {len(facts.papers)} most relevant were read and {len(facts.cited)} are "
            "cited."
        ),
        (
            f"{_capital(counted(claims, 'claim'))} from "
            f"{counted(len(facts.claim_refs), facts.noun)} "
            f"{'is' if claims == 1 else 'are'} stated; {verified} "
            f"{'passes' if verified == 1 else 'pass'} the lexical test at a threshold of "
            f"{facts.config.threshold}, and {len(facts.corroborated)} also against a "
            f"different {facts.noun}."
        ),
        *_leading(facts),
        *_scope(facts),
        _written(facts),
    ]
    return " ".join(sentences)


def analysed(facts: Facts) -> str:
    """What the introduction says is analysed: the sources that the claims come from."""
    papers = [facts.paper(ref) for ref in facts.claim_refs] or list(facts.papers[:LEADING])
    return "; ".join(f"{item.paper.title} ({item.paper.ref})" for item in papers)


def write_report(facts: Facts, outcome: Review | None) -> str:
    """The whole report; without an outcome it is the text that the reviewers judge."""
    blocks = [
        f"# {escape(facts.question)}",
        f"{KERNEL}\\\n{long_date(facts.as_of)}\\\nRecord {facts.record}",
        f"*{BANNER}*",
        "## Abstract",
        escape(abstract(facts)),
        "## 1 Introduction",
        f"Analysis of: {escape(analysed(facts))}.",
        f"Research goal: {escape(facts.question)}",
        "## 2 Methodology",
        *_methodology(facts),
        "## 3 Results",
        *_results(facts, outcome),
        "## 4 Uncertainties",
        "\n".join(f"- {escape(sentence)}" for sentence in uncertainties(facts)),
        "## 5 Extracted Claims",
        *_claims(facts),
        "## References",
        *_references(facts),
    ]
    return "\n\n".join(blocks) + "\n"


def long_date(iso: str) -> str:
    """A date such as ``May 28, 2026``."""
    day = date.fromisoformat(iso)
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _quoted(claim: Claim) -> str:
    ref = claim.locator.paper if claim.locator else "source not stated"
    return f"“{claim.text}” ({claim.id}, {ref})"


def _written(facts: Facts) -> str:
    if not facts.own_results:
        texts = listed(facts.written_from) or "no text"
        return (
            f"The report was written by software from {texts} and reports no experiment of its own."
        )
    others = listed([text for text in facts.written_from if text != NOTES])
    also = f"; it also restates {others}" if others else ""
    return f"The report was written by software and repeats results of {NOTES}{also}."


def _leading(facts: Facts) -> Iterator[str]:
    revised = facts.revision_round > 0
    chosen = (facts.verified if revised else facts.retained)[:LEADING]
    if not facts.verified:
        yield "No claim passes the lexical test, so none is presented as restated by a source."
    if chosen:
        what = "verified claims" if revised else "leading claims"
        yield (
            f"The {what}, in the words of their sources, begin with: "
            f"{'; '.join(_quoted(claim) for claim in chosen)}."
        )


def _scope(facts: Facts) -> Iterator[str]:
    missing = [word for word in facts.question_words if word not in facts.covered]
    if facts.revision_round and facts.retained:
        yield (
            "After a revision it speaks only of what these sources hold of the question: "
            f"{listed(facts.covered) or 'nothing'}."
        )
    if missing and facts.retained:
        yield f"It finds nothing on {listed([f'“{word}”' for word in missing])} in these sources."


def _methodology(facts: Facts) -> Iterator[str]:
    config = facts.config
    yield (
        f"{counted(len(facts.queries), 'search', 'searches')} derived "
        f"from the question went in parallel to {escape(facts.source_label)}, each answered by "
        f"relevance with at most {counted(config.results_per_query, facts.noun)} and merged by "
        "reciprocal rank fusion:"
    )
    yield "\n".join(
        f"{item.query.number}. {escape(item.query.text)} — {escape(item.query.rule)}; "
        f"{counted(item.total, 'match', 'matches')}, "
        f"{len(item.hits)} taken."
        for item in facts.queries
    )
    yield (
        f"{_capital(facts.noun)}s were ordered by how many of the question's content words they "
        "cover and by their "
        f"fused rank{_by_meaning(facts)}, and the first {len(facts.papers)} were read as "
        f"{counted(facts.passages, 'passage')} of one sentence each. "
        f"Claims are sentences of these {facts.noun}s, {_chosen(facts)}. "
        "Every claim was compared with every other passage by the cosine of TF-IDF vectors of "
        f"words and word pairs; it counts as verified at {config.threshold} or more, decided on "
        "the unrounded "
        f"value, and as corroborated when a passage of a different {facts.noun} reaches the same."
    )
    yield (f"Semantic index: {escape(facts.embedder)} (dim={facts.dimension}); it {_use(facts)}.")
    yield (
        f"Tribunal: three roles (SKEPTIC, VALIDATOR, SYNTHESIZER) judge in parallel and isolation. "
        f"{escape(facts.review_method)} The mean score approves at {config.approve_at} or more, is "
        f"revised once from {config.reject_below} to below {config.approve_at}, and rejects below "
        f"{config.reject_below}."
    )


def _by_meaning(facts: Facts) -> str:
    """How an embedding model took part in the order of the papers; empty where none was asked."""
    if not facts.config.meaning:
        return ""
    return (
        ", that order merged by reciprocal rank fusion with their order by meaning (cosine of "
        "question and abstract by an embedding model)"
    )


def _use(facts: Facts) -> str:
    if not facts.config.meaning:
        return "orders related records and decides nothing"
    return (
        "orders papers and related records by meaning, notices near-duplicate questions, and "
        "gives every claim a second signal beside the lexical test, which decides nothing"
    )


def _chosen(facts: Facts) -> str:
    extraction = facts.config.extraction
    if isinstance(extraction, UnsetType):
        return "chosen by a published score"
    model = escape(extraction.model)
    return f"chosen by a language model ({model}), which had to quote them word for word"


def _results(facts: Facts, outcome: Review | None) -> Iterator[str]:
    extracted = len(facts.claims)
    verified = sum(claim.verification.passed for claim in facts.claims)
    corroborated = sum(bool(c.corroboration and c.corroboration.passed) for c in facts.claims)
    yield (
        f"{counted(facts.retrieved, facts.noun)} retrieved, {len(facts.papers)} read, "
        f"{len(facts.cited)} cited. {counted(extracted, 'claim')} extracted, {verified} verified, "
        f"{corroborated} corroborated by a different {facts.noun}."
    )
    dropped = extracted - len(facts.retained)
    if dropped:
        yield (
            f"The revision dropped {counted(dropped, 'claim')}; "
            f"{counted(len(facts.retained), 'claim')} "
            f"{'is' if len(facts.retained) == 1 else 'are'} stated below, of which "
            f"{len(facts.verified)} verified."
        )
    if outcome:
        score = f"{outcome.score}/10" if outcome.score else "no score"
        yield (
            f"Tribunal: {score} → {outcome.verdict} (revision\\_round={outcome.revision_round}). "
            f"Policy: {escape(outcome.policy)}."
        )


def _claims(facts: Facts) -> Iterator[str]:
    if not facts.retained:
        yield "No claim was extracted."
        return
    threshold = facts.config.threshold
    rows = [
        (
            f"{claim.id}: {escape(claim.text)}",
            "✓" if claim.verification.passed else "\u00d7",
            (
                f"{claim.verification.display} ({'≥' if claim.verification.passed else '<'} "
                f"{threshold})"
            ),
            escape(claim.locator.paper if claim.locator else ""),
        )
        for claim in facts.retained
    ]
    yield table(("Claim", "Verified (lexical)", "Confidence (lexical cosine)", "Source"), rows)
    yield (
        "Confidence is the cosine with the best other passage, shown with three decimals beside "
        f"the threshold; {show(threshold)} itself passes. It measures shared words, not truth."
    )


def _references(facts: Facts) -> Iterator[str]:
    uses = used_for(facts.retained)
    if not facts.cited:
        yield "No source is cited."
    else:
        yield "\n".join(
            f"{number}. {_reference(item, uses[item.paper.ref])}"
            for number, item in enumerate(facts.cited, start=1)
        )


def _reference(item: ReadPaper, uses: tuple[str, ...]) -> str:
    paper = item.paper
    where = address(paper.key, paper.ref)
    note = "A technical note that this registry wrote, read as" if is_note(paper.key) else "Read as"
    place = f"[arXiv:{paper.ref}](<{where}>)" if where else escape(paper.ref)
    return (
        f"{_ended(escape(', '.join(paper.authors)))} {_ended(escape(paper.title))} "
        f"{place}, {paper.published}. {note} {item.text.kind}. "
        f"Used because {listed([_USES[use] for use in uses])}."
    )


def address(key: str, ref: str) -> str | None:
    """The paper's public address, or None for a note of a registry's own."""
    return None if is_note(key) else f"https://arxiv.org/abs/{ref}"
