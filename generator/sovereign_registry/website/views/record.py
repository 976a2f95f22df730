"""A record's page: everything it prints, prepared from the record as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.rules.states_v1 import tier_of
from sovereign_registry.contracts.text import shorten
from sovereign_registry.website.citations import citation
from sovereign_registry.website.crate import PROFILE
from sovereign_registry.website.holdings import BUNDLE, CRATE, FEED, MADE, holdings, published
from sovereign_registry.website.linked_data import licence_address, linked_data
from sovereign_registry.website.views import claims as claim_views
from sovereign_registry.website.views import (
    files,
    history,
    imports,
    models,
    own_texts,
    panels,
    plots,
    scales,
    sources,
    status,
    words,
)
from sovereign_registry.website.views import review as review_views
from sovereign_registry.website.views.gate import gate_part
from sovereign_registry.website.views.monitor import monitor_words
from sovereign_registry.website.views.parts import Fact, Link, Panel
from sovereign_registry.website.views.previews import of_record
from sovereign_registry.website.views.record_parts import Meta, RecordPage, RelatedPart, Relation
from sovereign_registry.website.views.since import abstract_note
from sovereign_registry.website.views.verify_panel import verify_part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.monitor import ReviewMonitor
    from sovereign_registry.website.model import Naming, SiteInfo


def context(  # noqa: PLR0913, PLR0917 - one argument a thing that pages show
    view: RecordView,
    site: SiteInfo,
    states: Mapping[str, str] | None = None,
    naming: Sequence[Naming] = (),
    places: Sequence[int] = (),
    monitor: ReviewMonitor | None = None,
) -> dict[str, object]:
    """What ``record.html`` is given: a ``RecordPage`` as ``record``, its panel as ``verify``.

    Args:
        view: The record as it stands.
        site: What is said about the site.
        states: Every record of the registry that is not CURRENT, with its state.
        naming: What other records say of this one.
        places: Where in the log the record's entries stand.
        monitor: The last look at its sources; None where nobody has looked.
    """
    record = view.record
    return {
        "record": record_page(view, site, states or {}, naming, monitor, places),
        "preview": of_record(record.standing.record_state, tier_of(record)),
        "verify": verify_part(view, site, places),
        "gate": gate_part(view, site),
    }


def record_page(  # noqa: PLR0913, PLR0917 - as above
    view: RecordView,
    site: SiteInfo,
    states: Mapping[str, str] | None = None,
    naming: Sequence[Naming] = (),
    monitor: ReviewMonitor | None = None,
    places: Sequence[int] = (),
) -> RecordPage:
    """Prepare a record's page."""
    record, states = view.record, states or {}
    retracted = status.retracted_claims(view)
    papers = sources.papers(record)
    claims, quoted = claim_views.claim_parts(record, papers, retracted)
    return RecordPage(
        id=record.id,
        meta=_meta(view, site),
        title=record.work.title,
        title_cut=record.work.title_cut,
        dateline=_dateline(view),
        byline=(record.work.kernel, record.provenance.publisher or site.publisher),
        banners=status.banners(view, states),
        flags=tuple(status.flag(one, states, own_texts.said(record)) for one in record.flags),
        status=status.status(record),
        stamp=status.stamp(view, site.address(f"records/{record.id}/")),
        strip=status.strip(record, claim_views.three_words(record).verified),
        glance=status.glance(view),
        abstract=record.work.abstract,
        abstract_cut=record.work.abstract_cut,
        abstract_scope=imports.abstract_scope(record) + abstract_note(view),
        question=record.question.text,
        question_scope=imports.question_scope(record),
        analysed=record.work.analysed if record.origin is Origin.DECLARED else "",
        panels=panels.panels(view, site, places),
        words=claim_views.three_words(record),
        claims=claims,
        claims_intro=claim_views.intro(record),
        plot=plots.claims_plot(record.claims),
        quoted=quoted,
        review=review_views.review_part(record),
        sources=sources.source_parts(record),
        sources_licence=sources.common_licence(record),
        sources_text=sources.common_text(record),
        idle=sources.idle(record),
        monitor=monitor_words(record, monitor),
        retrieval=sources.retrieval_part(record),
        related=_related(record, states, naming),
        uncertainties=record.uncertainties,
        limitations=record.limitations,
        history=history.entries(view, states),
        files=files.files(view, site),
        data=_data(view, site),
        licences=files.licences(view, site),
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
        240,
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
    folder = f"records/{view.record.id}/"
    found = [
        Relation("author", "about/"),
        Relation("type", "", href="https://schema.org/AboutPage"),
        Relation("type", "", href="https://schema.org/Report"),
    ]
    if licence := licence_address(site):
        found.append(Relation("license", "", href=licence))
    if address := site.address(folder):
        found.insert(0, Relation("cite-as", "", href=address))
    if site.publish.bundles:
        found.append(Relation("item", f"{folder}{BUNDLE}", type="application/zip"))
    held = [one for one in holdings(view, site.publish) if one.beside]
    found += [
        Relation("item", folder + one.name, type=one.media_type)
        for one in held
        if one.name.startswith(("manifest.yaml", "artifacts/"))
    ]
    named = {one.name for one in MADE} - {FEED}
    found += [
        Relation(
            "describedby",
            folder + one.name,
            # The profile is a parameter of this media type; HTML knows no attribute for it.
            type=f'{one.media_type};profile="{PROFILE}"' if one.name == CRATE else one.media_type,
        )
        for one in held
        if one.name in named
    ]
    return tuple(found)


def _related(
    record: Manifest, states: Mapping[str, str], naming: Sequence[Naming]
) -> tuple[RelatedPart, ...]:
    """The records that this one names, then those published later that name it."""
    own = {one.record for one in record.index.related}
    later = [one for one in naming if one.record not in own]
    return tuple(
        RelatedPart(
            link=status.to_record(one.record, one.record, states),
            relation=one.relation,
            basis=f"{_singular(one.basis)}{says}",
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


def _data(view: RecordView, site: SiteInfo) -> Link:
    """Where all of the record can be had: as ``record.json``, or as the manifest it is made of."""
    held = {one.name: one for one in holdings(view, site.publish)}
    data = held.get("record.json")
    if data is not None and data.beside:
        return Link(data.name, data.path(view.record.id))
    manifest = held["manifest.yaml"]
    name = manifest.name if manifest.beside else f"{manifest.name} in {BUNDLE}"
    return Link(name, manifest.path(view.record.id))


def _setup(view: RecordView) -> tuple[Panel, ...]:
    """The tools, and what an imported document states besides."""
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
        ("setup-tools", "Tools and versions", _tools(record), imported),
        ("setup-claims", "Claims chosen by a model", models.extraction_facts(record), False),
        ("setup-declared", "Stated by the imported document besides", declared, True),
    )
    return tuple(
        Panel(id=name, title=title, scope=(), facts=facts, declared=is_declared)
        for name, title, facts, is_declared in groups
        if facts
    )
