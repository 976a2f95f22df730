"""Which questions of an agenda may be worked on at once.

A record says which earlier records it nearly repeats, and its reviewers read that.  So a question
waits until what came of the much alike questions before it is known; all others need nothing of one
another.  Questions are taken in windows, so that what waits for its turn stays bounded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.text import content_words, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WINDOW = 400
"""Questions in work at most; a finished one that waits for its turn holds about half a megabyte."""


def windows(order: Sequence[int], size: int = WINDOW) -> Iterator[tuple[int, ...]]:
    """The running order, cut into windows."""
    for start in range(0, len(order), size):
        yield tuple(order[start : start + size])


def alike(window: Sequence[int], questions: Mapping[int, str]) -> dict[int, tuple[int, ...]]:
    """For each place, the places before it in the window whose question is much like its own.

    Alike is what the pipeline calls the same question or a near-duplicate (``pipeline/indexing``).
    """
    at = Decimal(RunConfig().near_duplicate_at)
    words = {place: frozenset(content_words(questions[place])) for place in window}
    same = {place: normalise(questions[place]) for place in window}
    found: dict[int, tuple[int, ...]] = {}
    for number, place in enumerate(window):
        mine = words[place]
        found[place] = tuple(
            other
            for other in window[:number]
            if same[other] == same[place] or _near(mine, words[other], at)
        )
    return found


def _near(left: frozenset[str], right: frozenset[str], at: Decimal) -> bool:
    shared = len(left & right)
    return shared > 0 and Decimal(shared) >= at * len(left | right)


def rounds(window: Sequence[int], before: Mapping[int, Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """The window's places by rounds: all that a place waits for is in an earlier round."""
    level: dict[int, int] = {}
    for place in window:
        level[place] = 1 + max((level[other] for other in before[place]), default=-1)
    for number in range(max(level.values(), default=-1) + 1):
        yield tuple(place for place in window if level[place] == number)
