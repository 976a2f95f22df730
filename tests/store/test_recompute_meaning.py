"""What of an embedding model's part in a record can be checked without the model, is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sovereign_registry.contracts.live import MeaningSettings
from sovereign_registry.pipeline.conduct import complete, prepare
from sovereign_registry.store.recompute_meaning import meaning_faults, values_by_model
from tests.meaning import HashedMeaning
from tests.world import CONFIG, QUESTION, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.contracts.claims import Locator, SemanticSignal
    from sovereign_registry.contracts.manifest import ByMeaning, Manifest

SETTINGS = MeaningSettings(service="nim", model="test/embed-1b")
new = msgspec.structs.replace


@pytest.fixture(scope="module")
def record() -> Manifest:
    """A record made by an embedding model."""
    ports = world(meaning=HashedMeaning())
    config = new(CONFIG, meaning=SETTINGS, embedder="nim")
    return complete(prepare(QUESTION, ports, config, None), ports).manifest


def _used(record: Manifest) -> ByMeaning:
    assert record.index.meaning
    return record.index.meaning


def _index(record: Manifest, **changes: Any) -> Manifest:  # noqa: ANN401 - any field
    return new(record, index=new(record.index, **changes))


def _places(record: Manifest, place: int, **changes: Any) -> Manifest:  # noqa: ANN401 - any field
    found = list(_used(record).reranked)
    found[place] = new(found[place], **changes)
    return _index(record, meaning=new(_used(record), reranked=tuple(found)))


def _signal(record: Manifest, change: Callable[[SemanticSignal], object]) -> Manifest:
    first = record.claims[0]
    assert first.semantic
    changed = new(first, semantic=change(first.semantic))
    return new(record, claims=(changed, *record.claims[1:]))


def _elsewhere(signal: SemanticSignal) -> Locator:
    assert signal.best
    return new(signal.best, paper="2401.00001")


def _config(record: Manifest, **changes: Any) -> Manifest:  # noqa: ANN401 - any field
    assert record.config
    return new(record, config=new(record.config, meaning=new(SETTINGS, **changes)))


def test_an_honest_record_has_no_fault(record: Manifest) -> None:
    """And every value that only the model could give is counted."""
    assert list(meaning_faults(record)) == []
    assert values_by_model(record) == len(record.claims) + len(record.sources)


def test_a_record_without_a_model_has_none_either() -> None:
    """Nothing is counted and nothing is asked of it."""
    ports = world()
    plain = complete(prepare(QUESTION, ports, CONFIG, None), ports).manifest

    assert list(meaning_faults(plain)) == []
    assert values_by_model(plain) == 0


CHANGES: dict[str, tuple[Callable[[Manifest], Manifest], str]] = {
    "score": (lambda r: _places(r, 0, score="0.999999999"), "where the ranks give"),
    "rank": (lambda r: _places(r, 0, lexical_rank=9), "where the ranks give"),
    "value of a place": (lambda r: _places(r, 0, value="1.5"), "is no cosine"),
    "order by meaning": (lambda r: _places(r, 0, value="-0.9"), "do not follow from the cosines"),
    "order of sources": (
        lambda r: new(r, sources=r.sources[::-1]),
        "not the sources in their order",
    ),
    "candidates": (
        lambda r: _index(r, meaning=new(_used(r), candidates=99)),
        "candidates are not the papers",
    ),
    "no index": (lambda r: _index(r, meaning=msgspec.UNSET), "disagree on whether"),
    "other model": (lambda r: _config(r, model="test/other"), "where the configuration names"),
    "other dimension": (lambda r: _config(r, dimension=7), "where the configuration requires 7"),
    "unlisted tool": (lambda r: _index(r, model="test/embed-1b somewhere"), "not among the tools"),
    "missing signal": (lambda r: _signal(r, lambda _: msgspec.UNSET), "semantic is missing"),
    "signal of another model": (lambda r: _signal(r, lambda s: new(s, model="x")), "is not test/"),
    "signal's value": (lambda r: _signal(r, lambda s: new(s, value="2")), "is no cosine"),
    "own passage": (
        lambda r: _signal(r, lambda s: new(s, best=r.claims[0].locator)),
        "with its own passage",
    ),
    "unknown paper": (
        lambda r: _signal(r, lambda s: new(s, best=_elsewhere(s))),
        "not among the sources",
    ),
    "quotation": (lambda r: _signal(r, lambda s: new(s, quotation="")), "one without the others"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_contradiction_is_found(record: Manifest, change: str) -> None:
    """One line names what does not follow."""
    alter, said = CHANGES[change]
    faults = list(meaning_faults(alter(record)))

    assert any(said in fault for fault in faults), faults
