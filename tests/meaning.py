"""A MeaningEmbedder in memory, whose vectors a test can work out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from sovereign_registry.contracts.numbers import quantise_six
from sovereign_registry.contracts.vectors import Near, Neighbourhood, Vectors
from tests.model_server import hashed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DIMENSION = 256


@dataclass
class HashedMeaning:
    """Texts that share words lie near each other; ``given`` names texts with vectors of their own.

    ``asked`` remembers what was embedded, purpose and text.
    """

    given: Mapping[str, Sequence[float]] = field(default_factory=dict)
    name: str = "test/embed-1b"
    version: str = "over NIM"
    dimension: int = DIMENSION
    exact: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that ask."""
        return self._embed(texts, "query")

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that are searched."""
        return self._embed(texts, "passage")

    def nearest(self, question: str, items: Sequence[tuple[str, str]], count: int) -> Neighbourhood:
        """Compare one by one."""
        asked = np.array(self._vector(question))
        near = [
            Near(key=key, value=quantise_six(float(np.array(self._vector(text)) @ asked)))
            for key, text in items
        ]
        near.sort(key=lambda one: (-Decimal(one.value), one.key))
        return Neighbourhood(near=tuple(near[:count]), exact=self.exact)

    def _embed(self, texts: Sequence[str], purpose: str) -> Vectors:
        self.asked += [(purpose, text) for text in texts]
        rows = np.array([self._vector(text) for text in texts], dtype="<f4")
        return Vectors(dimension=self.dimension, data=rows.tobytes())

    def _vector(self, text: str) -> list[float]:
        given = self.given.get(text)
        if given is None:
            return hashed(text, self.dimension)
        padded = np.zeros(self.dimension)
        padded[: len(given)] = given
        found: list[float] = (padded / np.linalg.norm(padded)).tolist()
        return found
