"""The embedder over a loopback server: batches, purposes, checks, resuming, never mixing models."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from sovereign_registry.adapters.meaning.embedder import BATCH, ServedEmbedder, as_matrix
from sovereign_registry.adapters.models.address import address_of
from sovereign_registry.adapters.models.client import HttpModels
from sovereign_registry.adapters.models.services import SERVICES
from sovereign_registry.adapters.models.wire import Limits
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import ModelFailure
from sovereign_registry.contracts.live import MeaningSettings
from tests.model_server import Fault, ModelScript, hashed, hashed_embedding, serve_models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.model_server import ModelWorld

DIMENSION = 8
SETTINGS = MeaningSettings(service="nim", model="test/embed-1b")
TEXTS = [f"text number {number} about cargo bicycles" for number in range(2 * BATCH + 7)]


def _script(**changes: object) -> ModelScript:
    return ModelScript(embed=hashed_embedding(DIMENSION), **changes)  # type: ignore[arg-type]


@contextmanager
def _embedder(
    world: ModelWorld, folder: Path, settings: MeaningSettings = SETTINGS
) -> Iterator[ServedEmbedder]:
    limits = Limits(tries=2, backoff=0.01)
    service = SERVICES[settings.service]
    with HttpModels(service, address_of(world.url), limits=limits) as server:
        yield ServedEmbedder(server, settings, folder)


def _asked(world: ModelWorld) -> list[str]:
    return [text for seen in world.calls for text in seen.body["input"]]


def test_texts_are_embedded_in_batches_and_in_their_order(tmp_path: Path) -> None:
    """Every batch but the last is full, each text is asked for once, and rows follow the texts."""
    with serve_models(_script()) as world, _embedder(world, tmp_path) as embedder:
        found = as_matrix(embedder.passages([*TEXTS, TEXTS[0]]))

        assert sorted(len(seen.body["input"]) for seen in world.calls) == [7, BATCH, BATCH]
        assert {seen.body["input_type"] for seen in world.calls} == {"passage"}
        assert {seen.body["truncate"] for seen in world.calls} == {"END"}
        assert sorted(_asked(world)) == sorted(TEXTS)
    assert embedder.dimension == DIMENSION
    due = np.array([hashed(text, DIMENSION) for text in [*TEXTS, TEXTS[0]]])
    np.testing.assert_allclose(found, due, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)


def test_a_text_is_paid_for_once(tmp_path: Path) -> None:
    """Another embedder on the same folder asks nothing again; as a query it is another text."""
    with serve_models(_script()) as world:
        with _embedder(world, tmp_path) as embedder:
            first = embedder.passages(TEXTS[:3])
        with _embedder(world, tmp_path) as embedder:
            assert embedder.passages(TEXTS[:3]) == first
            assert len(world.requests) == 1
            embedder.queries(TEXTS[:1])
        assert [seen.body["input_type"] for seen in world.requests] == ["passage", "query"]


def test_an_openai_server_is_asked_without_the_parameters_that_it_refuses(tmp_path: Path) -> None:
    """Purpose and truncation are NIM's; the purposes are kept apart all the same."""
    settings = msgspec.structs.replace(SETTINGS, service="openai")
    script = _script(dialect="openai")
    with serve_models(script) as world, _embedder(world, tmp_path, settings) as embedder:
        embedder.passages(TEXTS[:1])
        embedder.queries(TEXTS[:1])

        assert len(world.calls) == 2


def test_a_server_that_dies_loses_no_batch_that_was_answered(tmp_path: Path) -> None:
    """What was answered before is kept; the resumed run asks for the rest and nothing else."""
    script = _script()
    whole = script.embed
    script.embed = lambda text, kind: (
        Fault("drop") if text in TEXTS[BATCH : 2 * BATCH] else whole(text, kind)
    )
    with serve_models(script) as world:
        with (
            _embedder(world, tmp_path) as embedder,
            pytest.raises(ModelFailure) as failure,
        ):
            embedder.passages(TEXTS)
        assert failure.value.fault == CallFault.UNAVAILABLE
        answered = set(_asked(world))
        assert answered == set(TEXTS) - set(TEXTS[BATCH : 2 * BATCH])

        script.embed = whole
        world.requests.clear()
        with _embedder(world, tmp_path) as embedder:
            found = as_matrix(embedder.passages(TEXTS))
        assert sorted(_asked(world)) == sorted(TEXTS[BATCH : 2 * BATCH])
    np.testing.assert_allclose(found, [hashed(text, DIMENSION) for text in TEXTS], atol=1e-6)


def test_the_dimension_of_the_setting_is_required(tmp_path: Path) -> None:
    """A model of another length is refused by both numbers, and nothing of it is kept."""
    settings = msgspec.structs.replace(SETTINGS, dimension=16)
    with serve_models(_script()) as world, _embedder(world, tmp_path, settings) as embedder:
        with pytest.raises(ModelFailure, match="8 numbers where the setting says 16") as failure:
            embedder.queries(["a question"])
        assert failure.value.fault == CallFault.MALFORMED
        assert "--embedding-model" in str(failure.value)
        world.script.embed = hashed_embedding(16)
        assert embedder.queries(["a question"]).dimension == 16


def test_a_model_that_changed_behind_its_name_is_refused(tmp_path: Path) -> None:
    """Kept vectors of one length and new ones of another never meet."""
    with serve_models(_script()) as world:
        with _embedder(world, tmp_path) as embedder:
            embedder.passages(TEXTS[:2])
        world.script.embed = hashed_embedding(16)
        with (
            _embedder(world, tmp_path) as embedder,
            pytest.raises(ModelFailure, match="16 numbers after others of 8"),
        ):
            embedder.passages(TEXTS[2:4])
        with _embedder(world, tmp_path) as embedder:
            embedder.queries(["a question"])
            with pytest.raises(ModelFailure, match="two models are never mixed") as failure:
                embedder.passages(TEXTS[:2])
        assert "--embedding-model" in str(failure.value)


def test_lengths_that_differ_between_batches_are_refused(tmp_path: Path) -> None:
    """Of the two batches one length stays, and the error names both."""
    script = _script()
    script.embed = lambda text, _kind: hashed(text, 16 if text in TEXTS[BATCH:] else 8)
    with (
        serve_models(script) as world,
        _embedder(world, tmp_path) as embedder,
        pytest.raises(ModelFailure, match=r"(16 numbers after others of 8|8 .* others of 16)"),
    ):
        embedder.passages(TEXTS)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b'{"data": [{"index": 0, "embedding": [NaN, 1.0]}]}', "NaN|JSON|finite"),
        (b'{"data": [{"index": 0, "embedding": [1e999, 1.0]}]}', "finite|number|JSON|range"),
        (b'{"data": [{"index": 0, "embedding": [0.0, 0.0]}]}', "zeros"),
        (b'{"data": []}', "vector|entr|text"),
    ],
)
def test_vectors_that_are_none_are_refused(tmp_path: Path, body: bytes, what: str) -> None:
    """NaN, infinity, zeros and missing vectors are malformed replies; none of them is kept."""
    script = _script(faults=[Fault("body", body=body)])
    with serve_models(script) as world, _embedder(world, tmp_path) as embedder:
        with pytest.raises(ModelFailure, match=what) as failure:
            embedder.queries(["a question"])
        assert failure.value.fault == CallFault.MALFORMED
        assert as_matrix(embedder.queries(["a question"])).shape == (1, DIMENSION)


def test_truncation_is_the_servers_and_a_policy_of_its_own(tmp_path: Path) -> None:
    """NONE has a long text refused by the server; END has it cut, and is kept apart."""
    script = _script(longest_text=5)
    none = msgspec.structs.replace(SETTINGS, truncate="NONE")
    with serve_models(script) as world:
        with _embedder(world, tmp_path, none) as embedder, pytest.raises(ModelFailure) as failure:
            embedder.passages(["one two three four five six"])
        assert failure.value.fault == CallFault.REFUSED
        with _embedder(world, tmp_path) as embedder:
            assert embedder.passages(["one two three four five six"]).count == 1


def test_the_nearest_are_found_from_the_index_file_alone(tmp_path: Path) -> None:
    """A second search asks the server for the question only; another registry makes a new file."""
    texts = [f"cargo bicycle{number} climbing hill{number}" for number in range(21)]
    items = [(f"sr-{number}", text) for number, text in enumerate(texts[:20])]
    script = ModelScript(embed=hashed_embedding(256))
    with serve_models(script) as world, _embedder(world, tmp_path) as embedder:
        found = embedder.nearest(texts[3], items, 5)
        assert found.exact
        assert found.near[0].key == "sr-3"
        assert found.near[0].value == "1.000000"
        assert len(found.near) == 5
        asked = len(world.requests)
        assert embedder.nearest(texts[3], items, 5) == found
        assert len(world.requests) == asked
        grown = embedder.nearest(texts[3], [*items, ("sr-new", texts[20])], 30)
        assert len(grown.near) == 21
        assert world.calls[-1].body["input"] == [texts[20]]


def test_an_empty_text_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """A blank text is a defect of the caller."""
    with serve_models(_script()) as world, _embedder(world, tmp_path) as embedder:
        with pytest.raises(ValueError, match="empty"):
            embedder.passages(["a text", "  "])
        assert world.requests == []


def test_vectors_are_scaled_to_length_one(tmp_path: Path) -> None:
    """Large and tiny vectors give the same direction."""
    script = ModelScript(embed=lambda text, _: [3e30, 4e30] if text == "large" else [3e-30, 4e-30])
    with serve_models(script) as world, _embedder(world, tmp_path) as embedder:
        found = as_matrix(embedder.passages(["large", "tiny"])).astype(float)
    assert math.isclose(found[0][0], 0.6, abs_tol=1e-7)
    np.testing.assert_array_equal(found[0], found[1])
