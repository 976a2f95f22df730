"""Asking a model once, and once more where its reply cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sovereign_registry.adapters.reviewing.strict import Unusable
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.errors import ModelFailure
from sovereign_registry.contracts.review import ModelCall
from sovereign_registry.contracts.text import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.contracts.calls import ChatCall, ChatReply
    from sovereign_registry.contracts.ports import ModelServer

ATTEMPTS = 2
LABELS = {"nim": "NVIDIA NIM", "openai": "an OpenAI-compatible server"}
"""What each dialect of a server is called in a record."""
_MAX_SERVED = 120
_T = TypeVar("_T")


def ask(
    server: ModelServer,
    call_of: Callable[[int, str], ChatCall],
    read: Callable[[str], _T],
    tell: Callable[[str], None],
) -> tuple[ChatCall, ChatReply, _T] | None:
    """The first usable reply of at most two, or None where there was none.

    Args:
        server: Where to ask.
        call_of: The call of an attempt, given why the one before it failed (empty at first).
        read: Checks a reply's text; raises ``Unusable``.
        tell: Is told why a reply could not be used.

    Raises:
        ModelFailure: of a kind that stops the run, or the server did not answer.
    """
    reason = ""
    for attempt in range(1, ATTEMPTS + 1):
        call = call_of(attempt, reason)
        reply = _sent(server, call, tell)
        try:
            if reply.finish == "length":
                raise Unusable(f"it was cut at {call.max_tokens} tokens")  # noqa: TRY301
            return call, reply, read(reply.text)
        except Unusable as unusable:
            reason = str(unusable)
            tell(f"attempt {attempt} of {ATTEMPTS}: the reply cannot be used: {reason}")
    return None


def _sent(server: ModelServer, call: ChatCall, tell: Callable[[str], None]) -> ChatReply:
    """The reply to a call; one that does not arrive whole is asked for once more, unchanged.

    What a server cannot do is no opinion: every failure stops the run, which goes on later with
    what was answered.  Only whole replies are kept, so a resumed or replayed run asks the same.

    Raises:
        ModelFailure: there is no whole reply.
    """
    try:
        return server.chat(call)
    except ModelFailure as failure:
        if failure.fault != CallFault.MALFORMED:
            raise
        tell(f"asking once more: {failure}")
    return server.chat(call)


def recorded(service: str, prompts: str, call: ChatCall, reply: ChatReply) -> ModelCall:
    """What a record says of a call."""
    served = reply.model
    if len(served) > _MAX_SERVED or FORBIDDEN.search(served):
        served = ""
    return ModelCall(
        service=service,
        model=call.model,
        served=served,
        prompts=prompts,
        temperature=call.temperature,
        seed=call.seed,
        max_tokens=call.max_tokens,
        attempt=call.attempt,
        call_sha256=call.sha256,
        prompt_sha256=content_sha256([call.system, call.user]),
        reply_sha256=reply.sha256,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
    )
