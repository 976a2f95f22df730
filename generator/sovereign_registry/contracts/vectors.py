"""Vectors as they pass through a port: plain bytes, so that this room needs no library for them."""

from __future__ import annotations

from typing import Annotated

import msgspec

NUMBER = 4
"""Bytes of one number: little-endian IEEE 754 single precision."""


class Vectors(msgspec.Struct, frozen=True, kw_only=True):
    """Unit vectors of one model, one after the other."""

    dimension: Annotated[int, msgspec.Meta(ge=1)]
    """Length of every vector."""
    data: bytes
    """The numbers, row by row, ``NUMBER`` bytes each."""

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return len(self.data) // (NUMBER * self.dimension)


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """One neighbour of a vector."""

    key: str
    value: str
    """The cosine, quantised half-even to six decimals."""


class Neighbourhood(msgspec.Struct, frozen=True, kw_only=True):
    """The nearest of many, and how they were looked for."""

    near: tuple[Near, ...]
    """Nearest first, ties by key."""
    exact: bool
    """False where a graph was searched, which may miss a neighbour."""
