"""The client over real HTTP: what is sent, what is borne, what is tried again, what is told."""

from __future__ import annotations

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from sovereign_registry import __version__
from sovereign_registry.adapters.models.secret import Secret
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import ModelFailure
from tests.adapters.models.making import QUICK, chat_call, client, embed_call
from tests.model_server import (
    Fault,
    FaultKind,
    ModelScript,
    hashed,
    hashed_embedding,
    honest_reviewer,
    serve_models,
)


def _script(*faults: Fault, **changes: Any) -> ModelScript:  # noqa: ANN401 - fields of a script
    return ModelScript(chat=honest_reviewer(), faults=list(faults), **changes)


def _failure(*faults: Fault, **changes: Any) -> tuple[ModelFailure, int]:  # noqa: ANN401
    """The failure of a chat call and how many requests it took."""
    with serve_models(_script(*faults)) as world, client(world, **changes) as models:
        with pytest.raises(ModelFailure) as caught:
            models.chat(chat_call())
        return caught.value, len(world.requests)


# What is sent


def test_requests_carry_the_call_and_nothing_else() -> None:
    """Model, messages, parameters and the schema; our own user agent, the key as bearer token."""
    with (
        serve_models(_script(key="a-key-of-tests")) as world,
        client(world, key=Secret("a-key-of-tests")) as models,
    ):
        reply = models.chat(chat_call())
        (seen,) = world.requests
    assert {
        "model": "org/judge-1b",
        "messages": [
            {"role": "system", "content": "You are the SKEPTIC."},
            {"role": "user", "content": "c1: a claim"},
        ],
        "temperature": 0.2,
        "max_tokens": 200,
        "seed": 7,
        "stream": False,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "role_reply", "strict": True, "schema": {"type": "object"}},
        },
    } == seen.body
    assert f"sovereign-registry/{__version__}" == seen.headers["user-agent"]
    assert ("stop", "org/judge-1b") == (reply.finish, reply.model)


@pytest.mark.parametrize(
    ("service", "extra"), [("nim", {"input_type", "truncate"}), ("openai", set())]
)
def test_only_nim_gets_the_retrieval_keys(service: str, extra: set[str]) -> None:
    """A strict server of OpenAI's shape refuses unknown keys, so it gets none."""
    script = ModelScript(embed=hashed_embedding(8), dialect=service)  # type: ignore[arg-type]
    with serve_models(script) as world, client(world, service) as models:
        reply = models.embed(embed_call("one", "two words"))
        (seen,) = world.requests
    assert {"model", "input", "encoding_format"} | extra == set(seen.body)
    assert (tuple(hashed("two words", 8)), 3) == (reply.vectors[1], reply.tokens)


def test_calls_of_several_threads_are_in_flight_at_once() -> None:
    """Three calls take as long as the slowest, not as their sum."""
    late = {"SKEPTIC": 0.2, "VALIDATOR": 0.4, "SYNTHESIZER": 0.6}
    script = _script(latency=lambda body: late[body["messages"][0]["content"]])
    with serve_models(script) as world, client(world) as models, ThreadPoolExecutor(3) as pool:
        began = time.monotonic()
        list(pool.map(models.chat, [chat_call(system=role) for role in late]))
        took = time.monotonic() - began
        assert 3 == world.in_flight_max
    assert 0.6 <= took < 1.0


def test_models_whose_server_refuses_a_schema_are_asked_without_it_from_then_on() -> None:
    """One refusal is enough; other models are still asked with it."""
    with serve_models(_script(takes_schema=False)) as world, client(world) as models:
        models.chat(chat_call())
        models.chat(chat_call(user="again"))
        world.script.takes_schema = True
        models.chat(chat_call(model="other"))
        sent = ["response_format" in seen.body for seen in world.requests]
    assert [True, False, False, True] == sent


def test_pending_replies_are_fetched() -> None:
    """NIM answers 202 with an id, under which the reply lies when it is ready."""
    with serve_models(_script(Fault("pending"))) as world, client(world) as models:
        assert "stop" == models.chat(chat_call()).finish
        paths = [seen.path.split("/")[2] for seen in world.requests]
    assert ["chat", "status", "status"] == paths


# What is tried again, and what is not


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", 408),
        Fault("status", 429),
        Fault("status", 500),
        Fault("status", 503),
        Fault("drop"),
        Fault("truncated"),
        Fault("html", 502),
    ],
)
def test_passing_faults_are_tried_again(fault: Fault) -> None:
    """408, 429, 5xx and broken connections."""
    notes: list[str] = []
    with serve_models(_script(fault)) as world, client(world, note=notes.append) as models:
        assert "stop" == models.chat(chat_call()).finish
        assert 2 == len(world.requests)
    assert "trying again" in notes[0]


_LASTING: list[tuple[Fault, CallFault, str]] = [
    (Fault("status", 400, detail="max_tokens is too large"), CallFault.REFUSED, "too large"),
    (Fault("status", 401, detail="bad key"), CallFault.UNAUTHORISED, "SOVEREIGN_MODEL_KEY"),
    (Fault("status", 403, detail="Authorization failed"), CallFault.UNAUTHORISED, "failed"),
    (Fault("status", 404, detail="Not found for account"), CallFault.UNKNOWN_MODEL, "/v1"),
    (Fault("status", 422, detail="seed: unknown"), CallFault.REFUSED, "seed: unknown"),
    (Fault("status", 302, {"Location": "http://127.0.0.1:9/"}), CallFault.REFUSED, "redirects"),
    (Fault("status", 204), CallFault.MALFORMED, "no reply"),
    (Fault("html"), CallFault.MALFORMED, "HTML page"),
    (Fault("empty"), CallFault.MALFORMED, "empty"),
    (Fault("malformed-json"), CallFault.MALFORMED, "no JSON"),
    (Fault("huge"), CallFault.MALFORMED, "longer than 1,000,000 bytes"),
    (Fault("body", body=b'{"choices": []}'), CallFault.MALFORMED, "no choices"),
    (Fault("body", body=b'{"choices": [NaN]}'), CallFault.MALFORMED, "NaN"),
    (Fault("body", body=b'{"model": "a", "model": "b"}'), CallFault.MALFORMED, "twice"),
    (Fault("body", body=b"[" * 100_000), CallFault.MALFORMED, "deeper"),
    (Fault("body", body=b"\xff"), CallFault.MALFORMED, "UTF-8"),
    (Fault("body", body=b"{}", headers={"Content-Encoding": "gzip"}), CallFault.MALFORMED, "compr"),
]


@pytest.mark.parametrize(("fault", "kind", "words"), _LASTING)
def test_lasting_faults_are_told_at_once(fault: Fault, kind: CallFault, words: str) -> None:
    """One request, one error that says what was found and what to do."""
    failure, requests = _failure(fault)
    assert (kind, 1) == (failure.fault, requests)
    assert words in str(failure)
    assert failure.where.startswith("127.0.0.1:")
    assert failure.todo


def test_withdrawn_models_are_explained() -> None:
    """410: in the server's words, with what to do."""
    detail = "The model 'org/judge-1b' has reached its end of life on 2026-08-25."
    failure, requests = _failure(Fault("status", 410, detail=detail))
    assert (CallFault.WITHDRAWN_MODEL, 1) == (failure.fault, requests)
    assert "2026-08-25" in failure.what
    assert "still lists" in failure.todo


@pytest.mark.parametrize("dialect", ["nim", "openai"])
def test_both_shapes_of_errors_are_understood(dialect: str) -> None:
    """Problem JSON and OpenAI's error object give the same words."""
    script = _script(Fault("status", 404, detail="no model here"), dialect=dialect)
    with (
        serve_models(script) as world,
        client(world) as models,
        pytest.raises(ModelFailure, match="no model here"),
    ):
        models.chat(chat_call())


def test_slow_replies_are_given_up() -> None:
    """A reply that trickles for longer than the limit is a broken connection."""
    limits = replace(QUICK, whole=0.3, tries=2)
    failure, requests = _failure(Fault("slow"), Fault("slow"), limits=limits)
    assert (CallFault.UNAVAILABLE, 2) == (failure.fault, requests)
    assert "no whole reply within 0 seconds" in str(failure)


def test_a_dead_server_is_told_after_the_last_try() -> None:
    """Nobody listens: all tries fail, and the error says how many they were."""
    with serve_models(_script()) as world, client(world) as models:
        world.kill()
        with pytest.raises(ModelFailure, match=r"also at the last of 3 tries") as caught:
            models.chat(chat_call())
        world.revive()
        assert "stop" == models.chat(chat_call()).finish
    assert CallFault.UNAVAILABLE == caught.value.fault


def test_a_server_that_dies_in_a_call_and_comes_back_is_asked_again() -> None:
    """The connection breaks in mid-call; the call is answered when the server is back."""
    limits = replace(QUICK, tries=8, backoff=0.1, longest_backoff=0.2)
    with (
        serve_models(_script(latency=0.4)) as world,
        client(world, limits=limits) as models,
        ThreadPoolExecutor(1) as pool,
    ):
        answer = pool.submit(models.chat, chat_call())
        time.sleep(0.2)
        world.kill()
        time.sleep(0.2)
        world.revive()
        assert "stop" == answer.result(timeout=5).finish


# Limits


def test_retry_after_is_honoured_in_seconds_and_as_a_date() -> None:
    """The next try comes no earlier than the server asked."""
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2.2), usegmt=True)
    faults = (
        Fault("status", 429, {"Retry-After": "1"}),
        Fault("status", 503, {"Retry-After": moment}),
    )
    with serve_models(_script(*faults)) as world, client(world) as models:
        models.chat(chat_call())
        first, second, third = world.requests
    assert 1.0 <= second.started - first.ended < 1.5
    assert third.started - first.started > 1.1


def test_a_server_that_asks_to_wait_for_an_hour_is_not_waited_for() -> None:
    """The error comes at once and says how long the server asked for."""
    began = time.monotonic()
    failure, requests = _failure(Fault("status", 429, {"Retry-After": "3600"}))
    assert (CallFault.UNAVAILABLE, 1) == (failure.fault, requests)
    assert "3600 seconds" in str(failure)
    assert time.monotonic() - began < 1


def test_429_for_ever_ends_in_an_error_within_the_stated_patience() -> None:
    """Short waits are borne until patience is spent, however many tries that takes."""
    limits = replace(QUICK, tries=2, patience=0.6)
    began = time.monotonic()
    failure, requests = _failure(*[Fault("status", 429)] * 100, limits=limits)
    assert CallFault.UNAVAILABLE == failure.fault
    assert 2 < requests < 50
    assert time.monotonic() - began < 2


# Hostile content


@pytest.mark.parametrize(
    ("kind", "text", "finish"),
    [
        ("refusal", "I cannot help with that request.", "stop"),
        ("schema-ignored", "Sure! Here is my review: I would give it a solid 8 out of 10.", "stop"),
    ],
)
def test_unusable_content_is_handed_on_as_sent(kind: FaultKind, text: str, finish: str) -> None:
    """Prose and refusals are replies; whoever asked judges them."""
    with serve_models(_script(Fault(kind))) as world, client(world) as models:
        reply = models.chat(chat_call())
    assert (text, finish) == (reply.text, reply.finish)


def test_replies_cut_at_the_token_limit_say_so() -> None:
    """The finish reason tells."""
    with serve_models(_script(Fault("length"))) as world, client(world) as models:
        assert "length" == models.chat(chat_call()).finish


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "0 rows for 2 texts"),
        ([{"index": 0, "embedding": [1.0]}] * 2, "two rows have the index 0"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 2, "embedding": [1.0]}], "the index 2"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1, 2]}], "lengths"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": ["1"]}], "no number"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [True]}], "no number"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": []}], "no vector"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": "AAAA"}], "no vector"),
    ],
)
def test_embeddings_that_are_not_one_vector_a_text_are_refused(
    rows: list[dict[str, Any]], words: str
) -> None:
    """Counts, indexes, lengths and kinds are checked."""
    fault = Fault("body", body=json.dumps({"data": rows}).encode())
    with (
        serve_models(_script(fault)) as world,
        client(world) as models,
        pytest.raises(ModelFailure, match=words) as caught,
    ):
        models.embed(embed_call("a", "b"))
    assert CallFault.MALFORMED == caught.value.fault


def test_embeddings_with_numbers_that_are_not_finite_are_refused() -> None:
    """NaN and 1e999 never come near a vector."""
    for value in (b"NaN", b"1e999", b"-Infinity"):
        fault = Fault("body", body=b'{"data": [{"index": 0, "embedding": [%s]}]}' % value)
        with (
            serve_models(_script(fault)) as world,
            client(world) as models,
            pytest.raises(ModelFailure, match="cannot be used"),
        ):
            models.embed(embed_call("a"))


def test_rows_in_disorder_are_put_in_order() -> None:
    """The index says which text a vector belongs to."""
    rows = [{"index": 1, "embedding": [1, 0]}, {"index": 0, "embedding": [0, 1]}]
    fault = Fault("body", body=json.dumps({"data": rows}).encode())
    with serve_models(_script(fault)) as world, client(world) as models:
        reply = models.embed(embed_call("a", "b"))
    assert (((0.0, 1.0), (1.0, 0.0)), None) == (reply.vectors, reply.tokens)


# Secrets and interrupts


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500])
def test_a_key_that_the_server_repeats_is_in_no_error(status: int) -> None:
    """Neither in the words nor in the representation, and no other key's shape either."""
    said = "bad key a-key-of-tests, not nvapi-someone-elses-key or Bearer abcdefghijkl"
    failure, _ = _failure(*[Fault("status", status, detail=said)] * 3, key=Secret("a-key-of-tests"))
    shown = f"{failure!r} {failure} {failure.__cause__!r} {failure.__dict__}"
    assert not [word for word in ("a-key-of", "nvapi-", "abcdefghijkl") if word in shown]


def test_the_key_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Not even in what the HTTP libraries log when everything is logged."""
    caplog.set_level(logging.DEBUG)
    with (
        serve_models(_script(Fault("drop"))) as world,
        client(world, key=Secret("a-key-of-tests")) as models,
    ):
        models.chat(chat_call())
        assert "a-key-of-tests" not in repr(models)
    assert caplog.records
    assert not [r for r in caplog.records if "a-key-of-tests" in f"{r.getMessage()} {r.args!r}"]


def test_a_reply_that_repeats_the_key_is_refused() -> None:
    """It would be kept otherwise."""
    body = b'{"choices": [{"message": {"content": "a-key-of-tests"}}]}'
    failure, _ = _failure(Fault("body", body=body), key=Secret("a-key-of-tests"))
    assert "repeats the key" in str(failure)
    assert "a-key-of-tests" not in str(failure)


def test_interrupting_ends_calls_that_wait_and_calls_in_flight() -> None:
    """Both end within moments, and no further call is taken."""
    fault = Fault("status", 429, {"Retry-After": "3"})
    with serve_models(_script(fault, latency=3.0)) as world, client(world) as models:
        ended: list[float] = []

        def ask(number: int) -> None:
            with pytest.raises(KeyboardInterrupt):
                models.chat(chat_call(seed=number))
            ended.append(time.monotonic())

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        began = time.monotonic()
        models.interrupt()
        for thread in threads:
            thread.join()
        assert max(ended) - began < 0.5
        with pytest.raises(KeyboardInterrupt):
            models.chat(chat_call())
