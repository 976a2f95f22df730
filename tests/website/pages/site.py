"""A small site made of the sample records with the real theme, for tests of whole pages."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import markdown
import msgspec
from pelican.settings import DEFAULT_CONFIG

from sovereign_registry.contracts.schemas import SCHEMA_NAMES, json_schema
from sovereign_registry.contracts.tombstone import Tombstone, bury
from sovereign_registry.website import change_lists
from sovereign_registry.website.lists import ListMaker
from sovereign_registry.website.rendering import Renderer, make_environment
from sovereign_registry.website.rows import newest_changes, row_of, trail_of, trail_of_stone
from sovereign_registry.website.views import contracts, errors, lists, record, trail
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.website.model import PageSpec


class Prose:
    """The few attributes of Pelican's page that the template reads."""

    def __init__(self, source: str) -> None:
        settings: dict[str, Any] = DEFAULT_CONFIG["MARKDOWN"]
        engine = markdown.Markdown(
            extensions=list(settings["extension_configs"]),
            extension_configs=settings["extension_configs"],
        )
        self.content = engine.convert(source)
        meta: dict[str, list[str]] = getattr(engine, "Meta")  # noqa: B009 - set by an extension
        self.title = " ".join(meta["title"])
        self.description = " ".join(meta["description"])


def sample_views() -> list[Any]:
    """One record of each sort."""
    return [samples.computed(), samples.revised(), imported.declared(), imported.hostile()]


def removed() -> Tombstone:
    """What stays of a record whose text was removed."""
    view = samples.view(msgspec.structs.replace(samples.manifest(), id="sr-2610-gnne0000"))
    return bury(
        view,
        (),
        at="2026-11-05T09:30:00Z",
        by="owner",
        note="It printed a private address.",
        legal_reference="Court order 12/34",
    )


def changes(views: list[Any]) -> list[PageSpec]:
    """The list of corrections with its filters and feed, and the page of a removed record."""
    entries = [entry for view in views for entry in trail_of(view)]
    stone = removed()
    found = newest_changes([*entries, trail_of_stone(stone)])
    return list(change_lists.plan(found, (stone,)))


def build(root: Path, folder: Path) -> None:
    """Write every kind of page into ``folder``; assets keep their names."""
    renderer = Renderer(make_environment([str(root / "theme" / "templates")]), SITE, {})

    def write(path: str, template: str, context: dict[str, Any]) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(renderer.render(template, path, context))

    shutil.copytree(root / "theme" / "static", folder / "static")
    views = sample_views()
    for view in views:
        place = f"records/{view.record.id}"
        write(f"{place}/index.html", "record.html", record.context(view, SITE))
        write(f"{place}/history/index.html", "history.html", trail.context(view, SITE))
    maker = ListMaker(renderer, "sovereign_registry.website.views")
    for spec in changes(views):
        target = folder / spec.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(maker.make(spec))
    rows = [row_of(view) for view in views]
    write("index.html", "home.html", lists.home(rows, SITE))
    write("records/index.html", "browse.html", lists.browse(rows, 1, 3, SITE))
    write("404.html", "404.html", errors.not_found(SITE))
    write("contracts/index.html", "contracts.html", contracts.index(SITE))
    for name in SCHEMA_NAMES:
        context = contracts.contract(name, json_schema(name), SITE)
        write(f"contracts/{name}/index.html", "contract.html", context)
    for source in sorted((root / "content" / "pages").glob("*.md")):
        page = Prose(source.read_text(encoding="utf-8"))
        write(f"{source.stem}/index.html", "page.html", {"page": page})
