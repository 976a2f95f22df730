"""The reply of one role: its JSON Schema, which servers are asked for, and the check, which counts.

Servers may ignore a schema and say nothing, so the check does not rest on it.  A score that is out
of range or off its step is refused, never clamped; prose around the object is refused, never
searched.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.adapters.reviewing.marking import leaks
from sovereign_registry.adapters.reviewing.prompts import CLAIM_ID
from sovereign_registry.adapters.reviewing.strict import (
    Unusable,
    read_object,
    require_keys,
    require_line,
)
from sovereign_registry.contracts.canonical import canonical_json
from sovereign_registry.contracts.review import Feature, Role, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

MAX_RATIONALE = 600
SCHEMA_NAME = "role_review"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:", re.IGNORECASE)
"""No reason needs one; a source that wants to be advertised does."""
DIMENSIONS = {
    "evidence": "how well the claims are matched by the passages, as the model scored it, 0 to 10",
    "relevance": "how far the report answers the question, as the model scored it, 0 to 10",
    "uncertainty": "how openly it says what it cannot know, as the model scored it, 0 to 10",
    "reproducibility": "how well its steps can be repeated, as the model scored it, 0 to 10",
}
"""The four dimensions with the meaning that stands beside each value."""
VERDICTS = (Verdict.APPROVE, Verdict.REVISE, Verdict.REJECT)
KEYS = ("role", "score", "verdict", "dimensions", "cited_claims", "rationale")


class RoleReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply of one role that passed every check."""

    score: str
    verdict: Verdict
    dimensions: tuple[Feature, ...]
    cited: tuple[str, ...]
    """Ids as they were shown to the model."""
    rationale: str


def schema(role: Role, ids: Sequence[str]) -> str:
    """The JSON Schema of one role's reply, as canonical JSON."""
    number: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 10, "multipleOf": 0.5}
    cited: dict[str, Any] = {"type": "array", "maxItems": len(ids), "items": {"type": "string"}}
    if ids:
        cited["items"]["enum"] = list(ids)
    return canonical_json(
        _object(
            {
                "role": {"type": "string", "enum": [role.value]},
                "score": number,
                "verdict": {"type": "string", "enum": [verdict.value for verdict in VERDICTS]},
                "dimensions": _object(dict.fromkeys(DIMENSIONS, number)),
                "cited_claims": cited,
                "rationale": {"type": "string", "minLength": 1, "maxLength": MAX_RATIONALE},
            }
        )
    ).decode()


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _score(value: object, what: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unusable(f"{what} is no number")
    if not 0 <= value <= 10:  # noqa: PLR2004 - the scale
        raise Unusable(f"{what} is not from 0 to 10")
    if (value * 2) % 1:
        raise Unusable(f"{what} is not a multiple of 0.5")
    return str(abs(Decimal(value)).quantize(Decimal("0.1")))


def parse_reply(
    text: str, role: Role, ids: Collection[str], secrets: Iterable[str] = ()
) -> RoleReply:
    """Check a reply of one role.

    Args:
        text: The reply as sent.
        role: The role that was asked.
        ids: Ids of the claims that were shown.
        secrets: What no honest reply holds.

    Raises:
        Unusable: it is not exactly what was asked for.
    """
    found = read_object(text)
    if leaks(text, secrets) or leaks(json.dumps(found, ensure_ascii=False), secrets):
        raise Unusable("it repeats a token that it was told never to write")
    require_keys(found, KEYS, "the reply")
    if found["role"] != role.value:
        raise Unusable("it speaks for another role")
    if found["verdict"] not in [verdict.value for verdict in VERDICTS]:
        raise Unusable("verdict is none of APPROVE, REVISE, REJECT")
    dimensions = found["dimensions"]
    if not isinstance(dimensions, dict):
        raise Unusable("dimensions is no object")
    require_keys(dimensions, DIMENSIONS, "dimensions")
    return RoleReply(
        score=_score(found["score"], "score"),
        verdict=Verdict(found["verdict"]),
        dimensions=tuple(
            Feature(name=name, value=_score(dimensions[name], name), meaning=meaning)
            for name, meaning in DIMENSIONS.items()
        ),
        cited=_cited(found["cited_claims"], ids),
        rationale=_rationale(found["rationale"], ids),
    )


def _rationale(value: object, ids: Collection[str]) -> str:
    line = require_line(value, MAX_RATIONALE, "rationale")
    if not set(CLAIM_ID.findall(line)) <= set(ids):
        raise Unusable("rationale names a claim that was not shown")
    if _ADDRESS.search(line):
        raise Unusable("rationale holds an address")
    return line


def _cited(value: object, ids: Collection[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Unusable("cited_claims is no list of ids")
    if not set(value) <= set(ids):
        raise Unusable("cited_claims names a claim that was not shown")
    if len(set(value)) != len(value):
        raise Unusable("cited_claims names a claim twice")
    return tuple(value)
