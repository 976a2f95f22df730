"""How much of an account's allowance a batch uses: ``python -m benchmarks.agenda``.

Fifty questions, forty requests a minute, ten seconds a reply, played some times as fast against a
server on this machine that answers 429 to whatever exceeds the allowance of a sliding minute.  The
share is taken from the first request to the last.  It needs an idle machine: computing is not
played faster, so at ten times it counts ten times as much as it would.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from pathlib import Path

from tests.cli.agendas import many, write_agenda
from tests.cli.console import COMMAND, environment, new_registry
from tests.model_server import ModelScript, honest_reviewer, serve_models

RATE, MINUTE, REPLY = 40, 60.0, 10.0


def measure(folder: Path, questions: int, faster: float, jobs: int) -> list[str]:
    """Run the batch; the figures, one a line."""
    root = new_registry(folder / "registry")
    agenda = write_agenda(folder / "agenda.yaml", many(questions))
    script = ModelScript(
        chat=honest_reviewer(8.0),
        latency=REPLY / faster,
        requests_per_minute=int(RATE * faster),
        window=MINUTE / faster,
    )
    began = time.monotonic()
    with serve_models(script) as world:
        subprocess.run(
            [
                *(*COMMAND, "batch", str(agenda), "--registry", str(root), "--quiet"),
                *("--reviewers", "openai", "--model", "bench/judge-8b", "--model-url", world.url),
                *("--rate", str(RATE * faster), "--jobs", str(jobs)),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            env=environment(XDG_CACHE_HOME=str(folder / "cache"), SOVEREIGN_MODEL_KEY=""),
        )
        starts = sorted(seen.started for seen in world.requests)
        refused = sum(seen.status != 200 for seen in world.requests)
    ends = [bisect_left(starts, start + MINUTE / faster) for start in starts]
    most = max(end - place for place, end in enumerate(ends))
    used = (len(starts) - 1) / (starts[-1] - starts[0]) / (RATE * faster / MINUTE)
    return [
        f"{questions} questions, {len(starts)} requests, {time.monotonic() - began:.0f} s in all",
        f"{used:.1%} of the allowance used",
        f"at most {most} requests in any minute of {RATE}, {refused} refused",
    ]


def main() -> None:
    """Run once and print."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.agenda", description=__doc__)
    made.add_argument("--questions", type=int, default=50)
    made.add_argument("--faster", type=float, default=10.0)
    made.add_argument("--jobs", type=int, default=6)
    chosen = made.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = measure(Path(folder), chosen.questions, chosen.faster, chosen.jobs)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
