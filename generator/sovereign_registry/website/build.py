"""``build``: the same build that ``pelican content -s publishconf.py`` makes, with a report."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from sovereign_registry.contracts.errors import BuildFailed, RegistryError
from sovereign_registry.store import Registry
from sovereign_registry.store.log_places import count_unlogged
from sovereign_registry.website.collector import no_gc
from sovereign_registry.website.options import BuildReport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["BuildReport", "build"]


def build(
    registry_root: Path,
    output: Path | None = None,
    siteurl: str | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> BuildReport:
    """Build the site of a registry.

    A ``publishconf.py`` in the registry's folder is Python and is run, as Pelican would run it.

    Args:
        registry_root: The folder that holds ``manifests/``.
        output: The output folder; by default ``output/`` in the registry's folder.
        siteurl: The site's address; None leaves it to the settings and to ``registry.yaml``.
        jobs: How many render workers; None leaves it to ``SOVEREIGN_JOBS`` and the processors.
        progress: Told (records done, records to do) as it goes.

    Raises:
        RecordFault: a manifest, history entry or artifact breaks its contract.
        BadInput: the folder is no registry.
        BuildFailed: anything else that keeps the site from being whole.
    """
    with no_gc():
        return _build(registry_root.resolve(), output, siteurl, jobs, progress)


def _build(
    root: Path,
    output: Path | None,
    siteurl: str | None,
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
) -> BuildReport:
    start = time.perf_counter()
    settings = _settings(root, output, siteurl, jobs, progress)
    from pelican.log import console  # noqa: PLC0415 - Pelican takes a quarter of a second

    loaded = time.perf_counter() - start
    pelican = settings["PELICAN_CLASS"](settings)
    quiet, console.quiet = console.quiet, True
    try:
        pelican.run()
    except RegistryError:
        raise
    except OSError as error:
        raise BuildFailed(
            f"cannot be used: {error.strerror or error}",
            where=str(error.filename or root),
            todo="A build writes the site, and keeps its notes in .sovereign/ in the registry's "
            "folder: make both writable, or build in a copy.",
        ) from error
    except Exception as error:
        raise BuildFailed(
            f"{type(error).__name__}: {error}", where="Pelican", todo="See the lines above."
        ) from error
    finally:
        console.quiet = quiet
    report: BuildReport | None = pelican.report
    if report is None:
        raise BuildFailed(
            "the registry's generator did not run",
            where="PLUGINS",
            todo="Take over sovereign_registry.website.settings in publishconf.py.",
        )
    records = root / "manifests" / "records"
    names = os.listdir(records) if records.is_dir() else []  # noqa: PTH208 - names only
    folders = [one for one in names if one[0] != "."]
    manifests = len(folders)
    if report.records != manifests:  # removed records have a folder, and a page of another kind
        stones = [records / one / "tombstone.yaml" for one in folders]
        manifests -= sum(stone.exists() for stone in stones)
    if report.records != manifests:
        raise BuildFailed(
            f"{report.records} record pages for {manifests} manifests",
            where="manifests/records",
            todo="If records were added meanwhile, build again.",
        )
    report.unlogged = count_unlogged(Registry(root))
    report.seconds = {"load": round(loaded, 4), **report.seconds}
    report.seconds["total"] = round(time.perf_counter() - start, 4)
    return report


def _settings(
    root: Path,
    output: Path | None,
    siteurl: str | None,
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
) -> dict[str, Any]:
    from pelican.settings import read_settings  # noqa: PLC0415 - as above

    override: dict[str, Any] = {
        "OUTPUT_PATH": str((output or root / "output").resolve()),
        "REGISTRY_PROGRESS": progress,
        "REGISTRY_JOBS": jobs,
        "REGISTRY_ROOT": str(root),
    }
    if siteurl is not None:
        override["SITEURL"] = siteurl.rstrip("/")
    conf = root / "publishconf.py"
    if conf.is_file():
        if (root / "content").is_dir():
            override["PATH"] = str(root / "content")
        own: dict[str, Any] = read_settings(str(conf), override=override)
        return own
    from sovereign_registry.website import settings as packaged  # noqa: PLC0415 - as above

    override |= {
        name: getattr(packaged, name)
        for name in dir(packaged)
        if name.isupper() and name not in override
    }
    if (root / "content").is_dir():
        override["PATH"] = str(root / "content")
    bare: dict[str, Any] = read_settings(override=override)
    return bare
