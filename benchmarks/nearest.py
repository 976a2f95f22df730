"""Nearest neighbours: the exact product and the graph, beside libraries that do the same.

``python -m benchmarks.nearest SIDE COUNT KIND`` prints times and recall as JSON.  Vectors have
1,024 numbers.  *Topics* are 200 clusters that vary in 64 directions with a little noise, as
embeddings of texts do; *noise* has no structure at all, the worst case of a graph.  All sides run
in one thread and are charged CPU time, which is what the clock would show on an idle machine whose
files are in memory.  Peers that are not installed are left out: ``pip install faiss-cpu hnswlib``
adds two.
"""

from __future__ import annotations

import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.measure import Cost, measure
from benchmarks.results import Figure, Part, say

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

LENGTH = 1_024
DIRECTIONS, TOPICS = 64, 200
NOISE = 0.3
QUERIES = 200
K = 10
CHUNK = 10_000
NEEDS = {"exact": "numpy", "graph": "usearch", "sklearn": "sklearn", "faiss": "faiss"}
NEEDS["hnswlib"] = "hnswlib"


class Timing(msgspec.Struct, kw_only=True):
    """What one side took, seconds of CPU."""

    build: float
    """From vectors to an index that answers."""
    opened: float
    """From the file of a kept index to its first answer; 0 where the side keeps none."""
    query: float
    """Median of one question."""
    slow: float
    """Its 95th percentile."""
    recall: float
    """Share of the ten nearest that are found."""
    file: int
    """Bytes of the kept index."""


def vectors(count: int, seed: int, kind: str) -> Matrix:
    """Unit vectors; the same arguments give the same ones."""
    import numpy as np  # noqa: PLC0415 - each side imports what it needs

    fixed, draw = np.random.default_rng(7), np.random.default_rng(seed)
    spread = fixed.standard_normal((DIRECTIONS, LENGTH), dtype=np.float32)
    centres = fixed.standard_normal((TOPICS, DIRECTIONS), dtype=np.float32)
    made = np.empty((count, LENGTH), dtype=np.float32)
    for start in range(0, count, CHUNK):
        rows = min(CHUNK, count - start)
        found = draw.standard_normal((rows, LENGTH), dtype=np.float32)
        if kind == "topics":
            near = draw.standard_normal((rows, DIRECTIONS), dtype=np.float32)
            near += centres[draw.integers(0, TOPICS, rows)]
            found = near @ spread / DIRECTIONS**0.5 + NOISE * found
        made[start : start + rows] = found / np.linalg.norm(found, axis=1, keepdims=True)
    return made


def _ours(made: Matrix, folder: Path, graph_from: int) -> Callable[[Matrix], Any]:
    from hashlib import sha256  # noqa: PLC0415

    from sovereign_registry.adapters.meaning.index import IndexFile  # noqa: PLC0415

    digests = [sha256(str(row).encode()).digest() for row in range(len(made))]
    keys = [str(row) for row in range(len(made))]
    index = IndexFile(folder, graph_from)
    if not index.holds(digests, LENGTH):
        index.write(digests, made)
    return lambda vector: [int(one.key) for one in index.nearest(keys, vector, K).near]


def _exact(made: Matrix, folder: Path) -> Callable[[Matrix], Any]:
    return _ours(made, folder, sys.maxsize)


def _graph(made: Matrix, folder: Path) -> Callable[[Matrix], Any]:
    return _ours(made, folder, 0)


def _sklearn(made: Matrix, _folder: Path) -> Callable[[Matrix], Any]:
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415

    found = NearestNeighbors(algorithm="brute", metric="cosine", n_jobs=1).fit(made)
    return lambda vector: found.kneighbors(vector[None], K, return_distance=False)[0]


def _faiss(made: Matrix, _folder: Path) -> Callable[[Matrix], Any]:
    faiss: Any = import_module("faiss")
    faiss.omp_set_num_threads(1)
    found = faiss.IndexHNSWFlat(LENGTH, 16, faiss.METRIC_INNER_PRODUCT)
    found.hnsw.efConstruction = found.hnsw.efSearch = 128
    found.add(made)
    return lambda vector: found.search(vector[None], K)[1][0]


def _hnswlib(made: Matrix, _folder: Path) -> Callable[[Matrix], Any]:
    hnswlib: Any = import_module("hnswlib")
    found = hnswlib.Index(space="ip", dim=LENGTH)
    found.init_index(max_elements=len(made), M=16, ef_construction=128, random_seed=1)
    found.set_ef(128)
    found.add_items(made, num_threads=1)
    return lambda vector: found.knn_query(vector, K, num_threads=1)[0][0]


SIDES = {
    "exact": _exact,
    "graph": _graph,
    "sklearn": _sklearn,
    "faiss": _faiss,
    "hnswlib": _hnswlib,
}


def time_side(side: str, count: int, kind: str) -> Timing:
    """Build, ask and compare with the truth, which is a plain product."""
    import numpy as np  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    made, asked = vectors(count, count, kind), vectors(QUERIES, 1, kind)
    with threadpool_limits(limits=1), tempfile.TemporaryDirectory() as name:
        truth = [set(np.argpartition(-(made @ one), K)[:K].tolist()) for one in asked]
        folder = Path(name)
        start = time.process_time()
        search = SIDES[side](made, folder)
        built = time.process_time()
        size = sum(path.stat().st_size for path in folder.iterdir())
        opened = 0.0
        if size:
            again = time.process_time()
            search = SIDES[side](made, folder)
            search(asked[0])
            opened = time.process_time() - again
        spent, hits = [], 0
        for one, nearest in zip(asked, truth, strict=True):
            began = time.process_time()
            found = search(one)
            spent.append(time.process_time() - began)
            hits += len(nearest & {int(row) for row in found})
    return Timing(
        build=built - start,
        opened=opened,
        query=median(spent),
        slow=sorted(spent)[int(0.95 * len(spent))],
        recall=hits / (K * QUERIES),
        file=size,
    )


def bench(sizes: tuple[int, ...]) -> list[Part]:
    """All sides that are installed, at each size; noise up to 10,000 vectors only."""
    parts = []
    for count in sizes:
        for kind in ("topics", "noise") if count <= CHUNK else ("topics",):
            figures, costs = [], []
            for side, library in NEEDS.items():
                if find_spec(library) is None:
                    continue
                say(f"nearest: {side}, {count:,} vectors, {kind}")
                command = (sys.executable, "-m", "benchmarks.nearest", side, str(count), kind)
                spent, output = measure(command)
                figures += _figures(side, msgspec.json.decode(output, type=Timing))
                costs.append(Cost(name=f"nearest, {side}", runs=[spent]))
            name = f"Nearest {K} of {count:,} vectors of {LENGTH:,} numbers, {kind}"
            parts.append(Part(name=name, figures=figures, costs=costs, notes=[_NOTE]))
    return parts


_NOTE = "times are CPU; costs are of whole processes, making vectors and truth included"


def _figures(side: str, timing: Timing) -> list[Figure]:
    goal = 0.95 if side == "graph" else 1.0 if side == "exact" else None
    return [
        Figure(name=f"{side}: one question", measured=timing.query * 1000, unit="ms"),
        Figure(name=f"{side}: 95th percentile", measured=timing.slow * 1000, unit="ms"),
        Figure(name=f"{side}: build", measured=timing.build, unit="s"),
        Figure(
            name=f"{side}: open and ask",
            measured=timing.opened * 1000 or None,
            unit="ms",
            note="" if timing.opened else "no file",
        ),
        Figure(name=f"{side}: file", measured=timing.file / 2**20 or None, unit="MiB"),
        Figure(name=f"{side}: recall@{K}", measured=timing.recall, goal=goal, better="higher"),
    ]


def main() -> None:
    """Time one side."""
    usage = "usage: python -m benchmarks.nearest SIDE COUNT topics|noise"
    match sys.argv[1:]:
        case [side, count, ("topics" | "noise") as kind] if side in SIDES and count.isdecimal():
            print(msgspec.json.encode(time_side(side, int(count), kind)).decode())
        case _:
            sys.exit(usage)


if __name__ == "__main__":
    main()
