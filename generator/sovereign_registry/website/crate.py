"""The record as an RO-Crate 1.2: its folder is the crate, this file describes what lies in it.

https://w3id.org/ro/crate/1.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.text import shorten
from sovereign_registry.website.citations import citation
from sovereign_registry.website.linked_data import licence_address

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Artifact
    from sovereign_registry.website.model import SiteInfo

PROFILE = "https://w3id.org/ro/crate/1.2"

EXPORTS = (
    ("record.json", "application/json", "The record as it stands, its history and contracts"),
    ("cite.bib", "application/x-bibtex", "How to cite the record, BibTeX"),
    ("cite.ris", "application/x-research-info-systems", "How to cite the record, RIS"),
    (
        "cite.csl.json",
        "application/vnd.citationstyles.csl+json",
        "How to cite the record, CSL-JSON",
    ),
    ("prov.json", "application/json", "Where the record comes from, W3C PROV-JSON"),
    ("history.atom", "application/atom+xml", "What happens to the record, as a feed"),
)
"""What is made of a record for machines: file, media type, what it is."""


def published(artifact: Artifact, site: SiteInfo) -> bool:
    """Whether the site carries an artifact's bytes."""
    return artifact.public and (site.pdf or artifact.media_type != "application/pdf")


def _file(name: str, media_type: str, about: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "description": about,
        "encodingFormat": media_type,
        **more,
    }


def _files(view: RecordView, site: SiteInfo) -> list[dict[str, Any]]:
    manifest = _file(
        "manifest.yaml",
        "application/yaml",
        "The immutable manifest, as first published",
        contentSize=str(view.manifest_bytes),
        sha256=view.manifest_file_sha256,
    )
    history = [
        _file(f"history/{entry.file_name}", "application/yaml", f"History entry {entry.sequence}")
        for entry in view.history
    ]
    artifacts = [
        _file(
            f"artifacts/{one.name}",
            one.media_type,
            one.about or one.kind,
            contentSize=str(one.bytes),
            sha256=one.sha256,
        )
        for one in view.record.artifacts
        if published(one, site)
    ]
    return [manifest, *history, *artifacts, *(_file(*one) for one in EXPORTS)]


def crate_json(view: RecordView, site: SiteInfo) -> bytes:
    """The bytes of ``ro-crate-metadata.json``."""
    record = view.record
    cited = citation(view, site)
    files = _files(view, site)
    licence = licence_address(site) or "#licence"
    # The profile asks for an address of every SoftwareApplication; none is recorded, so none is.
    tools = [
        {
            "@id": f"#tool-{number}",
            "@type": "PropertyValue",
            "name": tool.name,
            "value": tool.version,
            "description": tool.used_for,
        }
        for number, tool in enumerate(record.provenance.tools, start=1)
    ]
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": cited.title,
        "description": shorten(record.work.abstract or record.question.text, 600),
        "datePublished": view.history[-1].at if view.history else cited.date,
        "identifier": {"@id": "#id"},
        "version": cited.version,
        "creativeWorkStatus": cited.state,
        "license": {"@id": licence},
        "author": {"@id": "#kernel"},
        "publisher": {"@id": "#publisher"},
        "hasPart": [{"@id": one["@id"]} for one in files],
        "mentions": {"@id": "#run"},
    }
    if cited.address:
        root["url"] = cited.address
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": PROFILE},
            "about": {"@id": "./"},
        },
        root,
        {
            "@id": licence,
            "@type": "CreativeWork",
            "name": site.records_licence or "No licence is stated",
            "description": "As the publisher of the registry states it.",
        },
        {"@id": "#id", "@type": "PropertyValue", "name": "Record id", "value": record.id},
        {"@id": "#kernel", "@type": "Thing", "name": cited.author},
        {"@id": "#publisher", "@type": "Organization", "name": cited.publisher},
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": "Import of a document"
            if record.provenance.method == "import"
            else "Run of the pipeline",
            "agent": {"@id": "#publisher"},
            "instrument": {"@id": "#kernel"},
            "additionalProperty": [{"@id": one["@id"]} for one in tools],
            "result": {"@id": "manifest.yaml"},
        },
        *tools,
        *files,
    ]
    document = {"@context": f"{PROFILE}/context", "@graph": graph}
    return msgspec.json.encode(document) + b"\n"
