"""The public contract documents of a record: their shapes, their fixed words, and their builders.

Each builder is pure: the same record view gives the same document.  The keys are those of the
published contracts; a document may hold further keys and never renames one.
"""

from sovereign_registry.contracts.documents.build import (
    correction_record,
    gate_verdict,
    quality_dimensions,
    quality_tier,
    source_provenance,
    verification_level,
)
from sovereign_registry.contracts.documents.licences import (
    licence_link,
    licences,
    licences_text,
)
from sovereign_registry.contracts.documents.readme import readme_text
from sovereign_registry.contracts.documents.structs import (
    CorrectionRecordV1,
    GateVerdictV1,
    LicencePart,
    QualityDimensionsV1,
    QualityTiersV1,
    RecordUrls,
    SourceProvenanceV1,
    VerificationLevelsV1,
)

__all__ = [
    "CorrectionRecordV1",
    "GateVerdictV1",
    "LicencePart",
    "QualityDimensionsV1",
    "QualityTiersV1",
    "RecordUrls",
    "SourceProvenanceV1",
    "VerificationLevelsV1",
    "correction_record",
    "gate_verdict",
    "licence_link",
    "licences",
    "licences_text",
    "quality_dimensions",
    "quality_tier",
    "readme_text",
    "source_provenance",
    "verification_level",
]
