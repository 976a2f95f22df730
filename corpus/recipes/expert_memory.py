"""Weight memory at three precisions, and the traffic of offloaded experts.

Configurations: `_common.py`.  Bytes a weight: bf16 2, int8 1, int4 0.5; a group scale of two bytes
for 128 weights is added to int8 and int4 (the usual layout of published group-wise checkpoints).
Link: PCIe 4.0 x16, 16 GT/s on 16 lanes with 128b/130b coding (PCI-SIG base specification).
Cards: 24 GB and 80 GB (decimal), one tenth kept free for activations and cache (our choice).
"""

from __future__ import annotations

import numpy as np
from _common import (
    BILLION,
    DEEPSEEK_V3,
    GIGABYTE,
    MIXTRAL,
    OLMOE,
    QWEN3,
    Results,
    SparseConfig,
    agree,
    require,
)

GROUP_SCALE = 2 / 128
BYTES = {"bf16": 2.0, "int8": 1.0 + GROUP_SCALE, "int4": 0.5 + GROUP_SCALE}
LINK_BYTES = 16e9 * 16 * (128 / 130) / 8
MODELS = {"mixtral": MIXTRAL, "olmoe": OLMOE, "qwen3": QWEN3, "v3": DEEPSEEK_V3}
USABLE = 0.9


def residents(config: SparseConfig, card: float, width: float) -> int:
    """Experts of each layer that fit beside the always-on weights on a card of `card` bytes."""
    room = USABLE * card - config.always_on_weights * width
    each = config.expert_weights * width * config.sparse_layers
    return int(min(config.experts, max(0.0, room // each)))


def simulated_misses(config: SparseConfig, kept: int, tokens: int) -> float:
    """Mean number of missing experts a token and layer when `kept` fixed experts are resident."""
    rng = np.random.default_rng(11)
    order = rng.random((tokens, config.experts)).argsort(axis=1)[:, : config.top_k]
    return float((order >= kept).sum(axis=1).mean())


def compute() -> Results:
    """Gigabytes, milliseconds and counts; raises RecipeError if simulation and formula differ."""
    out: Results = {"link": LINK_BYTES / GIGABYTE, "reserve": 100 * (1 - USABLE)}
    for key, config in MODELS.items():
        for name, width in BYTES.items():
            out[f"{key}_{name}"] = config.total_weights * width / GIGABYTE
        out[f"{key}_total"] = config.total_weights / BILLION
        out[f"{key}_experts"], out[f"{key}_k"] = config.experts, config.top_k
        active = config.routed_weights * config.top_k / config.experts
        for name in ("bf16", "int4"):
            moved = active * BYTES[name]
            out[f"{key}_moved_{name}"] = moved / GIGABYTE
            out[f"{key}_ms_{name}"] = 1e3 * moved / LINK_BYTES
        kept = residents(config, 24e9, BYTES["int4"])
        out[f"{key}_kept24"] = kept
        out[f"{key}_kept24_bf16"] = residents(config, 24e9, BYTES["bf16"])
        out[f"{key}_kept80"] = residents(config, 80e9, BYTES["int4"])
        misses = config.top_k * (1 - kept / config.experts)
        agree(f"{key} misses", simulated_misses(config, kept, 4000), misses, 0.08)
        out[f"{key}_misses"] = misses
        traffic = misses * config.sparse_layers * config.expert_weights * BYTES["int4"]
        out[f"{key}_miss_ms"] = 1e3 * traffic / LINK_BYTES
        out[f"{key}_pool"] = 100 * config.routed_weights / config.total_weights
    out["fit24_int4"] = sum(
        c.total_weights * BYTES["int4"] <= USABLE * 24e9 for c in MODELS.values()
    )
    out["fit80_int4"] = sum(
        c.total_weights * BYTES["int4"] <= USABLE * 80e9 for c in MODELS.values()
    )
    out["fit80_bf16"] = sum(
        c.total_weights * BYTES["bf16"] <= USABLE * 80e9 for c in MODELS.values()
    )
    out["models"] = len(MODELS)
    out["int4_saving"] = 100 * (1 - BYTES["int4"] / BYTES["bf16"])
    require("int4 fits more", holds=int(out["fit80_int4"]) > int(out["fit80_bf16"]))
    return out
