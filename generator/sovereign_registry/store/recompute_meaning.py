"""What a record says of its embedding model, as far as it follows from the record itself.  Pure.

The cosines need the model and are not recomputed; that they are in order, and what was made of
them, is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.live import MeaningSettings
from sovereign_registry.contracts.papers import key_of
from sovereign_registry.contracts.rules.fusion_v1 import fused_score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.claims import SemanticSignal
    from sovereign_registry.contracts.manifest import ByMeaning, Manifest

_ROUNDING = Decimal("0.000001")
"""A cosine of unit vectors in single precision may round this far beyond 1."""


def values_by_model(record: Manifest) -> int:
    """How many values of a record only its embedding model could give again."""
    used = record.index.meaning
    signals = sum(bool(claim.semantic) for claim in record.claims)
    return signals + (len(used.reranked) if used else 0)


def meaning_faults(record: Manifest) -> Iterator[str]:
    """One line for everything about the embedding model that contradicts the rest of the record."""
    settings = record.config.meaning if record.config else None
    used = record.index.meaning
    asked = isinstance(settings, MeaningSettings)
    if asked != bool(used):
        yield "index.meaning: the configuration and the index disagree on whether a model was asked"
    if isinstance(settings, MeaningSettings):
        yield from _model_faults(record, settings)
    if used:
        yield from _order_faults(record, used)
    yield from _signal_faults(record, used or None)


def _model_faults(record: Manifest, settings: MeaningSettings) -> Iterator[str]:
    model, _, _ = record.index.model.partition(" ")
    if model != settings.model:
        yield f"index.model: {model} where the configuration names {settings.model}"
    if settings.dimension not in {None, record.index.dimension}:
        found = record.index.dimension
        yield f"index.dimension: {found} where the configuration requires {settings.dimension}"
    tools = {f"{tool.name} {tool.version}" for tool in record.provenance.tools}
    if record.index.model not in tools:
        yield f"index.model: {record.index.model} is not among the tools"


def _order_faults(record: Manifest, used: ByMeaning) -> Iterator[str]:
    if [place.paper for place in used.reranked] != [source.ref for source in record.sources]:
        yield "index.meaning: the papers by meaning are not the sources in their order"
    for place in used.reranked:
        due = fused_score((place.lexical_rank, place.meaning_rank))
        if place.score != due:
            yield f"index.meaning {place.paper}: score {place.score} where the ranks give {due}"
        if abs(Decimal(place.value)) > 1 + _ROUNDING:
            yield f"index.meaning {place.paper}: {place.value} is no cosine"
    order = [(-Decimal(place.score), key_of(place.paper)) for place in used.reranked]
    if order != sorted(order):
        yield "index.meaning: the papers do not stand by score"
    by_meaning = sorted(used.reranked, key=lambda place: place.meaning_rank)
    values = [(-Decimal(place.value), key_of(place.paper)) for place in by_meaning]
    if values != sorted(values):
        yield "index.meaning: the ranks by meaning do not follow from the cosines"
    if not len(used.reranked) <= used.candidates == record.retrieval.retrieved:
        yield "index.meaning: candidates are not the papers that were retrieved"


def _signal_faults(record: Manifest, used: ByMeaning | None) -> Iterator[str]:
    refs = {source.ref for source in record.sources}
    due = used is not None and used.passages > 0
    for claim in record.claims:
        signal = claim.semantic
        if bool(signal) != due:
            yield f"{claim.id}: semantic is {'set' if signal else 'missing'}, against the index"
        if not signal:
            continue
        if signal.model != record.index.model:
            yield f"{claim.id}: semantic.model {signal.model} is not {record.index.model}"
        if signal.value is not None and abs(Decimal(signal.value)) > 1 + _ROUNDING:
            yield f"{claim.id}: semantic.value {signal.value} is no cosine"
        if signal.best == claim.locator and signal.best is not None:
            yield f"{claim.id}: semantic compares the claim with its own passage"
        if signal.best is not None and signal.best.paper not in refs:
            yield f"{claim.id}: semantic names {signal.best.paper}, which is not among the sources"
        yield from _quotation_faults(claim.id, signal)


def _quotation_faults(claim: str, signal: SemanticSignal) -> Iterator[str]:
    if len({signal.value is None, signal.best is None, not signal.quotation}) > 1:
        yield f"{claim}: of value, place and quotation, semantic has one without the others"
