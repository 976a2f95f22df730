"""The benchmark of nearest neighbours, on few vectors: every side that is installed answers."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import nearest


@pytest.mark.parametrize("kind", ["topics", "noise"])
def test_vectors_are_unit_vectors_and_the_same_each_time(kind: str) -> None:
    """Two calls agree, another seed gives others."""
    made = nearest.vectors(20, 1, kind)

    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(made, nearest.vectors(20, 1, kind))
    assert not np.array_equal(made, nearest.vectors(20, 2, kind))


@pytest.mark.parametrize("side", ["exact", "graph", "sklearn"])
def test_a_side_is_timed_and_its_recall_counted(side: str) -> None:
    """What is exact finds all ten; the graph nearly all."""
    if find_spec(nearest.NEEDS[side]) is None:
        pytest.skip(f"{nearest.NEEDS[side]} is not installed")
    found = nearest.time_side(side, 300, "topics")

    assert found.recall >= (0.95 if side == "graph" else 1.0)
    assert 0 < found.query <= found.slow
    assert (found.file > 0) == (side != "sklearn")
