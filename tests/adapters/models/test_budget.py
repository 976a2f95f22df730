"""A budget holds for all threads and processes, and over a kill."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.adapters.models.budget import Budget, Spent
from sovereign_registry.adapters.models.kept import CallStore, KeptModels
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import BadInput, ModelFailure
from tests.adapters.models.making import chat_call, client
from tests.model_server import ModelScript, honest_reviewer, serve_models

if TYPE_CHECKING:
    from pathlib import Path


def test_no_more_requests_are_sent_than_allowed(tmp_path: Path) -> None:
    """Of eight concurrent calls five are sent; kept replies cost nothing."""
    failures: list[str] = []

    def ask(number: int) -> None:
        try:
            kept.chat(chat_call(seed=number))
        except ModelFailure as failure:
            failures.append(failure.fault)

    with (
        serve_models(ModelScript(chat=honest_reviewer())) as world,
        client(world, budget=Budget(tmp_path / "spent", max_requests=5)) as models,
        ThreadPoolExecutor(8) as pool,
    ):
        kept = KeptModels(CallStore(tmp_path / "calls"), models)
        list(pool.map(ask, range(8)))
        answered = [number for number in range(8) if _is_kept(tmp_path, number)]
        for number in answered:
            kept.chat(chat_call(seed=number))
        assert (5, 5) == (len(world.requests), len(answered))
    assert [CallFault.BUDGET] * 3 == failures


def _is_kept(tmp_path: Path, number: int) -> bool:
    return CallStore(tmp_path / "calls").get(chat_call(seed=number)) is not None


def test_tokens_are_counted_as_the_server_counts_them(tmp_path: Path) -> None:
    """Once they are spent, no call is sent."""
    budget = Budget(tmp_path / "spent", max_tokens=1)
    with (
        serve_models(ModelScript(chat=honest_reviewer())) as world,
        client(world, budget=budget) as models,
    ):
        reply = models.chat(chat_call())
        with pytest.raises(ModelFailure, match="budget of 1 tokens is spent") as caught:
            models.chat(chat_call())
        assert 1 == len(world.requests)
    assert CallFault.BUDGET == caught.value.fault
    assert (reply.prompt_tokens or 0) + (reply.completion_tokens or 0) == budget.spent.tokens


def test_a_server_that_does_not_count_is_charged_by_bytes(tmp_path: Path) -> None:
    """A quarter of the bytes of both ways."""
    budget = Budget(tmp_path / "spent")
    script = ModelScript(chat=honest_reviewer(), counts_tokens=False)
    with serve_models(script) as world, client(world, budget=budget) as models:
        models.chat(chat_call())
    assert 100 < budget.spent.tokens < 400


def test_the_count_is_kept_in_its_file(tmp_path: Path) -> None:
    """Another process goes on where the first one stopped."""
    Budget(tmp_path / "spent").take()
    Budget(tmp_path / "spent").add_tokens(12)
    assert Spent(requests=1, tokens=12) == Budget(tmp_path / "spent").spent


def test_a_damaged_count_is_told(tmp_path: Path) -> None:
    """Nobody starts from zero unasked."""
    (tmp_path / "spent").write_text("{")
    with pytest.raises(BadInput, match="Delete the file"):
        Budget(tmp_path / "spent").take()
