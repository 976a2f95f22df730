"""``python -m benchmarks``: measure, print a table, keep the figures as JSON."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks import lexical, nearest, sealing, snapshot
from benchmarks.log import LogBench
from benchmarks.measure import CommandFailed
from benchmarks.results import Part, Results, say, table, this_machine
from benchmarks.site import SiteBench, growth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Cost

NAMES = ("cold", "warm", "change", "log", "verification", "snapshot", "sealing", "nearest")
SITE_NAMES = ("cold", "warm", "change")
HERE = Path(__file__).resolve().parent
DEFAULT_RESULT = HERE / "out" / "results.json"


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(sorted({int(one) for one in text.split(",")}))
    except ValueError:
        sizes = ()
    if not sizes or sizes[0] < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of counts such as 1000,10000")
    return sizes


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the site build, the log and its check, verification and the snapshot "
        "index against peers.",
        epilog="Example: python -m benchmarks --only cold --records 1000 --runs 5. "
        "Needs Linux; Hugo comes with requirements/bench.txt.",
    )
    made.add_argument(
        "--records",
        type=_sizes,
        default=(1_000, 10_000),
        metavar="N[,N...]",
        help="sizes of the registry, in turn (default: 1000,10000); the goals hold at 10000",
    )
    made.add_argument(
        "--runs", type=_count, default=3, metavar="N", help="runs of each command (default: 3)"
    )
    made.add_argument(
        "--only",
        action="append",
        choices=NAMES,
        metavar="NAME",
        help=f"only this part, may be repeated: {', '.join(NAMES)}",
    )
    made.add_argument(
        "--growth",
        action="store_true",
        help="besides, one cold build five times the largest size (slow: 50000 records)",
    )
    made.add_argument("--no-hugo", action="store_true", help="leave Hugo out")
    made.add_argument(
        "--passages", type=_count, default=8_000, metavar="N", help="passages to verify against"
    )
    made.add_argument(
        "--papers", type=_count, default=30_000, metavar="N", help="rows of a synthetic snapshot"
    )
    made.add_argument(
        "--vectors",
        type=_sizes,
        default=(1_000, 10_000),
        metavar="N[,N...]",
        help="vectors to search (default: 1000,10000; 100000 takes ten minutes and 2 GB)",
    )
    made.add_argument(
        "--work", type=Path, metavar="DIR", help="scratch folder (default: a temporary one)"
    )
    made.add_argument(
        "--out", type=Path, default=DEFAULT_RESULT, metavar="FILE", help="where the figures go"
    )
    made.add_argument("--json", action="store_true", help="print the figures as JSON, no table")
    return made


def _site(options: argparse.Namespace, folder: Path, wanted: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    cold: dict[int, Cost] = {}
    for records in options.records:
        bench = SiteBench(folder, records, options.runs, peers=not options.no_hugo)
        for name in SITE_NAMES:
            if name in wanted:
                parts += getattr(bench, name)()
        if "cold" in wanted:
            cold[records] = parts[[part.name for part in parts].index(bench.cold_name)].costs[0]
        bench.remove()
    if options.growth:
        largest = max(options.records)
        bench = SiteBench(folder, 5 * largest, 1, peers=False)
        made = bench.cold()
        parts += made
        cold[5 * largest] = made[0].costs[0]
        bench.remove()
    sizes = sorted(cold)
    for small, large in itertools.pairwise(sizes):
        parts.append(growth(cold[small], cold[large], large / small))
    return parts


def run(options: argparse.Namespace, folder: Path) -> Results:
    """Measure everything that was asked for.

    Raises:
        CommandFailed: a measured command failed.
    """
    wanted = options.only or NAMES
    results = Results(machine=this_machine(), runs=options.runs, parts=[])
    if set(wanted) & set(SITE_NAMES):
        results.parts += _site(options, folder, wanted)
    if "log" in wanted:
        for records in options.records:
            bench = LogBench(folder, records, options.runs)
            results.parts += bench.parts()
            bench.remove()
    if "verification" in wanted:
        results.parts += lexical.bench(options.passages, options.runs)
    if "snapshot" in wanted:
        results.parts += snapshot.bench(folder / "snapshot", options.papers, options.runs)
    if "sealing" in wanted:
        results.parts += sealing.bench(options.runs)
    if "nearest" in wanted:
        results.parts += nearest.bench(options.vectors)
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; 1 where a measured command failed."""
    options = parser().parse_args(arguments)
    # Measured commands import what we import, from wherever they are started.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), *filter(None, sys.path[1:])])
    try:
        with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=options.work) as folder:
            results = run(options, Path(folder))
    except CommandFailed as error:
        say(f"error: {error}")
        return 1
    data = msgspec.json.format(msgspec.json.encode(results), indent=1)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(data + b"\n")
    print(data.decode() if options.json else table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
