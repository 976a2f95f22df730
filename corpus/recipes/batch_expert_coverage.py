"""Distinct experts that a batch touches, and what that does to the weights it must read.

Sizes: Mixtral 8x7B, OLMoE-1B-7B and DeepSeek-V3 (`_common.py`).  Closed form for uniform top-k:
each expert is left out by one token with probability 1 - k/E, so B independent tokens touch
E * (1 - (1 - k/E)**B) experts on average.  The skew is our choice: Gumbel noise on the logarithm of
Zipf popularity with exponent 1.
"""

from __future__ import annotations

import math

import numpy as np
from _common import (
    DEEPSEEK_V3,
    MIXTRAL,
    OLMOE,
    Results,
    SparseConfig,
    agree,
    require,
    top_k_of,
    zipf,
)

TRIALS = 300
BATCHES = (1, 4, 16, 64)


def closed(config: SparseConfig, batch: int) -> float:
    """Expected share of the experts of a layer that a batch touches under uniform routing."""
    return 1 - (1 - config.top_k / config.experts) ** batch


def simulated(config: SparseConfig, batch: int, exponent: float) -> float:
    """Mean touched share over TRIALS batches, popularity Zipf with `exponent` (0: uniform)."""
    rng = np.random.default_rng(batch)
    log_popularity = np.log(zipf(config.experts, exponent))
    shares = []
    for _ in range(TRIALS):
        scores = rng.gumbel(size=(batch, config.experts)) + log_popularity
        shares.append(np.unique(top_k_of(scores, config.top_k)).size / config.experts)
    return float(np.mean(shares))


def batch_for(config: SparseConfig, share: float) -> int:
    """Smallest batch whose expected touched share reaches `share`."""
    return math.ceil(math.log(1 - share) / math.log(1 - config.top_k / config.experts))


def read_ratio(config: SparseConfig, batch: int) -> float:
    """Weights read by one decoding step, as a share of all weights."""
    return (
        config.always_on_weights + closed(config, batch) * config.routed_weights
    ) / config.total_weights


def compute() -> Results:
    """Touched shares and read shares in percent; batch sizes as counts."""
    out: Results = {"trials": TRIALS}
    for key, config in {"mixtral": MIXTRAL, "olmoe": OLMOE, "v3": DEEPSEEK_V3}.items():
        out[f"{key}_experts"], out[f"{key}_k"] = config.experts, config.top_k
        out[f"{key}_active"] = 100 * config.top_k / config.experts
        for batch in BATCHES:
            uniform = simulated(config, batch, 0.0)
            agree(f"{key} {batch}", uniform, closed(config, batch), 0.012)
            out[f"{key}_{batch}"] = 100 * closed(config, batch)
            out[f"{key}_{batch}_read"] = 100 * read_ratio(config, batch)
            out[f"{key}_{batch}_gain"] = 1 / read_ratio(config, batch)
        skewed = simulated(config, 16, 1.0)
        require(f"{key} skew touches fewer", holds=skewed < closed(config, 16))
        out[f"{key}_16_skewed"] = 100 * skewed
        out[f"{key}_half"] = batch_for(config, 0.5)
        out[f"{key}_ninety"] = batch_for(config, 0.9)
    out |= {f"batch_{batch}": batch for batch in BATCHES}
    return out
