"""A small site made of the sample records with the real theme, for tests of whole pages."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import markdown
import msgspec
from pelican.settings import DEFAULT_CONFIG

from sovereign_registry.contracts.tombstone import Tombstone, bury
from sovereign_registry.website.details import details_of, packed
from sovereign_registry.website.lists import Catalogue, ListMaker, open_desk, plan
from sovereign_registry.website.rendering import Renderer, make_environment
from sovereign_registry.website.rows import (
    newest_changes,
    newest_first,
    row_of,
    trail_of,
    trail_of_stone,
)
from sovereign_registry.website.views import record, trail
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from pathlib import Path


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


class Details:
    """The shelf of the sample records: everything is in memory."""

    def __init__(self, views: list[Any]) -> None:
        self.views = {view.record.id: view for view in views}

    def get(self, record_id: str, digest: bytes) -> Any:  # noqa: ANN401 - as the real shelf
        """The details of a record."""
        found = details_of(self.view(record_id))
        assert packed(found)[1] == digest
        return found

    def view(self, record_id: str) -> Any:  # noqa: ANN401 - as above
        """The record."""
        return self.views[record_id]


def catalogue(views: list[Any], stones: tuple[Tombstone, ...]) -> Catalogue:
    """All that the lists of the sample site are made of."""
    made = {view.record.id: details_of(view) for view in views}
    entries = [entry for view in views for entry in trail_of(view)]
    return Catalogue(
        rows=newest_first(map(row_of, views)),
        changes=newest_changes([*entries, *map(trail_of_stone, stones)]),
        stones=stones,
        papers={name: tuple(lean.key for lean in one.leans) for name, one in made.items()},
        details={name: packed(one)[1] for name, one in made.items()},
        digests=dict.fromkeys(made, b"1"),
    )


def write_lists(
    folder: Path, renderer: Renderer, views: list[Any], stones: tuple[Tombstone, ...]
) -> None:
    """Write every page and file outside the records."""
    known = catalogue(views, stones)
    shelf: Any = Details(views)
    memo = folder.parent / f"{folder.name}-search-starts"
    desk = open_desk(known, SITE, "sovereign_registry.website.views", shelf, memo)
    maker = ListMaker(renderer, "sovereign_registry.website.views", desk)
    for spec in plan(known, SITE, desk.search):
        target = folder / spec.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(maker.make(spec))


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
    write_lists(folder, renderer, views, (removed(),))
    for source in sorted((root / "content" / "pages").glob("*.md")):
        page = Prose(source.read_text(encoding="utf-8"))
        write(f"{source.stem}/index.html", "page.html", {"page": page})
