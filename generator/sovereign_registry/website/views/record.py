"""A record's page: everything it prints, prepared from the record as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.text import shorten
from sovereign_registry.website.citations import citation
from sovereign_registry.website.crate import PROFILE, published
from sovereign_registry.website.linked_data import licence_address, linked_data
from sovereign_registry.website.views import claims as claim_views
from sovereign_registry.website.views import (
    files,
    history,
    imports,
    panels,
    scales,
    sources,
    status,
    words,
)
from sovereign_registry.website.views import review as review_views
from sovereign_registry.website.views.parts import Fact, Link, Meta, Panel, RecordPage, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.website.model import Naming, SiteInfo


def context(
    view: RecordView,
    site: SiteInfo,
    states: Mapping[str, str] | None = None,
    naming: Sequence[Naming] = (),
) -> dict[str, object]:
    """What ``record.html`` is given: one ``RecordPage`` under the name ``record``.

    Args:
        view: The record as it stands.
        site: What is said about the site.
        states: Every record of the registry that is not CURRENT, with its state.
        naming: What other records say of this one.
    """
    return {"record": record_page(view, site, states or {}, naming)}


def record_page(
    view: RecordView,
    site: SiteInfo,
    states: Mapping[str, str] | None = None,
    naming: Sequence[Naming] = (),
) -> RecordPage:
    """Prepare a record's page."""
    record, states = view.record, states or {}
    retracted = status.retracted_claims(view)
    papers = sources.papers(record)
    return RecordPage(
        id=record.id,
        meta=_meta(view, site),
        title=record.work.title,
        title_cut=record.work.title_cut,
        dateline=_dateline(view),
        byline=(record.work.kernel, record.provenance.publisher or site.publisher),
        banners=status.banners(view, states),
        flags=tuple(status.flag(one, states) for one in record.flags),
        status=status.status(record),
        glance=status.glance(view),
        abstract=record.work.abstract,
        abstract_cut=record.work.abstract_cut,
        abstract_scope=imports.abstract_scope(record),
        question=record.question.text,
        question_scope=imports.question_scope(record),
        analysed=record.work.analysed if record.origin is Origin.DECLARED else "",
        panels=panels.panels(view, site),
        words=claim_views.three_words(record),
        claims=tuple(
            claim_views.claim_part(claim, papers, retracted=claim.id in retracted)
            for claim in record.claims
        ),
        claims_intro=claim_views.intro(record),
        review=review_views.review_part(record),
        sources=sources.source_parts(record),
        retrieval=sources.retrieval_part(record),
        related=_related(record, states, naming),
        uncertainties=record.uncertainties,
        limitations=record.limitations,
        history=history.entries(view),
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


def _meta(view: RecordView, site: SiteInfo) -> Meta:
    """Title with its state, description, and what indexers and reference managers read."""
    record, cited = view.record, citation(view, site)
    folder = site.address(f"records/{record.id}/")
    tags = [
        ("citation_title", cited.title),
        ("citation_author", cited.author),
        ("citation_publication_date", cited.date.replace("-", "/")),
        ("citation_technical_report_institution", cited.publisher),
        ("citation_technical_report_number", record.id),
        ("citation_publisher", cited.publisher),
        ("citation_language", site.language),
        ("citation_keywords", f"record state: {cited.state}"),
    ]
    if folder:
        tags.append(("citation_abstract_html_url", folder))
        tags += [
            ("citation_pdf_url", f"{folder}artifacts/{artifact.name}")
            for artifact in record.artifacts
            if artifact.media_type == "application/pdf" and published(artifact, site)
        ]
    return Meta(
        title=cited.title,
        description=_description(record),
        citation=tuple(tags),
        links=_signposts(view, site),
        linked=linked_data(view, site),
    )


def _signposts(view: RecordView, site: SiteInfo) -> tuple[Relation, ...]:
    """Typed links for machines, as FAIR Signposting names them (signposting.org/FAIR)."""
    record, folder = view.record, f"records/{view.record.id}/"
    found = [
        Relation("author", "about/"),
        Relation("type", "", href="https://schema.org/AboutPage"),
        Relation("type", "", href="https://schema.org/Report"),
        Relation("item", f"{folder}manifest.yaml", type="application/yaml"),
    ]
    if licence := licence_address(site):
        found.append(Relation("license", "", href=licence))
    if address := site.address(folder):
        found.insert(0, Relation("cite-as", "", href=address))
    found += [
        Relation("item", f"{folder}artifacts/{one.name}", type=one.media_type)
        for one in record.artifacts
        if published(one, site)
    ]
    profiles = {"ro-crate-metadata.json": PROFILE}
    found += [
        Relation("describedby", f"{folder}{name}", type=kind, profile=profiles.get(name, ""))
        for name, kind, _ in files.DOWNLOADS
        if name != "history.atom"
    ]
    return tuple(found)


def _related(
    record: Manifest, states: Mapping[str, str], naming: Sequence[Naming]
) -> tuple[Link, ...]:
    """The records that this one names, then those published later that name it."""
    own = {one.record for one in record.index.related}
    later = [one for one in naming if one.record not in own]
    return tuple(
        status.to_record(
            one.record, one.record, states, f": {one.relation}. {_singular(one.basis)}{says}"
        )
        for says, every in (("", record.index.related), (" Stated by that record.", later))
        for one in every
    )


def _singular(basis: str) -> str:
    """Older records say *1 content words*."""
    return basis.replace(" shares 1 content words ", " shares 1 content word ")


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
        *([("Newest history entry", view.head_sha256)] if view.history else []),
        ("Question, normalised", record.question.sha256),
        *((imports.input_name(record, digest), digest) for digest in record.provenance.inputs),
    ]
    return tuple(Fact(label, value, code=True) for label, value in rows)


def _setup(view: RecordView) -> tuple[Panel, ...]:
    """Configuration, tools, index, digests, and what an imported document states besides."""
    record = view.record
    declared = tuple(
        Fact(
            f"{one.label} ({one.document})",
            one.value,
            imports.statement_note(record, one),
            foreign=True,
        )
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
