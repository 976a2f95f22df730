"""One strict YAML reader for everything that a person or a pull request may have written.

libyaml's events are turned into plain values under these rules: one document, no tags, no anchors
or aliases, no duplicate keys, string keys only, no unquoted scalar but ``null``, ``true``,
``false`` and integers of at most 2**53 (so ``2604.10210``, ``no`` and ``1:30`` must be quoted to be
what was meant), at most 40 levels, at most 4 MB.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.text import FORBIDDEN, describe_character

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 4_000_000
MAX_DEPTH = 40
MAX_INTEGER = 2**53

_INTEGER = re.compile(r"^-?(?:0|[1-9]\d{0,16})$")
_WORDS = {"null": None, "true": True, "false": False}


def load(data: bytes, where: str) -> dict[str, Any]:
    """Load one YAML mapping.

    Raises:
        RecordFault: naming file, line, what was found and what to do.
    """
    if len(data) > MAX_BYTES:
        raise RecordFault(
            f"holds {len(data):,} bytes; the limit is {MAX_BYTES:,}",
            where=where,
            todo="A record keeps large material as artifacts, by digest.",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecordFault(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            where=f"{where}:{line}",
            todo="Save the file as UTF-8.",
        ) from error
    _require_clean_lines(text, where)
    reader = _Reader(text, where)
    value = reader.document()
    if not isinstance(value, dict):
        raise RecordFault(
            f"holds a {type(value).__name__} where a mapping is due",
            where=f"{where}:1",
            todo="Start the file with its keys.",
        )
    return value


def _require_clean_lines(text: str, where: str) -> None:
    for match in FORBIDDEN.finditer(text):
        if match.group() == "\n":
            continue
        line = text.count("\n", 0, match.start()) + 1
        raise RecordFault(
            f"found {describe_character(match.group())}",
            where=f"{where}:{line}",
            todo="Remove it: control and bidirectional characters are not accepted.",
        )


class _Reader:
    """Walks libyaml's events once."""

    def __init__(self, text: str, where: str) -> None:
        self.where = where
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))

    def fault(self, event: yaml.Event, what: str, todo: str) -> RecordFault:
        line = event.start_mark.line + 1 if event.start_mark else 1
        return RecordFault(what, where=f"{self.where}:{line}", todo=todo)

    def next(self) -> yaml.Event:
        try:
            return next(self.events)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise RecordFault(
                f"is not YAML: {error.problem or error.context}",
                where=f"{self.where}:{line}",
                todo="Correct the line.",
            ) from error
        except yaml.YAMLError as error:
            raise RecordFault(
                f"is not YAML: {error}", where=f"{self.where}:1", todo="Correct the file."
            ) from error

    def document(self) -> Any:  # noqa: ANN401 - JSON value
        self.next()  # stream start
        event = self.next()
        if isinstance(event, yaml.StreamEndEvent):
            raise RecordFault("is empty", where=f"{self.where}:1", todo="Restore the file.")
        value = self.value(self.next(), 1)
        self.next()  # document end
        event = self.next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise self.fault(event, "holds more than one document", "Keep one document a file.")
        return value

    def value(self, event: yaml.Event, depth: int) -> Any:  # noqa: ANN401 - JSON value
        if depth > MAX_DEPTH:
            raise self.fault(event, f"is nested deeper than {MAX_DEPTH} levels", "Flatten it.")
        if isinstance(event, yaml.AliasEvent):
            raise self.fault(event, f"uses the alias *{event.anchor}", "Write the value out.")
        if anchor := getattr(event, "anchor", None):
            raise self.fault(event, f"defines the anchor &{anchor}", "Remove the anchor.")
        if tag := getattr(event, "tag", None):
            raise self.fault(event, f"uses the tag {tag}", "Remove the tag.")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := self.next(), yaml.SequenceEndEvent):
                items.append(self.value(event, depth + 1))
            return items
        return self.mapping(depth)

    def mapping(self, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise self.fault(event, "has a key that is no plain string", "Use a plain key.")
            if event.value in items:
                raise self.fault(event, f"has the key {event.value!r} twice", "Keep one of them.")
            items[event.value] = self.value(self.next(), depth + 1)
        return items

    def scalar(self, event: yaml.ScalarEvent) -> str | int | bool | None:
        text = event.value
        if event.style:
            return str(text)
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.match(text) and abs(int(text)) <= MAX_INTEGER:
            return int(text)
        raise self.fault(
            event,
            f"has the unquoted value {text[:60]!r}",
            "Put it in double quotes; only integers, true, false and null stand without.",
        )
