"""Visual tokens of a vision-language model and what dropping them saves in prefill.

Published facts: a ViT-L/14 at 336 pixels gives 24 x 24 patches (LLaVA-1.5, arXiv 2310.03744); four
tiles and an overview give up to five times as many (LLaVA-NeXT).  Decoders: a dense one of the
shape of Llama 2 7B (hidden 4096, 32 layers, feed-forward 11008) and the sparse Mixtral 8x7B.  Rules
compared: dropping at the input, and dropping after layer 2 as in FastV (arXiv 2403.06764).  The
prompt of 64 text tokens is our choice.
"""

from __future__ import annotations

from _common import MIXTRAL, Results, agree, require

HIDDEN, LAYERS, WIDTH = 4096, 32, 11008
TEXT = 64
TERA = 1e12
DENSE_LAYER = 4 * HIDDEN**2 + 3 * HIDDEN * WIDTH
SPARSE_LAYER = MIXTRAL.attention_weights + MIXTRAL.top_k * MIXTRAL.expert_weights


def layer_flops(tokens: int, weights: int) -> float:
    """Operations of one layer over a causal prefill of `tokens`, counted token by token."""
    scores = sum(4.0 * HIDDEN * (position + 1) for position in range(tokens))
    return 2.0 * weights * tokens + scores


def prefill(visual: int, kept: int, keep_full: int, weights: int) -> float:
    """Operations of all layers when `kept` of `visual` tokens go on after `keep_full` layers."""
    early = keep_full * layer_flops(TEXT + visual, weights)
    return early + (LAYERS - keep_full) * layer_flops(TEXT + kept, weights)


def closed(tokens: int, weights: int) -> float:
    """The same operations of one layer from the sum formula n(n+1)/2."""
    return 2.0 * weights * tokens + 2.0 * HIDDEN * tokens * (tokens + 1)


def compute() -> Results:
    """Teraflops, percentages and token counts."""
    grid = (336 // 14) ** 2
    tiled = 5 * grid
    out: Results = {
        "grid": grid,
        "tiled": tiled,
        "text": TEXT,
        "side": 336 // 14,
        "tiles": 5,
        "visual_share": 100 * grid / (grid + TEXT),
        "tiled_share": 100 * tiled / (tiled + TEXT),
        "layers": LAYERS,
        "early": 2,
    }
    for name, weights in (("dense", DENSE_LAYER), ("sparse", SPARSE_LAYER)):
        for tokens in (grid + TEXT, tiled + TEXT):
            direct = layer_flops(tokens, weights)
            agree(f"{name} {tokens}", direct / closed(tokens, weights), 1, 1e-12)
        for label, visual in (("grid", grid), ("tiled", tiled)):
            base = prefill(visual, visual, 0, weights)
            scores = LAYERS * 2.0 * HIDDEN * (TEXT + visual) * (TEXT + visual + 1)
            out[f"{name}_{label}"] = base / TERA
            out[f"{name}_{label}_scores"] = 100 * scores / base
            for divisor in (2, 4, 9):
                kept = visual // divisor
                at_input = 100 * (1 - prefill(visual, kept, 0, weights) / base)
                after = 100 * (1 - prefill(visual, kept, 2, weights) / base)
                agree("two layers kept whole", after, at_input * (LAYERS - 2) / LAYERS, 1e-9)
                out[f"{name}_{label}_input_{divisor}"] = at_input
                out[f"{name}_{label}_after_{divisor}"] = after
                out[f"{label}_kept_{divisor}"] = kept
                out[f"{label}_cache_{divisor}"] = 100 * (visual - kept) / (visual + TEXT)
    out["sparse_over_dense"] = float(out["sparse_grid"]) / float(out["dense_grid"])
    out["cache_mb_grid"] = MIXTRAL.cache_bytes_per_token * (grid + TEXT) / 1e6
    out["cache_mb_tiled"] = MIXTRAL.cache_bytes_per_token * (tiled + TEXT) / 1e6
    out["experts"], out["k"] = MIXTRAL.experts, MIXTRAL.top_k
    for key in ("grid_input_2", "grid_input_4", "tiled_input_2", "tiled_input_4", "tiled_after_9"):
        agree(f"dense and sparse {key}", float(out[f"dense_{key}"]), float(out[f"sparse_{key}"]), 1)
    require(
        "quadratic part grows",
        holds=float(out["dense_tiled_scores"]) > float(out["dense_grid_scores"]),
    )
    return out
