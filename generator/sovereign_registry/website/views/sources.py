"""The sources of a record, and how they were found."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.website.views import words
from sovereign_registry.website.views.files import external
from sovereign_registry.website.views.parts import (
    Fact,
    QueryPart,
    RankRow,
    RetrievalPart,
    SourcePart,
)

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest, QueryRecord, Source

ABSENT = "\N{EN DASH}"
"""Printed where a query did not return a paper."""
USES = {
    "claims": "claims were taken from it",
    "evidence": "holds the best passage of a claim",
    "corroboration": "a claim from another source was compared with it",
    "retrieved": "found by the search",
    "cited": "cited by the report",
}


def papers(record: Manifest) -> dict[str, tuple[str, str]]:
    """For every source's reference its anchor on the page and its title."""
    return {
        source.ref: (f"source-{number}", source.title or "")
        for number, source in enumerate(record.sources, start=1)
    }


def _leaning(record: Manifest) -> dict[str, list[str]]:
    """For every reference the claims whose text or best passages stand in it."""
    found: dict[str, list[str]] = {}
    for claim in record.claims:
        locators = [claim.locator] if claim.locator else []
        checks = (claim.verification, claim.corroboration)
        locators += [check.best.locator for check in checks if check and check.best]
        for paper in dict.fromkeys(locator.paper for locator in locators):
            found.setdefault(paper, []).append(claim.id)
    return found


def _percent(share: str) -> str:
    return f"{(Decimal(share) * 100).quantize(Decimal(1))}%"


def _coverage(source: Source, total: int) -> str:
    """How much of the question the paper's text holds, with the words that it holds."""
    if source.coverage is None:
        return "Coverage of the question: not available."
    return (
        f"Covers {len(source.covered_words)} of {words.count(total, 'content word')} of the "
        f"question ({_percent(source.coverage)}): {', '.join(source.covered_words) or 'none'}."
    )


def _about(source: Source) -> str:
    """Text, use, categories and licence in short sentences."""
    read = f", {words.count(source.passages, 'passage')}" if source.passages else ""
    sentences = [
        f"Text read: {source.text_kind}{read}",
        f"Listed because: {'; '.join(USES.get(use, use) for use in source.used_for)}",
    ]
    if source.categories:
        sentences.append(f"Categories: {', '.join(source.categories)}")
    if source.licence:
        sentences.append(f"Licence: {source.licence.rstrip('.')}")
    return f"{'. '.join(sentences)}."


def _dated(source: Source) -> str:
    version = f"version {source.version}" if source.version else "no version stated"
    return f"{source.published or 'date not stated'}, {version}"


def source_parts(record: Manifest) -> tuple[SourcePart, ...]:
    """All sources in the record's order."""
    leaning = _leaning(record)
    total = len(record.question.content_words)
    return tuple(
        SourcePart(
            anchor=f"source-{number}",
            ref=source.ref,
            title=source.title or "Title not stated by the imported document",
            titled=source.title is not None,
            authors=", ".join(source.authors) or "Authors not stated",
            dated=_dated(source),
            href=external(source.url),
            coverage=_coverage(source, total),
            about=_about(source),
            claims=tuple(leaning.get(source.ref, ())),
        )
        for number, source in enumerate(record.sources, start=1)
    )


def _query(one: QueryRecord) -> QueryPart:
    return QueryPart(
        number=one.query.number,
        terms=one.query.text,
        rule=one.query.rule,
        total=f"{one.total:,}",
        complete=f"{len(one.hits)} taken" + ("" if one.complete else ", answer incomplete"),
        sha256=one.reply_sha256,
    )


def _ranks(record: Manifest) -> tuple[RankRow, ...]:
    """Papers read first, in the order of the merge; then the others by reference."""
    queries = record.retrieval.queries
    table: dict[str, list[str]] = {
        source.ref: [ABSENT] * len(queries) for source in record.sources if source.fused_score
    }
    read = len(table)
    for column, query in enumerate(queries):
        for hit in query.hits:
            table.setdefault(hit.paper, [ABSENT] * len(queries))[column] = str(hit.rank)
    rows = list(table.items())
    ordered = rows[:read] + sorted(rows[read:])
    return tuple(
        RankRow(paper, tuple(ranks), "read" if place < read else "not read")
        for place, (paper, ranks) in enumerate(ordered)
    )


def _summary(record: Manifest) -> str:
    found = record.retrieval
    if found.origin is Origin.DECLARED:
        return (
            f"The imported document says how it searched; {words.DECLARED}. It does not carry its "
            "queries or ranks."
        )
    return (
        f"{words.count(len(found.queries), 'query', 'queries')} derived from the question by fixed "
        f"rules found {words.count(found.retrieved, 'different source')} in {found.source}."
    )


def retrieval_part(record: Manifest) -> RetrievalPart:
    """Queries, ranks and how they were merged."""
    found = record.retrieval
    declared = found.origin is Origin.DECLARED
    facts = [Fact("Searched", found.source, foreign=True), Fact("Merged by", found.fusion)]
    facts.append(Fact("Sources retrieved", str(found.retrieved)))
    if not declared:
        facts.append(Fact("Answered in full", "yes" if found.complete else "no"))
    if found.note:
        facts.append(Fact("Note", found.note, foreign=True))
    return RetrievalPart(
        summary=_summary(record),
        queries=tuple(map(_query, found.queries)),
        ranks=_ranks(record) if found.queries else (),
        facts=tuple(fact for fact in facts if fact.value),
        declared=declared,
    )
