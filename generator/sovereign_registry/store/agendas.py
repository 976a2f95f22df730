"""Reads an agenda: strict like everything that a person wrote, with the line of every question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from sovereign_registry.contracts.agenda import Agenda, duplicate, resolved
from sovereign_registry.contracts.errors import BadInput, RecordFault
from sovereign_registry.contracts.text import require_clean
from sovereign_registry.store.loading import load_contract
from sovereign_registry.store.strict_yaml import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.agenda import AgendaQuestion

_BREAKS = str.maketrans("\n\t", "  ")
_TOP = 2
"""Depth of the nodes that stand in the file's one mapping: stream's mapping, then its values."""


def read_agenda(path: Path) -> tuple[tuple[AgendaQuestion, ...], tuple[int, ...]]:
    """Read an agenda's questions, its defaults filled in, and the line that each begins on.

    Raises:
        BadInput: it is no file, too large, breaks ``agenda-v1``, or asks the same thing twice.
    """
    where = str(path)
    if not path.is_file():
        raise BadInput("is no file", where=where, todo="Name an agenda's YAML file.")
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(
            f"holds {path.stat().st_size:,} bytes; the limit is {MAX_BYTES:,}",
            where=where,
            todo="Split the agenda.",
        )
    data = path.read_bytes()
    agenda = load_contract(data, Agenda, "agenda-v1", where)
    lines = question_lines(data)
    questions = resolved(agenda)
    for question, line in zip(questions, lines, strict=True):
        _require_clean(question.question, f"{where}:{line}")
    twice = duplicate(questions)
    if twice:
        first, second = (lines[place] for place in twice)
        raise RecordFault(
            f"asks the same as line {first}, with the same options",
            where=f"{where}:{second}",
            todo="Keep one of the two, or give them different options.",
        )
    return questions, lines


def _require_clean(question: str, where: str) -> None:
    """Refuse what an escape in the YAML can hide; line ends and tabs are white space."""
    require_clean(question.translate(_BREAKS), where)


def question_lines(data: bytes) -> tuple[int, ...]:
    """The line on which each item of the top key ``questions`` begins.

    Args:
        data: A file that the strict reader accepted: one mapping, no anchors, aliases or tags.
    """
    lines: list[int] = []
    depth, key, expects_key = 0, "", True
    for event in yaml.parse(data, Loader=yaml.CSafeLoader):
        opens = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        if depth == 1 and isinstance(event, yaml.ScalarEvent) and expects_key:
            key, expects_key = event.value, False
            continue
        if depth == _TOP and key == "questions" and (opens or isinstance(event, yaml.ScalarEvent)):
            lines.append(event.start_mark.line + 1 if event.start_mark else 0)
        if opens:
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth == 1:
            expects_key = True
    return tuple(lines)
