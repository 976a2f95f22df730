"""Hit rate of a least-recently-used cache of experts.

Sizes: 64 experts (OLMoE-1B-7B) and 8 experts with top-2 (Mixtral 8x7B), both published.  Request
popularity follows Zipf's law; the probability of repeating the last expert stands for the locality
that decoding traces show.  Both exponents and the repeat probability are our choice.  Closed forms:
uniform requests hit with probability cache / experts; Che's approximation (Che, Tung and Wang 2002)
for Zipf requests; a repeated request always hits and leaves the order of the cache alone.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
from _common import Floats, Results, agree, require, zipf
from scipy.optimize import brentq

if TYPE_CHECKING:
    from collections.abc import Iterable

REQUESTS = 60000
EXPERTS = 64
REPEAT = 0.3


def lru_hits(requests: Iterable[int], size: int) -> float:
    """Share of requests found in a least-recently-used cache of `size` entries."""
    cache: OrderedDict[int, None] = OrderedDict()
    hits = total = 0
    for expert in requests:
        total += 1
        if expert in cache:
            hits += 1
            cache.move_to_end(expert)
            continue
        cache[expert] = None
        if len(cache) > size:
            cache.popitem(last=False)
    return hits / total


def che(popularity: Floats, size: int) -> float:
    """Che's approximation of the hit rate under independent requests."""

    def excess(time: float) -> float:
        return float((1 - np.exp(-popularity * time)).sum()) - size

    time = brentq(excess, 0.0, 1e6)
    return float(popularity @ (1 - np.exp(-popularity * time)))


def repeated(rng: np.random.Generator, popularity: Floats, repeat: float) -> list[int]:
    """Requests that repeat the one before with probability `repeat`, else are drawn afresh."""
    fresh = rng.choice(popularity.size, size=REQUESTS, p=popularity)
    stay = rng.random(REQUESTS) < repeat
    stay[0] = False
    index = np.maximum.accumulate(np.where(stay, 0, np.arange(REQUESTS)))
    return [int(expert) for expert in fresh[index]]


def pairs_hit_rate(size: int) -> float:
    """Hit rate when each token asks for 2 different experts of 8, uniformly, in LRU order."""
    rng = np.random.default_rng(8)
    order = rng.random((REQUESTS // 2, 8)).argsort(axis=1)[:, :2]
    return lru_hits((int(expert) for expert in order.ravel()), size)


def compute() -> Results:
    """Hit rates in percent; raises RecipeError where simulation and closed form differ."""
    out: Results = {"experts": EXPERTS, "requests": REQUESTS, "repeat": REPEAT}
    for name, exponent in (("uniform", 0.0), ("mild", 0.8), ("steep", 1.2)):
        popularity = zipf(EXPERTS, exponent)
        out[f"{name}_exponent"] = exponent
        for size in (8, 16, 32):
            rng = np.random.default_rng(size)
            free = lru_hits(repeated(rng, popularity, 0.0), size)
            agree(f"{name} {size}", free, che(popularity, size), 0.012)
            sticky = lru_hits(repeated(rng, popularity, REPEAT), size)
            agree(f"{name} {size} repeat", sticky, REPEAT + (1 - REPEAT) * free, 0.012)
            out[f"{name}_{size}"] = 100 * free
            out[f"{name}_{size}_sticky"] = 100 * sticky
            out[f"{name}_{size}_best"] = 100 * float(popularity[:size].sum())
            if exponent == 0.0:
                agree(f"uniform {size}", free, size / EXPERTS, 0.006)
    for size in (2, 4, 6):
        hit = pairs_hit_rate(size)
        agree(f"pairs {size}", hit, (size / 8 + (size - 1) / 7) / 2, 0.006)
        out[f"pairs_{size}"] = 100 * hit
    out["pair_experts"], out["pair_k"] = 8, 2
    out["cache_8"], out["cache_16"], out["cache_32"] = 8, 16, 32
    out["cache_share_16"] = 100 * 16 / EXPERTS
    require("fixed set beats recency", holds=float(out["steep_16_best"]) > float(out["steep_16"]))
    return out
