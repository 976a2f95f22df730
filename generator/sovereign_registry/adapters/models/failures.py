"""What an HTTP status and its body mean, and what the user can do about it; no I/O."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NoReturn

from sovereign_registry.adapters.models.secret import redacted
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import ModelFailure

if TYPE_CHECKING:
    from sovereign_registry.adapters.models.secret import Secret

MAX_WORDS = 300
_REFUSED_SCHEMA = re.compile(
    r"response_format|json_schema|guided_json|structured output", re.IGNORECASE
)
_UNFIT = frozenset({400, 415, 422})
_RETRIED = frozenset({408, 429})


class Retryable(Exception):
    """A failure that another try may mend.

    Args:
        what: What was found.
        wait: Seconds that the server asks to wait; 0.0 where it says nothing.
        limit: True for 429: everybody who uses the account should wait.
    """

    def __init__(self, what: str, *, wait: float = 0.0, limit: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.wait = wait
        self.limit = limit


class SchemaRefused(Exception):
    """The server refuses the request because it asks for a JSON Schema."""


def words_of(body: bytes, key: Secret | None) -> str:
    """The words of an error's body: problem JSON, OpenAI's shape, or what a proxy says.

    One printable line of at most 300 characters, without the key; empty where there are none.
    """
    text = body[:65_536].decode("utf-8", "replace").strip()
    try:
        found = _message(json.loads(text))
    except (ValueError, RecursionError):
        title = re.search(r"<(title|h1)[^>]*>([^<]{1,200})", text, re.IGNORECASE)
        found = f"an HTML page, {title[2].strip()!r}" if title else ""
        if not found and not text.startswith("<"):
            found = text
    line = " ".join("".join(c if c.isprintable() else " " for c in found).split())
    line = redacted(line, key)
    return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 1] + "…"


def _message(value: object) -> str:
    """The message of an error object of any of the usual shapes."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_message, value[:3])))
    if not isinstance(value, dict):
        return ""
    if "error" in value and (inner := _message(value["error"])):
        return inner
    parts = [_message(value[key]) for key in ("title", "message", "msg", "detail") if key in value]
    return ": ".join(dict.fromkeys(filter(None, parts)))


def retry_after(text: str, now: datetime | None = None) -> float:
    """Seconds of a Retry-After header (RFC 9110, section 10.2.3); 0.0 for none or nonsense."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def raise_for(  # noqa: PLR0913 - all that an error says
    status: int,
    body: bytes,
    *,
    wait: float,
    model: str,
    where: str,
    key: Secret | None,
) -> NoReturn:
    """Raise what a status other than 200 means.

    Args:
        status: The HTTP status.
        body: Its body, or the start of it.
        wait: Seconds of Retry-After, 0.0 for none.
        model: The model that was asked for.
        where: Host and path.
        key: The key that was sent, never to be repeated.

    Raises:
        Retryable: 408, 429 or 5xx.
        SchemaRefused: 400, 415 or 422 whose words name the schema.
        ModelFailure: anything else.
    """
    words = words_of(body, key)
    said = f"HTTP {status}" + (f", {words!r}" if words else "")
    if status in _RETRIED or status >= 500:  # noqa: PLR2004 - server faults
        raise Retryable(said, wait=wait, limit=status == 429)  # noqa: PLR2004
    if status in _UNFIT and _REFUSED_SCHEMA.search(words):
        raise SchemaRefused(said)
    fault, what, todo = _meaning(status, said, model, keyed=key is not None)
    raise ModelFailure(what, fault=fault, where=where, todo=todo)


def _meaning(status: int, said: str, model: str, *, keyed: bool) -> tuple[CallFault, str, str]:
    if status in {401, 403}:
        todo = (
            f"Check that the key in the environment is whole and may use {model}."
            if keyed
            else "Put the key into the environment variable SOVEREIGN_MODEL_KEY."
        )
        return CallFault.UNAUTHORISED, f"the server does not accept the key: {said}", todo
    if status == 404:  # noqa: PLR2004
        todo = "Check the model's id and the address, which usually ends in /v1; GET models there."
        return CallFault.UNKNOWN_MODEL, f"the server does not know {model}: {said}", todo
    if status == 410:  # noqa: PLR2004
        todo = (
            "Choose a model that the server still lists (GET models). Vectors of two embedding "
            "models are never mixed, and the new model's id becomes part of new records."
        )
        return CallFault.WITHDRAWN_MODEL, f"the model {model} was withdrawn: {said}", todo
    if 300 <= status < 400:  # noqa: PLR2004
        todo = "Redirects are not followed, because a key would follow them; correct the address."
        return CallFault.REFUSED, f"the server redirects: {said}", todo
    todo = "The request is refused as it is: check the model's id, its limits and its parameters."
    return CallFault.REFUSED, f"the server refuses the request: {said}", todo
