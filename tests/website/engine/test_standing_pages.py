"""Pages outside the records that a build does not plan: they stand only where nothing moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.website import making
from sovereign_registry.website.papers import shelf_of
from sovereign_registry.website.session import Session
from sovereign_registry.website.standing_pages import touched_shelves
from tests.website.engine.world import World, manifest, tree

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.website.state import SiteState


def state_of(world: World) -> SiteState:
    """What the last build remembers."""
    session = Session(world.options())
    state, whole = session._state_file.load()
    assert whole
    return state


def retitled(world: World, record_id: str) -> None:
    """Put another title in place: another line in lists, other words, the same papers."""
    record = next(one for one in map(manifest, range(20)) if one.id == record_id)
    work = msgspec.structs.replace(record.work, title=f"{record.work.title} anew")
    world.add(msgspec.structs.replace(record, work=work))


def test_the_same_records_touch_no_shelf(tmp_path: Path) -> None:
    """And one whose lists show it as before, as after an annotation, touches none either."""
    world = World(tmp_path / "registry", 6)
    world.build()
    before = state_of(world).records
    assert touched_shelves(before, before) == frozenset()
    world.annotate(world.ids()[2])
    world.build()
    assert touched_shelves(state_of(world).records, before) == frozenset()


def test_another_line_touches_the_shelves_of_its_papers(tmp_path: Path) -> None:
    """Other papers, other details, another date, one record more or less: all of them."""
    world = World(tmp_path / "registry", 6)
    world.build()
    before = state_of(world).records
    one = before[3]

    def changed(**changes: object) -> frozenset[str] | None:
        new = [*before]
        new[3] = msgspec.structs.replace(one, **changes)
        return touched_shelves(new, before)

    row = msgspec.structs.replace(one.row, title="Another one")
    assert changed(row=row) == frozenset(shelf_of(key) for key in one.papers) != frozenset()
    assert changed(row=msgspec.structs.replace(one.row, published="2019-01-01")) is None
    assert changed(papers=()) is None
    assert changed(details=b"other") is None
    assert touched_shelves(before[:-1], before) is None


@pytest.mark.parametrize("which", ["shelf", "index", "list"])
@pytest.mark.parametrize("change", ["none", "annotation", "title"])
def test_a_page_that_was_lost_comes_back(which: str, change: str, tmp_path: Path) -> None:
    """Whether its records changed or not."""
    world = World(tmp_path / "registry", 6)
    world.build()
    shelf = f"sources/{shelf_of(state_of(world).records[0].papers[0])}/index.html"
    path = {"shelf": shelf, "index": "sources/index.html", "list": "records/index.html"}[which]
    (world.output / path).unlink()
    if change == "annotation":
        world.annotate(world.ids()[1])
    if change == "title":
        retitled(world, world.ids()[0])
    world.build()
    assert tree(world.output) == world.clean(tmp_path / "clean")


def test_a_prose_page_in_the_place_of_a_shelf_is_refused(tmp_path: Path) -> None:
    """Also where that shelf would have stood."""
    world = World(tmp_path / "registry", 4)
    world.build()
    shelf = shelf_of(state_of(world).records[0].papers[0])
    world.annotate(world.ids()[3])
    session = Session(world.options())
    session.put_prose(f"sources/{shelf}/index.html", "404.html", {})
    with pytest.raises(BuildFailed, match="is made twice"):
        session.run()


def test_workers_make_the_lists_that_a_template_changed(tmp_path: Path) -> None:
    """Hundreds of list pages alone are worth workers; the tree is the clean one."""
    world = World(tmp_path / "registry", 0)
    for number in range(160):
        world.add(manifest(number))
    world.build(jobs=2)
    for name in ("browse", "shelf"):
        path = world.root / "theme" / "templates" / f"{name}.html"
        path.write_text(path.read_text(encoding="utf-8") + "<!-- -->", encoding="utf-8")
    report = world.build(jobs=2)
    assert report.rendered == 0
    assert report.files.unchanged > making.FEW_PAGES
    assert tree(world.output) == world.clean(tmp_path / "clean")
