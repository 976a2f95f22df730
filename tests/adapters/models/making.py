"""Calls, clients and clocks that the tests of model servers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sovereign_registry.adapters.models.address import address_of
from sovereign_registry.adapters.models.client import HttpModels
from sovereign_registry.adapters.models.services import SERVICES
from sovereign_registry.adapters.models.wire import Limits
from sovereign_registry.contracts.calls import ChatCall, EmbedCall

if TYPE_CHECKING:
    from tests.model_server import ModelWorld

QUICK = Limits(
    connect=2.0,
    whole=2.0,
    tries=3,
    backoff=0.02,
    longest_backoff=0.1,
    longest_wait=3.0,
    patience=5.0,
    poll=0.02,
    max_bytes=1_000_000,
)
"""Limits in which a test can wait."""


def chat_call(**changes: Any) -> ChatCall:  # noqa: ANN401 - fields of the call
    """A chat call with sensible fields."""
    fields: dict[str, Any] = {
        "model": "org/judge-1b",
        "system": "You are the SKEPTIC.",
        "user": "c1: a claim",
        "schema_name": "role_reply",
        "schema": '{"type":"object"}',
        "temperature": "0.2",
        "max_tokens": 200,
        "seed": 7,
    }
    return ChatCall(**(fields | changes))


def embed_call(*texts: str, **changes: Any) -> EmbedCall:  # noqa: ANN401 - fields of the call
    """An embedding call with sensible fields."""
    fields: dict[str, Any] = {"model": "org/embed-1b", "purpose": "query", "truncate": "NONE"}
    return EmbedCall(texts=texts or ("a text",), **(fields | changes))


def client(world: ModelWorld, service: str = "nim", **changes: Any) -> HttpModels:  # noqa: ANN401
    """A client of the loopback server with quick limits."""
    options: dict[str, Any] = {"limits": QUICK} | changes
    return HttpModels(SERVICES[service], address_of(world.url), **options)
