"""``verify``: the reader's check of a published site."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from sovereign_registry.cli.common import json_option, print_json, quiet_option
from sovereign_registry.contracts.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.verifier.findings import CheckLine, Report

PATIENCE_SECONDS = 1.0
SHOWN = 10
"""Things that cannot be told are printed up to this many a check; ``--json`` has all."""


@click.command()
@click.argument("place", metavar="URL|DIR|BUNDLE|DUMP")
@click.option("--record", metavar="ID", help="Check one record only; a few files are read.")
@click.option(
    "--checkpoint",
    metavar="FILE|URL",
    help="An older log/checkpoint that you kept, or another site's: the log must continue it.",
)
@click.option(
    "--public-key",
    metavar="KEY|FILE",
    help="The publisher's key, name+id+base64: it, or one that it handed over to, must sign.",
)
@click.option(
    "--extends",
    metavar="URL|DIR|FILE",
    help="What is published now: every record, entry, key and log entry of it must be here.",
)
@click.option("--first", is_flag=True, help="It may be that nothing is published at --extends yet.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    show_default="all processors",
    help="Processes that look at the records of a folder; the report is the same with any number.",
)
@json_option
@quiet_option
def verify(
    place: str,
    record: str | None,
    *,
    jobs: int | None,
    as_json: bool,
    quiet: bool,
    **known: Any,  # noqa: ANN401 - the options that name what a reader knows
) -> None:
    """Check a published site from its public files alone, at its address or in a folder.

    Or one record from its bundle.zip, or a whole registry from its dump, packed or unpacked.

    Every contract, history, digest, proof and signature, and every number again.  Exit 1 if
    anything is not as it must be; what cannot be told is neither pass nor failure.

    \b
    Example:
      sovereign-registry verify https://example.org/registry/ --checkpoint kept-checkpoint
      sovereign-registry verify output --record sr-2605-0a1b2c3d
      sovereign-registry verify bundle.zip
      sovereign-registry verify dump.tar.gz
      sovereign-registry verify output --extends https://example.org/registry/
    """
    from sovereign_registry.wiring import verify as wiring  # noqa: PLC0415 - quick start

    tick = None if quiet else _ticker()
    before = wiring.read_known(**known)
    report = wiring.verify(place, record=record, known=before, tick=tick, jobs=jobs)
    if as_json:
        print_json(report)
    else:
        _tell(report)
    if report.faults:
        raise CheckFailed(f"{len(report.faults)} fault(s)", where=report.site)


def _ticker() -> Callable[[str, int, int], None]:
    """Tell what is done on stderr, once a second at most and not within the first second."""
    told = [time.monotonic()]

    def tick(what: str, done: int, total: int) -> None:
        if time.monotonic() - told[0] >= PATIENCE_SECONDS:
            told[0] = time.monotonic()
            click.echo(f"{done} of {total} {what}", err=True)

    return tick


def _line(line: CheckLine) -> str:
    word = "FAULT" if line.faults else "ok" if line.passed else "open"
    counts = [f"{line.passed} in order"] if line.passed else []
    counts += [f"{line.faults} not"] if line.faults else []
    counts += [f"{line.open} cannot be told"] if line.open else []
    return f"{word:<5} {line.check.value} ({', '.join(counts)})"


def _tell(report: Report) -> None:
    what = f"record {report.record}" if report.record else f"{report.records} records"
    click.echo(f"{report.site}: {what}, {report.files} files, {report.bytes / 1e6:.1f} MB")
    for line in report.checks:
        click.echo(_line(line))
        for fault in report.faults:
            if fault.check == line.check:
                click.echo(f"      {fault}")
        told = [found for found in report.open if found.check == line.check]
        for found in told[:SHOWN]:
            click.echo(f"      {found}")
        if len(told) > SHOWN:
            click.echo(f"      and {len(told) - SHOWN:,} more; --json lists all")
    if report.log_origin:
        click.echo(f"Log {report.log_origin} of {report.log_size} entries, signed by:")
        for key in report.log_keys:
            click.echo(f"      {key}")
    click.echo("What this does not prove:")
    for limit in report.limits:
        click.echo(f"      {limit}")
