"""Conducts a run: from a question to a record, in the numbered steps of the methodology page.

``prepare`` asks the sources and derives the record's id; ``complete`` does everything else.
Between the two the caller can look whether the record exists already, which costs nothing more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import canonical_json, content_sha256
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.ids import IdentityInput, record_id
from sovereign_registry.contracts.manifest import Flag, FlagKind
from sovereign_registry.contracts.text import normalise
from sovereign_registry.pipeline import hostile
from sovereign_registry.pipeline.assembly import assemble, describe_artifact
from sovereign_registry.pipeline.claims import few_claims, make_claims
from sovereign_registry.pipeline.facts import Facts
from sovereign_registry.pipeline.judging import judge
from sovereign_registry.pipeline.orders import asks_models
from sovereign_registry.pipeline.own_texts import noun, own_texts
from sovereign_registry.pipeline.passages import source_flags, split_passages
from sovereign_registry.pipeline.queries import check_question, derive_queries
from sovereign_registry.pipeline.quoting import choose_claims
from sovereign_registry.pipeline.reading import off_topic, read_papers
from sovereign_registry.pipeline.report import write_report
from sovereign_registry.pipeline.retrieval import ask_all, fuse, query_records, require_papers
from sovereign_registry.pipeline.run import Prepared, Run
from sovereign_registry.pipeline.screening import question_flags
from sovereign_registry.pipeline.stems import content_words
from sovereign_registry.pipeline.tools import tools_of
from sovereign_registry.pipeline.tribunal import conclude, review_method
from sovereign_registry.pipeline.uncertainties import counted
from sovereign_registry.pipeline.verification import LexicalIndex
from sovereign_registry.pipeline.with_meaning import (
    index_again,
    index_records,
    order_papers,
    second_signals,
)

if TYPE_CHECKING:
    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.extraction import Extraction
    from sovereign_registry.contracts.manifest import Artifact, QueryRecord
    from sovereign_registry.contracts.review import Review
    from sovereign_registry.pipeline.indexing import Indexed
    from sovereign_registry.pipeline.judging import Trial
    from sovereign_registry.pipeline.passages import SourcePassage
    from sovereign_registry.pipeline.ports import Ports
    from sovereign_registry.pipeline.reading import ReadPaper
    from sovereign_registry.pipeline.verification import Outcome

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def prepare(question: str, ports: Ports, config: RunConfig, as_of: str | None) -> Prepared:
    """Step 1: derive the queries, ask the source, merge the answers, derive the record's id.

    Raises:
        BadInput: the question cannot be worked with.
        UsageError: ``as_of`` is no date, or earlier than the newest date among the replies.
        SourceFailure: the source failed, or knows no paper that matches.
    """
    checked = check_question(question)
    _require_date(as_of)
    ports.progress.step(1, "Derive queries and search")
    queries = derive_queries(checked, config.queries)
    replies = ask_all(ports.search, queries, config.results_per_query)
    fused = fuse(replies)
    require_papers(fused, ports.search.label)
    found = noun(item.paper.key for item in fused)
    ports.progress.note(
        f"{counted(len(queries), 'query', 'queries')}, {counted(len(fused), f'distinct {found}')}"
    )
    tools = tools_of(ports)
    date_of_inputs = _dated(as_of, max(reply.as_of for reply in replies))
    identity = IdentityInput(
        question=normalise(checked),
        config_sha256=content_sha256(config),
        inputs=tuple(reply.sha256 for reply in replies),
        tools=tuple(sorted(f"{tool.name} {tool.version}" for tool in tools)),
        as_of=date_of_inputs,
    )
    return Prepared(
        id=record_id(identity),
        question=checked,
        question_words=content_words(checked),
        config=config,
        as_of=date_of_inputs,
        queries=queries,
        replies=replies,
        fused=fused,
        tools=tools,
    )


def complete(prepared: Prepared, ports: Ports) -> Run:
    """Steps 2 to 11: everything that follows once the record is known to be new.

    Raises:
        SourceFailure: a text is there but cannot be read.
    """
    material = _gather(prepared, ports)
    facts = _first_facts(prepared, ports, material)
    trial = judge(facts, ports)
    facts = trial.facts
    ports.progress.step(8, "Decide the policy")
    review = conclude(
        trial.rounds,
        control=trial.control,
        retest=trial.retest,
        probe=lambda: trial.tried(ports),
        claims=facts.claims,
        flags=facts.flags,
        retrieval_complete=all(query.complete for query in facts.queries),
        reviewer=ports.reviewer,
        config=prepared.config,
    )
    ports.progress.note(str(review.policy))
    ports.progress.step(9, "Write the report")
    files = _artifacts(prepared, ports, material, trial, review)
    ports.progress.step(10, "Assess level, tier, dimensions and provenance")
    manifest = assemble(
        prepared,
        facts,
        passages=material.passages,
        flags=facts.flags,
        index=material.index.index,
        review=review,
        artifacts=tuple(described for described, _ in files),
        extraction=material.extraction,
    )
    ports.progress.note(
        f"{manifest.assessment.tier.tier}, level {manifest.assessment.level.paper_level} of 7"
    )
    ports.progress.step(11, "Assemble the manifest")
    return Run(
        manifest=manifest,
        artifacts=tuple((described.name, data) for described, data in files),
        papers=material.papers,
        indexed=material.index,
    )


def compare_again(prepared: Prepared, run: Run, ports: Ports) -> Run | None:
    """Step 6 once more for a finished run, because the registry holds other records by now.

    Returns:
        The run that ``complete`` would give, at the cost of one step; None where the comparison
        now raises other flags, which the report and the tribunal have to see.
    """
    indexed = index_again(prepared, run.papers, run.indexed, ports)
    if replace(indexed, index=run.indexed.index) != run.indexed:
        return None
    manifest = msgspec.structs.replace(run.manifest, index=indexed.index)
    return replace(run, manifest=manifest, indexed=indexed)


@dataclass(frozen=True, kw_only=True)
class _Material:
    """What steps 2 to 6 found."""

    papers: tuple[ReadPaper, ...]
    passages: tuple[SourcePassage, ...]
    claims: tuple[Claim, ...]
    outcomes: tuple[Outcome, ...]
    lexical: LexicalIndex
    index: Indexed
    queries: tuple[QueryRecord, ...]
    flags: tuple[Flag, ...]
    extraction: Extraction | msgspec.UnsetType


def _gather(prepared: Prepared, ports: Ports) -> _Material:
    config, words, tell = prepared.config, prepared.question_words, ports.progress
    tell.step(2, "Order papers by relevance to the question")
    ordered, places = order_papers(prepared, ports)
    tell.step(3, "Read sections and split sentences")
    papers = read_papers(ordered, words, ports.texts or ports.reader)
    passages = split_passages(papers, ports.splitter)
    read = noun(item.paper.key for item in papers)
    tell.note(f"{counted(len(passages), 'passage')} of {counted(len(papers), read)}")
    tell.step(4, "Extract claims")
    candidates, extraction = choose_claims(prepared, papers, passages, ports)
    tell.note(counted(len(candidates), "claim"))
    tell.step(5, "Compare every claim with the retrieved passages")
    lexical = LexicalIndex(passages)
    claims, outcomes = make_claims(candidates, lexical, config.threshold)
    tell.note(f"{sum(claim.verification.passed for claim in claims)} of {len(claims)} verified")
    claims, embedded = second_signals(prepared, claims, passages, ports)
    tell.step(6, "Build the semantic index")
    index = index_records(prepared, papers, ports, places, embedded)
    return _Material(
        papers=papers,
        passages=passages,
        claims=claims,
        outcomes=outcomes,
        lexical=lexical,
        index=index,
        queries=query_records(prepared.queries, prepared.replies),
        flags=(
            *question_flags(prepared.question),
            *off_topic(papers, words),
            *source_flags(papers, passages, for_models=asks_models(config)),
            *_incomplete(prepared),
            *few_claims(len(claims), config.max_claims),
            *own_texts(claims),
            *index.flags,
        ),
        extraction=extraction,
    )


def _first_facts(prepared: Prepared, ports: Ports, material: _Material) -> Facts:
    label, _ = hostile.scrub(ports.search.label)
    return Facts(
        record=prepared.id,
        question=prepared.question,
        question_words=prepared.question_words,
        as_of=prepared.as_of,
        config=prepared.config,
        source_label=label,
        queries=material.queries,
        retrieved=len(prepared.fused),
        papers=material.papers,
        passages=len(material.passages),
        claims=material.claims,
        flags=material.flags,
        embedder=material.index.index.model,
        dimension=material.index.index.dimension,
        review_method=review_method(ports.reviewer),
        revision_round=0,
        added=(),
    )


def _artifacts(
    prepared: Prepared, ports: Ports, material: _Material, trial: Trial, review: Review
) -> list[tuple[Artifact, bytes]]:
    report = write_report(trial.facts, review)
    evidence = material.lexical.evidence(prepared.id, trial.facts.claims, material.outcomes)
    files = [
        ("report.md", report.encode(), "report", "The report, Markdown."),
        (
            "evidence.json",
            canonical_json(evidence),
            "evidence",
            "Term counts and document frequencies from which every cosine can be recomputed.",
        ),
    ]
    if ports.printer:
        pdf = ports.printer.pdf(report, title=prepared.question, date=prepared.as_of)
        files.insert(1, ("report.pdf", pdf, "report", "The report, PDF."))
    files += [(name, text.encode(), "judged report", about) for name, text, about in trial.texts]
    return [(describe_artifact(name, data, kind, about), data) for name, data, kind, about in files]


def _incomplete(prepared: Prepared) -> tuple[Flag, ...]:
    missing = [
        query.number
        for query, reply in zip(prepared.queries, prepared.replies, strict=True)
        if not reply.complete
    ]
    if not missing:
        return ()
    return (
        Flag(
            kind=FlagKind.RETRIEVAL_INCOMPLETE,
            message=f"Not answered in full: query {', '.join(map(str, missing))}.",
            about=(),
            unresolved=True,
        ),
    )


def _require_date(as_of: str | None) -> None:
    if as_of is None:
        return
    try:
        sound = bool(_DATE.fullmatch(as_of)) and bool(date.fromisoformat(as_of))
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(
            f"{as_of!r} is no date", where="--as-of", todo="Write a date such as 2026-05-28."
        )


def _dated(as_of: str | None, newest: str) -> str:
    """The record's date: the one given, else the newest of the inputs, and never before it."""
    if as_of is None or as_of >= newest:
        return as_of or newest
    raise UsageError(
        f"{as_of} is earlier than {newest}, the newest date of the sources that answered: a record "
        "cannot be dated before its own sources",
        where="--as-of",
        todo=f"Give {newest} or a later date, or leave the option out.",
    )
