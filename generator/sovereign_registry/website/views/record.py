"""A record's page: everything it prints, prepared from the record as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.text import shorten
from sovereign_registry.website.views import claims as claim_views
from sovereign_registry.website.views import files, history, panels, scales, sources, status, words
from sovereign_registry.website.views import review as review_views
from sovereign_registry.website.views.parts import Fact, Link, Meta, Panel, RecordPage

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.website.model import SiteInfo


def context(view: RecordView, site: SiteInfo) -> dict[str, object]:
    """What ``record.html`` is given: one ``RecordPage`` under the name ``record``."""
    return {"record": record_page(view, site)}


def record_page(view: RecordView, site: SiteInfo) -> RecordPage:
    """Prepare a record's page."""
    record = view.record
    papers = sources.papers(record)
    return RecordPage(
        id=record.id,
        meta=_meta(record, site),
        title=record.work.title,
        title_cut=record.work.title_cut,
        dateline=_dateline(view),
        byline=(record.work.kernel, record.provenance.publisher or site.publisher),
        banners=status.banners(record),
        flags=tuple(map(status.flag, record.flags)),
        status=status.status(record),
        glance=status.glance(view),
        abstract=record.work.abstract,
        abstract_cut=record.work.abstract_cut,
        question=record.question.text,
        panels=panels.panels(view, site),
        words=claim_views.three_words(record),
        claims=tuple(claim_views.claim_part(claim, papers) for claim in record.claims),
        claims_intro=claim_views.intro(record),
        review=review_views.review_part(record),
        sources=sources.source_parts(record),
        retrieval=sources.retrieval_part(record),
        related=_related(record),
        uncertainties=record.uncertainties,
        limitations=record.limitations,
        history=history.entries(view.history),
        files=files.files(view, site),
        setup=_setup(view),
        cite=files.cite(view, site),
        problem=files.problem(site),
    )


def _dateline(view: RecordView) -> tuple[str, ...]:
    record = view.record
    return (
        record.id,
        f"as of {record.work.as_of}",
        f"version {len(view.history) + 1}",
        "imported, declared" if record.provenance.method == "import" else "computed here",
    )


def _description(record: Manifest) -> str:
    passed = sum(claim.verification.passed for claim in record.claims)
    return shorten(
        f"{words.state_word(record.standing.record_state)} record, "
        f"{scales.level_words(record.assessment.level.paper_level)}; "
        f"Gate 2 {words.GATE[record.gate.status]}; {passed} of {len(record.claims)} claims passed "
        f"the {words.LEXICAL}. {record.work.abstract}",
        300,
    )


def _meta(record: Manifest, site: SiteInfo) -> Meta:
    """Title with its state, description, and the citation tags that indexers read."""
    title = f"{files.state_prefix(record)}{record.work.title}"
    folder = site.address(f"records/{record.id}/")
    publisher = record.provenance.publisher or site.publisher
    tags = [
        ("citation_title", title),
        ("citation_author", record.work.kernel),
        ("citation_publication_date", record.work.as_of.replace("-", "/")),
        ("citation_technical_report_institution", publisher),
        ("citation_technical_report_number", record.id),
        ("citation_language", site.language),
    ]
    if folder:
        tags.append(("citation_abstract_html_url", folder))
        tags += [
            ("citation_pdf_url", f"{folder}artifacts/{artifact.name}")
            for artifact in record.artifacts
            if artifact.public and artifact.media_type == "application/pdf" and site.pdf
        ]
    return Meta(title=title, description=_description(record), citation=tuple(tags))


def _related(record: Manifest) -> tuple[Link, ...]:
    return tuple(
        Link(f"{one.record}: {one.relation}, {one.basis}", f"records/{one.record}/")
        for one in record.index.related
    )


def _tools(record: Manifest) -> tuple[Fact, ...]:
    return tuple(
        Fact(tool.name, tool.version, tool.used_for, foreign=True)
        for tool in record.provenance.tools
    )


def _config(record: Manifest) -> tuple[Fact, ...]:
    if record.config is None:
        return ()
    return tuple(
        Fact(name.replace("_", " ").capitalize(), str(value))
        for name, value in msgspec.structs.asdict(record.config).items()
    )


def _index(record: Manifest) -> tuple[Fact, ...]:
    found = record.index
    facts = [
        Fact("Model", found.model or "Not stated", foreign=True),
        Fact("Dimension", str(found.dimension) if found.dimension else "Not stated"),
        Fact("Used for", found.use),
    ]
    if found.compared_sha256:
        facts.append(Fact("Compared against", found.compared_sha256, code=True))
    return tuple(fact for fact in facts if fact.value)


def _digests(view: RecordView) -> tuple[Fact, ...]:
    record = view.record
    rows = [
        ("Manifest, canonical content", view.manifest_content_sha256),
        ("Manifest, file", view.manifest_file_sha256),
        ("Newest history entry", view.head_sha256),
        ("Question, normalised", record.question.sha256),
        *((f"Input {n}", digest) for n, digest in enumerate(record.provenance.inputs, start=1)),
    ]
    return tuple(Fact(label, value, code=True) for label, value in rows)


def _setup(view: RecordView) -> tuple[Panel, ...]:
    """Configuration, tools, index, digests, and what an imported document states besides."""
    record = view.record
    declared = tuple(
        Fact(f"{one.label} ({one.document})", one.value, foreign=True)
        for one in record.provenance.declared
    )
    imported = record.provenance.method == "import"
    groups = (
        ("setup-config", "Configuration", _config(record), False),
        ("setup-tools", "Tools and versions", _tools(record), imported),
        ("setup-index", "Semantic index", _index(record), imported),
        ("setup-digests", "Digests (SHA-256)", _digests(view), False),
        ("setup-declared", "Stated by the imported document besides", declared, True),
    )
    return tuple(
        Panel(id=name, title=title, scope=(), facts=facts, declared=is_declared)
        for name, title, facts, is_declared in groups
        if facts
    )
