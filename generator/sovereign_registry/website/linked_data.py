"""schema.org JSON-LD for the record's page, in which no character can end a script element."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import Markup

from sovereign_registry.contracts.documents import licence_link
from sovereign_registry.website.citations import citation

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Source
    from sovereign_registry.website.model import SiteInfo

_ESCAPES = tuple((one, f"\\u{ord(one):04x}") for one in "<>&\u2028\u2029")
_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")


def in_script(value: object) -> Markup:
    """JSON that may stand in a script element: what could end it is written as an escape."""
    text = msgspec.json.encode(value).decode()
    for character, escape in _ESCAPES:
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704 - no character of markup is left in it


def licence_address(site: SiteInfo) -> str:
    """The address of the records' licence where its name is one of Creative Commons, or empty."""
    return licence_link(site.records_licence)


def _source(source: Source) -> dict[str, Any]:
    """A source by its address, or by its name where it has none; the crate says more."""
    if source.url and _ADDRESS.fullmatch(source.url):
        return {"@id": source.url}
    return {"@type": "ScholarlyArticle", "name": source.title or source.ref}


def linked_data(view: RecordView, site: SiteInfo) -> Markup:
    """A ``Report`` with its state, version, corrections, sources and files."""
    record = view.record
    cited = citation(view, site)
    name = cited.address or f"urn:sovereign-registry:{record.id}"
    made: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": ["Report", "ScholarlyArticle"],
        "@id": name,
        "identifier": record.id,
        "name": cited.title,
        "author": {"@type": "SoftwareApplication", "name": cited.author},
        "publisher": {"@type": "Organization", "name": cited.publisher},
        "datePublished": cited.date,
        "dateModified": view.history[-1].at if view.history else cited.date,
        "version": cited.version,
        "creativeWorkStatus": cited.state,
        "inLanguage": site.language,
        "isAccessibleForFree": True,
        "correction": [
            {"@type": "CorrectionComment", "datePublished": entry.at, "text": entry.note}
            for entry in view.history
            if entry.correction_type is not None
        ],
        "citation": [_source(source) for source in record.sources],
    }
    if cited.address:
        made["url"] = cited.address
    if site.records_licence:
        made["license"] = licence_address(site) or site.records_licence
    return in_script({key: value for key, value in made.items() if value != []})
