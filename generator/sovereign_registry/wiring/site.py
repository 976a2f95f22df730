"""The site: built and served with progress for a person."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.website.build import BuildReport

PATIENCE_SECONDS = 1.0


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

    return build(
        root, output=output, siteurl=siteurl, jobs=jobs, progress=None if quiet else _progress()
    )


def serve_site(root: Path, *, port: int) -> None:
    """Serve the built site until interrupted.

    Raises:
        RegistryError: nothing was built yet, or the port is taken.
    """
    from sovereign_registry.website.serve import serve  # noqa: PLC0415 - only here

    serve(root / "output", port, lambda url: click.echo(f"{url} (Ctrl-C ends it)"))
