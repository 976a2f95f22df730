"""JSON from outside, read strictly: what two readers could take for two things is refused.

``json.loads`` takes NaN, 1e999, the last of two equal keys, lone surrogates, and as many brackets
as the stack bears; none of these has a place in a reply that is checked, kept and compared.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 64
"""Levels of lists and objects; replies of model servers have about six."""

# A string without its end reaches to the end of the text, so that no quote is looked at twice.
_BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class NotStrict(ValueError):
    """The text is no strict JSON; the message says what was found."""


def parse_strict(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> Any:  # noqa: ANN401
    """The value of one JSON text.

    Args:
        data: The text; bytes are UTF-8, without a byte order mark.
        max_depth: Levels of lists and objects that are borne.

    Raises:
        NotStrict: not UTF-8, not one JSON text, a key twice in an object, NaN or an infinity, a
            number beyond a double or of more than 300 digits, a lone surrogate, or too deep.
    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise NotStrict(f"it is not UTF-8 (byte {error.start})") from error
    if _depth(text) > max_depth:
        raise NotStrict(f"it nests deeper than {max_depth} levels")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        raise NotStrict(
            f"it is no JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from error
    if "\\u" in text:
        _encodable(value)
    return value


def _depth(text: str) -> int:
    """The deepest level of brackets outside strings; of a text that is no JSON, some number."""
    deepest = level = 0
    for match in _BRACKET_OR_STRING.finditer(text):
        if (token := match[0]) in {"[", "{"}:
            level += 1
            deepest = max(deepest, level)
        elif token in {"]", "}"}:
            level -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotStrict(f"the key {twice[:60]!r} stands twice in one object")
    return found


def _constant(name: str) -> Any:  # noqa: ANN401 - never returns
    raise NotStrict(f"{name} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotStrict(f"the number {text[:40]} is too large")
    return value


def _whole(text: str) -> int:
    if len(text) > 300:  # noqa: PLR2004 - a double has at most 309 digits
        raise NotStrict(f"a number of {len(text)} digits is too large")
    return int(text)


def _encodable(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Refuse lone surrogates: no file could hold them."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            try:
                item.encode("utf-8")
            except UnicodeEncodeError as error:
                raise NotStrict("a text holds half of a surrogate pair") from error
        elif isinstance(item, dict):
            stack += [*item, *item.values()]
        elif isinstance(item, list):
            stack += item
