"""Reads canonical YAML by the layout that a record type prescribes, several lines in one match.

In canonical form a record type fixes every line: which key stands where, at which indentation, and
whether a value stands on the line (scalars, ``null``, ``[]``) or below it.  A *layout* is compiled
once a type, keys that follow one another on lines of their own to one regular expression; it walks
the text, refuses what is not the line due, and joins the values, verbatim, to JSON text.  ``read``
then decodes that text and encodes the record again: only if both JSON texts are equal is the record
accepted.

Why accepted bytes are the canonical bytes: the walk takes indentation and keys from the type, so
they are canonical; a value that is no canonical JSON scalar, or that smuggles a second key, does
not come back equal from the encoder; and a scalar in a list that smuggles a second item is refused
by the one mark that it must contain.  A property test mutates records and compares with ``emit``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import inspect as types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Append = Callable[[str], None]
    Walk = Callable[[str, int, Append], int]
    """Walks the text from a position, appends JSON, returns where it ended."""

R = TypeVar("R", bound=msgspec.Struct)

_SCALARS = (types.StrType, types.IntType, types.BoolType, types.EnumType, types.LiteralType)
_LISTS = (types.VarTupleType, types.ListType)


class NotCanonical(ValueError):
    """The bytes are certainly not in canonical form."""


class NoLayout(TypeError):
    """The type holds values whose layout depends on the value, such as free-form JSON."""


def read(data: bytes, kind: type[R]) -> R:
    """Read canonical bytes into a record.

    The caller has made sure that the bytes hold no forbidden character.

    Raises:
        ValueError: the bytes are not the canonical form of a valid record.
        NoLayout: the type has no fixed layout.
    """
    layout = _layout(kind)
    if layout is None:
        raise NoLayout
    source = str(data, "utf-8")
    out: list[str] = []
    if layout(source, 0, out.append) != len(source):
        raise NotCanonical
    text = "".join(out).encode("utf-8")
    record = msgspec.json.decode(text, type=kind)
    if msgspec.json.encode(record) != text:
        raise NotCanonical
    return record


@cache
def _layout(kind: type[msgspec.Struct]) -> Walk | None:
    """The layout of a type, or None where it has none; either takes a millisecond to find out."""
    info = types.type_info(kind)
    try:
        return _struct(info, "", "") if isinstance(info, types.StructType) else None
    except NoLayout:
        return None


def _parts(info: types.Type) -> tuple[types.Type, bool]:
    """The type without ``None``, and whether ``None`` is allowed."""
    if isinstance(info, types.Metadata):
        return _parts(info.type)
    if not isinstance(info, types.UnionType):
        return info, False
    rest = [one for one in info.types if not isinstance(one, types.NoneType)]
    if len(rest) != 1 or len(rest) == len(info.types):
        raise NoLayout
    return _parts(rest[0])[0], True


def _may_be_unset(field: types.Field) -> bool:
    """Whether the key is left out where the field was never set: its default is ``UNSET``."""
    defaults = (field.default, field.default_factory)
    return not field.required and defaults == (msgspec.NODEFAULT, msgspec.NODEFAULT)


def _struct(info: types.StructType, indent: str, first: str) -> Walk:
    """Walks a mapping whose first line starts with ``first`` and all others with ``indent``."""
    steps: list[Walk] = []
    run: list[tuple[str, str]] = []
    for piece in _pieces(info, indent, first):
        if isinstance(piece, tuple):
            run.append(piece)
        else:
            steps += _matched(run)
            steps.append(piece)
            run = []
    steps += _matched(run)
    if len(steps) == 1:
        return steps[0]

    def walk(text: str, at: int, append: Append) -> int:
        for step in steps:
            at = step(text, at, append)
        return at

    return walk


def _pieces(info: types.StructType, indent: str, first: str) -> Iterator[tuple[str, str] | Walk]:
    """A mapping in order: lines that are always there as (pattern, JSON), the rest as walks."""
    deeper = indent + "  "
    start, opening = first, "{"
    for field in info.fields:
        head, json_key = f"{start}{field.encode_name}:", f'{opening}"{field.encode_name}":'
        if _may_be_unset(field):
            yield _unset(field, indent, head, json_key, first=opening == "{")
            continue
        kind, optional = _parts(field.type)
        if not field.required and info.cls.__struct_config__.omit_defaults:
            yield _omittable(kind, indent, head, json_key, first=opening == "{")
        elif isinstance(kind, _SCALARS):
            yield re.escape(head) + " (.+)\n", json_key + "%s"
        elif isinstance(kind, types.StructType) and not optional:
            yield re.escape(head) + "\n", json_key
            yield from _pieces(kind, deeper, deeper)
        else:
            yield _below(kind, indent, head, json_key, optional=optional)
        start, opening = indent, ","
    yield "", "}"


def _matched(run: list[tuple[str, str]]) -> list[Walk]:
    """One step for lines in a row that are always there; none for an empty row."""
    if not run:
        return []
    match = re.compile("".join(pattern for pattern, _ in run)).match
    template = "".join(json for _, json in run)

    def walk(text: str, at: int, append: Append) -> int:
        found = match(text, at)
        if found is None:
            raise NotCanonical
        append(template % found.groups())
        return found.end()

    return [walk]


def _below(kind: types.Type, indent: str, head: str, json_key: str, *, optional: bool) -> Walk:
    """A key whose value stands below it, or beside it where it is empty."""
    deeper = indent + "  "
    if isinstance(kind, types.StructType) and optional:
        inner, empty = _struct(kind, deeper, deeper), "null"
    elif isinstance(kind, _LISTS) and not optional:
        inner, empty = _list(kind.item_type, deeper), "[]"
    else:
        raise NoLayout
    line, empty_line = f"{head}\n", f"{head} {empty}\n"

    def walk(text: str, at: int, append: Append) -> int:
        append(json_key)
        if text.startswith(line, at):
            return inner(text, at + len(line), append)
        if not text.startswith(empty_line, at):
            raise NotCanonical
        append(empty)
        return at + len(empty_line)

    return walk


def _unset(field: types.Field, indent: str, head: str, json_key: str, *, first: bool) -> Walk:
    """A key that is not written where it was never set."""
    if first:
        raise NoLayout
    try:
        present = _present(field, indent, head, json_key)
    except NoLayout:
        present = None  # only a record in which it is set has no layout

    def walk(text: str, at: int, append: Append) -> int:
        if not text.startswith(head, at):
            return at
        if present is None:
            raise NoLayout
        return present(text, at, append)

    return walk


def _present(field: types.Field, indent: str, head: str, json_key: str) -> Walk:
    """A key and its value, where it is written."""
    kind, optional = _parts(field.type)
    if isinstance(kind, _SCALARS):
        return _matched([(re.escape(head) + " (.+)\n", json_key + "%s")])[0]
    if not isinstance(kind, types.StructType) or optional:
        return _below(kind, indent, head, json_key, optional=optional)
    deeper = indent + "  "
    inner, line = _struct(kind, deeper, deeper), f"{head}\n"

    def walk(text: str, at: int, append: Append) -> int:
        if not text.startswith(line, at):
            raise NotCanonical
        append(json_key)
        return inner(text, at + len(line), append)

    return walk


def _omittable(kind: types.Type, indent: str, head: str, json_key: str, *, first: bool) -> Walk:
    """A list that is not written where it is empty."""
    if first or not isinstance(kind, _LISTS):
        raise NoLayout
    inner, line = _list(kind.item_type, indent + "  "), f"{head}\n"

    def walk(text: str, at: int, append: Append) -> int:
        if not text.startswith(line, at):
            return at
        append(json_key)
        return inner(text, at + len(line), append)

    return walk


def _list(item: types.Type, indent: str) -> Walk:
    kind, optional = _parts(item)
    dash = indent + "- "
    if isinstance(kind, types.StructType) and not optional:
        return _records(_struct(kind, indent + "  ", dash), dash)
    if isinstance(kind, _SCALARS) and not optional:
        text = not isinstance(kind, (types.IntType, types.BoolType))
        return _scalars(dash, '","' if text else ",")
    raise NoLayout


def _records(inner: Walk, dash: str) -> Walk:
    def walk(text: str, at: int, append: Append) -> int:
        opening = "["
        while text.startswith(dash, at):
            append(opening)
            at = inner(text, at, append)
            opening = ","
        if opening == "[":
            raise NotCanonical
        append("]")
        return at

    return walk


def _scalars(dash: str, separator: str) -> Walk:
    """Items one a line; ``separator`` stands between two items in JSON and never within one."""
    match = re.compile(f"(?:{re.escape(dash)}.+\n)+").match

    def walk(text: str, at: int, append: Append) -> int:
        found = match(text, at)
        if found is None or separator in found.group():
            raise NotCanonical
        append(f"[{found.group()[len(dash) : -1].replace(chr(10) + dash, ',')}]")
        return found.end()

    return walk
