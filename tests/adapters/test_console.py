"""Progress for people and for logs; the clock."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.adapters.console import ConsoleProgress


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The set time."""
        return self.now


def test_without_a_terminal_each_step_is_a_plain_line() -> None:
    """One line per step and note, no escape codes."""
    stream = io.StringIO()
    with ConsoleProgress(stream) as progress:
        progress.step(1, "Queries")
        progress.note("4 queries")
    assert stream.getvalue() == " 1  Queries\n    4 queries\n"


def test_quiet_says_nothing() -> None:
    """Neither on a terminal nor in a log."""
    for stream in (io.StringIO(), Terminal()):
        with ConsoleProgress(stream, quiet=True) as progress:
            progress.step(1, "Queries")
            progress.note("4 queries")
        assert stream.getvalue() == ""


def test_a_quick_command_stays_quiet_on_a_terminal() -> None:
    """Nothing is shown before a second has passed."""
    stream, seconds = Terminal(), Seconds()
    with ConsoleProgress(stream, monotonic=seconds) as progress:
        progress.step(1, "Queries")
        seconds.now = 0.9
        progress.note("4 queries")
    assert stream.getvalue() == ""


def test_a_slow_command_shows_all_its_steps_on_a_terminal() -> None:
    """After a second, also what was held back; markup in a title is text."""
    stream, seconds = Terminal(), Seconds()
    with ConsoleProgress(stream, monotonic=seconds) as progress:
        progress.step(1, "Queries")
        seconds.now = 1.5
        progress.step(2, "Papers [red]x[/red]")
        progress.note("12 papers")
    shown = stream.getvalue()
    assert shown.index("1  Queries") < shown.index("2  Papers [red]x[/red]")
    assert "12 papers" in shown


def test_control_characters_do_not_reach_the_terminal() -> None:
    """An escape sequence in a title is blanked out."""
    stream = io.StringIO()
    ConsoleProgress(stream).step(1, "a\x1b[2Jb\nc")
    assert stream.getvalue() == " 1  a [2Jb c\n"


def test_the_clock_gives_whole_utc_seconds() -> None:
    """With zone, without fractions, and the present."""
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now.microsecond == 0
    assert abs((datetime.now(UTC) - now).total_seconds()) < 5
