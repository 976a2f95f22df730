"""What a build is asked to do, and what it reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import sovereign_registry
from sovereign_registry.website.model import SiteInfo
from sovereign_registry.website.tree import Tally

if TYPE_CHECKING:
    from sovereign_registry.store import Registry
    from sovereign_registry.store.log_places import LogPlaces


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a build is asked to do."""

    root: Path
    """The registry's folder."""
    output: Path
    theme: Path
    overrides: tuple[str, ...] = ()
    """Template folders that go before the theme's."""
    statics: tuple[str, ...] = ()
    """Folders whose files go before those of the theme's ``static/``."""
    site_url: str = ""
    """The site's address; empty: the one that ``registry.yaml`` states."""
    jobs: int | None = None
    views: str = "sovereign_registry.website.views"
    """The package that says what pages show."""


class BuildReport(msgspec.Struct, kw_only=True):
    """What a build did."""

    records: int = 0
    pages: int = 0
    """Pages and other files outside the records, prose pages among them."""
    rendered: int = 0
    """Records of which at least one file had to be made or looked into."""
    files: Tally = msgspec.field(default_factory=Tally)
    pruned: int = 0
    total_files: int = 0
    total_bytes: int = 0
    record_files: int = 0
    """Of these, files of records."""
    record_bytes: int = 0
    kinds: dict[str, int] = msgspec.field(default_factory=dict)
    """Bytes by what can be switched off under ``publish:``; files of records only."""
    advice: str = ""
    """What to switch off, where the site nears what its host takes."""
    unlogged: int = 0
    """Published manifests, history entries and removals that the registry's log lacks."""
    seconds: dict[str, float] = msgspec.field(default_factory=dict)
    """Wall time by phase."""
    own: tuple[str, ...] = ()
    """The registry's own templates and static files, by the names that they go before or add."""


def site_info(registry: Registry, site_url: str, log: LogPlaces) -> SiteInfo:
    """What every page may say about the site, and about the log, where there is one."""
    info = registry.info
    return SiteInfo(
        title=info.title,
        publisher=info.publisher,
        description=info.description,
        base_url=(site_url or info.base_url).rstrip("/"),
        language=info.language,
        records_licence=info.records_licence,
        report_problem=info.report_problem,
        publish=info.publish,
        generator=f"Sovereign Registry {sovereign_registry.__version__}",
        logged=(registry.manifests / "log" / "checkpoint").is_file(),
        log_origin=log.origin,
        log_key=log.key,
        new=info.new,
    )
