"""Request bodies and reply bodies of OpenAI's protocol, as NIM and others speak it; no I/O."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

from sovereign_registry.contracts.calls import CallFault, ChatReply, EmbedCall, EmbedReply
from sovereign_registry.contracts.canonical import canonical_json
from sovereign_registry.contracts.errors import ModelFailure
from sovereign_registry.contracts.strict_json import NotStrict, parse_strict

if TYPE_CHECKING:
    from sovereign_registry.adapters.models.services import Service
    from sovereign_registry.contracts.calls import ChatCall

MAX_DIMENSION = 65_536
MAX_NAME = 200
_TODO = "Check that the address is that of a model server, and that the server is not overloaded."


def path_of(call: ChatCall | EmbedCall) -> str:
    """The path of a call under the server's base address."""
    return "embeddings" if isinstance(call, EmbedCall) else "chat/completions"


def chat_body(call: ChatCall, *, with_schema: bool) -> bytes:
    """The request of a chat call.

    Args:
        call: The call.
        with_schema: Ask for the JSON Schema; left out for models whose server refuses it.
    """
    body: dict[str, Any] = {
        "model": call.model,
        "messages": [
            {"role": "system", "content": call.system},
            {"role": "user", "content": call.user},
        ],
        "temperature": float(call.temperature),
        "max_tokens": call.max_tokens,
        "seed": call.seed,
        "stream": False,
    }
    if with_schema:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {
                "name": call.schema_name,
                "strict": True,
                "schema": json.loads(call.schema),
            },
        }
    return canonical_json(body)


def embed_body(call: EmbedCall, service: Service) -> bytes:
    """The request of an embedding call.

    Raises:
        ValueError: there is no text to embed.
    """
    if not call.texts:
        message = "an embedding call needs at least one text"
        raise ValueError(message)
    body: dict[str, Any] = {
        "model": call.model,
        "input": list(call.texts),
        "encoding_format": "float",
    }
    if service.retrieval_keys:
        body |= {"input_type": call.purpose, "truncate": call.truncate}
    return canonical_json(body)


def _malformed(what: str, where: str) -> ModelFailure:
    return ModelFailure(what, fault=CallFault.MALFORMED, where=where, todo=_TODO)


def _object(body: bytes, where: str) -> dict[str, Any]:
    start = body.lstrip()[:1]
    if not start:
        raise _malformed("the reply is empty", where)
    if start == b"<":
        raise _malformed("the reply is an HTML page, not JSON", where)
    try:
        value = parse_strict(body)
    except NotStrict as error:
        raise _malformed(f"the reply cannot be used: {error}", where) from error
    if not isinstance(value, dict):
        raise _malformed("the reply is no JSON object", where)
    return value


def _name(value: object) -> str:
    """A model's name or a reason as a server says it: one short printable line, or nothing."""
    if not isinstance(value, str):
        return ""
    return "".join(char for char in value if char.isprintable())[:MAX_NAME]


def _count(usage: object, key: str) -> int | None:
    value = usage.get(key) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def read_chat(body: bytes, where: str) -> ChatReply:
    """The reply to a chat call.

    A reply without content, such as a refusal, has the refusal's words or the empty text.

    Raises:
        ModelFailure: MALFORMED.
    """
    value = _object(body, where)
    choices = value.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise _malformed("the reply has no choices", where)
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise _malformed("the reply's choice has no message", where)
    content = message.get("content")
    if content is None:
        refusal = message.get("refusal")
        content = refusal if isinstance(refusal, str) else ""
    if not isinstance(content, str):
        raise _malformed("the message's content is no text", where)
    usage = value.get("usage")
    return ChatReply(
        text=content,
        model=_name(value.get("model")),
        finish=_name(choices[0].get("finish_reason")),
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        sha256=hashlib.sha256(body).hexdigest(),
    )


def read_embeddings(body: bytes, texts: int, where: str) -> EmbedReply:
    """The reply to an embedding call of so many texts.

    Raises:
        ModelFailure: MALFORMED: not one vector per text, an index twice or missing, vectors of
            several lengths, of none or of more than 65,536, or a value that is no finite number.
    """
    value = _object(body, where)
    rows = value.get("data")
    if not isinstance(rows, list) or len(rows) != texts:
        found = f"{len(rows)} rows" if isinstance(rows, list) else "no list of rows"
        raise _malformed(f"the reply has {found} for {texts} texts", where)
    vectors: dict[int, tuple[float, ...]] = {}
    for row in rows:
        index = row.get("index") if isinstance(row, dict) else None
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < texts:
            raise _malformed(f"a row has the index {str(index)[:20]}", where)
        if index in vectors:
            raise _malformed(f"two rows have the index {index}", where)
        vectors[index] = _vector(row.get("embedding"), where)
    lengths = {len(vector) for vector in vectors.values()}
    if len(lengths) != 1:
        raise _malformed(f"the vectors have {len(lengths)} different lengths", where)
    usage = value.get("usage")
    tokens = _count(usage, "total_tokens")
    return EmbedReply(
        vectors=tuple(vectors[index] for index in range(texts)),
        model=_name(value.get("model")),
        tokens=_count(usage, "prompt_tokens") if tokens is None else tokens,
        sha256=hashlib.sha256(body).hexdigest(),
    )


def _vector(values: object, where: str) -> tuple[float, ...]:
    if not isinstance(values, list) or not 0 < len(values) <= MAX_DIMENSION:
        raise _malformed("a row has no vector of numbers", where)
    if not all(type(value) in {float, int} for value in values):
        raise _malformed("a vector holds something that is no number", where)
    vector = tuple(float(value) for value in values)
    if not all(map(math.isfinite, vector)):
        raise _malformed("a vector holds a number that is not finite", where)
    return vector
