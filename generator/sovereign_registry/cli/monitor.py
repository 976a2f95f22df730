"""``monitor``: looking again at the sources of published records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import (
    counted,
    json_option,
    print_json,
    quiet_option,
    registry_option,
)
from sovereign_registry.contracts.text import require_clean
from sovereign_registry.store import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.wiring.monitor import Looked


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Ask and say what was found; write nothing.")
@click.option(
    "--by",
    "role",
    default="monitor",
    show_default=True,
    metavar="ROLE",
    help="In what role you look; published, and not verified.",
)
@registry_option
@json_option
@quiet_option
def monitor(  # noqa: PLR0913 - one parameter an option of the command
    ids: tuple[str, ...], root: Path, role: str, *, dry_run: bool, as_json: bool, quiet: bool
) -> None:
    """Look again at the arXiv papers behind published records: all of them, or those named.

    A newer version, a withdrawal or a paper that is no longer listed opens a challenge on the
    records that rest on it, once; a person closes it with `challenge --close`.

    \b
    Example:
      sovereign-registry monitor --dry-run
      sovereign-registry monitor --by editor
    """
    from sovereign_registry.adapters.console import ConsoleProgress  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.monitor import (  # noqa: PLC0415 - quick start
        default_lookup,
        look_again,
        summary,
    )

    by = require_clean(role, "--by")
    with ConsoleProgress(quiet=quiet) as progress:
        lookup = default_lookup(progress)
        rows = list(look_again(Registry(root), ids, lookup, by=by, dry_run=dry_run))
    totals = summary(rows)
    if as_json:
        print_json({**totals, "dry_run": dry_run, "rows": rows})
        return
    for row in rows:
        for line in _lines(row):
            click.echo(line)
    would = "would be challenged" if dry_run else "challenged"
    count = sum(bool(row.new) for row in rows) if dry_run else totals["challenged"]
    click.echo(
        f"{counted(totals['records'], 'record')}: {totals['monitored']} with monitored sources, "
        f"{totals['affected']} affected, {count} {would} now"
    )


def _lines(row: Looked) -> list[str]:
    if not row.monitored:
        return [f"{row.record}  no monitored source"]
    if not row.active:
        return [f"{row.record}  {counted(row.monitored, 'source')} as they were"]
    wrote = f"; wrote history/{row.wrote}" if row.wrote else ""
    said = "" if row.new else "; said before"
    head = f"{row.record}  {', '.join(row.active)}{wrote}{said}"
    return [head, *(f"  {one}" for one in row.new)]
