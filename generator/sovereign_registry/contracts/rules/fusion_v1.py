"""fusion-v1: reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009).

A paper's fused score is the sum of ``1 / (60 + rank)`` over the queries that returned it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sovereign_registry.contracts.numbers import quantise

if TYPE_CHECKING:
    from collections.abc import Iterable

RULES = "fusion-v1"
RRF_K = 60
"""The constant of the original paper."""


def fused_score(ranks: Iterable[int]) -> str:
    """The fused score of a paper from its rank in each query that returned it, nine decimals.

    ``fsum`` is exact before its one rounding, so the order of the queries cannot show.
    """
    return quantise(math.fsum(1.0 / (RRF_K + rank) for rank in ranks))
