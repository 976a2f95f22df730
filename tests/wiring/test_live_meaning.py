"""From a user's options to the embedding model, and the question that is not paid for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.errors import NearQuestion, UsageError
from sovereign_registry.contracts.live import MeaningSettings
from sovereign_registry.pipeline.conduct import prepare
from sovereign_registry.wiring.live import live_config
from sovereign_registry.wiring.live_meaning import require_new_question, with_meaning
from sovereign_registry.wiring.live_options import LiveOptions
from sovereign_registry.wiring.ports import RegistryNeighbours
from tests.meaning import HashedMeaning
from tests.world import CONFIG, QUESTION, FakeNeighbours, world

if TYPE_CHECKING:
    from pathlib import Path

HELD = "sr-2603-00000001"
NIM = LiveOptions(embedder="nim", embedding_model="test/embed-1b")
PANEL = LiveOptions(reviewers="nim", models=(("", "test/judge"),))


def test_the_defaults_ask_no_embedding_model(tmp_path: Path) -> None:
    """Neither the configuration nor the ports speak of one."""
    config = live_config(LiveOptions())

    assert "meaning" not in config
    assert with_meaning(world(), config, tmp_path).meaning is None


def test_what_can_change_a_record_is_in_the_configuration() -> None:
    """Model, service, dimension, truncation and threshold; no address."""
    options = LiveOptions(
        embedder="openai",
        embedding_model="test/embed-1b",
        embedding_url="http://127.0.0.1:1/v1",
        embedding_dimension=512,
        truncate="START",
        near_at="0.85",
    )

    assert live_config(options)["meaning"] == MeaningSettings(
        service="openai", model="test/embed-1b", dimension=512, truncate="START", near_at="0.85"
    )


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (LiveOptions(embedder="nim"), "--embedding-model"),
        (LiveOptions(embedder="nim", embedding_model="a", near_at="high"), "near_at"),
        (LiveOptions(embedder="nim", embedding_model="a", embedding_dimension=0), "dimension"),
        (LiveOptions(embedder="nim", embedding_model="a b"), "model"),
    ],
)
def test_options_that_cannot_work_are_wrong_usage(options: LiveOptions, where: str) -> None:
    """The message names the option."""
    with pytest.raises(UsageError, match=where):
        live_config(options)


def test_before_an_id_is_known_the_model_has_a_name_and_nothing_else(tmp_path: Path) -> None:
    """``prepare`` can name it; to ask it would be a defect, and makes no file."""
    ports = with_meaning(world(), live_config(NIM), tmp_path)

    assert ports.meaning is not None
    assert (ports.meaning.name, ports.meaning.version) == ("test/embed-1b", "over NIM")
    with pytest.raises(RuntimeError, match="before the run's folder was known"):
        ports.meaning.queries([QUESTION])


def test_a_paid_run_of_a_known_question_stops_and_names_the_record() -> None:
    """By words alone, before any server is asked; the way on is named."""
    ports = world(neighbours=FakeNeighbours(((HELD, QUESTION, QUESTION),)))
    prepared = prepare(QUESTION, ports, CONFIG, None)

    with pytest.raises(NearQuestion, match=f"{HELD} .same question.") as stopped:
        require_new_question(prepared, ports, PANEL)
    assert stopped.value.records == (HELD,)
    assert stopped.value.exit_code == 4
    assert "--even-if-near" in str(stopped.value)


def test_a_question_near_by_meaning_stops_a_paid_run_too() -> None:
    """Without a shared word; what was paid is the embedding of questions."""
    meaning = HashedMeaning(given={QUESTION: [1.0], "Unlike words": [1.0, 0.1]})
    held = FakeNeighbours(((HELD, "Unlike words", "Unlike words"),))
    ports = world(meaning=meaning, neighbours=held)
    config = msgspec.structs.replace(CONFIG, meaning=live_config(NIM)["meaning"], embedder="nim")
    prepared = prepare(QUESTION, ports, config, None)

    with pytest.raises(NearQuestion, match=r"cosine 0\.995037"):
        require_new_question(prepared, ports, NIM)
    assert {text for _, text in meaning.asked} == {QUESTION, "Unlike words"}


@pytest.mark.parametrize(
    ("live", "question"),
    [
        pytest.param(LiveOptions(), QUESTION, id="one that pays nobody"),
        pytest.param(replace(PANEL, even_if_near=True), QUESTION, id="one that was told to"),
        pytest.param(PANEL, "What do pedals weigh?", id="one whose question is new"),
    ],
)
def test_other_runs_go_on(live: LiveOptions, question: str) -> None:
    """A record of theirs is flagged where it is near; nobody is stopped."""
    ports = world(neighbours=FakeNeighbours(((HELD, question, question),)))

    require_new_question(prepare(QUESTION, ports, CONFIG, None), ports, live)


def test_many_near_records_are_counted_not_listed() -> None:
    """Three are named, the others counted."""
    held = tuple((f"sr-2603-0000000{number}", QUESTION, "T") for number in range(1, 6))
    ports = world(neighbours=FakeNeighbours(held))
    prepared = prepare(QUESTION, ports, CONFIG, None)

    with pytest.raises(NearQuestion, match="and 2 more") as stopped:
        require_new_question(prepared, ports, PANEL)
    assert len(stopped.value.records) == 5


def test_a_record_is_compared_by_question_title_and_abstract() -> None:
    """Each once, on lines of their own; a record without any text by its id."""
    rows = [(HELD, "Why?", "Why?"), ("sr-2603-00000002", "A", "B"), ("sr-2603-00000003", "", "")]
    held = RegistryNeighbours(rows, {HELD: "Because."})

    assert held.passages(without="sr-2603-00000002") == [
        (HELD, "Why?\nBecause."),
        ("sr-2603-00000003", "sr-2603-00000003"),
    ]
    assert held.passages(without=HELD)[0] == ("sr-2603-00000002", "A\nB")
    assert held.sha256 == RegistryNeighbours(rows).sha256
