"""Nearest neighbours among unit vectors: by a matrix product, or by a graph where that pays.

Either way only chooses *candidates*.  The cosines that order and leave this module are computed
again for the candidates in double precision and quantised half-even to 1e-6, ties by key, so that
the number of threads or the kind of processor cannot show.  What the graph can do is miss a
neighbour; how often is measured by ``python -m benchmarks --only nearest``, see ADR 0016.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from sovereign_registry.contracts.numbers import quantise_six
from sovereign_registry.contracts.vectors import Near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SLACK = 2e-5
"""What a product in single precision may be off by; more than any seen at 4,096 dimensions."""


def product_candidates(
    vectors: NDArray[np.float32], vector: NDArray[np.float32], count: int
) -> NDArray[np.int64]:
    """Rows that can be among the ``count`` nearest, none of which is missing.

    Args:
        vectors: Unit vectors, one a row.
        vector: A unit vector of the same length.
        count: 1 or more.
    """
    scores = vectors @ vector
    if count >= len(scores):
        return np.arange(len(scores), dtype=np.int64)
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= least - SLACK).astype(np.int64)


def settle(
    keys: Sequence[str],
    vectors: NDArray[np.float32],
    vector: NDArray[np.float32],
    rows: NDArray[np.int64],
    count: int,
) -> tuple[Near, ...]:
    """The ``count`` nearest of the candidates, with quantised cosines, ties by key."""
    values = vectors[rows].astype(np.float64) @ vector.astype(np.float64)
    near = sorted(
        (
            Near(key=keys[row], value=quantise_six(float(value)))
            for row, value in zip(rows, values, strict=True)
        ),
        key=lambda one: (-Decimal(one.value), one.key),
    )
    return tuple(near[:count])
