"""What a record says of a model that chose its claims, as far as a reader can tell.  Pure.

The sections' texts are not published, so that refusals cannot be counted again.  What can be told:
the model was asked as the configuration says, every claim comes from a section that it was asked
about, and no more were taken than were quoted and not refused.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import UnsetType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.extraction import Extraction
    from sovereign_registry.contracts.live import ExtractionSettings
    from sovereign_registry.contracts.manifest import Manifest


def extraction_faults(record: Manifest) -> Iterator[str]:
    """One line for every value of ``extraction`` that cannot be right."""
    if record.config is None:
        return  # said elsewhere
    settings, found = record.config.extraction, record.extraction
    if isinstance(settings, UnsetType) or isinstance(found, UnsetType):
        if settings is not found:
            yield "extraction: is there without its configuration, or the other way round"
        return
    if (found.model, found.service) != (settings.model, settings.service):
        yield "extraction: names another model than the configuration"
    yield from _section_faults(found, settings)
    yield from _claim_faults(record, found)


def _section_faults(found: Extraction, settings: ExtractionSettings) -> Iterator[str]:
    for one in found.sections:
        name = f"extraction {one.paper} {one.section}"
        call = one.call
        if (call is None) != bool(one.fault) or (call is None and one.quotes):
            yield f"{name}: a call, quotations and a fault do not go together"
        if one.refused > one.quotes:
            yield f"{name}: {one.refused} refused of {one.quotes} quotations"
        if call is None:
            continue
        asked = (call.service, call.model, call.prompts, call.temperature, call.seed)
        due = (
            settings.service,
            settings.model,
            settings.prompts,
            settings.temperature,
            settings.seed,
        )
        if asked != due or call.max_tokens != settings.max_tokens:
            yield f"{name}: was not asked as the configuration says"


def _claim_faults(record: Manifest, found: Extraction) -> Iterator[str]:
    room: Counter[tuple[str, str]] = Counter()
    for one in found.sections:
        room[one.paper, one.section] += one.quotes - one.refused
    for claim in record.claims:
        place = claim.locator and (claim.locator.paper, claim.locator.section)
        if not place or room[place] < 1:
            yield f"{claim.id}: more claims come from its section than the model quoted there"
        else:
            room[place] -= 1
