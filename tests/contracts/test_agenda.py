"""Agendas: strict, with the line of every question, and never the same thing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.agenda import AgendaQuestion, duplicate, running_order
from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.store.agendas import question_lines, read_agenda

if TYPE_CHECKING:
    from pathlib import Path

AGENDA = """\
# What we want to know this month
contract: "agenda-v1"
defaults:
  source: "corpus"
  model: ["one", "SKEPTIC=two"]
questions:
  - question: "What limits trams?"
    priority: 2

  - {question: "What limits trams?", source: "arxiv"}
  -
    question: "Why do trams wait?"
title: "Trams"
"""


def written(folder: Path, text: str) -> Path:
    """An agenda's file."""
    path = folder / "agenda.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_are_filled_in_and_lines_are_known(tmp_path: Path) -> None:
    """What a question says itself comes first; block and flow style are one."""
    questions, lines = read_agenda(written(tmp_path, AGENDA))
    assert (7, 10, 12) == lines
    assert ["corpus", "arxiv", "corpus"] == [one.source for one in questions]
    assert [2, 0, 0] == [one.priority for one in questions]
    assert {("one", "SKEPTIC=two")} == {one.model for one in questions}


def test_the_same_question_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    """However it is spaced, cased and ended; a priority makes no difference."""
    text = AGENDA + "#\n"
    again = '  - question: "  WHAT limits trams"\n    priority: 1\ntitle:'
    with pytest.raises(BadInput, match=r"agenda\.yaml:13: asks the same as line 7"):
        read_agenda(written(tmp_path, text.replace("title:", again)))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("agenda-v1", "agenda-v2", "is newer than all that this software reads"),
        ("priority: 2", "priority: high", "unquoted value 'high'"),
        ("priority: 2", "priorty: 2", "priorty"),
        ("priority: 2", "priority: 2000", "2000"),
        ('source: "corpus"', "source: *here", "uses the alias"),
        ('source: "corpus"', 'reviewers: "a friend"', "a friend"),
        ('"Why do trams wait?"', '"\\u202ewait?"', "RIGHT-TO-LEFT OVERRIDE"),
        ('"Why do trams wait?"', "!!python/object:os.system x", "uses the tag"),
        ('"one"', '"OWNER=one"', "OWNER=one"),
        ("questions:", "answers:", "questions"),
    ],
)
def test_what_breaks_the_contract_is_refused(
    tmp_path: Path, before: str, after: str, fault: str
) -> None:
    """One error that names what was found."""
    with pytest.raises(BadInput, match=fault.replace("*", r"\*")):
        read_agenda(written(tmp_path, AGENDA.replace(before, after, 1)))


def test_a_file_that_is_none_or_too_large_is_refused(tmp_path: Path) -> None:
    """Before anything of it is read."""
    with pytest.raises(BadInput, match="is no file"):
        read_agenda(tmp_path)
    with pytest.raises(BadInput, match="the limit is 4,000,000"):
        read_agenda(written(tmp_path, "#" * 4_000_001))


def test_ten_thousand_questions_are_the_most(tmp_path: Path) -> None:
    """They are read; one more is refused."""
    head = 'contract: "agenda-v1"\nquestions:\n'
    rows = [f'  - question: "What limits tram {n}?"\n' for n in range(10_001)]
    questions, lines = read_agenda(written(tmp_path, head + "".join(rows[:-1])))
    assert (10_000, 10_002) == (len(questions), lines[-1])
    with pytest.raises(BadInput, match="questions"):
        read_agenda(written(tmp_path, head + "".join(rows)))


@given(st.lists(st.integers(min_value=-3, max_value=3), max_size=12))
def test_higher_priorities_come_first_and_equal_ones_keep_their_order(found: list[int]) -> None:
    """A sorting, stable, of every question."""
    questions = [AgendaQuestion(question=f"Tram {n}?", priority=one) for n, one in enumerate(found)]
    order = running_order(questions)
    assert sorted(order) == list(range(len(found)))
    assert list(order) == sorted(order, key=lambda n: (-found[n], n))
    assert duplicate(questions) is None


def test_lines_are_those_of_the_items_and_of_nothing_else() -> None:
    """Lists within questions and other keys do not count."""
    text = (
        'a: ["x"]\nquestions:\n- question: "q"\n  model: ["a", "b"]\n- {question: "r"}\nb: {c: 1}\n'
    )
    assert (3, 5) == question_lines(text.encode())
