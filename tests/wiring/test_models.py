"""Options to model servers: checked before anything is sent, each host with its own key."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import ModelFailure, UsageError
from sovereign_registry.contracts.review import Role
from sovereign_registry.wiring.live_options import LiveOptions, parse_models
from sovereign_registry.wiring.models import calls_folder, check_live, live_servers
from tests.adapters.models.making import chat_call, embed_call
from tests.model_server import (
    ModelScript,
    hashed_embedding,
    honest_reviewer,
    serve_models,
)

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (
    "SOVEREIGN_MODEL_URL",
    "SOVEREIGN_MODEL_KEY",
    "SOVEREIGN_EMBEDDING_KEY",
    "NVIDIA_API_KEY",
)
HERE = "http://127.0.0.1:9/v1"
JUDGED = LiveOptions(reviewers="openai", models=(("", "m"),), model_url=HERE)
HOSTED = replace(JUDGED, reviewers="nim", model_url=None)
EMBEDDED = LiveOptions(embedder="nim", embedding_model="e", embedding_url=HERE)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key and no address, and a cache of the test's own."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))


def _script(**changes: Any) -> ModelScript:  # noqa: ANN401 - fields of a script
    return ModelScript(chat=honest_reviewer(), embed=hashed_embedding(4), **changes)


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (LiveOptions(reviewers="gpt"), "--reviewers: there is no 'gpt'"),
        (LiveOptions(extractor="gpt"), "--extractor: there is no 'gpt'"),
        (LiveOptions(embedder="gpt"), "--embedder: there is no 'gpt'"),
        (replace(JUDGED, models=()), "no model is named for the role SKEPTIC"),
        (replace(JUDGED, models=(("SKEPTIC", "m"),)), "for the role VALIDATOR"),
        (replace(JUDGED, models=(("", "a b"),)), "'a b' is no model id"),
        (replace(JUDGED, extractor="nim"), "--extractor-model: no model is named"),
        (replace(EMBEDDED, embedding_model=None), "--embedding-model: no model is named"),
        (replace(JUDGED, model_url=None), "the server's address is missing"),
        (replace(JUDGED, model_url="127.0.0.1"), "no http or https address"),
        (replace(EMBEDDED, embedding_url="x"), "--embedding-url"),
        (HOSTED, "no key for integrate.api.nvidia.com"),
        (replace(JUDGED, rate=0.0), "--rate"),
        (replace(JUDGED, rate=float("nan")), "--rate"),
        (replace(JUDGED, timeout=0.0), "--model-timeout"),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_sent(live: LiveOptions, words: str) -> None:
    """One usage error that names the option and what to do."""
    with pytest.raises(UsageError, match=re.escape(words)) as caught:
        check_live(live)
    assert caught.value.todo


def test_the_embedded_defaults_need_nothing(tmp_path: Path) -> None:
    """No server, no folder, no key."""
    check_live(LiveOptions())
    with live_servers(tmp_path, "sr-1", LiveOptions(), print) as servers:
        assert (None, None, None) == (servers.reviewers, servers.extractor, servers.embedder)
    assert [] == list(tmp_path.iterdir())


def test_a_replay_needs_neither_key_nor_address(tmp_path: Path) -> None:
    """It answers from the run's folder, or says that nothing is kept."""
    for live in (HOSTED, replace(JUDGED, model_url=None)):
        with live_servers(tmp_path, "sr-1", replace(live, replay=True), print) as servers:
            assert servers.reviewers
            with pytest.raises(ModelFailure) as caught:
                servers.reviewers.chat(chat_call())
        assert CallFault.NOT_KEPT == caught.value.fault


def test_calls_are_kept_in_the_runs_folder(tmp_path: Path) -> None:
    """A second run of the same record asks nothing, and neither does its replay."""
    with serve_models(_script()) as world:
        live = replace(JUDGED, model_url=world.url, rate=60_000)
        for again in (live, live, replace(live, replay=True)):
            with live_servers(tmp_path, "sr-1", again, print) as servers:
                assert servers.reviewers
                assert servers.reviewers.chat(chat_call()).text
        assert 1 == len(world.requests)
    assert [f"{chat_call().sha256}.json"] == [
        path.name for path in calls_folder(tmp_path, "sr-1").iterdir()
    ]


def test_the_environments_key_and_address_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For reviewers and, on the same host, for the embedder."""
    with serve_models(_script(key="a-key-of-tests")) as world:
        monkeypatch.setenv("SOVEREIGN_MODEL_URL", world.url)
        monkeypatch.setenv("SOVEREIGN_MODEL_KEY", "a-key-of-tests")
        live = replace(JUDGED, reviewers="nim", model_url=None, rate=60_000)
        live = replace(live, embedder="nim", embedding_model="e")
        with live_servers(tmp_path, "sr-1", live, print) as servers:
            assert servers.reviewers
            assert servers.embedder
            servers.reviewers.chat(chat_call())
            servers.embedder.embed(embed_call("a"))
        assert [200, 200] == [seen.status for seen in world.requests]


def test_no_host_gets_the_key_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second host gets its own key, NVIDIA's key goes to NVIDIA only."""
    monkeypatch.setenv("SOVEREIGN_MODEL_KEY", "a-key-of-tests")
    monkeypatch.setenv("NVIDIA_API_KEY", "nvapi-a-key-of-tests")
    with serve_models(_script()) as first, serve_models(_script()) as second:
        live = replace(JUDGED, model_url=first.url, rate=60_000)
        live = replace(live, embedder="nim", embedding_model="e", embedding_url=second.url)
        for key in (None, "another-key"):
            if key:
                monkeypatch.setenv("SOVEREIGN_EMBEDDING_KEY", key)
            with live_servers(tmp_path, "sr-1", live, print) as servers:
                assert servers.reviewers
                assert servers.embedder
                servers.reviewers.chat(chat_call(seed=1 if key else 2))
                servers.embedder.embed(embed_call(key or "none"))
        sent = [seen.headers.get("authorization") for seen in second.requests]
        assert [None, "Bearer another-key"] == sent
        assert {"Bearer a-key-of-tests"} == {
            seen.headers["authorization"] for seen in first.requests
        }


def test_the_hosted_services_key_is_not_sent_to_the_embedders_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the reviewers' address is the default one."""
    monkeypatch.setenv("SOVEREIGN_MODEL_KEY", "a-key-of-tests")
    with serve_models(_script()) as world:
        live = replace(HOSTED, embedder="nim", embedding_model="e", embedding_url=world.url)
        with live_servers(tmp_path, "sr-1", live, print) as servers:
            assert servers.embedder
            servers.embedder.embed(embed_call("a"))
        assert [None] == [seen.headers.get("authorization") for seen in world.requests]


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "caf\xe9", "x" * 5000])
def test_impossible_keys_are_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """A header could not carry them."""
    monkeypatch.setenv("SOVEREIGN_MODEL_KEY", key)
    with pytest.raises(UsageError, match="SOVEREIGN_MODEL_KEY") as caught:
        check_live(JUDGED)
    assert key not in str(caught.value)


def test_parts_on_one_host_share_one_client(tmp_path: Path) -> None:
    """Reviewers and extractor of one server are spaced together."""
    with serve_models(_script()) as world:
        live = replace(JUDGED, model_url=world.url, extractor="openai", extractor_model="x")
        with live_servers(tmp_path, "sr-1", live, print) as servers:
            assert servers.reviewers
            assert servers.extractor
            servers.reviewers.chat(chat_call())
            servers.extractor.chat(chat_call(model="x"))
        first, second = world.requests
    assert second.started - first.started >= 1.5


def test_a_budget_holds_for_all_parts(tmp_path: Path) -> None:
    """Requests of reviewers and extractor are counted together."""
    with serve_models(_script()) as world:
        live = replace(JUDGED, model_url=world.url, rate=60_000, max_requests=1)
        live = replace(live, budget_file=str(tmp_path / "spent"))
        live = replace(live, extractor="openai", extractor_model="x")
        with live_servers(tmp_path, "sr-1", live, print) as servers:
            assert servers.reviewers
            assert servers.extractor
            servers.reviewers.chat(chat_call())
            with pytest.raises(ModelFailure) as caught:
                servers.extractor.chat(chat_call(model="x"))
    assert CallFault.BUDGET == caught.value.fault


def test_models_are_named_for_all_roles_or_for_one() -> None:
    """``ID``, ``ROLE=ID``, in any order and case of the role."""
    found = LiveOptions(models=parse_models(("skeptic=a/b", "c:8b")))
    assert ["a/b", "c:8b", "c:8b"] == [found.model_for(role) for role in Role]


@pytest.mark.parametrize("values", [("JUDGE=a",), ("a", "b"), ("SKEPTIC=a", "skeptic=b")])
def test_unknown_and_repeated_roles_are_refused(values: tuple[str, ...]) -> None:
    """The error names the roles."""
    with pytest.raises(UsageError, match="--model"):
        parse_models(values)


def test_options_and_failures_travel_between_processes() -> None:
    """Both come out of a pickle as they went in."""
    assert JUDGED == pickle.loads(pickle.dumps(JUDGED))  # noqa: S301 - our own bytes
    failure = ModelFailure("gone", fault=CallFault.WITHDRAWN_MODEL, where="host", todo="Ask.")
    again = pickle.loads(pickle.dumps(failure))  # noqa: S301 - our own bytes
    assert (str(failure), CallFault.WITHDRAWN_MODEL) == (str(again), again.fault)
