"""The graph for many vectors: a hierarchical navigable small world (Malkov and Yashunin, 2018).

Made and searched by the optional library usearch in one thread.  A vector's label in the graph is
taken from its text's digest, so a graph that grew serves on: what is missing is added, and it is
made anew once a tenth of its vectors is no longer wanted.  A graph only proposes candidates.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from sovereign_registry.adapters.meaning.files import read_checked, write_checked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

GRAPH_FROM = 200_000
"""Vectors from which a graph is used where usearch is installed.  Measured (ADR 0016): at 100,000
vectors of 1,024 numbers the exact product takes 14 ms a question and the graph takes a minute to
make, so below this a graph does not pay."""
CONNECTIVITY = 16
EXPANSION = 128
"""Candidates looked at while adding and while searching; recall@10 0.999 at 100,000."""
MOST_UNWANTED = 0.1
_FILE = "graph.bin"
_MAGIC = b"SRgraph1"


def available() -> bool:
    """Whether the optional library is installed."""
    return find_spec("usearch") is not None


def labels_of(digests: Sequence[bytes]) -> NDArray[np.uint64]:
    """The labels of texts: the first 63 bits of their digests."""
    return np.frombuffer(b"".join(one[:8] for one in digests), dtype=">u8").astype(
        np.uint64
    ) >> np.uint64(1)


class Graph:
    """The graph over some vectors, and the file that it is kept in.

    Args:
        folder: The folder of one kind of vectors.
        labels: The vectors' labels, all different.
        vectors: Unit vectors, one a row.
    """

    def __init__(
        self, folder: Path, labels: NDArray[np.uint64], vectors: NDArray[np.float32]
    ) -> None:
        self.file = folder / _FILE
        self._dimension = int(vectors.shape[1])
        self._order = np.argsort(labels)
        self._labels = labels[self._order]
        self._body: memoryview | None = None
        """What a graph that is used in place points into; must live as long as it."""
        self._index = self._filled(labels, vectors)

    def candidates(self, vector: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        """Rows of the vectors nearest to one, as far as the graph knows."""
        wanted = min(count + EXPANSION, len(self._index))
        keys = self._index.search(vector, wanted, threads=1).keys
        found = np.asarray(keys, dtype=np.uint64)
        places = np.minimum(np.searchsorted(self._labels, found), len(self._labels) - 1)
        return np.sort(self._order[places[self._labels[places] == found]]).astype(np.int64)

    def _filled(self, labels: NDArray[np.uint64], vectors: NDArray[np.float32]) -> Any:  # noqa: ANN401 - the library's class
        """The kept graph with all of these vectors and few others, or a new one; kept again."""
        body = self._kept()
        if body is not None:
            index = self._empty()
            index.view(body)  # in place: to load it would copy all of it
            new = ~index.contains(labels)
            if len(index) > (1 + MOST_UNWANTED) * len(labels):
                body = None
            elif not new.any():
                self._body = body
                return index
        index = self._empty()
        if body is None:
            new = np.ones(len(labels), dtype=bool)
        else:
            index.load(bytearray(body))
        index.add(labels[new], vectors[new], threads=1)
        write_checked(self.file, _MAGIC, self._about(), [bytes(index.save())])
        return index

    def _about(self) -> dict[str, int]:
        return {"dimension": self._dimension}

    def _kept(self) -> memoryview | None:
        found = read_checked(self.file, _MAGIC)
        return None if found is None or found[0] != self._about() else found[1]

    def _empty(self) -> Any:  # noqa: ANN401 - as above
        from usearch.index import Index  # noqa: PLC0415 - optional

        return Index(
            ndim=self._dimension,
            metric="ip",
            dtype="f16",
            connectivity=CONNECTIVITY,
            expansion_add=EXPANSION,
            expansion_search=EXPANSION,
        )
