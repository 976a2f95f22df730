"""The one YAML form in which records are written, and its fast reader.

Form: block style, two spaces a level, keys in contract order, every string in double quotes with
JSON's escapes, no float, no comment, no anchor, no tag; empty lists and mappings as ``[]`` and
``{}``; a final line end.  It is plain YAML 1.1 and 1.2 for any other reader.

Why ``read_fast`` is sound although it is no YAML parser: it only *guesses* a value, and the caller
accepts the guess only if ``emit`` of the typed record gives back the very bytes of the file.  Since
``emit`` is a function whose output any YAML reader loads as the emitted value (property-tested
against libyaml), equal bytes mean that a YAML reader would have loaded the same record.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN_KEY = re.compile(r"[a-z_][a-z0-9_]*")
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})

_WORDS = frozenset({"true", "false", "null"})
_LISTS = frozenset({list, tuple})

_encode = msgspec.json.encode


def emit(record: Any) -> bytes:  # noqa: ANN401 - any record
    """The canonical YAML bytes of a record.

    Raises:
        TypeError: the record is no mapping, or holds a float.
    """
    value = msgspec.to_builtins(record)
    if not isinstance(value, dict):
        message = f"a file holds a mapping, not {type(value).__name__}"
        raise TypeError(message)
    lines: list[str] = []
    _mapping(value, "", "", lines)
    lines.append("")
    return "\n".join(lines).encode("utf-8")


def _scalar(value: Any) -> str:  # noqa: ANN401 - any JSON scalar or empty collection
    kind = type(value)
    if kind is str:
        return str(_encode(value), "utf-8")
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is dict or kind in _LISTS:
        return json.dumps(value, ensure_ascii=False)
    message = f"a record holds no {kind.__name__}: {value!r}"
    raise TypeError(message)


_key_cache: dict[str, str] = {}


def _key(key: str) -> str:
    known = _key_cache.get(key)
    if known is None:
        plain = _PLAIN_KEY.fullmatch(key) and key not in _YAML_WORDS
        known = key if plain else str(_encode(key), "utf-8")
        if len(_key_cache) < 1000:  # noqa: PLR2004 - contract keys fit; hostile ones do not grow it
            _key_cache[key] = known
    return known


def _mapping(value: dict[str, Any], first: str, indent: str, lines: list[str]) -> None:
    """Append the lines of a mapping; its first line starts with ``first`` (a list's dash)."""
    start = first
    deeper = indent + "  "
    for key, item in value.items():
        if item and type(item) is dict:
            lines.append(f"{start}{_key(key)}:")
            _mapping(item, deeper, deeper, lines)
        elif item and type(item) in _LISTS:
            lines.append(f"{start}{_key(key)}:")
            _sequence(item, deeper, lines)
        else:
            lines.append(f"{start}{_key(key)}: {_scalar(item)}")
        start = indent


def _sequence(value: Sequence[Any], indent: str, lines: list[str]) -> None:
    dash = indent + "- "
    for item in value:
        if item and type(item) is dict:
            _mapping(item, dash, indent + "  ", lines)
        else:
            lines.append(dash + _scalar(item))


def read_fast(data: bytes) -> str:  # noqa: C901 - one loop; a call a line would double its time
    """Guess the JSON text of canonical YAML bytes; garbage in gives garbage or ``ValueError``.

    Raises:
        ValueError: the bytes are certainly not in canonical form.
    """
    out: list[str] = []
    closers: list[tuple[int, str]] = []  # (column of the container's keys or dashes, its closer)
    pending = "{"
    fresh = True  # nothing was written into the innermost container yet
    column = 0
    for line in str(data, "utf-8").split("\n"):
        body = line.lstrip(" ")
        if not body:
            continue
        column = len(line) - len(body)
        if pending:
            is_list = pending == ":" and body.startswith("- ")
            out.append("[" if is_list else "{")
            closers.append((column, "]" if is_list else "}"))
            pending, fresh = "", True
        while closers and closers[-1][0] > column:
            out.append(closers.pop()[1])
            fresh = False
        if not fresh:
            out.append(",")
        fresh = False
        if body.startswith("- "):
            body = body[2:]
            if (body[0].isalpha() or body[0] == "_") and body not in _WORDS:
                out.append("{")
                closers.append((column + 2, "}"))
            if closers[-1][1] == "]":
                out.append(body)
                continue
        key, colon, rest = body.partition(":")
        if not colon:
            message = "not canonical"
            raise ValueError(message)
        out.append(key if key[0] == '"' else f'"{key}"')
        out.append(":")
        if rest:
            out.append(rest)
        else:
            pending = ":"
    out.extend(closer for _, closer in reversed(closers))
    return "".join(out)
