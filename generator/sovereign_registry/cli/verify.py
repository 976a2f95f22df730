"""``verify``: the reader's check of a published site."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import json_option, print_json, quiet_option
from sovereign_registry.contracts.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.verifier.findings import CheckLine, Report

PATIENCE_SECONDS = 1.0


@click.command()
@click.argument("place", metavar="URL|DIR")
@click.option("--record", metavar="ID", help="Check one record only; a few files are read.")
@click.option(
    "--checkpoint",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="An older log/checkpoint that you kept: the log must continue it.",
)
@json_option
@quiet_option
def verify(
    place: str, record: str | None, checkpoint: str | None, *, as_json: bool, quiet: bool
) -> None:
    """Check a published site from its public files alone, at its address or in a folder.

    Every contract, history, digest, proof and signature, and every number again.  Exit 1 if
    anything is not as it must be; what cannot be told is neither pass nor failure.

    \b
    Example:
      sovereign-registry verify https://example.org/registry/ --checkpoint kept-checkpoint
      sovereign-registry verify output --record sr-2605-0a1b2c3d
    """
    from sovereign_registry.wiring.verify import verify as check  # noqa: PLC0415 - quick start

    tick = None if quiet else _ticker()
    report = check(place, record=record, checkpoint=checkpoint, tick=tick)
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
        for open_ in report.open:
            if open_.check == line.check:
                click.echo(f"      {open_}")
    if report.log_origin:
        click.echo(f"Log {report.log_origin} of {report.log_size} entries, signed by:")
        for key in report.log_keys:
            click.echo(f"      {key}")
    click.echo("What this does not prove:")
    for limit in report.limits:
        click.echo(f"      {limit}")
