"""``calls``: what a run asked of model servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import (
    counted,
    json_option,
    print_facts,
    print_json,
    registry_option,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("record")
@registry_option
@json_option
def calls(record: str, root: Path, *, as_json: bool) -> None:
    """List the calls to model servers that are kept for RECORD, an id.

    They are private to the registry's owner and lie in .sovereign/runs/RECORD/calls.

    \b
    Example:
      sovereign-registry calls sr-2611-za5aepye --json
    """
    from sovereign_registry.wiring.models import kept_calls  # noqa: PLC0415 - quick start

    rows = kept_calls(root, record, lambda text: click.echo(text, err=True))
    if as_json:
        print_json(rows)
        return
    click.echo(f"{counted(len(rows), 'call')} kept for {record}")
    for row in rows:
        answered = f", answered by {row.answered_by}" if row.answered_by != row.model else ""
        counts = (row.prompt_tokens, row.completion_tokens)
        tokens = sum(count for count in counts if count is not None)
        counted_tokens = "not counted" if counts == (None, None) else f"{tokens:,}"
        click.echo(f"{row.sha256[:12]}  {row.kind}  {row.model}{answered}")
        facts = [("for", row.purpose), ("tokens", counted_tokens)]
        facts += [("finish", row.finish)] if row.finish else []
        print_facts([*facts, ("reply", row.reply_sha256)])
