"""What the decision table of a three-role panel does, by counting all score triples.

The table is the registry's: the mean of three role scores from 0 to 10 in half points, rounded half
up to one decimal, is a reject below 5.0, a revision from 5.0 to below 6.5, an approval from 6.5.
Automatic approval needs besides that no role is below 5.0 and that the spread is at most 3.0.
Integers (half points) make every comparison exact.  Check: a Monte Carlo draw of role scores.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from _common import Results, agree, require

TOP = 20  # half points


def shown(halves: int) -> int:
    """Mean of three roles in tenths, half up, from the sum of their half points."""
    # sum/2/3 * 10 = 5*sum/3 tenths; half up by integers.
    return (10 * halves + 3) // 6


def decision(halves: int) -> str:
    """First-round decision on the number shown."""
    tenths = shown(halves)
    if tenths < 50:
        return "reject"
    return "approve" if tenths >= 65 else "revise"


def noisy_flips(rng: np.random.Generator, centre: int, draws: int) -> float:
    """Percentage of panels around `centre` half points that errors of the roles decide otherwise.

    Each role is off by at most one point, uniformly over five half-point steps.
    """
    roles = rng.integers(-2, 3, size=(draws, 3)) + centre
    sums = np.clip(roles, 0, TOP).sum(axis=1)
    own = decision(3 * centre)
    return 100 * float(np.mean([decision(int(value)) != own for value in sums]))


def exact_flips(centre: int) -> float:
    """The same percentage by enumeration."""
    own = decision(3 * centre)
    offsets = list(product(range(-2, 3), repeat=3))
    return 100 * float(np.mean([decision(3 * centre + sum(o)) != own for o in offsets]))


def compute() -> Results:
    """Counts and percentages over all triples of half-point scores."""
    triples = list(product(range(TOP + 1), repeat=3))
    kinds = [decision(sum(triple)) for triple in triples]
    approved = [t for t, kind in zip(triples, kinds, strict=True) if kind == "approve"]
    guarded = [t for t in approved if min(t) >= 10 and max(t) - min(t) <= 6]
    out: Results = {"triples": len(triples), "roles": 3, "step": 0.5}
    for kind in ("reject", "revise", "approve"):
        out[f"{kind}_share"] = 100 * kinds.count(kind) / len(kinds)
    out["approved"], out["guarded"] = len(approved), len(guarded)
    out["guarded_share"] = 100 * len(guarded) / len(approved)
    out["low_share"] = 100 * sum(min(t) < 10 for t in approved) / len(approved)
    out["spread_share"] = 100 * sum(max(t) - min(t) > 6 for t in approved) / len(approved)
    out["lowest_role"] = min(min(t) for t in approved) / 2
    out["lowest_guarded"] = min(min(t) for t in guarded) / 2
    out["widest"] = max(max(t) - min(t) for t in approved) / 2
    out["least_sum"] = min(sum(t) for t in approved) / 2
    rng = np.random.default_rng(13)
    for name, centre in (("edge", 13), ("below", 12), ("clear", 16), ("low", 10)):
        exact = exact_flips(centre)
        agree(f"flips {name}", noisy_flips(rng, centre, 20000), exact, 1.2)
        out[f"{name}_centre"], out[f"{name}_flips"] = centre / 2, exact
    out["noise"] = 1.0
    out["reject_line"], out["approve_line"] = 5.0, 6.5
    out["floor"], out["spread"] = 5.0, 3.0
    require("a clear approval is stable", holds=float(out["clear_flips"]) == 0.0)
    require(
        "rounding lifts no sum",
        holds=all((shown(s) >= 65) == (s / 6 >= 6.45) for s in range(3 * TOP + 1)),
    )
    return out
