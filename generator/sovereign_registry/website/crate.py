"""The record as an RO-Crate 1.2: its folder is the crate, this file describes what lies in it.

https://w3id.org/ro/crate/1.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.text import shorten
from sovereign_registry.website.citations import citation
from sovereign_registry.website.holdings import (
    BUNDLE,
    CRATE,
    EXTRAS,
    Holding,
    holdings,
    published,
)
from sovereign_registry.website.linked_data import licence_address

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.website.model import SiteInfo

__all__ = ["PROFILE", "bundle_crate", "crate_json", "crate_of", "published"]

PROFILE = "https://w3id.org/ro/crate/1.2"


def _file(name: str, media_type: str, about: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "description": about,
        "encodingFormat": media_type,
        **more,
    }


def _files(held: Iterable[Holding]) -> list[dict[str, Any]]:
    return [
        _file(
            one.name,
            one.media_type,
            one.about,
            **({} if one.size is None else {"contentSize": str(one.size)}),
            **({"sha256": one.sha256} if one.sha256 else {}),
        )
        for one in held
        if one.name != CRATE
    ]


def crate_json(view: RecordView, site: SiteInfo) -> bytes:
    """The bytes of ``ro-crate-metadata.json`` beside the page: what stands in that folder."""
    held = [one for one in holdings(view, site.publish) if one.beside]
    if site.publish.bundles:
        about = "All files of the record in one, as an RO-Crate of its own"
        held.append(
            Holding(
                name=BUNDLE, media_type="application/zip", about=about, beside=True, bundled=False
            )
        )
    return crate_of(view, site, held)


def bundle_crate(view: RecordView, site: SiteInfo, extras: Collection[str]) -> bytes:
    """The bytes of ``ro-crate-metadata.json`` in the bundle, whose root is the crate.

    Args:
        view: The record.
        site: Facts about the site.
        extras: Names of those files that stand in this bundle alone.
    """
    held = [one for one in holdings(view, site.publish) if one.bundled]
    held += [
        Holding(name=name, media_type=media_type, about=about, beside=False, bundled=True)
        for name, media_type, about in EXTRAS
        if name in extras
    ]
    return crate_of(view, site, held)


def crate_of(view: RecordView, site: SiteInfo, held: Iterable[Holding]) -> bytes:
    """The crate that holds these files."""
    record = view.record
    cited = citation(view, site)
    files = _files(held)
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
