"""Entropy of a softmax router with Gaussian logits, and what it says about load.

Sizes: 8 experts with top-2 (Mixtral 8x7B) and 64 experts with top-8 (OLMoE-1B-7B), both published.
Unit-variance logits, the temperatures and the number of tokens are our choice.  Check: for high
temperature t the mean entropy is ln E - (1 - 1/E) / (2 t^2) + O(t^-3).
"""

from __future__ import annotations

import math

import numpy as np
from _common import Floats, Results, agree, loads_of, require, top_k_of

TOKENS = 20000
SKEW = 0.5
DRAWS = 10
TEMPERATURES = {"cold": 0.25, "unit": 1.0, "hot": 4.0}


def softmax(scores: Floats) -> Floats:
    """Softmax over the last axis."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def entropy(probabilities: Floats) -> Floats:
    """Entropy in nats over the last axis; 0 log 0 counts as 0."""
    safe = np.maximum(probabilities, 1e-300)
    return np.asarray(-(probabilities * np.log(safe)).sum(axis=-1))


def skewed(key: str, logits: Floats, k: int) -> Results:
    """Entropies when each expert has a fixed random offset; averages over DRAWS offsets."""
    experts = logits.shape[1]
    rows = []
    for seed in range(DRAWS):
        moved = logits + SKEW * np.random.default_rng(seed).standard_normal(experts)
        loads = loads_of(top_k_of(moved, k), experts)
        rows.append(
            (
                math.exp(float(entropy(loads / loads.sum()))),
                math.exp(float(entropy(softmax(moved)).mean())),
                float(loads.max() / loads.mean()),
            )
        )
    load, token, greatest = np.mean(rows, axis=0)
    return {
        f"{key}_skew_load": float(load),
        f"{key}_skew_token": float(token),
        f"{key}_skew_max": float(greatest),
    }


def compute() -> Results:
    """Nats, effective numbers of experts, and percentages of probability mass."""
    out: Results = {"tokens": TOKENS}
    out |= TEMPERATURES
    for key, experts, k in (("small", 8, 2), ("large", 64, 8)):
        rng = np.random.default_rng(experts)
        logits = rng.standard_normal((TOKENS, experts))
        out[f"{key}_experts"], out[f"{key}_k"] = experts, k
        out[f"{key}_active"] = 100 * k / experts
        out[f"{key}_ln"] = math.log(experts)
        for name, temperature in TEMPERATURES.items():
            probabilities = softmax(logits / temperature)
            per_token = float(entropy(probabilities).mean())
            ordered = np.sort(probabilities, axis=1)[:, ::-1]
            out[f"{key}_{name}_nats"] = per_token
            out[f"{key}_{name}_effective"] = math.exp(per_token)
            out[f"{key}_{name}_top1"] = 100 * float(ordered[:, 0].mean())
            out[f"{key}_{name}_topk"] = 100 * float(ordered[:, :k].sum(axis=1).mean())
        hot = softmax(logits / 10)
        expected = math.log(experts) - (1 - 1 / experts) / 200
        agree(f"{key} high temperature", float(entropy(hot).mean()), expected, 2e-4)
        loads = loads_of(top_k_of(logits, k), experts)
        share = loads / loads.sum()
        out[f"{key}_load_effective"] = math.exp(float(entropy(share)))
        out[f"{key}_load_max"] = float(loads.max() / loads.mean())
        cold = np.mean(softmax(logits / 0.25), axis=0)
        out[f"{key}_mean_effective"] = math.exp(float(entropy(cold)))
        require(
            f"{key} balanced though confident",
            holds=float(out[f"{key}_mean_effective"]) > 2 * float(out[f"{key}_cold_effective"]),
        )
        out |= skewed(key, logits[:4000], k)
    out |= {"skew": SKEW, "draws": DRAWS}
    return out
