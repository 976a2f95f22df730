"""Total and active weights of six published sparse configurations.

Configurations: `_common.py`.  The published totals and active counts that the counts here are
checked against are those of the model cards and reports (billions): Mixtral 46.7 / 12.9, OLMoE
6.9 / 1.3, Qwen1.5-MoE 14.3 / 2.7, Qwen3-30B-A3B 30.5 / 3.3, DeepSeek-V2 236 / 21, DeepSeek-V3
671 / 37.
"""

from __future__ import annotations

import numpy as np
from _common import (
    BILLION,
    DEEPSEEK_V2,
    DEEPSEEK_V3,
    MIXTRAL,
    OLMOE,
    QWEN3,
    QWEN15,
    Results,
    SparseConfig,
    agree,
    require,
)

# key -> (configuration, published total, published active, both in billions)
PUBLISHED: dict[str, tuple[SparseConfig, float, float]] = {
    "mixtral": (MIXTRAL, 46.7, 12.9),
    "olmoe": (OLMOE, 6.9, 1.3),
    "qwen15": (QWEN15, 14.3, 2.7),
    "qwen3": (QWEN3, 30.5, 3.3),
    "v2": (DEEPSEEK_V2, 236.0, 21.0),
    "v3": (DEEPSEEK_V3, 671.0, 37.0),
}


def compute() -> Results:
    """Counts in billions, shares in percent; raises RecipeError if a published figure is missed."""
    out: Results = {}
    routed, active = [], []
    for key, (config, total_b, active_b) in PUBLISHED.items():
        agree(f"{key} total", config.total_weights / BILLION, total_b, 0.006 * total_b)
        agree(f"{key} active", config.active_weights / BILLION, active_b, 0.04 * active_b)
        share = 100 * config.active_weights / config.total_weights
        fraction = 100 * config.top_k / config.experts
        out |= {
            f"{key}_total": config.total_weights / BILLION,
            f"{key}_active": config.active_weights / BILLION,
            f"{key}_share": share,
            f"{key}_routed": fraction,
            f"{key}_experts": config.experts,
            f"{key}_k": config.top_k,
            f"{key}_pool": 100 * config.routed_weights / config.total_weights,
            f"{key}_floor": 100 * config.always_on_weights / config.total_weights,
            f"{key}_base": 100 * config.always_on_weights / config.active_weights,
        }
        require(f"{key} share above routed fraction", holds=share > fraction)
        routed.append(fraction)
        active.append(share)
    # Identity: active share = floor + (1 - floor) * k / E.
    for key in PUBLISHED:
        floor, fraction = float(out[f"{key}_floor"]) / 100, float(out[f"{key}_routed"]) / 100
        agree(
            f"{key} identity",
            100 * (floor + (1 - floor) * fraction),
            float(out[f"{key}_share"]),
            1e-6,
        )
    ranks = [np.argsort(np.argsort(values)) for values in (routed, active)]
    out["rank_correlation"] = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
    out["mixtral_top1_share"] = (
        100
        * (MIXTRAL.always_on_weights + MIXTRAL.routed_weights / MIXTRAL.experts)
        / MIXTRAL.total_weights
    )
    bases = [float(out[f"{key}_base"]) for key in PUBLISHED]
    out["above_third"] = sum(base > 100 / 3 for base in bases)
    out["models"] = len(PUBLISHED)
    out["least_share"], out["greatest_share"] = min(active), max(active)
    return out
