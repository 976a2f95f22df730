"""The sources of a record, and how they were found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.website.views import words
from sovereign_registry.website.views.files import external
from sovereign_registry.website.views.parts import Fact
from sovereign_registry.website.views.record_parts import (
    QueryPart,
    ReadPart,
    RetrievalPart,
    SourcePart,
)

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest, QueryRecord, Source
    from sovereign_registry.contracts.texts import FullTextRead, TextFinding

USES = {"cited": "cited by the report"}
"""Uses of a source that its claims do not show already."""
AUTHORS = 2
"""So many authors are named; of more, the page says how many they are."""


def papers(record: Manifest) -> dict[str, tuple[str, str]]:
    """For every source's reference its anchor and its name on the page."""
    return {
        source.ref: (f"s{number}", f"source {number}")
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
    """How much of the question the paper's text holds."""
    if source.coverage is None:
        return "coverage of the question not available"
    return f"{len(source.covered_words)} of {words.count(total, 'question word')}"


def _authors(source: Source) -> str:
    named = ", ".join(source.authors[:AUTHORS])
    more = len(source.authors) - AUTHORS
    return f"{named} and {more} more" if more > 0 else named or "Authors not stated"


def common_text(record: Manifest) -> str:
    """What was read of every source, where that is one and the same; else empty."""
    found = {source.text_kind.value for source in record.sources}
    return found.pop() if len(found) == 1 else ""


def _about(source: Source, same: str) -> str:
    """What of it was read, its use and its categories."""
    said = [] if same else [source.text_kind.value]
    if source.passages:
        said.append(words.count(source.passages, "passage"))
    said += [USES[use] for use in source.used_for if use in USES]
    return ", ".join([*said, *source.categories])


def idle(record: Manifest) -> str:
    """How many sources no claim leans on; empty where all do, or none."""
    leaning = _leaning(record).keys() & {source.ref for source in record.sources}
    number = len(record.sources) - len(leaning)
    if not leaning or not number:
        return ""
    return f"{words.count(number, 'source')} that no claim leans on"


def common_licence(record: Manifest) -> str:
    """What every source states of its licence, where all state the same; else empty."""
    found = {(source.licence or "").rstrip(".") for source in record.sources}
    return found.pop() if len(found) == 1 else ""


def _dated(source: Source) -> str:
    if source.version and source.ref.endswith(f"v{source.version}"):
        return source.published or "date not stated"
    version = f"version {source.version}" if source.version else "no version"
    return f"{source.published or 'date not stated'}, {version}"


def _read(read: FullTextRead) -> ReadPart:
    """Which file was read, which were not and why, and what was left out of it."""
    facts = (
        words.count(read.bytes, "byte"),
        f"fetched on {read.date}",
        f"parsed by {read.parser}",
        words.count(read.sections, "section"),
    )
    return ReadPart(
        format=read.format.value,
        href=external(read.url),
        facts=", ".join(facts) if read.sha256 else "",
        digest=read.sha256 or "",
        passed_over="; ".join(f"{one.format.value}: {one.reason}" for one in read.passed_over),
        left_out="; ".join(map(_found_in, read.findings)),
    )


def _found_in(finding: TextFinding) -> str:
    times = "" if finding.count == 1 else f", {finding.count:,} times"
    counted = f" ({words.count(finding.words, 'word')}{times})" if finding.words else times
    return f"{finding.what}{counted}"


def source_parts(record: Manifest) -> tuple[SourcePart, ...]:
    """All sources in the record's order."""
    leaning = _leaning(record)
    total = len(record.question.content_words)
    same, text = common_licence(record), common_text(record)
    return tuple(
        SourcePart(
            number=number,
            anchor=f"s{number}",
            ref=source.ref,
            title=source.title or "Title not stated by the imported document",
            titled=source.title is not None,
            authors=_authors(source),
            dated=_dated(source),
            href=external(source.url),
            coverage=_coverage(source, total),
            about=_about(source, text),
            licence="" if same else (source.licence or "").rstrip("."),
            claims=tuple(leaning.get(source.ref, ())),
            read=None if source.fulltext is UNSET else _read(source.fulltext),
        )
        for number, source in enumerate(record.sources, start=1)
    )


def _query(one: QueryRecord) -> QueryPart:
    rest = "" if one.complete else ", answer incomplete"
    return QueryPart(
        terms=one.query.text,
        answer=f"{words.count(one.total, 'match', 'matches')}, {len(one.hits)} taken{rest}",
    )


def _found(record: Manifest) -> str:
    """How many papers the queries returned, and how many of them were read."""
    every = {hit.paper for query in record.retrieval.queries for hit in query.hits}
    read = sum(source.fused_score is not None for source in record.sources)
    return f"{words.count(len(every), 'paper')} returned, {read} read"


def _summary(record: Manifest) -> str:
    found = record.retrieval
    if found.origin is Origin.DECLARED:
        return (
            f"The imported document says how it searched; {words.DECLARED}. It does not carry its "
            "queries or ranks."
        )
    return (
        f"{words.count(len(found.queries), 'query', 'queries')} derived from the question by fixed "
        f"rules found {words.count(found.retrieved, 'different source')}."
    )


def retrieval_part(record: Manifest) -> RetrievalPart:
    """Queries, ranks and how they were merged."""
    found = record.retrieval
    declared = found.origin is Origin.DECLARED
    facts = [Fact("Searched", found.source, foreign=True), Fact("Merged by", found.fusion)]
    if used := record.index.meaning:
        order = (
            f"words and meaning, by {record.index.model} ({record.index.dimension} dimensions): 1 "
            f"/ (60 + rank) summed over both orders of {words.count(used.candidates, 'source')}; "
            "both ranks stand in the record's data"
        )
        facts.append(Fact("Read in the order of", order, foreign=True))
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
