"""A model's reply is hostile until every part of it was checked.  Nothing is mended or guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sovereign_registry.contracts.strict_json import NotStrict, parse_strict
from sovereign_registry.contracts.text import FORBIDDEN, collapse, describe_character

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_REPLY = 16_000
"""Characters of a reply; a longer one is not read."""
_MAX_DEPTH = 8


class Unusable(ValueError):
    """A reply cannot be used.

    The message is in our own words and holds none of the reply's, because it is told to the model.
    """


def read_object(text: str) -> dict[str, Any]:
    """The one JSON object that a reply is.

    Raises:
        Unusable: it is anything else, or holds a key twice, NaN, or a number beyond reason.
    """
    if len(text) > MAX_REPLY:
        raise Unusable(f"it is longer than {MAX_REPLY:,} characters")
    try:
        found = parse_strict(text, max_depth=_MAX_DEPTH)
    except NotStrict as error:
        raise Unusable(f"it is not one strict JSON text{_habit(text)}") from error
    if not isinstance(found, dict):
        raise Unusable("it is no JSON object")
    return found


def _habit(text: str) -> str:
    """What the commonest servers of small models put around the JSON, if it is that."""
    start = text.lstrip()[:16].lower()
    if start.startswith(("<think", "<|channel", "<reason")):
        return ": thoughts stand before it, which the server should keep out of the reply"
    return ": a fence stands around it" if start.startswith("```") else ""


def require_keys(found: dict[str, Any], names: Iterable[str], what: str) -> None:
    """Exactly these keys.

    Raises:
        Unusable: one is missing, or there are others.
    """
    wanted = set(names)
    if missing := sorted(wanted - set(found)):
        raise Unusable(f"{what} lacks {', '.join(missing)}")
    if len(found) != len(wanted):
        raise Unusable(f"{what} has keys that were not asked for")


def require_line(value: object, limit: int, what: str) -> str:
    """A line of text that a record may hold, white space collapsed.

    Raises:
        Unusable: it is no text, empty, too long, or holds a forbidden character.
    """
    if not isinstance(value, str):
        raise Unusable(f"{what} is no text")
    if found := FORBIDDEN.search(value):
        raise Unusable(f"{what} holds {describe_character(found.group())}")
    line = collapse(value)
    if not line or len(line) > limit:
        raise Unusable(f"{what} has {len(line)} characters, 1 to {limit} are due")
    return line
