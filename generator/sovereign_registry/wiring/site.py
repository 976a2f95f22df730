"""The site: built and served with progress for a person."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.registry import require_site_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.website.build import BuildReport

PATIENCE_SECONDS = 1.0
MARK = "contracts/paper-manifest-v1.1.schema.json"
"""Stands in every site that this software built."""


def _progress() -> Callable[[int, int], None]:
    """Tell records done on stderr, once a second at most and not within the first second."""
    told = [time.monotonic()]

    def tell(done: int, total: int) -> None:
        if time.monotonic() - told[0] >= PATIENCE_SECONDS:
            told[0] = time.monotonic()
            click.echo(f"{done} of {total} records", err=True)

    return tell


def build_site(
    root: Path, *, output: Path | None, siteurl: str | None, jobs: int | None, quiet: bool
) -> BuildReport:
    """Build the site of a registry's folder.

    Raises:
        RegistryError: it cannot be built whole.
    """
    from sovereign_registry.website.build import build  # noqa: PLC0415 - Pelican is slow to load

    if siteurl is not None:
        siteurl = require_site_url(siteurl, "--siteurl")
    if output is not None:
        _require_apart(root.resolve(), output.resolve())
    return build(
        root, output=output, siteurl=siteurl, jobs=jobs, progress=None if quiet else _progress()
    )


def _require_apart(root: Path, output: Path) -> None:
    """Refuse an output folder in which the site would mix with what it is built from.

    Raises:
        UsageError: it holds, or lies in, the registry's sources, or holds files of another kind.
    """
    sources = [root / name for name in ("manifests", "content", ".sovereign", ".git")]
    if output.is_file():
        raise UsageError("is a file", where=str(output), todo="Name a folder.")
    if root.is_relative_to(output) or any(output.is_relative_to(path) for path in sources):
        raise UsageError(
            "holds, or lies in, what the site is built from",
            where=str(output),
            todo="Name a folder of its own, such as output/.",
        )
    if output.is_dir() and any(output.iterdir()) and not (output / MARK).exists():
        raise UsageError(
            "holds files that are not this site's",
            where=str(output),
            todo="Name an empty folder, or one that holds an earlier build.",
        )


def serve_site(root: Path, *, output: Path | None, port: int) -> None:
    """Serve the built site until interrupted.

    Raises:
        RegistryError: nothing was built yet, or the port is taken.
    """
    from sovereign_registry.website.serve import serve  # noqa: PLC0415 - only here

    serve(output or root / "output", port, lambda url: click.echo(f"{url} (Ctrl-C ends it)"))
