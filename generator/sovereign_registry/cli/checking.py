"""``check`` and ``schema``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import FOLDER, counted, json_option, print_json, quiet_option
from sovereign_registry.contracts.errors import CheckFailed, UsageError, on_one_line

if TYPE_CHECKING:
    from sovereign_registry.store.check import ContractUse, Fault


@click.command()
@click.argument("root", metavar="[DIR]", type=FOLDER, default=None, required=False)
@click.option("--registry", "named", type=FOLDER, help="The same as DIR.")
@json_option
@quiet_option
def check(root: Path | None, named: Path | None, *, as_json: bool, quiet: bool) -> None:
    """Check a whole registry: contracts, ids, digests, histories, and every number again.

    Names each fault by file and field; exit 1 if there is any.

    \b
    Example:
      sovereign-registry check
    """
    from sovereign_registry.store.check import check_registry  # noqa: PLC0415 - quick start

    if root and named:
        raise UsageError("a folder is named twice", todo="Name DIR or --registry.")
    root = root or named or Path()
    report = check_registry(root, tick=None if quiet else _tick)
    if as_json:
        print_json(report)
    else:
        for fault in report.faults:
            click.echo(str(fault))
    if report.faults:
        raise CheckFailed(
            f"{counted(len(report.faults), 'fault')} in {counted(report.records, 'record')}",
            where=str(root),
        )
    if not as_json:
        click.echo(
            f"{counted(report.records, 'record')}, "
            f"{counted(report.entries, 'history entry', 'history entries')}, "
            f"{counted(report.artifacts, 'artifact')}, "
            f"{counted(report.recomputed, 'claim value')} recomputed: no fault"
        )
        for use in report.contracts:
            _tell_use(use)
        _tell_open(report.open)
        log = f"logged, {report.not_logged} not yet" if report.logged else "not logged"
        click.echo(f"transparency log: {log}")
        if report.removed:
            click.echo(
                f"{counted(report.removed, 'record')} removed; a sound tombstone stands for each"
            )


def _tell_use(use: ContractUse) -> None:
    """Say under which version of a contract files are, and what a newer one would add."""
    count = counted(use.files, "file")
    if not use.newer:
        click.echo(f"{use.name}: {count}; no newer version is known")
        return
    click.echo(f"{use.name}: {count}; they stay as they are")
    for text in use.newer:
        click.echo(f"  {text}")
    for place in use.where:
        click.echo(f"  {place}")


def _tell_open(found: tuple[Fault, ...]) -> None:
    """Say what is no fault: each thing once, with how many records it is said of."""
    said = Counter(one.what for one in found)
    first = {one.what: one for one in reversed(found)}
    for what, count in said.items():
        one = first[what]
        more = f"{one.where} and {count - 1:,} more" if count > 1 else one.where
        click.echo(f"no fault: {on_one_line(more, what, one.todo)}")


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
