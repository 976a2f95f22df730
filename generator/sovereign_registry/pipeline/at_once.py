"""Asking a model server several things at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

A = TypeVar("A")
R = TypeVar("R")


def ask_at_once(ask: Callable[[A], R], items: Sequence[A], workers: int) -> list[R]:
    """The answer to each item, in their order.

    A server that does not answer for one of them stops the run: an outage is no outcome to record,
    because a record would be found again and never asked afresh.  What was answered is kept, so the
    same command goes on from there.

    Raises:
        ModelFailure: the first in order, once what is being asked has come to its end.
    """
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(ask, items))
