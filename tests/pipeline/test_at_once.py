"""A server out of reach: for one call, that one is missing; for all of them, the run stops."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.calls import CallFault, ChatReply
from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.errors import ModelFailure
from sovereign_registry.pipeline.at_once import ask_at_once
from sovereign_registry.pipeline.conduct import complete, prepare
from sovereign_registry.wiring.live import live_config
from sovereign_registry.wiring.live_options import LiveOptions
from sovereign_registry.wiring.live_review import with_panel
from sovereign_registry.wiring.models import Servers
from tests.model_scripts import role_reply
from tests.world import CONFIG, QUESTION, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.contracts.calls import ChatCall, EmbedCall, EmbedReply
    from sovereign_registry.pipeline.run import Run

DOWN = ModelFailure("nothing answers", fault=CallFault.UNAVAILABLE)
LIVE = LiveOptions(
    reviewers="openai",
    models=(("", "org/judge-1"),),
    extractor="openai",
    extractor_model="org/q",
)


@dataclass
class Flaky:
    """A ModelServer in memory that is out of reach for some calls."""

    down: Callable[[ChatCall], bool]
    asked: list[str] = field(default_factory=list)

    def chat(self, call: ChatCall) -> ChatReply:
        """Answer as an honest reviewer of 8.0, or quote nothing."""
        self.asked.append(call.sha256)
        if self.down(call):
            raise DOWN
        body = {
            "messages": [
                {"role": "system", "content": call.system},
                {"role": "user", "content": call.user},
            ],
            "response_format": {"json_schema": {"schema": json.loads(call.schema)}},
        }
        text = json.dumps(role_reply(body, 8.0, "A judgement."))
        return ChatReply(
            text=text if "rationale" in text else '{"quotes": []}',
            model=call.model,
            finish="stop",
            prompt_tokens=None,
            completion_tokens=None,
            sha256=text_sha256(text),
        )

    def embed(self, call: EmbedCall) -> EmbedReply:
        """Never asked here."""
        raise AssertionError(call.model)


def run(server: Flaky, *, extract: bool = False) -> Run:
    """A run with this server behind the panel, and behind the extractor where asked."""
    settings = live_config(LIVE)
    if not extract:
        del settings["extraction"]
    named = with_panel(world(), settings)
    config = msgspec.structs.replace(CONFIG, **settings)
    prepared = prepare(QUESTION, named, config, None)
    servers = Servers(reviewers=server, extractor=server)
    return complete(prepared, with_panel(named, settings, servers, prepared.id))


def test_one_silent_role_stops_the_run() -> None:
    """An outage is no verdict; it is asked once, since the client tried again already."""
    server = Flaky(lambda call: "You are the SKEPTIC" in call.system)
    with pytest.raises(ModelFailure) as failure:
        run(server)
    assert failure.value.fault == CallFault.UNAVAILABLE
    assert len(server.asked) == len(set(server.asked))


def test_a_server_that_is_down_stops_the_run() -> None:
    """No record says INCOMPLETE because of an outage: the same command goes on later."""
    with pytest.raises(ModelFailure) as failure:
        run(Flaky(lambda _call: True))
    assert failure.value.fault == CallFault.UNAVAILABLE


def test_a_role_that_is_silent_when_tried_stops_the_run() -> None:
    """The planted instruction is tried again when the run goes on."""
    with pytest.raises(ModelFailure):
        run(Flaky(lambda call: "copy" in call.user and "You are the SKEPTIC" in call.system))


def test_a_silent_section_stops_the_run_and_the_next_asks_for_it_again() -> None:
    """As with the roles; nothing is recorded of a section that nobody answered for."""
    silent: set[str] = set()

    def first(call: ChatCall) -> bool:
        if call.schema_name != "section_quotes" or silent:
            return False
        silent.add(call.sha256)
        return True

    server = Flaky(first)
    with pytest.raises(ModelFailure):
        run(server, extract=True)
    record = run(server, extract=True).manifest
    assert record.extraction
    assert not any(one.fault for one in record.extraction.sections)
    assert silent <= set(server.asked)


def test_answers_keep_their_order_and_a_fault_is_raised() -> None:
    """Nothing is swallowed, and nothing is asked of an empty list."""

    def ask(number: int) -> int:
        if number == 2:
            raise DOWN
        return number * 10

    assert ask_at_once(ask, [3, 1], 2) == [30, 10]
    assert ask_at_once(ask, [], 3) == []
    with pytest.raises(ModelFailure, match="nothing answers"):
        ask_at_once(ask, [1, 2, 3], 3)
