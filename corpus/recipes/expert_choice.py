"""Expert-choice routing in simulation: balance is given, coverage is not.

Rule of arXiv 2202.09368: every expert takes the c tokens that score highest for it, with
c = tokens * k / experts.  Sizes 8 experts with k = 2 (as in Mixtral 8x7B) and 64 with k = 8 (as in
OLMoE-1B-7B).  `rho`, our choice, is the share of the score's variance that belongs to the token and
not to the pair of token and expert.
"""

from __future__ import annotations

import math

import numpy as np
from _common import Floats, Ints, Results, agree, loads_of, require, top_k_of

TOKENS = 2048
SEEDS = 12


def picks(scores: Floats, k: int) -> Ints:
    """Number of experts that pick each token, shape (tokens,)."""
    tokens, experts = scores.shape
    chosen = top_k_of(np.ascontiguousarray(scores.T), tokens * k // experts)
    return np.bincount(chosen.ravel(), minlength=tokens).astype(np.int64)


def correlated(rng: np.random.Generator, experts: int, rho: float) -> Floats:
    """Unit-variance scores of which `rho` is shared by all experts of a token."""
    token = rng.standard_normal((TOKENS, 1))
    pair = rng.standard_normal((TOKENS, experts))
    return math.sqrt(rho) * token + math.sqrt(1 - rho) * pair


def compute() -> Results:
    """Percentages of tokens by number of picks, averaged over seeds."""
    out: Results = {"tokens": TOKENS, "seeds": SEEDS, "rho_mid": 0.2, "rho_high": 0.5, "skew": 0.5}
    for key, experts, k in (("small", 8, 2), ("large", 64, 8)):
        out[f"{key}_experts"], out[f"{key}_k"] = experts, k
        out[f"{key}_active"] = 100 * k / experts
        for name, rho in (("free", 0.0), ("mid", 0.2), ("high", 0.5)):
            rng = np.random.default_rng(100 * experts + int(10 * rho))
            counts = np.stack([picks(correlated(rng, experts, rho), k) for _ in range(SEEDS)])
            agree(f"{key} {name} mean", float(counts.mean()), k, 1e-9)
            out[f"{key}_{name}_none"] = 100 * float((counts == 0).mean())
            out[f"{key}_{name}_most"] = float(counts.max(axis=1).mean())
            out[f"{key}_{name}_below"] = 100 * float((counts < k).mean())
        closed = 100 * (1 - k / experts) ** experts
        agree(f"{key} unpicked", float(out[f"{key}_free_none"]), closed, 0.6)
        out[f"{key}_closed"] = closed
        require(
            f"{key} order",
            holds=float(out[f"{key}_free_none"])
            < float(out[f"{key}_mid_none"])
            < float(out[f"{key}_high_none"]),
        )
        rng = np.random.default_rng(experts)
        greatest = []
        for _ in range(SEEDS):
            scores = correlated(rng, experts, 0.0) + 0.5 * rng.standard_normal(experts)
            loads = loads_of(top_k_of(scores, k), experts)
            greatest.append(float(loads.max() / loads.mean()))
        out[f"{key}_token_max"] = float(np.mean(greatest))
    return out
