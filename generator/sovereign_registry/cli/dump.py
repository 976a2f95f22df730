"""``dump``: the whole registry in one archive."""

from __future__ import annotations

from pathlib import Path

import click

from sovereign_registry.cli.common import counted, json_option, print_json, registry_option


@click.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@registry_option
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The log's private key: signs the list of digests in the dump.",
)
@json_option
def dump(out: Path, root: Path, key: Path | None, *, as_json: bool) -> None:
    """Write the whole registry into one archive, OUT.tar.gz or OUT.zip.

    Manifests, histories, artifacts and log, with a list of digests.  Unpacked, it is a registry
    again: check, verify and build work there.

    \b
    Example:
      sovereign-registry dump registry.tar.gz
    """
    from sovereign_registry.store import Registry  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.dump import dump_registry  # noqa: PLC0415 - quick start

    report = dump_registry(Registry(root), out, key)
    if as_json:
        print_json(report)
        return
    signed = "signed" if report.sealed else "not signed"
    click.echo(
        f"{report.path}: {counted(report.records, 'record')}, {counted(report.files, 'file')}, "
        f"{report.bytes / 1e6:.1f} MB, its list of digests {signed}"
    )
    click.echo(f"SHA-256 {report.sha256}")
