"""Agendas for tests, and the trees that batches leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.console import tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

QUESTIONS = (
    "How does routing decide the cost of sparse models?",
    "What limits the memory bandwidth of decoding in large batches?",
    "How is the load of experts balanced without an auxiliary loss?",
    "Do penguins prefer cold water when they migrate along a coast?",
    "Why would speculative decoding change the latency of a small model?",
    "When does quantisation of weights cost accuracy?",
)
ALIKE = "How does routing then decide the cost of sparse models?"
"""Nearly the first of the questions."""

_SUBJECTS = (
    "routing cost of sparse experts",
    "load balance without an auxiliary loss",
    "memory bandwidth while decoding batches",
    "quantised weights and calibration drift",
    "expert parallel communication latency",
    "speculative decoding acceptance rate",
    "cache compression at long context",
    "token dropping under capacity limits",
    "prefill throughput against decode",
    "router collapse early in training",
    "shared experts and redundancy",
    "gradient noise at large learning rates",
    "low rank adapters for each expert",
    "energy per token of dense models",
    "pipeline bubbles with uneven stages",
    "distillation of mixture models",
    "activation sparsity in feed-forward layers",
)
_FRAMES = (
    "How does {} change what serving costs?",
    "What limits {} on small clusters?",
    "Why would {} matter for inference latency?",
)


def many(count: int) -> list[str]:
    """Questions of which no two are nearly the same, 51 at most."""
    return [frame.format(subject) for frame in _FRAMES for subject in _SUBJECTS][:count]


def write_agenda(path: Path, questions: Sequence[str | tuple[str, int]], more: str = "") -> Path:
    """Write an agenda of questions, each alone or with its priority."""
    lines = ['contract: "agenda-v1"', *more.splitlines(), "questions:"]
    for one in questions:
        question, priority = (one, 0) if isinstance(one, str) else one
        lines += [f'  - question: "{question}"', f"    priority: {priority}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def written(root: Path) -> dict[str, bytes]:
    """All that is published and all that waits."""
    return tree(root / "manifests") | {
        f"queue/{name}": data for name, data in tree(root / ".sovereign" / "queue").items()
    }
