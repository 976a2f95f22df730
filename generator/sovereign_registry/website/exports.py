"""A record for machines: one JSON document with every contract of it, and the other exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts import documents
from sovereign_registry.contracts.documents import RecordUrls
from sovereign_registry.contracts.fold import RecordView
from sovereign_registry.website.change_feeds import history_atom
from sovereign_registry.website.citations import bib_file, csl_file, ris_file
from sovereign_registry.website.crate import crate_json
from sovereign_registry.website.lineage import prov_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.website.model import SiteInfo


class RecordDocument(msgspec.Struct, frozen=True, kw_only=True):
    """``record.json``."""

    view: RecordView
    """The record with its history applied, the history, and the digests behind both."""
    records_licence: str
    verification_level: documents.VerificationLevelsV1
    gate_verdict: documents.GateVerdictV1
    quality_tier: documents.QualityTiersV1
    quality_dimensions: documents.QualityDimensionsV1
    correction_record: documents.CorrectionRecordV1
    source_provenance: documents.SourceProvenanceV1


def record_document(view: RecordView, site: SiteInfo) -> RecordDocument:
    """The record with its contract documents; addresses are absolute where the site's is known."""
    folder = f"records/{view.record.id}/"

    def address(path: str) -> str:
        return site.address(path) or path

    urls = RecordUrls(
        manifest=address(f"{folder}manifest.yaml"),
        correction_record=address(f"{folder}record.json"),
        quality_guide=address("quality-guide/"),
    )
    publisher = view.record.provenance.publisher or site.publisher
    return RecordDocument(
        view=view,
        records_licence=site.records_licence,
        verification_level=documents.verification_level(view),
        gate_verdict=documents.gate_verdict(view),
        quality_tier=documents.quality_tier(view),
        quality_dimensions=documents.quality_dimensions(view),
        correction_record=documents.correction_record(view, publisher=publisher, urls=urls),
        source_provenance=documents.source_provenance(view, publisher=publisher, urls=urls),
    )


def record_json(view: RecordView, site: SiteInfo) -> bytes:
    """The bytes of ``record.json``."""
    return msgspec.json.encode(record_document(view, site)) + b"\n"


RECORD_FILES: dict[str, Callable[[RecordView, SiteInfo], bytes]] = {
    "record.json": record_json,
    "cite.bib": bib_file,
    "cite.ris": ris_file,
    "cite.csl.json": csl_file,
    "prov.json": prov_json,
    "ro-crate-metadata.json": crate_json,
    "history.atom": history_atom,
}
"""Every file that is made of a record for machines."""
