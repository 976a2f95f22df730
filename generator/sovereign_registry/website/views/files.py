"""The record's files with sizes and digests, outside addresses, and how to cite the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts import documents
from sovereign_registry.contracts.registry import FileGroup
from sovereign_registry.website.citations import bibtex, citation, of_record, of_version
from sovereign_registry.website.holdings import BUNDLE, carried, holdings
from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import Cite, FilePart, Link

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Artifact
    from sovereign_registry.website.holdings import Holding
    from sovereign_registry.website.model import SiteInfo

_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"'\\]+")


def external(address: str | None) -> str:
    """An address that may be linked: http, https or a bare DOI; anything else is no link."""
    if not address:
        return ""
    if _DOI.fullmatch(address):
        return f"https://doi.org/{address}"
    return address if _ADDRESS.fullmatch(address) else ""


def problem(site: SiteInfo) -> Link:
    """Where to report a problem; an address becomes a link, words stay words."""
    return Link(site.report_problem.rstrip(". "), href=external(site.report_problem))


def _size(number: int) -> str:
    return words.count(number, "byte")


BUNDLED = f"In {BUNDLE}: "
_HISTORY = (
    "Its digest as a file stands in digests.txt of the site, that of its content under History."
)


def _held(one: Holding, record_id: str) -> FilePart:
    about = one.about if one.about.endswith(".") else f"{one.about}."
    if one.name.startswith("history/"):  # no record holds its size or the digest of its bytes
        about = f"{about} {_HISTORY}"
    return FilePart(
        name=one.name.removeprefix("artifacts/"),
        path=one.path(record_id),
        about=about if one.beside else f"{BUNDLED}{about[0].lower()}{about[1:]}",
        media_type=one.media_type,
        size="" if one.size is None else _size(one.size),
        sha256=one.sha256,
    )


def _kept_out(artifact: Artifact) -> FilePart:
    why = "not carried by this site" if artifact.public else "kept out"
    return FilePart(
        name=artifact.name,
        path="",
        about=f"{artifact.about} ({why}; digest only)",
        media_type=artifact.media_type,
        size=_size(artifact.bytes),
        sha256=artifact.sha256,
    )


def _bundle(record_id: str) -> FilePart:
    return FilePart(
        name=BUNDLE,
        path=f"records/{record_id}/{BUNDLE}",
        about=f"Every file of the record in one; sovereign-registry verify {BUNDLE} checks it.",
        media_type="application/zip",
        size="",
        sha256="",
    )


def files(view: RecordView, site: SiteInfo) -> tuple[FilePart, ...]:
    """The bundle, the manifest and its history, the record as data, then every artifact."""
    record = view.record
    held = holdings(view, site.publish)
    return (
        *([_bundle(record.id)] if site.publish.bundles else []),
        *(_held(one, record.id) for one in held),
        *(_kept_out(one) for one in record.artifacts if not carried(one, site.publish)),
    )


def licences(view: RecordView, site: SiteInfo) -> tuple[str, ...]:
    """The terms of every part of the record, one sentence each."""
    found = []
    for part in documents.licences(view.record, site.records_licence):
        every = len(part.sources) == len(view.record.sources) > 1
        named = "all that are listed" if every else ", ".join(part.sources)
        about = f" ({named})" if part.sources else ""
        found.append(f"{part.part}{about}: {part.licence.rstrip('.')}.")
    return tuple(found)


def cite(view: RecordView, site: SiteInfo) -> Cite:
    """The citation with and without its version, as BibTeX, and as files; each with the state."""
    found = citation(view, site)
    folder = f"records/{view.record.id}/"
    return Cite(
        version=of_version(found),
        record=of_record(found),
        bibtex=bibtex(found),
        links=(
            Link("BibTeX", f"{folder}cite.bib"),
            Link("RIS", f"{folder}cite.ris"),
            Link("CSL-JSON", f"{folder}cite.csl.json"),
        )
        if site.beside(FileGroup.CITATIONS)
        else (),
    )
