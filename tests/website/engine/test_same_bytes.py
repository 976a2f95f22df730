"""The same registry gives the same bytes, wherever, however and after whatever accident."""

from __future__ import annotations

import re
import shutil
import signal
import time
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.website.build import build
from tests.website.engine.world import World, command, manifest, pelican, run, tree

if TYPE_CHECKING:
    from pathlib import Path

BUILD = (
    "from pathlib import Path; from sovereign_registry.website.build import build; build(Path('.'))"
)
MANY = 110
"""Enough that workers are started."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A registry with enough records for workers."""
    return World(tmp_path_factory.mktemp("many") / "registry", MANY)


def _copy(world: World, place: Path) -> World:
    shutil.copytree(world.root, place)
    copied = World.__new__(World)
    copied.root, copied.output = place, place / "output"
    return copied


def test_hash_seeds_workers_and_folders(many: World, tmp_path: Path) -> None:
    """Another hash seed, another number of workers, another folder: the same bytes."""
    trees = []
    for number, (seed, jobs) in enumerate([("0", "1"), ("1", "2"), ("2", "3")]):
        world = _copy(many, tmp_path / f"place-{number}" / ("deep" * number) / "here")
        code, said = run(
            "-c", BUILD, cwd=world.root, PYTHONHASHSEED=seed, SOVEREIGN_JOBS=jobs, TZ=f"UTC{number}"
        )
        assert code == 0, said
        trees.append(tree(world.output))
    assert trees[0] == trees[1] == trees[2]
    assert sum(name.endswith("/bundle.zip") for name in trees[0]) == MANY


def test_plain_pelican_gives_the_same(tmp_path: Path) -> None:
    """``pelican content -s publishconf.py`` and ``build`` make the same tree, prose included."""
    world = World(tmp_path / "registry", 3)
    code, said = pelican(world)
    assert code == 0, said
    alone = tree(world.output)
    shutil.rmtree(world.output)
    shutil.rmtree(world.root / ".sovereign")
    report = build(world.root, jobs=1)
    assert tree(world.output) == alone
    assert report.total_files == len(alone)
    assert b'href="../other/"' in alone["about/index.html"]
    assert b"<em>prose</em>" in alone["about/index.html"]


def test_removed_prose_page_goes(tmp_path: Path) -> None:
    """A prose page whose source is gone leaves the output, also when the state is lost."""
    world = World(tmp_path / "registry", 1)
    build(world.root, jobs=1)
    (world.root / "content" / "pages" / "other.md").unlink()
    (world.root / "content" / "pages" / "about.md").write_text("Title: About\n\nText.\n")
    build(world.root, jobs=1)
    assert not (world.output / "other").exists()
    assert (world.output / "about" / "index.html").is_file()


@pytest.mark.parametrize("moment", [0.35, 0.6, 0.9, 1.3])
def test_killed_build_is_mended(many: World, tmp_path: Path, moment: float) -> None:
    """SIGKILL at some moment, a record removed and one changed, then a build: the clean tree."""
    world = _copy(many, tmp_path / "registry")
    process = command("-c", BUILD, cwd=world.root, SOVEREIGN_JOBS="2")
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for record in world.ids()[:3]:
        world.remove(record)
    world.annotate(world.ids()[0])
    time.sleep(0.5)  # its workers notice and end
    world.build()
    clean = world.clean(tmp_path / "clean")
    found = tree(world.output)
    prose = {"about/index.html", "other/index.html"}
    assert {name: data for name, data in found.items() if name not in prose} == clean


def test_sub_paths_and_addresses(tmp_path: Path) -> None:
    """No record's page of a bare theme knows the site's address; feeds, lists and exports do."""
    world = World(tmp_path / "registry", 2)
    world.build()
    bare = tree(world.output)
    world.build(site_url="https://example.org/registry/")
    placed = tree(world.output)
    assert set(placed) - set(bare) == {"opensearch.xml", "robots.txt", "sitemap.xml"}
    assert b"https://example.org/registry/records/" in placed["sitemap.xml"]
    assert b'href="/registry/static/small.' in placed["404.html"]
    assert b'href="/static/small.' in bare["404.html"]
    page = min(name for name in bare if re.fullmatch("records/sr-[^/]*/index.html", name))
    assert b'href="../../static/small.' in bare[page]
    assert bare[page] == placed[page]


def test_manifest_numbers_are_distinct() -> None:
    """The synthetic records used here have ids of their own."""
    assert len({manifest(number).id for number in range(MANY)}) == MANY
