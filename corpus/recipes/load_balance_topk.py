"""Load balance of top-k routing in simulation: uniform, skewed, and corrected by a bias.

Sizes: 64 experts and top-8 as in OLMoE-1B-7B, 8 experts and top-2 as in Mixtral 8x7B (both
published).  The skew of 0.5 (standard deviation of a fixed offset for each expert beside unit
noise for each token) and batches of 4,096 tokens are our choice.  The bias rule is the
auxiliary-loss-free update of arXiv 2408.15664: the bias of an expert moves by a fixed step against
its overload and changes which experts are chosen, not the mixing weights.
"""

from __future__ import annotations

import math

import numpy as np
from _common import Floats, Ints, Results, agree, loads_of, require, top_k_of

TOKENS = 4096
SKEW = 0.5
STEP = 0.01
STEPS = 150
FACTORS = (1.0, 1.25, 2.0)


def dropped(loads: Ints, factor: float) -> float:
    """Percentage of assignments above the capacity `factor` * mean load."""
    capacity = factor * float(loads.mean())
    return 100 * float(np.maximum(loads - capacity, 0).sum() / loads.sum())


def balance(rng: np.random.Generator, offset: Floats, k: int) -> Floats:
    """Bias of each expert after STEPS updates on fresh batches."""
    bias = np.zeros_like(offset)
    for _ in range(STEPS):
        scores = rng.standard_normal((TOKENS // 4, offset.size)) + offset + bias
        loads = loads_of(top_k_of(scores, k), offset.size)
        bias += STEP * np.sign(loads.mean() - loads)
    return bias


def case(experts: int, k: int, seed: int) -> dict[str, Ints]:
    """Loads of one fresh batch under the three routers."""
    rng = np.random.default_rng(seed)
    offset = SKEW * rng.standard_normal(experts)
    bias = balance(rng, offset, k)
    noise = rng.standard_normal((TOKENS, experts))
    return {
        "uniform": loads_of(top_k_of(noise, k), experts),
        "skewed": loads_of(top_k_of(noise + offset, k), experts),
        "biased": loads_of(top_k_of(noise + offset + bias, k), experts),
    }


def check_uniform(loads: list[Ints], k: int) -> None:
    """Uniform loads have the binomial spread and the dropped share of half a Gaussian."""
    stacked = np.stack(loads)
    p = k / stacked.shape[1]
    spread = math.sqrt(TOKENS * p * (1 - p))
    agree("spread", float(stacked.std()) / spread, 1, 0.15)
    expected = 100 * spread / math.sqrt(2 * math.pi) / (TOKENS * p)
    agree("dropped", float(np.mean([dropped(x, 1.0) for x in loads])), expected, 0.2 * expected)


def compute() -> Results:
    """Max over mean load and dropped percentages, averaged over ten seeds."""
    out: Results = {"tokens": TOKENS, "skew": SKEW, "steps": STEPS, "seeds": 10}
    for key, experts, k in (("small", 8, 2), ("large", 64, 8)):
        runs = [case(experts, k, seed) for seed in range(10)]
        check_uniform([run["uniform"] for run in runs], k)
        out[f"{key}_experts"], out[f"{key}_k"] = experts, k
        out[f"{key}_active"] = 100 * k / experts
        for router in ("uniform", "skewed", "biased"):
            loads = [run[router] for run in runs]
            out[f"{key}_{router}_max"] = float(np.mean([x.max() / x.mean() for x in loads]))
            out[f"{key}_{router}_min"] = float(np.mean([x.min() / x.mean() for x in loads]))
            for factor in FACTORS:
                name = f"{key}_{router}_drop_{int(100 * factor)}"
                out[name] = float(np.mean([dropped(x, factor) for x in loads]))
        require(
            "bias helps", holds=float(out[f"{key}_biased_max"]) < float(out[f"{key}_skewed_max"])
        )
    out["factor_one"], out["factor_mid"], out["factor_two"] = FACTORS
    return out
