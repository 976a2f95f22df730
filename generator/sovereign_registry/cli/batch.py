"""``batch``: many questions from one agenda."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import (
    counted,
    json_option,
    print_json,
    quiet_option,
    registry_option,
)
from sovereign_registry.cli.live_options import live_options
from sovereign_registry.contracts.text import collapse, shorten

if TYPE_CHECKING:
    from sovereign_registry.adapters.batch_console import BatchConsole
    from sovereign_registry.wiring.batch_report import BatchReport, BatchRow
    from sovereign_registry.wiring.live_options import LiveOptions

FILE = click.Path(path_type=Path, dir_okay=False)
FAILED, INTERRUPTED = 1, 130


class _View:
    """The batch's progress on the console."""

    def __init__(self, console: BatchConsole) -> None:
        self._console = console

    def running(self, place: int) -> None:
        self._console.running(place)

    def ended(self, place: int, report: BatchReport) -> None:
        row = report.rows[place]
        self._console.ended(place, _line(row), new=not row.found, requests=report.requests)

    def stopping(self) -> None:
        self._console.say(
            "stopping: what is in work ends at its next step; Ctrl-C again stops at once"
        )


@click.command()
@click.argument("agenda", type=FILE)
@registry_option
@click.option(
    "--source",
    default="corpus",
    show_default=True,
    metavar="corpus|arxiv|snapshot:FILE",
    help="Where papers come from; this and what follows holds where the agenda says nothing.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    show_default="the newest date in the inputs",
    help="The records' date, YYYY-MM-DD.",
)
@live_options
@click.option(
    "--budget",
    metavar="LIMITS",
    default="",
    help="What the batch may spend on model servers from its start to its end, such as "
    "requests=500,tokens=2000000.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=4,
    show_default=True,
    help="Questions worked on at once.",
)
@click.option(
    "--backend",
    type=click.Choice(["loky", "dask", "serial"]),
    default="loky",
    show_default=True,
    help="What spreads the work: processes of this machine, Dask, or nothing.",
)
@click.option(
    "--scheduler",
    metavar="ADDR",
    default="",
    help="A Dask scheduler, such as tcp://10.0.0.1:8786; without it Dask starts its own processes.",
)
@json_option
@quiet_option
def batch(  # noqa: PLR0913, PLR0917 - one parameter an option of the command
    agenda: Path,
    root: Path,
    source: str,
    as_of: str | None,
    budget: str,
    jobs: int,
    backend: str,
    scheduler: str,
    *,
    live: LiveOptions,
    as_json: bool,
    quiet: bool,
) -> None:
    """Answer all questions of AGENDA, a YAML file of the contract agenda-v1.

    Run it again after a kill, an interrupt or an error: what is answered is found, and no request
    that was answered is sent again.  One question's error does not stop the others; exit 1 says
    that there were some.

    \b
    Example:
      sovereign-registry batch agenda.yaml --jobs 8
    """
    from sovereign_registry.adapters.batch_console import BatchConsole  # noqa: PLC0415 - quick
    from sovereign_registry.wiring.answering import Ask  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.batch import run_agenda  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.batch_order import read_order  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.batch_spread import Spread  # noqa: PLC0415 - quick start

    base = Ask(question="", source=source, as_of=as_of, live=live)
    order = read_order(root, agenda, base, budget)
    spread = Spread(backend=backend, jobs=jobs, scheduler=scheduler)
    with BatchConsole(len(order.questions), quiet=quiet) as console:
        report, interrupted = run_agenda(order, spread, _View(console))
    if as_json:
        print_json(report)
    else:
        _print(report)
    if interrupted:
        click.echo("interrupted; run the same command again to go on", err=True)
        sys.exit(INTERRUPTED)
    if report.done < len(report.rows):
        sys.exit(FAILED)


def _line(row: BatchRow) -> str:
    if row.record is None:
        return f"{row.state}: line {row.line}: {row.error or shorten(collapse(row.question), 60)}"
    score = f"{row.score}/10" if row.score else "no score"
    before = "found" if row.found else "new"
    return f"{row.record}  {row.state}, {before}, {score} {row.verdict}  ({row.seconds:.1f} s)"


def _print(report: BatchReport) -> None:
    """The summary: one line a question, then the totals, then every error in full."""
    head = ("record", "outcome", "score", "policy", "requests", "tokens", "seconds", "question")
    table = [head, *(_cells(row) for row in report.rows)]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(head))]
    for cells in table:
        padded = (text.ljust(width) for text, width in zip(cells, widths, strict=True))
        click.echo("  ".join(padded).rstrip())
    click.echo(
        f"{counted(len(report.rows), 'question')}: {report.count('published')} published, "
        f"{report.count('waiting')} waiting for their owner, {report.count('refused')} refused, "
        f"{report.count('near')} near a record, {report.count('failed')} failed, "
        f"{report.count('stopped', 'not reached')} not done; "
        f"{counted(report.requests, 'request')}, {counted(report.tokens, 'token')}, "
        f"{report.seconds:.1f} s"
    )
    for row in report.rows:
        if row.error:
            click.echo(f"line {row.line}: {row.error}", err=True)


def _cells(row: BatchRow) -> tuple[str, ...]:
    return (
        row.record or "-",
        f"{row.state} (found)" if row.found else row.state,
        row.score or "-",
        row.policy or "-",
        f"{row.requests:,}",
        f"{row.tokens:,}",
        f"{row.seconds:.1f}",
        shorten(collapse(row.question), 60),
    )
