"""``check`` and ``schema``."""

from __future__ import annotations

from pathlib import Path

import click

from sovereign_registry.cli.common import FOLDER, json_option, print_json, quiet_option
from sovereign_registry.contracts.errors import CheckFailed, UsageError


@click.command()
@click.argument("root", metavar="[DIR]", type=FOLDER, default=Path())
@json_option
@quiet_option
def check(root: Path, *, as_json: bool, quiet: bool) -> None:
    """Check a whole registry: contracts, ids, digests, histories, and every number again.

    Names each fault by file and field; exit 1 if there is any.

    \b
    Example:
      sovereign-registry check
    """
    from sovereign_registry.store.check import check_registry  # noqa: PLC0415 - quick start

    report = check_registry(root, tick=None if quiet else _tick)
    if as_json:
        print_json(report)
    else:
        for fault in report.faults:
            click.echo(str(fault))
    if report.faults:
        raise CheckFailed(
            f"{len(report.faults)} fault(s) in {report.records} record(s)", where=str(root)
        )
    if not as_json:
        click.echo(
            f"{report.records} records, {report.entries} history entries, "
            f"{report.artifacts} artifacts, {report.recomputed} claim values recomputed: no fault"
        )
        log = f"logged, {report.not_logged} not yet" if report.logged else "not logged"
        click.echo(f"transparency log: {log}")
        if report.removed:
            click.echo(f"{report.removed} records were removed; a sound tombstone stands for each")


def _tick(done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        click.echo(f"checked {done} of {total}", err=True)


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print a contract's JSON Schema (2020-12); without a name, list the contracts.

    \b
    Example:
      sovereign-registry schema paper-manifest-v1.1
    """
    from sovereign_registry.contracts.schemas import SCHEMAS, json_schema  # noqa: PLC0415 - quick

    if name is None:
        click.echo("\n".join(sorted(SCHEMAS)))
        return
    if name not in SCHEMAS:
        raise UsageError(
            f"there is no contract {name!r}", todo=f"Contracts: {', '.join(sorted(SCHEMAS))}."
        )
    print_json(json_schema(name))
