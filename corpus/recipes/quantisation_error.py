"""Error of uniform quantisation of Gaussian expert weights.

Symmetric round-to-nearest with one scale for each group (the greatest magnitude maps to the largest
level), as in published group-wise schemes; groups of 128 weights.  Weights are Gaussian; the spread
of expert scales (log-normal, sigma 0.5) is our choice.  Check: at fine resolution the mean squared
error is step^2 / 12 (Bennett 1948).  The gated expert of the toy test has sizes of our own.
"""

from __future__ import annotations

import math

import numpy as np
from _common import Floats, Results, agree, require

GROUP = 128
ROWS = 4096
BITS = (8, 4, 3, 2)


def quantise(weights: Floats, bits: int) -> tuple[Floats, Floats]:
    """Rounded weights and the step of each row; one scale per row of `weights`."""
    levels = 2 ** (bits - 1) - 1
    step = np.abs(weights).max(axis=1, keepdims=True) / levels
    return np.asarray(np.round(weights / step) * step), np.asarray(step)


def relative_error(weights: Floats, bits: int) -> float:
    """Root mean squared error over root mean square of the weights."""
    rounded, _ = quantise(weights, bits)
    return float(np.sqrt(((rounded - weights) ** 2).mean() / (weights**2).mean()))


def expert_output_error(bits: int) -> float:
    """Relative error of a gated expert's output when all three matrices are quantised."""
    rng = np.random.default_rng(3)
    hidden, width = 256, 512
    gate, up = rng.standard_normal((2, width, hidden)) / hidden**0.5
    down = rng.standard_normal((hidden, width)) / width**0.5
    inputs = rng.standard_normal((hidden, 200))

    def forward(a: Floats, b: Floats, c: Floats) -> Floats:
        pre = a @ inputs
        return np.asarray(c @ (pre / (1 + np.exp(-pre)) * (b @ inputs)))

    def grouped(matrix: Floats) -> Floats:
        return quantise(matrix.reshape(-1, GROUP), bits)[0].reshape(matrix.shape)

    exact = forward(gate, up, down)
    error = forward(grouped(gate), grouped(up), grouped(down)) - exact
    return float(np.linalg.norm(error) / np.linalg.norm(exact))


def compute() -> Results:
    """Relative errors in percent, signal-to-noise ratios in decibels."""
    rng = np.random.default_rng(2)
    weights = rng.standard_normal((ROWS, GROUP))
    whole = weights.reshape(1, -1)
    out: Results = {"group": GROUP, "weights": ROWS * GROUP, "sigma": 0.5, "experts": 64}
    for bits in BITS:
        grouped, single = relative_error(weights, bits), relative_error(whole, bits)
        out[f"group_{bits}"], out[f"single_{bits}"] = 100 * grouped, 100 * single
        out[f"snr_{bits}"] = -20 * math.log10(grouped)
        out[f"output_{bits}"] = 100 * expert_output_error(bits)
        out[f"output_ratio_{bits}"] = float(out[f"output_{bits}"]) / (100 * grouped)
        require(f"groups help at {bits}", holds=grouped < single)
    rounded, step = quantise(weights, 8)
    agree(
        "fine resolution",
        float(((rounded - weights) ** 2).mean()),
        float((step**2).mean() / 12),
        2e-2 * float((step**2).mean() / 12),
    )
    out["slope"] = (float(out["snr_8"]) - float(out["snr_4"])) / 4
    out["ideal_slope"] = 20 * math.log10(2)
    scales = np.exp(0.5 * rng.standard_normal((64, 1)))
    experts = scales * rng.standard_normal((64, 8192))
    rounded, _ = quantise(experts.reshape(1, -1), 4)
    own, _ = quantise(experts, 4)
    norms = np.linalg.norm(experts, axis=1)
    shared_error = np.linalg.norm(rounded.reshape(experts.shape) - experts, axis=1) / norms
    own_error = np.linalg.norm(own - experts, axis=1) / norms
    out["own_mean"], out["own_worst"] = 100 * float(own_error.mean()), 100 * float(own_error.max())
    out["shared_mean"] = 100 * float(shared_error.mean())
    out["shared_worst"] = 100 * float(shared_error.max())
    out["overhead"] = 100 * (16 / GROUP) / 4
    out["four_bits"] = 4 + 16 / GROUP
    return out
