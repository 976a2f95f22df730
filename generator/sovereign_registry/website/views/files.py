"""The record's files with sizes and digests, outside addresses, and how to cite the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.website.citations import bibtex, citation, of_record, of_version
from sovereign_registry.website.crate import EXPORTS, published
from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import Cite, FilePart, Link

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry
    from sovereign_registry.contracts.manifest import Artifact
    from sovereign_registry.website.model import SiteInfo

_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
DOWNLOADS = (
    *EXPORTS,
    (
        "ro-crate-metadata.json",
        "application/ld+json",
        "What this folder holds, as an RO-Crate",
    ),
)
"""What is made of a record for machines: file, media type, what it is."""
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


def _artifact(artifact: Artifact, folder: str, site: SiteInfo) -> FilePart:
    return FilePart(
        name=artifact.name,
        path=f"{folder}artifacts/{artifact.name}" if published(artifact, site) else "",
        about=artifact.about if artifact.public else f"{artifact.about} (kept out; digest only)",
        media_type=artifact.media_type,
        size=_size(artifact.bytes),
        sha256=artifact.sha256,
    )


def _entry_file(entry: HistoryEntry, folder: str) -> FilePart:
    """One history file; no record holds its size or the digest of its bytes."""
    name = f"history/{entry.file_name}"
    about = (
        f"History entry {entry.sequence}. Its digest as a file stands in digests.txt of the site, "
        "that of its content under History."
    )
    return FilePart(name, f"{folder}{name}", about, "application/yaml", "", "")


def files(view: RecordView, site: SiteInfo) -> tuple[FilePart, ...]:
    """The manifest and its history first, then the record as data, then every artifact."""
    folder = f"records/{view.record.id}/"
    return (
        FilePart(
            name="manifest.yaml",
            path=f"{folder}manifest.yaml",
            about="The immutable manifest, as first published.",
            media_type="application/yaml",
            size=_size(view.manifest_bytes),
            sha256=view.manifest_file_sha256,
        ),
        *(_entry_file(entry, folder) for entry in view.history),
        *(
            FilePart(name, f"{folder}{name}", f"{about}.", media_type, "", "")
            for name, media_type, about in DOWNLOADS
        ),
        *(_artifact(artifact, folder, site) for artifact in view.record.artifacts),
    )


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
        ),
    )
