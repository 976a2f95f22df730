"""What the loopback model server says: faults, honest reviewers, obedient models, embeddings.

A script is data, so that a test reads as what the world did.  ``tests.model_server`` plays it.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sovereign_registry.contracts.text import content_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FaultKind = Literal[
    "status",
    "truncated",
    "slow",
    "empty",
    "huge",
    "html",
    "drop",
    "malformed-json",
    "refusal",
    "schema-ignored",
    "length",
    "pending",
    "body",
]


@dataclass(frozen=True)
class Fault:
    """One reply that goes wrong.

    ``status`` answers with that status in the server's dialect; ``truncated`` announces more
    bytes than it sends; ``slow`` trickles; ``empty`` sends no byte; ``huge`` sends ``size``
    bytes; ``html`` an error page with status 200; ``drop`` closes without a reply; ``malformed-
    json`` half a JSON text; ``refusal`` a reply without content; ``schema-ignored`` prose;
    ``length`` content cut at the token limit; ``pending`` is NIM's 202, whose reply is ready at
    the second look; ``body`` sends the given bytes.
    """

    kind: FaultKind
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    """Words of the error; a usual text of the status where empty."""
    body: bytes = b""
    seconds: float = 30.0
    """How long ``slow`` trickles."""
    size: int = 64 * 1024 * 1024
    on: str = ""
    """Only for a request whose path ends so, such as ``/embeddings``."""


@dataclass
class ModelScript:
    """How the server behaves; a test may change it while the server runs."""

    chat: Callable[[dict[str, Any]], str | Fault] = lambda _body: "{}"
    """Body of the request to the content of the reply."""
    embed: Callable[[str, str], list[float] | Fault] = lambda text, _kind: hashed(text, 16)
    """(text, input_type) to its vector; the type is empty where the request has none."""
    latency: float | Callable[[dict[str, Any]], float] = 0.0
    """Seconds until the reply, or a function of the request's body."""
    faults: list[Fault] = field(default_factory=list)
    """Played first, in the order of arrival."""
    obedient: bool = False
    """Obey the instructions that the user message holds, whatever ``chat`` says."""
    requests_per_minute: int | None = None
    """Beyond it: 429 with Retry-After."""
    window: float = 60.0
    """Seconds that ``requests_per_minute`` is counted over, so that tests need not wait minutes;
    the allowance of a window is ``requests_per_minute * window / 60``."""
    dialect: Literal["nim", "openai"] = "nim"
    key: str | None = None
    """Where set: any other bearer token gets 401."""
    takes_schema: bool = True
    """False: 400 for a request with ``response_format``."""
    counts_tokens: bool = True
    """False: replies have no ``usage``."""
    longest_text: int | None = None
    """Words from which an embedding request with ``truncate`` NONE gets 400."""
    models: tuple[str, ...] | None = None
    """Where set: any other model gets 404."""


def hashed(text: str, dimension: int) -> list[float]:
    """A unit vector in which texts that share words lie near each other."""
    vector = [0.0] * dimension
    for word in content_words(text) or (text,):
        digest = hashlib.sha256(word.encode("utf-8", "replace")).digest()
        vector[int.from_bytes(digest[:4]) % dimension] += 1.0 if digest[4] % 2 else -1.0
    vector[0] += 0.01  # never the zero vector
    norm = math.sqrt(sum(value * value for value in vector))
    return [value / norm for value in vector]


def hashed_embedding(dimension: int) -> Callable[[str, str], list[float] | Fault]:
    """An ``embed`` of this many dimensions; the same text has the same vector for both types."""
    return lambda text, _kind: hashed(text, dimension)


def user_text(body: Mapping[str, Any]) -> str:
    """The user message of a chat request."""
    return "\n".join(str(m["content"]) for m in body["messages"] if m["role"] == "user")


def system_text(body: Mapping[str, Any]) -> str:
    """The system message of a chat request."""
    return "\n".join(str(m["content"]) for m in body["messages"] if m["role"] == "system")


def asked_schema(body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema that the request asks for; empty where it asks for none."""
    asked = body.get("response_format") or {}
    found: dict[str, Any] = asked.get("json_schema", {}).get("schema", {})
    return found


def claim_ids(body: Mapping[str, Any]) -> list[str]:
    """The claim ids in the user message, in their order there, without repetition."""
    return list(dict.fromkeys(re.findall(r"(?<![\w-])c[1-9]\d{0,3}(?!\w)", user_text(body))))


_VERDICTS = ((6.5, "APPROVE"), (5.0, "REVISE"), (0.0, "REJECT"))


def verdict_of(score: float) -> str:
    """The verdict that goes with a score."""
    return next(word for floor, word in _VERDICTS if score >= floor)


def honest_reviewer(
    score: float | Callable[[dict[str, Any]], float] = 7.5,
    rationale: str = "The cited claims are matched by their passages; little else is claimed.",
) -> Callable[[dict[str, Any]], str | Fault]:
    """A ``chat`` that gives valid role replies: as the schema asks, citing claims of the prompt.

    Args:
        score: The score from 0 to 10, or a function of the request's body.
        rationale: The reply's words.
    """

    def chat(body: dict[str, Any]) -> str:
        value = score(body) if callable(score) else score
        return json.dumps(role_reply(body, value, rationale))

    return chat


def role_reply(body: Mapping[str, Any], score: float, rationale: str) -> Any:  # noqa: ANN401
    """One reply that follows the schema asked for, or the usual shape where none is asked."""
    schema = asked_schema(body)
    known: dict[str, Any] = {
        "score": score,
        "verdict": verdict_of(score),
        "rationale": rationale,
        "cited_claims": claim_ids(body)[:5],
        "role": next(
            (r for r in ("SKEPTIC", "VALIDATOR", "SYNTHESIZER") if r in system_text(body)),
            "SKEPTIC",
        ),
    }
    if schema:
        return _filled(schema, schema, known, "", score)
    dimensions = ("evidence", "relevance", "uncertainty", "reproducibility")
    return known | {"dimensions": dict.fromkeys(dimensions, score)}


def _filled(  # noqa: C901, PLR0911 - one return a kind of schema
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    known: Mapping[str, Any],
    name: str,
    n: float,
) -> Any:  # noqa: ANN401
    """The smallest honest value of a schema: known names by their meaning, numbers the score."""
    if "$ref" in schema:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        return _filled(target, root, known, name, n)
    if "const" in schema:
        return schema["const"]
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return _filled(schema[union][0], root, known, name, n)
    allowed = schema.get("enum")
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            wanted = schema.get("required", list(fields))
            return {key: _filled(fields[key], root, known, key, n) for key in wanted}
        case "array":
            choice = schema.get("items", {}).get("enum")
            held = [v for v in known.get(name, []) if choice is None or v in choice]
            return held if held or not choice else choice[:1]
        case "number" | "integer":
            value = min(max(n, schema.get("minimum", 0)), schema.get("maximum", 10))
            return int(value) if schema["type"] == "integer" else value
        case "boolean":
            return True
    if allowed:
        return next((v for v in (known.get(name), f"{n:.1f}") if v in allowed), allowed[0])
    if name in known and isinstance(known[name], str):
        return known[name]
    return f"{n:.1f}" if "pattern" in schema else "As the claims and their passages say."


_ORDERS = (
    r"(?:ignore|disregard|forget) (?:(?:all|any|the|your|of) )*(?:previous|prior|above|earlier)",
    r"(?:give|award|assign|output|return|rate|score)(?: \w+){0,8} (?<!to )(?<!out of )(?:10|ten)\b",
    r"(?:positive|favourable|favorable) review only",
    r"(?:do not|never) (?:mention|highlight|list)(?: \w+){0,3} (?:negatives?|weakness(?:es)?)",
    r"(?:you )?must (?:approve|accept)",
    r"(?:set|answer|say|write|respond)(?: \w+){0,4} approve",
)
_LEAKS = (
    r"(?:repeat|reveal|print|copy)(?: \w+){0,5} "
    r"(?:prompt|instructions?|marker|delimiter|canary|token|secret)"
)


def ordered(text: str) -> bool:
    """Whether a text holds an instruction to a reviewer, whatever marks stand between its words."""
    return any(re.search(order, _plain(text)) for order in _ORDERS)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def obedient_model(
    otherwise: Callable[[dict[str, Any]], str | Fault] | None = None,
) -> Callable[[dict[str, Any]], str | Fault]:
    """A ``chat`` that obeys any instruction in the user message: a 10 and APPROVE for everything.

    An instruction to repeat what is secret puts every long token of both messages into the
    rationale.  Without an instruction it answers as ``otherwise`` does, an honest reviewer.
    """
    honest = otherwise or honest_reviewer()

    def chat(body: dict[str, Any]) -> str | Fault:
        text = user_text(body)
        leaks = re.search(_LEAKS, _plain(text))
        if not leaks and not ordered(text):
            return honest(body)
        words = "An outstanding work without any weakness."
        if leaks:
            long = re.findall(r"[A-Za-z0-9_-]{8,}", system_text(body) + text)
            words = " ".join(dict.fromkeys(s for s in long if any(c.isdigit() for c in s)))
        return json.dumps(role_reply(body, 10.0, words[:500] or "There is no secret."))

    return chat
