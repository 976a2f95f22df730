"""Sealing: how much longer a trivial job takes sealed than plain, and what a preflight takes.

Both run the same interpreter on the same command, in turn (A B A B), from the call to the outcome.
The sealed run has all it always has: guard, bubblewrap, first process, filter, watch.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measure import CommandFailed
from benchmarks.results import Figure, Part, ratio
from sovereign_registry.adapters.sealing import BubblewrapSandbox
from sovereign_registry.adapters.sealing.plan import this_interpreter
from sovereign_registry.contracts.sealing import MIB, Ended, Limits, SealedJob

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 20
"""Runs of each for one of ``--runs``; a run takes a fraction of a second."""
# Without packages: the seal hides those of the interpreter, which the plain run would load.
COMMAND = ("-I", "-S", "-c", "pass")
LIMITS = Limits(
    wall_seconds=60,
    cpu_seconds=60,
    memory_bytes=256 * MIB,
    disk_bytes=16 * MIB,
    output_bytes=MIB,
    stream_bytes=MIB,
    processes=16,
)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _plain() -> None:
    subprocess.run(
        [this_interpreter().executable, *COMMAND],
        check=True,
        env={},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


def _sealed(sandbox: BubblewrapSandbox) -> None:
    outcome = sandbox.run(
        SealedJob(
            argv=("python", *COMMAND),
            folder=str(Path(__file__).resolve().parent),
            environment=None,
            variables=(),
            outputs=(),
            limits=LIMITS,
        )
    )
    if outcome.ended is not Ended.EXITED or outcome.exit_code != 0:
        raise CommandFailed(f"the sealed run ended as {outcome.ended}: {outcome.why}")


def bench(runs: int) -> list[Part]:
    """Measure; where nothing can be sealed, the part says why.

    Raises:
        CommandFailed: a sealed run did not end well after the preflight had held.
    """
    sandbox = BubblewrapSandbox()
    began = time.perf_counter()
    found = sandbox.preflight()
    preflight = time.perf_counter() - began
    if not found.available:
        missing = Figure(name="sealed beside plain", measured=None, unit="x", note=found.why)
        return [Part(name="sealing", figures=[missing])]
    plain, sealed = [], []
    for _ in range(ROUNDS * runs):
        plain.append(_timed(_plain))
        sealed.append(_timed(lambda: _sealed(sandbox)))
    return [
        Part(
            name="sealing",
            figures=[
                Figure(name="plain run", measured=1000 * median(plain), unit="ms"),
                Figure(name="sealed run", measured=1000 * median(sealed), unit="ms"),
                ratio("sealed beside plain", median(sealed), median(plain)),
                Figure(
                    name="the seal adds",
                    measured=1000 * (median(sealed) - median(plain)),
                    unit="ms",
                    note=f"{1000 * (min(sealed) - min(plain)):.0f} between the fastest of each",
                ),
                Figure(name="preflight", measured=preflight, unit="s", note="once a batch"),
            ],
            notes=[
                f"{found.tool}, {ROUNDS * runs} runs of each in turn; python {' '.join(COMMAND)}"
            ],
        )
    ]
