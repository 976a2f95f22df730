"""Compute of one token against the sparsity ratio of its routing.

Configurations: `_common.py`.  Two floating-point operations a weight and token; attention scores
and their weighted sum cost 4 * heads * head_dim operations for each earlier token and layer
(Kaplan et al., arXiv 2001.08361, section 2.1).  Input embedding is a table look-up and costs none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from _common import (
    DEEPSEEK_V3,
    MIXTRAL,
    OLMOE,
    QWEN3,
    Results,
    SparseConfig,
    agree,
    require,
)

CONTEXTS = {"short": 2048, "long": 32768}
GIGA = 1e9


def flops(config: SparseConfig, context: int) -> float:
    """Floating-point operations for one token that attends to `context` earlier ones."""
    matrices = 2.0 * (config.active_weights - config.vocab * config.hidden)
    key_dim = config.head_dim + config.rope if config.latent else config.head_dim
    scores = 2.0 * config.layers * config.heads * (key_dim + config.head_dim) * context
    return matrices + scores


def dense_twin(config: SparseConfig) -> SparseConfig:
    """The same weights with every expert active for every token."""
    return replace(config, top_k=config.experts)


def compute() -> Results:
    """Gigaflops a token and ratios; raises RecipeError if the sweep is not linear in k."""
    out: Results = dict(CONTEXTS)
    for key, config in {
        "mixtral": MIXTRAL,
        "olmoe": OLMOE,
        "qwen3": QWEN3,
        "v3": DEEPSEEK_V3,
    }.items():
        out[f"{key}_sparsity"] = 100 * (1 - config.top_k / config.experts)
        for name, context in CONTEXTS.items():
            sparse, dense = flops(config, context), flops(dense_twin(config), context)
            out[f"{key}_{name}"] = sparse / GIGA
            out[f"{key}_dense_{name}"] = dense / GIGA
            out[f"{key}_ratio_{name}"] = dense / sparse
            out[f"{key}_saved_{name}"] = 100 * (1 - sparse / dense)
        out[f"{key}_ideal"] = config.experts / config.top_k
        require(
            f"{key} long context shrinks the ratio",
            holds=float(out[f"{key}_ratio_long"]) < float(out[f"{key}_ratio_short"]),
        )
    ks = np.arange(1, MIXTRAL.experts + 1)
    sweep = np.array([flops(replace(MIXTRAL, top_k=int(k)), 2048) for k in ks])
    slope, intercept = np.polyfit(ks, sweep, 1)
    agree(
        "residual of the line", float(np.abs(slope * ks + intercept - sweep).max() / GIGA), 0, 1e-3
    )
    agree("slope", slope, 2.0 * MIXTRAL.layers * MIXTRAL.expert_weights, 1e6)
    out["slope"], out["intercept"] = slope / GIGA, intercept / GIGA
    out["floor_share"] = 100 * intercept / sweep[1]
    out["top1_saving"] = 100 * (1 - sweep[0] / sweep[1])
    scores = 4.0 * MIXTRAL.layers * MIXTRAL.heads * MIXTRAL.head_dim
    out["score_share_short"] = 100 * scores * 2048 / flops(MIXTRAL, 2048)
    out["score_share_long"] = 100 * scores * 32768 / flops(MIXTRAL, 32768)
    # Context at which attention scores cost as much as the active experts do.
    active = 2.0 * MIXTRAL.layers * MIXTRAL.top_k * MIXTRAL.expert_weights
    out["even_context"] = round(active / scores)
    out["mixtral_k"], out["mixtral_experts"] = MIXTRAL.top_k, MIXTRAL.experts
    return out
