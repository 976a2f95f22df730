"""Brings the pages outside the records up to date: those that stand, those made here, and the rest.

Pages of rows are made in the workers while this process makes the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.website import lists
from sovereign_registry.website.setup import combine
from sovereign_registry.website.standing_pages import Standing, kept, planned, standing_shelves
from sovereign_registry.website.state import PageState
from sovereign_registry.website.worker import Order, Stock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.website.desk import Desk
    from sovereign_registry.website.details import Shelf
    from sovereign_registry.website.making import Crew
    from sovereign_registry.website.model import PageSpec
    from sovereign_registry.website.rendering import Renderer
    from sovereign_registry.website.setup import Setup
    from sovereign_registry.website.state import RecordState, SiteState
    from sovereign_registry.website.theme import Theme
    from sovereign_registry.website.tree import Stamp, Tree

POOLED = frozenset({"browse", "shelf", "paper"})
"""Builders that workers know how to run: they need rows and details alone."""
_SHELF_TEMPLATES = ("papers.html", "shelf.html", "paper.html")


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What pages outside the records are made from."""

    records: list[RecordState]
    """By id."""
    stones: list[Tombstone]
    prose: dict[str, Stamp]
    theme: Theme
    base: bytes
    """Digest of code, site and assets' names, which every page depends on."""

    def key(self) -> bytes:
        """Digest of everything but the records."""
        closures = sorted(self.theme.closures.items())
        assets = [Path(file).read_bytes() for _, file in sorted(self.theme.files.items())]
        told = (closures, self.stones, sorted(self.prose), sorted(self.theme.files))
        return combine(self.base, msgspec.msgpack.encode(told), *assets)

    def shelf_key(self) -> bytes:
        """Digest of everything but the records that pages of source papers depend on."""
        closures = self.theme.closures
        return combine(self.base, *(closures.get(name, b"") for name in _SHELF_TEMPLATES))


class Listing:
    """The pages outside the records of one build.

    Args:
        sources: What they are made from.
        tree: The output folder.
        renderer: For those that this process makes.
        crew: Who makes the others.
        closure: Gives the digest of a template's closure.
    """

    def __init__(
        self,
        sources: Sources,
        tree: Tree,
        renderer: Renderer,
        crew: Crew,
        closure: Callable[[str], bytes],
    ) -> None:
        self._sources = sources
        self._tree = tree
        self._renderer = renderer
        self._crew = crew
        self._closure = closure
        self.key, self.shelf_key = sources.key(), sources.shelf_key()

    def _standing(self, state: SiteState, *, whole: bool) -> Standing:
        """What stands of the last build."""
        sources, tree = self._sources, self._tree
        if not whole:
            return Standing()
        if state.lists == self.key and state.records == sources.records:
            pages = kept(tree, planned(state.pages, sources.prose), state.pages)
            if pages is not None:
                return Standing(pages=pages, whole=True)
        if state.shelves != self.shelf_key:
            return Standing()
        return standing_shelves(tree, sources.records, state.records, state.pages, sources.prose)

    def make(
        self, state: SiteState, setup: Setup, shelf: Shelf, memo: Path, *, whole: bool
    ) -> dict[str, PageState]:
        """Bring them up to date.

        Args:
            state: What the last build left.
            setup: What workers have to know.
            shelf: The records' details.
            memo: A file that remembers how the search words were split.
            whole: Whether ``state`` tells the whole truth.

        Raises:
            BuildFailed: a page cannot be made, or two share a path.
        """
        sources = self._sources
        pages = {path: PageState(b"", stamp) for path, stamp in sources.prose.items()}
        standing = self._standing(state, whole=whole)
        self._tree.tally.skipped += len(standing.pages)
        pages |= standing.pages
        if standing.whole:
            return pages
        known = lists.catalogue(
            sources.records, sources.stones, list(sources.prose), standing.shelves
        )
        desk = lists.open_desk(known, self._renderer.site, setup.views, shelf, memo)
        specs = (
            *lists.plan(known, self._renderer.site, desk.search),
            *lists.assets(sources.theme.files),
        )
        due = self._due(specs, state.pages, pages)
        self._fill(due, known, desk, setup, pages)
        return pages

    def _due(
        self,
        specs: Sequence[PageSpec],
        last: dict[str, PageState],
        pages: dict[str, PageState],
    ) -> list[tuple[PageSpec, bytes]]:
        """The pages that have to be made, with their keys; the others are entered in ``pages``."""
        slices = lists.Slices(self._sources.records)
        due: list[tuple[PageSpec, bytes]] = []
        seen = set(pages)
        for spec in specs:
            if spec.path in seen:
                raise BuildFailed(
                    "is made twice: by the registry and by a prose page",
                    where=spec.path,
                    todo="Change the slug of the page in content/pages.",
                )
            seen.add(spec.path)
            closure = self._closure(spec.template) if spec.template else b""
            key = combine(self._sources.base, closure, slices.digest(spec))
            found = last.get(spec.path)
            stamp = None
            if found is not None and found.key == key:
                stamp = self._tree.intact(spec.path, found.stamp)
            if stamp is None:
                due.append((spec, key))
            else:
                self._tree.tally.skipped += 1
                pages[spec.path] = PageState(key, stamp)
        return due

    def _fill(
        self,
        due: list[tuple[PageSpec, bytes]],
        known: lists.Catalogue,
        desk: Desk,
        setup: Setup,
        pages: dict[str, PageState],
    ) -> None:
        """Make pages, in the workers where these are many."""
        maker = lists.ListMaker(self._renderer, setup.views, desk)
        keys = {spec.path: key for spec, key in due}
        pooled = [spec for spec, _ in due if spec.builder in POOLED]
        rest = [spec for spec, _ in due if spec.builder not in POOLED]

        def make(specs: list[PageSpec]) -> None:
            for spec in specs:
                stamp = self._tree.put(spec.path, maker.make(spec))
                pages[spec.path] = PageState(keys[spec.path], stamp)

        place = {row.id: at for at, row in enumerate(known.rows)}

        def stock() -> Stock:
            details = "" if desk.shelf is None else desk.shelf.keep(place)
            return Stock(rows=list(known.rows), details=details, digests=dict(known.details))

        orders = [
            Order(
                spec=msgspec.structs.replace(spec, rows=()),
                rows=[place[row.id] for row in spec.rows],
            )
            for spec in pooled
        ]
        replies = self._crew.pages(orders, setup, stock, lambda: make(rest))
        if replies is None:
            make(pooled)
            make(rest)
            return
        for reply in replies:
            self._tree.tally.add(reply.tally)
            for path, stamp in reply.stamps.items():
                pages[path] = PageState(keys[path], stamp)
