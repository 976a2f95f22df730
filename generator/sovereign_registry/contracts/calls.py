"""Requests to a model server and its replies, as the pipeline sees them.

A call holds all that can change its reply and nothing else: no address, no key, no time.  Its
digest names it, so that a reply that is kept answers the same call in a resumed or replayed run.
Replies are hostile until checked: ``text`` is what the server sent, unparsed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256, content_sha256
from sovereign_registry.contracts.numbers import DecimalText

ModelId = Annotated[str, msgspec.Meta(pattern=r"^[\w.:/@+-]{1,120}$")]
"""A model's id as its server knows it, such as ``org/name-1b`` or ``name:8b``."""


class ChatCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question to a chat model."""

    model: ModelId
    system: str
    user: str
    schema_name: str
    """Name of the schema that the reply is asked to follow; letters, digits and ``_``."""
    schema: str
    """That JSON Schema as canonical JSON; replies are validated locally all the same."""
    temperature: DecimalText
    max_tokens: Annotated[int, msgspec.Meta(ge=1, le=32_768)]
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    attempt: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    """2 asks the same again after a reply that could not be used; another call, kept apart."""

    @property
    def sha256(self) -> str:
        """The digest that names the call."""
        return content_sha256(self)


class ChatReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a chat model answered."""

    text: str
    """The message's content, as sent."""
    model: str
    """The model that the server says answered; may differ from the one asked for."""
    finish: str
    """Why the server says it stopped: ``stop``, ``length`` ...; empty where it says nothing."""
    prompt_tokens: Annotated[int, msgspec.Meta(ge=0)] | None
    """None where the server does not count."""
    completion_tokens: Annotated[int, msgspec.Meta(ge=0)] | None
    sha256: Sha256
    """Digest of the reply's body as received."""


class EmbedCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One batch of texts for an embedding model."""

    model: ModelId
    texts: tuple[str, ...]
    purpose: Literal["query", "passage"]
    """Retrieval models embed the two differently; the wrong one costs accuracy."""
    truncate: Literal["NONE", "START", "END"]
    """What the server does with a text over its limit: refuse it, or cut its start or end."""

    @property
    def sha256(self) -> str:
        """The digest that names the call."""
        return content_sha256(self)


class EmbedReply(msgspec.Struct, frozen=True, kw_only=True):
    """One vector per text, in their order; all finite and of one length, which is checked."""

    vectors: tuple[tuple[float, ...], ...]
    model: str
    tokens: int | None
    sha256: Sha256
    """Digest of the reply's body as received."""


class CallFault(StrEnum):
    """Why a call has no usable reply, for programs."""

    UNAUTHORISED = "unauthorised"
    """The key is missing, wrong or may not use this model (401, 403)."""
    UNKNOWN_MODEL = "unknown model"
    """The server does not know the model or the address (404)."""
    WITHDRAWN_MODEL = "withdrawn model"
    """The server says that the model is gone for good (410)."""
    REFUSED = "refused request"
    """The server refuses the request as it is (any other 4xx)."""
    UNAVAILABLE = "unavailable"
    """Rate limits, server faults or broken connections outlasted all tries."""
    MALFORMED = "malformed reply"
    """Status 200, but the body is not what the protocol says, or too large."""
    NOT_KEPT = "not kept"
    """A replay was asked for and no reply to this call was kept."""
    BUDGET = "budget spent"
    """The request or token budget of the batch does not allow the call."""
