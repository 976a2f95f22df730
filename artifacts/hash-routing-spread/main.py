"""Spread of the load under hash routing beside that under random routing, in simulation.

Hash routing draws one expert for every token id; its loads are sums of Zipf frequencies over
32,000 ids.  Random routing draws one expert for every position of a batch of 65,536.  The spread is
the standard deviation of the load over its mean, over experts and draws.  With --flat all token ids
are equally frequent.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

IDS, TOKENS, DRAWS = 32_000, 65_536, 10_000


def ratio(experts, frequency, rng):
    """Spread under hash routing over spread under random routing."""
    hashed = [
        np.bincount(rng.integers(experts, size=IDS), weights=frequency, minlength=experts)
        for _ in range(DRAWS)
    ]
    drawn = rng.multinomial(TOKENS, np.full(experts, 1 / experts), size=DRAWS)
    # Every draw has the mean load 1 / experts, which is therefore known and not estimated.
    spread = [
        np.sqrt(np.mean((np.asarray(loads) * experts - 1) ** 2))
        for loads in (hashed, drawn / TOKENS)
    ]
    return spread[0] / spread[1]


def main():
    """Simulate for both sizes, write."""
    rng = np.random.default_rng(int(os.environ["SEED"]))
    weights = np.ones(IDS) if "--flat" in sys.argv else 1 / np.arange(1.0, IDS + 1)
    found = {size: ratio(size, weights / weights.sum(), rng) for size in (8, 64)}
    text = json.dumps(
        {f"ratio_{size}_experts": round(float(one), 4) for size, one in found.items()}
    )
    Path(os.environ["OUT"], "spread.json").write_text(text)
    print(text)


main()
