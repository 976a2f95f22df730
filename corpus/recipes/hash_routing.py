"""Balance of hash routing when token frequencies are skewed.

Hash routing is that of arXiv 2106.04426: the token id alone fixes the expert.  Vocabulary 32,000 as
in Mixtral 8x7B; token frequencies follow Zipf's law with exponent 1 (a usual model of text).
"""

from __future__ import annotations

import heapq
import math

import numpy as np
from _common import Floats, Ints, Results, agree, require, zipf

VOCAB = 32000
TOKENS = 65536
SEEDS = 200


def shares(assignment: Ints, frequency: Floats, experts: int) -> Floats:
    """Share of all tokens that each expert receives, shape (experts,)."""
    loads = np.bincount(assignment, weights=frequency, minlength=experts)
    return loads.astype(np.float64)


def greedy(frequency: Floats, experts: int) -> Ints:
    """Return the expert of each token id by longest-processing-time assignment.

    Token ids are taken by falling frequency; each goes to the expert with the least load so far.
    """
    heap = [(0.0, expert) for expert in range(experts)]
    chosen = np.zeros(frequency.size, dtype=np.int64)
    for token, weight in enumerate(frequency):
        load, expert = heapq.heappop(heap)
        chosen[token] = expert
        heapq.heappush(heap, (load + float(weight), expert))
    return chosen


def compute() -> Results:
    """Max over mean load for hash, random and frequency-aware assignment; shares in percent."""
    frequency = zipf(VOCAB, 1.0)
    squares = float((frequency**2).sum())
    out: Results = {
        "vocab": VOCAB,
        "tokens": TOKENS,
        "seeds": SEEDS,
        "top_share": 100 * float(frequency[0]),
        "top_ten": 100 * float(frequency[:10].sum()),
        "effective_tokens": 1 / squares,
    }
    for experts in (8, 64):
        rng = np.random.default_rng(experts)
        hashed = (
            np.stack(
                [
                    shares(rng.integers(experts, size=VOCAB), frequency, experts)
                    for _ in range(SEEDS)
                ]
            )
            * experts
        )
        # Var of a share under uniform hashing is sum(p^2) (1/E)(1 - 1/E).
        spread = math.sqrt((experts - 1) * squares)
        agree(f"hash spread {experts}", float(hashed.std()), spread, 0.06 * spread)
        random = rng.multinomial(TOKENS, np.full(experts, 1 / experts), size=SEEDS)
        agree(
            f"random spread {experts}",
            float(random.std()) / (TOKENS / experts),
            math.sqrt((experts - 1) / TOKENS),
            0.001,
        )
        planned = shares(greedy(frequency, experts), frequency, experts) * experts
        bound = max(1.0, experts * float(frequency[0]))
        require(f"bound {experts}", holds=bound - 1e-9 <= float(planned.max()) < bound + 0.01)
        out |= {
            f"hash_max_{experts}": float(hashed.max(axis=1).mean()),
            f"hash_worst_{experts}": float(hashed.max()),
            f"hash_cv_{experts}": spread,
            f"random_max_{experts}": float((random.max(axis=1) / (TOKENS / experts)).mean()),
            f"random_cv_{experts}": math.sqrt((experts - 1) / TOKENS),
            f"planned_max_{experts}": float(planned.max()),
            f"bound_{experts}": bound,
            f"experts_{experts}": experts,
            f"spread_ratio_{experts}": spread / math.sqrt((experts - 1) / TOKENS),
        }
    return out
