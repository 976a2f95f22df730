"""What several recipes share: published configurations, exact checks, small samplers.

Every configuration is a set of public facts (the `config.json` that its publisher released with
the weights, and the technical report): Mixtral 8x7B (arXiv 2401.04088), DeepSeek-V2 (2405.04434),
DeepSeek-V3 (2412.19437), OLMoE-1B-7B (2409.02060), Qwen1.5-MoE-A2.7B and Qwen3-30B-A3B (2505.09388
and their model cards).  Gains of normalisation layers and biases are left out: they are below one
part in a thousand of every total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Results = dict[str, float | int | str]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BILLION = 1e9
GIGABYTE = 1e9


class RecipeError(ArithmeticError):
    """A simulation and its closed form, or a count and its published figure, do not agree."""


def agree(what: str, got: float, want: float, tolerance: float) -> None:
    """Raise RecipeError unless |got - want| <= tolerance (absolute, in the unit of `got`)."""
    if not abs(got - want) <= tolerance:
        raise RecipeError(f"{what}: got {got:.6g}, expected {want:.6g} within {tolerance:.2g}")


def require(what: str, *, holds: bool) -> None:
    """Raise RecipeError unless a relation that the note states in words holds."""
    if not holds:
        raise RecipeError(f"{what}: does not hold")


@dataclass(frozen=True, kw_only=True)
class SparseConfig:
    """A decoder with gated feed-forward experts; sizes in elements, counts per model.

    `latent` > 0 means multi-head latent attention with a shared rotary key of `rope` elements;
    `query_rank` = 0 means that queries are not compressed.  `dense_layers` come first and carry
    one feed-forward block of `dense_width` instead of experts.
    """

    name: str
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    expert_width: int
    experts: int
    top_k: int
    vocab: int
    shared_width: int = 0
    dense_layers: int = 0
    dense_width: int = 0
    latent: int = 0
    rope: int = 0
    query_rank: int = 0

    @property
    def sparse_layers(self) -> int:
        """Layers that carry routed experts."""
        return self.layers - self.dense_layers

    @property
    def expert_weights(self) -> int:
        """Weights of one expert: gate, up and down projection."""
        return 3 * self.hidden * self.expert_width

    @property
    def attention_weights(self) -> int:
        """Weights of the four (or, with a latent, up to six) projections of one layer."""
        if not self.latent:
            wide, narrow = self.heads * self.head_dim, self.kv_heads * self.head_dim
            return 2 * self.hidden * wide + 2 * self.hidden * narrow
        query = self.heads * (self.head_dim + self.rope)
        down = self.hidden * self.query_rank + self.query_rank * query
        queries = down if self.query_rank else self.hidden * query
        keys = self.hidden * (self.latent + self.rope) + self.latent * self.heads * (
            2 * self.head_dim
        )
        return queries + keys + self.heads * self.head_dim * self.hidden

    @property
    def routed_weights(self) -> int:
        """Weights of all routed experts of the model."""
        return self.sparse_layers * self.experts * self.expert_weights

    @property
    def always_on_weights(self) -> int:
        """Weights that every token uses.

        Attention, shared experts, dense layers, routers, and both vocabulary matrices.
        """
        per_sparse = 3 * self.hidden * self.shared_width + self.hidden * self.experts
        dense = self.dense_layers * 3 * self.hidden * self.dense_width
        tables = 2 * self.vocab * self.hidden
        return (
            self.layers * self.attention_weights
            + self.sparse_layers * per_sparse
            + dense
            + (tables)
        )

    @property
    def total_weights(self) -> int:
        """All weights."""
        return self.always_on_weights + self.routed_weights

    @property
    def active_weights(self) -> int:
        """Weights that one token uses."""
        return self.always_on_weights + self.routed_weights * self.top_k // self.experts

    @property
    def cache_bytes_per_token(self) -> int:
        """Bytes of the key-value cache for one token at two bytes an element."""
        per_layer = self.latent + self.rope or 2 * self.kv_heads * self.head_dim
        return 2 * self.layers * per_layer


MIXTRAL = SparseConfig(
    name="Mixtral 8x7B",
    hidden=4096,
    layers=32,
    heads=32,
    kv_heads=8,
    head_dim=128,
    expert_width=14336,
    experts=8,
    top_k=2,
    vocab=32000,
)
OLMOE = SparseConfig(
    name="OLMoE-1B-7B",
    hidden=2048,
    layers=16,
    heads=16,
    kv_heads=16,
    head_dim=128,
    expert_width=1024,
    experts=64,
    top_k=8,
    vocab=50304,
)
QWEN15 = SparseConfig(
    name="Qwen1.5-MoE-A2.7B",
    hidden=2048,
    layers=24,
    heads=16,
    kv_heads=16,
    head_dim=128,
    expert_width=1408,
    experts=60,
    top_k=4,
    vocab=151936,
    shared_width=5632,
)
QWEN3 = SparseConfig(
    name="Qwen3-30B-A3B",
    hidden=2048,
    layers=48,
    heads=32,
    kv_heads=4,
    head_dim=128,
    expert_width=768,
    experts=128,
    top_k=8,
    vocab=151936,
)
DEEPSEEK_V2 = SparseConfig(
    name="DeepSeek-V2",
    hidden=5120,
    layers=60,
    heads=128,
    kv_heads=128,
    head_dim=128,
    expert_width=1536,
    experts=160,
    top_k=6,
    vocab=102400,
    shared_width=2 * 1536,
    dense_layers=1,
    dense_width=12288,
    latent=512,
    rope=64,
    query_rank=1536,
)
DEEPSEEK_V3 = SparseConfig(
    name="DeepSeek-V3",
    hidden=7168,
    layers=61,
    heads=128,
    kv_heads=128,
    head_dim=128,
    expert_width=2048,
    experts=256,
    top_k=8,
    vocab=129280,
    shared_width=2048,
    dense_layers=3,
    dense_width=18432,
    latent=512,
    rope=64,
    query_rank=1536,
)


def top_k_of(scores: Floats, k: int) -> Ints:
    """Indices of the k greatest scores of each row, shape (rows, k), in no stated order."""
    return np.argpartition(scores, -k, axis=1)[:, -k:].astype(np.int64)


def loads_of(chosen: Ints, experts: int) -> Ints:
    """Number of assignments that each expert receives, shape (experts,)."""
    return np.bincount(chosen.ravel(), minlength=experts).astype(np.int64)


def zipf(size: int, exponent: float) -> Floats:
    """Probabilities proportional to rank**-exponent, shape (size,)."""
    weights = np.arange(1, size + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum())
