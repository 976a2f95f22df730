"""The record's files with sizes and digests, outside addresses, and how to cite the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.views import words
from sovereign_registry.website.views.parts import Cite, FilePart, Link

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Artifact, Manifest
    from sovereign_registry.website.model import SiteInfo

_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"'\\]+")
_TEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
MARKED = {
    RecordState.RETRACTED,
    RecordState.WITHDRAWN,
    RecordState.REMOVED,
    RecordState.SUPERSEDED,
    RecordState.EXPRESSION_OF_CONCERN,
    RecordState.PARTIALLY_RETRACTED,
}
"""States that a citation must not leave out."""


def external(address: str | None) -> str:
    """An address that may be linked: http, https or a bare DOI; anything else is no link."""
    if not address:
        return ""
    if _DOI.fullmatch(address):
        return f"https://doi.org/{address}"
    return address if _ADDRESS.fullmatch(address) else ""


def problem(site: SiteInfo) -> Link:
    """Where to report a problem; an address becomes a link, words stay words."""
    return Link(site.report_problem, href=external(site.report_problem))


def _size(number: int) -> str:
    return words.count(number, "byte")


def _artifact(artifact: Artifact, folder: str, site: SiteInfo) -> FilePart:
    published = artifact.public and (site.pdf or artifact.media_type != "application/pdf")
    return FilePart(
        name=artifact.name,
        path=f"{folder}artifacts/{artifact.name}" if published else "",
        about=artifact.about if artifact.public else f"{artifact.about} (kept out; digest only)",
        media_type=artifact.media_type,
        size=_size(artifact.bytes),
        sha256=artifact.sha256,
    )


def files(view: RecordView, site: SiteInfo) -> tuple[FilePart, ...]:
    """The manifest first, then the record as data, then every artifact."""
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
        FilePart(
            name="record.json",
            path=f"{folder}record.json",
            about="The record as it stands now, with its history and digests, for machines.",
            media_type="application/json",
            size="",
            sha256="",
        ),
        *(_artifact(artifact, folder, site) for artifact in view.record.artifacts),
    )


def state_prefix(record: Manifest) -> str:
    """``Retracted: `` and the like, where the state must travel with the title."""
    state = record.standing.record_state
    return f"{words.state_word(state)}: " if state in MARKED else ""


def cite(view: RecordView, site: SiteInfo) -> Cite:
    """The citation as text and as BibTeX, with the record's state and first digest characters."""
    record = view.record
    publisher = record.provenance.publisher or site.publisher
    title = f"{state_prefix(record)}{record.work.title}{' […]' if record.work.title_cut else ''}"
    address = site.address(f"records/{record.id}/")
    version = f"version {len(view.history) + 1}"
    digest = view.head_sha256[:16]
    year = record.work.as_of[:4]
    text = (
        f"{record.work.kernel} ({year}). {title} [{record.id}, {version}, {digest}]. {publisher}."
    )
    fields = [
        ("title", title),
        ("author", record.work.kernel),
        ("institution", publisher),
        ("number", record.id),
        ("year", year),
        ("type", "Machine-generated research record"),
        ("note", f"{version}, head digest {digest}"),
    ]
    body = "".join(f"  {name} = {{{value.translate(_TEX)}}},\n" for name, value in fields)
    if address:
        body += f"  url = {{{address}}},\n"
    return Cite(text=f"{text} {address}".strip(), bibtex=f"@techreport{{{record.id},\n{body}}}")
