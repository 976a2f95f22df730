"""The index file of one kind of vectors: the registry's records in one matrix, ready to search.

It belongs to one model, purpose and truncation, in whose folder it lies, and names the digests of
the texts that it was made of: for other texts it is written again, from vectors that are kept.  A
damaged file is no file.  Below ``GRAPH_FROM`` vectors the search is exact.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from sovereign_registry.adapters.meaning import graph as graphs
from sovereign_registry.adapters.meaning.files import read_checked, write_checked
from sovereign_registry.adapters.meaning.nearest import product_candidates, settle
from sovereign_registry.contracts.vectors import Neighbourhood

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_FILE = "records.bin"
_MAGIC = b"SRindex1"


class IndexFile:
    """Vectors in the order of the texts that they are of.

    Args:
        folder: The folder of one kind of vectors.
        graph_from: Vectors from which a graph is used, where the library for it is installed.
    """

    def __init__(self, folder: Path, graph_from: int = graphs.GRAPH_FROM) -> None:
        self._folder = folder
        self.file = folder / _FILE
        self._graph_from = graph_from
        self._vectors: NDArray[np.float32] | None = None
        self._graph: graphs.Graph | None = None

    def holds(self, digests: Sequence[bytes], dimension: int) -> bool:
        """Whether the file holds the vectors of exactly these texts, in this order."""
        found = read_checked(self.file, _MAGIC)
        if found is None or found[0] != _about(digests, dimension):
            return False
        if len(found[1]) != 4 * dimension * len(digests):
            return False
        matrix = np.frombuffer(found[1], dtype="<f4").reshape(len(digests), dimension)
        self._take(digests, matrix)
        return True

    def write(self, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Write the file anew: one vector per text, in their order."""
        dimension = int(vectors.shape[1])
        body = np.ascontiguousarray(vectors, dtype="<f4").data.cast("B")
        write_checked(self.file, _MAGIC, _about(digests, dimension), [body])
        self._take(digests, vectors)

    def nearest(
        self, keys: Sequence[str], vector: NDArray[np.float32], count: int
    ) -> Neighbourhood:
        """The ``count`` nearest to a unit vector; ``keys`` name the vectors in their order."""
        if self._vectors is None:
            message = "the index was neither read nor written"
            raise RuntimeError(message)
        rows = None
        if self._graph is not None:
            rows = self._graph.candidates(vector, count)
        exact = rows is None
        if rows is None:
            rows = product_candidates(self._vectors, vector, count)
        return Neighbourhood(near=settle(keys, self._vectors, vector, rows, count), exact=exact)

    def _take(self, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        self._vectors, self._graph = vectors, None
        if len(digests) < self._graph_from or not graphs.available():
            return
        labels = graphs.labels_of(digests)
        if len(np.unique(labels)) < len(labels):
            return  # two records with the same text, or a collision: exact search takes either
        self._graph = graphs.Graph(self._folder, labels, vectors)


def _about(digests: Sequence[bytes], dimension: int) -> dict[str, object]:
    texts = sha256(b"".join(digests)).hexdigest()
    return {"texts": texts, "count": len(digests), "dimension": dimension}
