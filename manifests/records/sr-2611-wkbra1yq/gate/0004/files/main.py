"""Maximum load of top-8 routing of 64 experts with offsets, before and after a bias, in simulation.

A router scores every expert by a standard normal number for each of 4,096 tokens plus an offset of
the expert with standard deviation 0.5.  The bias follows the recipe of the technical note: 150
updates of 0.01 against over- and underload, each on 1,024 fresh tokens.  Loads are those of a fresh
batch, over the mean load.  Written are means over draws of the offsets and their standard errors.
With --flat the offsets are left out.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

EXPERTS, TOP, TOKENS = 64, 8, 4_096
OFFSET, STEP, UPDATES = 0.5, 0.01, 150
DRAWS, BIASED, UNIFORM = 2_500, 200, 300


def loads(rng, shift, tokens):
    """Assignments of each expert for fresh tokens."""
    scores = rng.standard_normal((tokens, EXPERTS), dtype=np.float32) + shift
    least = np.partition(scores, -TOP, axis=1)[:, -TOP]
    return (scores >= least[:, None]).sum(axis=0)


def maximum(rng, shift):
    """Load of the busiest expert over the mean load, in a batch of TOKENS."""
    return loads(rng, shift, TOKENS).max() / (TOKENS * TOP / EXPERTS)


def balanced(rng, offset):
    """The offset and the bias that the updates lead to."""
    bias = np.zeros(EXPERTS, dtype=np.float32)
    for _ in range(UPDATES):
        found = loads(rng, offset + bias, TOKENS // 4)
        bias += np.float32(STEP) * np.sign(found.mean() - found, dtype=np.float32)
    return offset + bias


def main():
    """Draw, measure, write."""
    seed, size = int(os.environ["SEED"]), 0.0 if "--flat" in sys.argv else OFFSET
    found = {"skewed": [], "biased": [], "uniform": []}
    for draw in range(DRAWS):
        rng = np.random.default_rng([seed, draw])
        offset = (size * rng.standard_normal(EXPERTS)).astype(np.float32)
        found["skewed"].append(maximum(rng, offset))
        if draw < BIASED:
            found["biased"].append(maximum(rng, balanced(rng, offset)))
        if draw < UNIFORM:
            found["uniform"].append(maximum(rng, np.float32(0)))
    made = {
        name: {
            "mean": round(float(np.mean(values)), 4),
            "standard_error": round(float(np.std(values, ddof=1)) / len(values) ** 0.5, 4),
            "spread": round(float(np.std(values, ddof=1)), 4),
            "draws": len(values),
        }
        for name, values in found.items()
    }
    text = json.dumps(made)
    Path(os.environ["OUT"], "loads.json").write_text(text)
    print(text)


main()
