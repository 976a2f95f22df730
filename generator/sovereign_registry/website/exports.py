"""A record for machines: one JSON document with every contract of it, and the other exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts import documents
from sovereign_registry.contracts.documents import RecordUrls
from sovereign_registry.contracts.fold import RecordView, short_view
from sovereign_registry.contracts.registry import FileGroup
from sovereign_registry.website.change_feeds import history_atom
from sovereign_registry.website.citations import bib_file, csl_file, ris_file
from sovereign_registry.website.crate import crate_json
from sovereign_registry.website.holdings import record_urls
from sovereign_registry.website.lineage import prov_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.website.model import SiteInfo


class RecordDocument(msgspec.Struct, frozen=True, kw_only=True):
    """``record.json``; the correction record and the provenance are documents of their own."""

    view: RecordView | dict[str, object]
    """The record with its history applied, the history, and the digests behind both; without
    what the manifest says (``short_view``) where this document stands in the bundle alone."""
    records_licence: str
    licences: tuple[documents.LicencePart, ...]
    """Under which terms each part of it may be used."""
    urls: RecordUrls
    """Where its other files are."""
    verification_level: documents.VerificationLevelsV1
    gate_verdict: documents.GateVerdictV1
    quality_tier: documents.QualityTiersV1
    quality_dimensions: documents.QualityDimensionsV1


def _urls(view: RecordView, site: SiteInfo) -> RecordUrls:
    """Addresses are absolute where the site's is known."""
    return record_urls(view.record.id, site.publish, lambda path: site.address(path) or path)


def _line(document: object) -> bytes:
    return msgspec.json.encode(document) + b"\n"


def record_json(view: RecordView, site: SiteInfo) -> bytes:
    """The bytes of ``record.json``."""
    return _line(
        RecordDocument(
            view=view if site.beside(FileGroup.DATA) else short_view(view),
            records_licence=site.records_licence,
            licences=documents.licences(view.record, site.records_licence),
            urls=_urls(view, site),
            verification_level=documents.verification_level(view),
            gate_verdict=documents.gate_verdict(view),
            quality_tier=documents.quality_tier(view),
            quality_dimensions=documents.quality_dimensions(view),
        )
    )


def correction_record_json(view: RecordView, site: SiteInfo) -> bytes:
    """The bytes of ``correction-record.json``."""
    who = view.record.provenance.publisher or site.publisher
    return _line(documents.correction_record(view, publisher=who, urls=_urls(view, site)))


def source_provenance_json(view: RecordView, site: SiteInfo) -> bytes:
    """The bytes of ``source-provenance.json``."""
    who = view.record.provenance.publisher or site.publisher
    return _line(documents.source_provenance(view, publisher=who, urls=_urls(view, site)))


RECORD_FILES: dict[str, Callable[[RecordView, SiteInfo], bytes]] = {
    "record.json": record_json,
    "correction-record.json": correction_record_json,
    "source-provenance.json": source_provenance_json,
    "cite.bib": bib_file,
    "cite.ris": ris_file,
    "cite.csl.json": csl_file,
    "prov.json": prov_json,
    "ro-crate-metadata.json": crate_json,
    "history.atom": history_atom,
}
"""Every file that is made of a record for machines, as it stands beside the page."""
