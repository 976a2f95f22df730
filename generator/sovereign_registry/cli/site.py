"""``build`` and ``serve``."""

from __future__ import annotations

import gc
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from sovereign_registry.cli.common import (
    counted,
    json_option,
    print_json,
    quiet_option,
    registry_option,
)
from sovereign_registry.contracts.registry import require_site_url

if TYPE_CHECKING:
    from sovereign_registry.website.build import BuildReport


@click.command()
@registry_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    show_default="output/ in the registry's folder",
    help="Where the site is written: an empty folder, or one that holds an earlier build.",
)
@click.option(
    "--siteurl",
    envvar="SITEURL",
    show_default="base_url of registry.yaml",
    help="The site's public address; also read from SITEURL.",
)
@click.option("--jobs", type=click.IntRange(1, 64), show_default="all processors")
@json_option
@quiet_option
def build(  # noqa: PLR0913 - one parameter an option of the command
    root: Path,
    output: Path | None,
    siteurl: str | None,
    jobs: int | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Render every record into a static site; only what changed is written again.

    \b
    Example:
      sovereign-registry build --siteurl https://example.org/registry
    """
    from sovereign_registry.wiring.site import build_site  # noqa: PLC0415 - quick start

    by_environment = click.get_current_context().get_parameter_source("siteurl")
    named = "SITEURL" if by_environment is ParameterSource.ENVIRONMENT else "--siteurl"
    if siteurl is not None:
        siteurl = require_site_url(siteurl, named)
    report = build_site(root, output=output, siteurl=siteurl, jobs=jobs, quiet=quiet)
    # The process ends soon, and its last collection need not walk every row of the registry.
    gc.freeze()
    if as_json:
        print_json(report)
    else:
        _tell(report, output or root / "output", root)


def _tell(report: BuildReport, output: Path, root: Path) -> None:
    """Say what was built, where it is and how to look at it."""
    # A file may be written more than once in a build, so that writes are no share of the files.
    fresh = report.files.written >= report.total_files
    wrote = "all" if fresh else f"{report.files.written:,}"
    rest = "" if fresh else ", the others left as they were"
    click.echo(
        f"{counted(report.records, 'record')}: {report.total_files:,} files, "
        f"{report.total_bytes / 1e6:.1f} MB, in {report.seconds['total']:.1f} s; "
        f"{wrote} written{rest}, {report.pruned} removed"
    )
    if report.records:
        size, files = report.record_bytes / 1e3, report.record_files
        click.echo(
            f"A record's own files: {size / report.records:.1f} kB and "
            f"{files / report.records:.1f} files on average"
        )
    if report.advice:
        click.echo(f"warning: {report.advice}", err=True)
    if report.unlogged:
        what = f"{report.unlogged} {'entry is' if report.unlogged == 1 else 'entries are'}"
        click.echo(
            f"warning: {what} not logged, so a reader's check of this site will find faults: run "
            "`sovereign-registry log append`, then build again before you publish it",
            err=True,
        )
    if report.own:
        click.echo(f"Of your own in theme/: {', '.join(report.own)}")
    if not report.records:
        click.echo("No record to show yet: `sovereign-registry run QUESTION` makes one.")
    click.echo(f"The site is in {output}/")
    if output != root / "output":
        elsewhere = f" --output {shlex.quote(str(output))}"
    else:
        elsewhere = "" if root == Path() else f" --registry {shlex.quote(str(root))}"
    click.echo(f"Look at it: sovereign-registry serve{elsewhere}")


@click.command()
@registry_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    show_default="output/ in the registry's folder",
    help="The folder that the site was built into.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
def serve(root: Path, output: Path | None, port: int) -> None:
    """Serve the built site on this machine until Ctrl-C.

    \b
    Example:
      sovereign-registry serve --port 8080
    """
    from sovereign_registry.wiring.site import serve_site  # noqa: PLC0415 - quick start

    serve_site(root, output=output, port=port)
