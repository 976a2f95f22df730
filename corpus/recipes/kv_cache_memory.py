"""Key-value cache of multi-head, grouped-query and latent attention.

Configurations: `_common.py`; Llama 2 7B (arXiv 2307.09288) stands for a dense decoder with plain
multi-head attention: 32 layers, 32 heads of 128 elements.  Two bytes an element.  The toy layer in
`latent_difference` and `grouped_difference` has sizes of our own; it checks that the smaller caches
hold all that the full computation needs.
"""

from __future__ import annotations

import numpy as np
from _common import DEEPSEEK_V3, GIGABYTE, MIXTRAL, OLMOE, QWEN3, Floats, Results, agree, require

CONTEXT = 32768
LLAMA_BYTES = 2 * 2 * 32 * 32 * 128


def softmax(scores: Floats) -> Floats:
    """Softmax over the last axis."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def latent_difference() -> float:
    """Greatest difference between attention on decompressed keys and on the latent itself."""
    rng = np.random.default_rng(5)
    heads, dim, latent, length = 6, 16, 24, 200
    cache = rng.standard_normal((length, latent))
    up_key, up_value = rng.standard_normal((2, heads, latent, dim)) / latent**0.5
    query = rng.standard_normal((heads, dim))
    keys = np.einsum("tl,hld->htd", cache, up_key)
    values = np.einsum("tl,hld->htd", cache, up_value)
    weights = softmax(np.einsum("hd,htd->ht", query, keys))
    full = np.einsum("ht,htd->hd", weights, values)
    absorbed = np.einsum("hd,hld->hl", query, up_key)
    mixed = np.einsum("ht,tl->hl", softmax(np.einsum("hl,tl->ht", absorbed, cache)), cache)
    return float(np.abs(np.einsum("hl,hld->hd", mixed, up_value) - full).max())


def grouped_difference() -> float:
    """Greatest difference between grouped-query attention and the same keys copied per head."""
    rng = np.random.default_rng(6)
    heads, groups, dim, length = 8, 2, 16, 200
    keys, values = rng.standard_normal((2, groups, length, dim))
    query = rng.standard_normal((heads, dim))
    copied_keys, copied_values = (np.repeat(x, heads // groups, axis=0) for x in (keys, values))
    full = np.einsum(
        "ht,htd->hd", softmax(np.einsum("hd,htd->ht", query, copied_keys)), copied_values
    )
    folded = query.reshape(groups, heads // groups, dim)
    weights = softmax(np.einsum("ghd,gtd->ght", folded, keys))
    return float(
        np.abs(np.einsum("ght,gtd->ghd", weights, values).reshape(heads, dim) - full).max()
    )


def compute() -> Results:
    """Bytes a token, gigabytes at CONTEXT, and the number of such sequences on an 80 GB card."""
    latent, grouped = latent_difference(), grouped_difference()
    agree("latent attention", latent, 0, 1e-10)
    agree("grouped attention", grouped, 0, 1e-10)
    full_v3 = 2 * 2 * DEEPSEEK_V3.layers * DEEPSEEK_V3.heads * DEEPSEEK_V3.head_dim
    full_mixtral = 2 * 2 * MIXTRAL.layers * MIXTRAL.heads * MIXTRAL.head_dim
    out: Results = {"context": CONTEXT, "tolerance": 1e-10}
    sizes = {
        "llama": LLAMA_BYTES,
        "mixtral": MIXTRAL.cache_bytes_per_token,
        "olmoe": OLMOE.cache_bytes_per_token,
        "qwen3": QWEN3.cache_bytes_per_token,
        "v3": DEEPSEEK_V3.cache_bytes_per_token,
        "v3_full": full_v3,
        "mixtral_full": full_mixtral,
    }
    for key, size in sizes.items():
        out[f"{key}_bytes"] = size
        out[f"{key}_gb"] = size * CONTEXT / GIGABYTE
    out["mixtral_factor"] = full_mixtral / MIXTRAL.cache_bytes_per_token
    out["v3_factor"] = full_v3 / DEEPSEEK_V3.cache_bytes_per_token
    out["v3_saved"] = 100 * (1 - DEEPSEEK_V3.cache_bytes_per_token / full_v3)
    out["mixtral_saved"] = 100 * (1 - MIXTRAL.cache_bytes_per_token / full_mixtral)
    for key, config in {"mixtral": MIXTRAL, "olmoe": OLMOE, "qwen3": QWEN3}.items():
        active = 2 * config.active_weights
        out[f"{key}_even"] = round(active / config.cache_bytes_per_token)
        room = 80e9 - config.total_weights * (0.5 + 2 / 128)
        out[f"{key}_sequences"] = int(room // (config.cache_bytes_per_token * CONTEXT))
    require("latent beats grouped", holds=sizes["v3"] < sizes["mixtral"])
    out["mixtral_kv"], out["mixtral_heads"] = MIXTRAL.kv_heads, MIXTRAL.heads
    out["qwen3_kv"], out["qwen3_heads"] = QWEN3.kv_heads, QWEN3.heads
    out["v3_latent"], out["v3_rope"] = DEEPSEEK_V3.latent, DEEPSEEK_V3.rope
    return out
