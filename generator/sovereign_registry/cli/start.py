"""``init``: a registry of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from sovereign_registry.cli.common import json_option, print_json


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", metavar="TEXT", show_default="the folder's name", help="Its title.")
@click.option(
    "--publisher",
    metavar="TEXT",
    show_default="not stated",
    help="Who publishes it; self-asserted.",
)
@click.option(
    "--base-url",
    metavar="URL",
    default="",
    help="The site's public address, where it is known already.",
)
@json_option
def init(
    folder: Path, title: str | None, publisher: str | None, base_url: str, *, as_json: bool
) -> None:
    """Start a registry of your own in a new folder DIR, ready to build and to publish.

    It gets the declaration of a new registry, prose pages, Pelican settings, a workflow for GitHub
    Pages, this software as a file, and a README that says what comes next.

    \b
    Example:
      sovereign-registry init my-registry --title "Routing, reviewed" --publisher "A. Reader"
      cd my-registry
      sovereign-registry build
      sovereign-registry serve
    """
    from sovereign_registry.wiring.start import UNSTATED, start_registry  # noqa: PLC0415 - quick

    made = start_registry(folder, title=title, publisher=publisher, base_url=base_url)
    if as_json:
        print_json(made)
        return
    click.echo(f"{made.folder}: {made.files} files, {made.bytes / 1e6:.1f} MB, no record yet")
    if made.publisher == UNSTATED:
        click.echo("The publisher is not stated: edit manifests/registry.yaml there.")
    click.echo("Next:")
    click.echo(f"  cd {shlex.quote(made.folder)}")
    click.echo("  sovereign-registry build")
    click.echo("  sovereign-registry serve")
    click.echo("README.md there says how to publish a first record, and the site.")
