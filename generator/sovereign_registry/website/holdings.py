"""Which files a record has for readers and machines, and where each of them stands.

A file stands *beside* the page as a file of its own, or in the record's bundle, or both, as
``publish`` of ``registry.yaml`` says; the bytes are the same in both places, except for the crate,
which describes the place that it stands in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.documents import RecordUrls
from sovereign_registry.contracts.registry import FileGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Artifact
    from sovereign_registry.contracts.registry import Publish
    from sovereign_registry.website.model import SiteInfo

BUNDLE = "bundle.zip"
CRATE = "ro-crate-metadata.json"
FEED = "history.atom"
MONITOR = "review-monitor.json"
"""The last look at a record's sources: beside the page of a record that anybody looked at, and in
no bundle, which a look that finds nothing must not change."""
PDF = "application/pdf"


class Made(msgspec.Struct, frozen=True):
    """One file that is made of a record for machines."""

    name: str
    media_type: str
    about: str
    """What it is, without a full stop."""
    group: FileGroup | None
    """None where it is always beside the page, and never in a bundle."""


MADE = (
    Made(
        "record.json",
        "application/json",
        "The record as it stands, its history and contracts",
        FileGroup.DATA,
    ),
    Made(
        "correction-record.json",
        "application/json",
        "State and corrections, correction-record-v1",
        FileGroup.CORRECTIONS,
    ),
    Made(
        "source-provenance.json",
        "application/json",
        "Where the record comes from, source-provenance-v1",
        FileGroup.LINEAGE,
    ),
    Made(
        "cite.bib",
        "application/x-bibtex",
        "How to cite the record, BibTeX",
        FileGroup.CITATIONS,
    ),
    Made(
        "cite.ris",
        "application/x-research-info-systems",
        "How to cite the record, RIS",
        FileGroup.CITATIONS,
    ),
    Made(
        "cite.csl.json",
        "application/vnd.citationstyles.csl+json",
        "How to cite the record, CSL-JSON",
        FileGroup.CITATIONS,
    ),
    Made(
        "prov.json",
        "application/json",
        "Where the record comes from, W3C PROV-JSON",
        FileGroup.LINEAGE,
    ),
    Made(
        CRATE,
        "application/ld+json",
        "What this folder holds, as an RO-Crate",
        FileGroup.LINEAGE,
    ),
    Made(FEED, "application/atom+xml", "What happens to the record, as a feed", None),
)
"""Every file that is made of a record for machines."""

EXTRAS = (
    ("proof.json", "application/json", "That the record stands in the log, record-proof-v1"),
    ("log/keys.yaml", "application/yaml", "The log's keys as of that proof, log-keys-v1"),
    ("LICENSES.txt", "text/plain", "Under which terms each part may be used"),
    ("README.txt", "text/plain", "What is in the bundle, and how to check it"),
    ("verify.html", "text/html", "A page that checks the record without a network"),
)
"""Files that stand in bundles alone, where there are any: name, media type, what it is."""


_GATE_TYPES = {
    "json": "application/json",
    "yaml": "application/yaml",
    "csv": "text/csv",
    "npy": "application/octet-stream",
    "npz": "application/octet-stream",
    "bin": "application/octet-stream",
}
"""Media type by ending of what a gate artifact may hold; anything else is plain text."""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a record."""

    name: str
    """Path below the record's folder, and in its bundle."""
    media_type: str
    about: str
    """What it is, without a full stop."""
    beside: bool
    """Whether it stands beside the page."""
    bundled: bool
    """Whether it stands in the bundle."""
    size: int | None = None
    """Bytes, where the record itself states it."""
    sha256: str = ""
    """Digest of the bytes, where the record itself states it."""

    def path(self, record_id: str) -> str:
        """Where it can be fetched within the site: itself, or the bundle; or empty."""
        folder = f"records/{record_id}/"
        if self.beside:
            return folder + self.name
        return folder + BUNDLE if self.bundled else ""


def group_of(artifact: Artifact) -> FileGroup:
    """The group that an artifact belongs to."""
    return FileGroup.EVIDENCE if artifact.kind == "evidence" else FileGroup.REPORTS


def carried(artifact: Artifact, publish: Publish) -> bool:
    """Whether the site carries an artifact's bytes, beside the page or in the bundle."""
    if not artifact.public or (artifact.media_type == PDF and not publish.pdf):
        return False
    return publish.bundles or group_of(artifact) in publish.beside


def published(artifact: Artifact, site: SiteInfo) -> bool:
    """Whether an artifact stands beside the page."""
    return carried(artifact, site.publish) and site.beside(group_of(artifact))


def holdings(view: RecordView, publish: Publish) -> tuple[Holding, ...]:
    """The files of a record: manifest, history, what is made of them, artifacts; no bundle."""
    manifest = Holding(
        name="manifest.yaml",
        media_type="application/yaml",
        about="The immutable manifest, as first published",
        beside=FileGroup.MANIFEST in publish.beside,
        bundled=publish.bundles,
        size=view.manifest_bytes,
        sha256=view.manifest_file_sha256,
    )
    history = [
        Holding(
            name=f"history/{entry.file_name}",
            media_type="application/yaml",
            about=f"History entry {entry.sequence}",
            beside=True,
            bundled=publish.bundles,
        )
        for entry in view.history
    ]
    made = [
        Holding(
            name=one.name,
            media_type=one.media_type,
            about=one.about,
            beside=one.group is None or one.group in publish.beside,
            bundled=one.group is not None and publish.bundles,
        )
        for one in MADE
    ]
    artifacts = [
        Holding(
            name=f"artifacts/{one.name}",
            media_type=one.media_type,
            about=one.about or one.kind,
            beside=group_of(one) in publish.beside,
            bundled=publish.bundles,
            size=one.bytes,
            sha256=one.sha256,
        )
        for one in view.record.artifacts
        if carried(one, publish)
    ]
    gate = [
        Holding(
            name=f"{verdict.folder}/{file.path}",
            media_type=_GATE_TYPES.get(file.path.rpartition(".")[2], "text/plain"),
            about=f"Of the attempt in history entry {verdict.entry} on claim {verdict.claim}",
            beside=True,
            bundled=publish.bundles,
            size=file.bytes,
            sha256=file.sha256,
        )
        for verdict in view.record.gate.verdicts
        for file in verdict.files
    ]
    found = (manifest, *history, *made, *artifacts, *gate)
    return tuple(one for one in found if one.beside or one.bundled)


def record_urls(record_id: str, publish: Publish, address: Callable[[str], str]) -> RecordUrls:
    """Where a record's files are.

    Args:
        record_id: The record.
        publish: What the site carries.
        address: Gives the address of a path within the site.
    """
    folder = f"records/{record_id}/"

    def where(name: str, group: FileGroup) -> str:
        if group in publish.beside:
            return address(folder + name)
        return f"{address(folder + BUNDLE)}#{name}" if publish.bundles else ""

    return RecordUrls(
        manifest=where("manifest.yaml", FileGroup.MANIFEST),
        correction_record=where("correction-record.json", FileGroup.CORRECTIONS),
        source_provenance=where("source-provenance.json", FileGroup.LINEAGE),
        bundle=address(folder + BUNDLE) if publish.bundles else "",
        quality_guide=address("quality-guide/"),
    )
