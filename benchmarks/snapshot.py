"""Snapshot: how long its full-text index takes to build, and how long a question's queries take.

``python -m benchmarks.snapshot FILE CACHE`` opens the index, building it first where there is none,
and asks the queries of twelve questions; it prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from pathlib import Path
from statistics import median, quantiles

import msgspec

from benchmarks.measure import Cost, measure
from benchmarks.results import Figure, Part, say
from benchmarks.synthetic import WORDS
from sovereign_registry.adapters.snapshot import SnapshotSearch
from sovereign_registry.pipeline.queries import derive_queries

QUESTIONS = (
    "How does expert routing change the load balance of sparse mixture-of-experts models?",
    "Does quantised activation memory reduce the latency of low-rank adapters?",
    "Which cache policies keep expert weights in memory at the lowest bandwidth?",
    "How do vision-language encoders trade visual tokens for accuracy?",
    "What does batch size do to the number of experts that a step activates?",
    "How stable is calibration when a student is distilled from a sparse teacher?",
    "Is attention cache compression measured against long context baselines?",
    "How does gating capacity influence dropped tokens in training?",
    "Which benchmarks measure throughput of sparse inference on one device?",
    "How do auxiliary losses change the variance of router gradients?",
    "Does speculative decoding help mixture-of-experts inference latency?",
    "How large is the parameter ratio of active to total weights in published models?",
)
LIMIT = 20
SHARED = "realdata/metadata/arxiv-sample.jsonl"


class Seen(msgspec.Struct, kw_only=True):
    """What one process saw."""

    opening: float
    """Seconds to open the index, building it where there is none."""
    queries: list[float]
    """Seconds of every query."""
    found: int
    """Papers returned in all."""


def synthetic_snapshot(target: Path, rows: int) -> None:
    """Write a snapshot in arXiv's own format; the same number of rows gives the same bytes."""
    draw = random.Random(rows)  # noqa: S311 - drawn to be the same again
    with target.open("w", encoding="utf-8") as file:
        for number in range(rows):
            text = [" ".join(draw.choices(WORDS, k=20)).capitalize() for _ in range(7)]
            row = {
                "id": f"{2001 + number // 90000 % 12}.{10000 + number % 90000}",
                "title": text[0],
                "abstract": ". ".join(text[1:]) + ".",
                "authors": "Ada Example, Ben Example",
                "categories": "cs.LG",
                "update_date": f"2024-{1 + number % 12:02d}-01",
            }
            file.write(json.dumps(row) + "\n")


def _input(folder: Path, rows: int) -> tuple[Path, str]:
    shared = os.environ.get("SOVEREIGN_SHARED")
    if shared and (found := Path(shared, SHARED)).is_file():
        return found.resolve(), "arXiv's own rows, from SOVEREIGN_SHARED"
    made = folder / f"snapshot-{rows}.jsonl"
    if not made.is_file():
        synthetic_snapshot(made, rows)
    return made, "synthetic rows"


def bench(folder: Path, rows: int, runs: int) -> list[Part]:
    """Time the index and the queries."""
    folder.mkdir(parents=True, exist_ok=True)
    source, kind = _input(folder, rows)
    with source.open("rb") as file:
        count = sum(1 for _ in file)
    cache = folder / "index"
    say(f"snapshot: {count:,} papers, {kind}")
    command = (sys.executable, "-m", "benchmarks.snapshot", str(source), str(cache))
    built = Cost(name="index built, and queries", runs=[])
    opened = Cost(name="index there, and queries", runs=[])
    builds: list[float] = []
    for _ in range(runs):
        shutil.rmtree(cache, ignore_errors=True)
        for cost in (built, opened):
            spent, output = measure(command)
            cost.runs.append(spent)
            seen = msgspec.json.decode(output, type=Seen)
            if cost is built:
                builds.append(seen.opening)
    size = sum(path.stat().st_size for path in cache.glob("*.sqlite"))
    milliseconds = [1000 * one for one in seen.queries]
    figures = [
        Figure(
            name="papers indexed a second",
            measured=count / median(builds),
            unit="1/s",
            better="higher",
        ),
        Figure(name="index / snapshot, bytes", measured=size / source.stat().st_size, unit="x"),
        Figure(name="opening the index", measured=seen.opening, unit="s"),
        Figure(name="one query, median", measured=median(milliseconds), unit="ms"),
        Figure(
            name="one query, 95th percentile", measured=quantiles(milliseconds, n=20)[-1], unit="ms"
        ),
    ]
    notes = [f"{len(seen.queries)} queries of {len(QUESTIONS)} questions found {seen.found} papers"]
    return [
        Part(
            name=f"Snapshot of {count:,} papers ({source.stat().st_size / 1e6:.1f} MB, {kind})",
            figures=figures,
            costs=[built, opened],
            notes=notes,
        )
    ]


def main() -> None:
    """Open the index and ask."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -m benchmarks.snapshot FILE CACHE")
    start = time.perf_counter()
    search = SnapshotSearch(Path(sys.argv[1]), Path(sys.argv[2]))
    seen = Seen(opening=time.perf_counter() - start, queries=[], found=0)
    for question in QUESTIONS:
        for query in derive_queries(question, 4):
            start = time.perf_counter()
            reply = search.search(query, LIMIT)
            seen.queries.append(time.perf_counter() - start)
            seen.found += len(reply.papers)
    print(msgspec.json.encode(seen).decode())


if __name__ == "__main__":
    main()
