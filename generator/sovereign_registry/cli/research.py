"""``run`` and ``import``: what makes records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import (
    json_option,
    print_facts,
    print_json,
    quiet_option,
    registry_option,
)
from sovereign_registry.cli.live_options import live_options

if TYPE_CHECKING:
    from sovereign_registry.wiring.live_options import LiveOptions

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("question")
@registry_option
@click.option(
    "--source",
    default="corpus",
    show_default=True,
    metavar="corpus|arxiv|snapshot:FILE",
    help="Where papers come from: the bundled sample, arXiv itself, or arXiv's metadata snapshot.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    show_default="the newest date in the inputs",
    help="The record's date, YYYY-MM-DD.",
)
@live_options
@json_option
@quiet_option
def run(  # noqa: PLR0913 - one parameter an option of the command
    question: str,
    root: Path,
    source: str,
    as_of: str | None,
    *,
    live: LiveOptions,
    as_json: bool,
    quiet: bool,
) -> None:
    """Answer a QUESTION: search, extract, verify, review, decide, and write the record.

    The same question with the same inputs finds its record and changes nothing.  A record that
    policy does not approve waits for its owner: see `sovereign-registry owner`.

    \b
    Example:
      sovereign-registry run "How does routing decide the cost of sparse models?"
    """
    from sovereign_registry.wiring.models import require_used  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.research import run_question  # noqa: PLC0415 - quick start

    require_used(live)
    outcome = run_question(root, question, source=source, as_of=as_of, quiet=quiet, live=live)
    if as_json:
        print_json(outcome)
        return
    click.echo(outcome.headline)
    print_facts(outcome.facts())


@click.command("import")
@click.argument("drafts", type=FILE, nargs=-1, required=True)
@click.option(
    "--page",
    type=FILE,
    help="The public page of one of the drafts; states what only a page can.",
)
@registry_option
@json_option
def import_drafts(
    drafts: tuple[Path, ...], page: Path | None, root: Path, *, as_json: bool
) -> None:
    """Import drafts as declared records; they wait in the queue for the owner.

    Nothing that a draft states is checked or invented: all of it is stored as declared.

    \b
    Example:
      sovereign-registry import drafts/*.txt --page page.txt
    """
    from sovereign_registry.wiring.research import import_files  # noqa: PLC0415 - quick start

    outcomes = import_files(root, drafts, page)
    if as_json:
        print_json(outcomes)
        return
    for outcome in outcomes:
        click.echo(outcome.headline)
        print_facts(outcome.facts())
