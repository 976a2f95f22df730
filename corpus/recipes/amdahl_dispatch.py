"""Latency of expert-parallel layers: compute, all-to-all dispatch and the slowest device.

Shape of one layer: DeepSeek-V3 (`_common.py`: hidden 7168, 256 experts, top-8, expert width 2048).
Assumed machine (our choice, round figures): 400 teraflops a device in use, 50 GB/s a device
between nodes, two bytes an element both ways.  Devices hold equal numbers of experts.  Checks: the
mean load is exact, and for uniform routing the load of one device has the spread of a draw without
replacement within each token.
"""

from __future__ import annotations

import math

import numpy as np
from _common import DEEPSEEK_V3, Floats, Results, agree, require, top_k_of

FLOPS = 400e12
LINK = 50e9
TOKENS = 512  # tokens of one device
ROUNDS = {8: 8, 64: 3}  # batches drawn, by number of devices


def device_loads(devices: int, skew: float, seed: int) -> Floats:
    """Assignments that each device receives in each batch, shape (batches, devices)."""
    rng = np.random.default_rng(seed)
    experts, k = DEEPSEEK_V3.experts, DEEPSEEK_V3.top_k
    rows = []
    for _ in range(ROUNDS[devices]):
        offset = skew * rng.standard_normal(experts)
        scores = rng.standard_normal((TOKENS * devices, experts)) + offset
        device = top_k_of(scores, k) * devices // experts
        rows.append(np.bincount(device.ravel(), minlength=devices))
    return np.stack(rows).astype(np.float64)


def layer_times(devices: int, imbalance: float) -> tuple[float, float, float]:
    """Seconds of attention, experts and dispatch for TOKENS tokens on each of `devices`."""
    config = DEEPSEEK_V3
    shared = 3 * config.hidden * config.shared_width
    attention = 2.0 * TOKENS * (config.attention_weights + shared) / FLOPS
    experts = imbalance * 2.0 * TOKENS * config.top_k * config.expert_weights / FLOPS
    away = 1 - 1 / devices
    dispatch = 2 * TOKENS * config.top_k * config.hidden * 2 * away / LINK
    return attention, experts, imbalance * dispatch


def compute() -> Results:
    """Milliseconds a layer, percentages of the layer's time, and bounds of speed-up."""
    out: Results = {
        "tokens": TOKENS,
        "experts": DEEPSEEK_V3.experts,
        "k": DEEPSEEK_V3.top_k,
        "teraflops": FLOPS / 1e12,
        "link": LINK / 1e9,
        "skew": 0.5,
        "active": 100 * DEEPSEEK_V3.top_k / DEEPSEEK_V3.experts,
    }
    for devices in (8, 64):
        total = TOKENS * devices * DEEPSEEK_V3.top_k
        out[f"devices_{devices}"] = devices
        for name, skew in (("even", 0.0), ("skewed", 0.5)):
            loads = device_loads(devices, skew, devices)
            agree(f"{devices} {name} mean", float(loads.mean()), total / devices, 1e-6)
            if not skew:
                held = DEEPSEEK_V3.experts / devices
                p, rest = held / DEEPSEEK_V3.experts, DEEPSEEK_V3.experts - 1
                finite = (DEEPSEEK_V3.experts - DEEPSEEK_V3.top_k) / rest
                spread = math.sqrt(total * p * (1 - p) * finite)
                agree(f"{devices} spread", float(loads.std()) / spread, 1, 0.2)
            worst = float((loads.max(axis=1) / loads.mean(axis=1)).mean())
            attention, experts, dispatch = layer_times(devices, worst)
            whole = attention + experts + dispatch
            key = f"{devices}_{name}"
            out[f"{key}_max"] = worst
            out[f"{key}_ms"] = 1e3 * whole
            out[f"{key}_share"] = 100 * dispatch / whole
            out[f"{key}_compute"] = 100 * (attention + experts) / whole
            out[f"{key}_bound"] = whole / dispatch
            # A link four times as fast changes only the dispatch part (Amdahl's law).
            out[f"{key}_faster_link"] = whole / (attention + experts + dispatch / 4)
            out[f"{key}_faster_device"] = whole / ((attention + experts) / 4 + dispatch)
        ratio = float(out[f"{devices}_skewed_ms"]) / float(out[f"{devices}_even_ms"])
        out[f"{devices}_slower"], out[f"{devices}_balancing"] = 100 * (ratio - 1), ratio
    attention, experts, dispatch = layer_times(64, 1.0)
    out["balanced_share"] = 100 * dispatch / (attention + experts + dispatch)
    out["half_link"] = LINK * dispatch / (attention + experts) / 1e9
    out["speed"] = 4
    require(
        "balance beats a faster link on many devices only",
        holds=float(out["64_balancing"]) > float(out["64_skewed_faster_link"])
        and float(out["8_balancing"]) < float(out["8_skewed_faster_device"]),
    )
    return out
