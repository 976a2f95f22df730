"""The sources of a record, and how they were found."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.website.views import words
from sovereign_registry.website.views.files import external
from sovereign_registry.website.views.parts import Bar, Fact
from sovereign_registry.website.views.plots import percent
from sovereign_registry.website.views.record_parts import (
    QueryPart,
    RetrievalPart,
    SourcePart,
)

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest, QueryRecord, Source

USES = {"cited": "cited by the report"}
"""Uses of a source that its claims do not show already."""
AUTHORS = 4
"""So many authors are named; of more, the page says how many they are."""


def papers(record: Manifest) -> dict[str, tuple[str, str]]:
    """For every source's reference its anchor on the page and its title."""
    return {
        source.ref: (f"s{number}", source.title or "")
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


def _coverage(source: Source, total: int) -> str:
    """How much of the question the paper's text holds, with the words that it holds."""
    if source.coverage is None:
        return "Coverage of the question: not available."
    return (
        f"{len(source.covered_words)} of {words.count(total, 'question word')}: "
        f"{', '.join(source.covered_words) or 'none'}."
    )


def _bar(source: Source) -> Bar | None:
    if source.coverage is None:
        return None
    return Bar(percent(Decimal(source.coverage), Decimal(1)))


def _authors(source: Source) -> str:
    named = ", ".join(source.authors[:AUTHORS])
    more = len(source.authors) - AUTHORS
    return f"{named} and {more} more" if more > 0 else named or "Authors not stated"


def _about(source: Source) -> str:
    """Text, use and categories in short sentences."""
    read = f", {words.count(source.passages, 'passage')}" if source.passages else ""
    uses = "".join(f"; {USES[use]}" for use in source.used_for if use in USES)
    sentences = [f"Text read: {source.text_kind}{read}{uses}"]
    if source.categories:
        sentences.append(f"Categories: {', '.join(source.categories)}")
    return f"{'. '.join(sentences)}."


def common_licence(record: Manifest) -> str:
    """What every source states of its licence, where all state the same; else empty."""
    found = {(source.licence or "").rstrip(".") for source in record.sources}
    return found.pop() if len(found) == 1 else ""


def _dated(source: Source) -> str:
    version = f"version {source.version}" if source.version else "no version"
    return f"{source.published or 'date not stated'}, {version}"


def source_parts(record: Manifest) -> tuple[SourcePart, ...]:
    """All sources in the record's order."""
    leaning = _leaning(record)
    total = len(record.question.content_words)
    same = common_licence(record)
    return tuple(
        SourcePart(
            anchor=f"s{number}",
            ref=source.ref,
            title=source.title or "Title not stated by the imported document",
            titled=source.title is not None,
            authors=_authors(source),
            dated=_dated(source),
            href=external(source.url),
            coverage=_coverage(source, total),
            bar=_bar(source),
            about=_about(source),
            licence="" if same else (source.licence or "").rstrip("."),
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
    )


def _found(record: Manifest) -> str:
    """How many papers the queries returned, how many of them were read, and where the ranks are."""
    every = {hit.paper for query in record.retrieval.queries for hit in query.hits}
    read = sum(source.fused_score is not None for source in record.sources)
    return (
        f"{words.count(len(every), 'paper')} were returned and {read} read. The manifest holds "
        "the rank of each in every query, and the digest of every answer."
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
        found=_found(record),
        facts=tuple(fact for fact in facts if fact.value),
        declared=declared,
    )
