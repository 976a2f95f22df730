"""A registry changes single templates and files of a theme that it does not own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.website.build import build
from tests.website.engine.world import World, pelican, tree

if TYPE_CHECKING:
    from pathlib import Path

HOME = '{% extends "layout.html" %}{% block main %}<p>{{ site.title }}, ours</p>{% endblock %}'


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A registry with one record, whose theme lies elsewhere."""
    world = World(tmp_path / "registry", 1)
    shutil.move(world.root / "theme", tmp_path / "packaged")
    conf = world.root / "publishconf.py"
    text = conf.read_text("utf-8").replace('"theme"', repr(str(tmp_path / "packaged")))
    conf.write_text(text, "utf-8")
    return world


def put(world: World, name: str, text: str) -> None:
    """Write a file of the registry's own theme folder."""
    path = world.root / "theme" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_one_template_is_changed_and_no_other(world: World) -> None:
    """The page that it makes changes; every other page stays as it was, to the byte."""
    assert build(world.root).own == ()
    before = tree(world.output)
    put(world, "templates/home.html", HOME)
    report = build(world.root)
    after = tree(world.output)
    assert report.own == ("home.html",)
    assert {name for name in after if after[name] != before.get(name)} == {
        "index.html",
        "digests.txt",
    }
    assert b"ours" in after["index.html"]
    assert before.keys() == after.keys()


def test_a_piece_of_a_template_is_changed_wherever_it_is_used(world: World) -> None:
    """An included template of the theme is found under its name, the registry's own first."""
    put(
        world,
        "templates/layout.html",
        "<!doctype html><title>x</title>{% block main %}{% endblock %}",
    )
    build(world.root)
    pages = [data for name, data in tree(world.output).items() if name.endswith(".html")]
    assert len(pages) > 3
    assert all(data.startswith(b"<!doctype html><title>x</title>") for data in pages)


def test_taking_the_template_away_brings_the_theme_back(world: World) -> None:
    """To the byte: nothing of it is remembered."""
    build(world.root)
    before = tree(world.output)
    put(world, "templates/home.html", HOME)
    build(world.root)
    shutil.rmtree(world.root / "theme")
    build(world.root)
    assert tree(world.output) == before


def test_static_files_are_changed_and_added(world: World) -> None:
    """A changed style gets a new address on all pages; a new file is served as it is."""
    build(world.root)
    (old,) = world.output.glob("static/small.*.css")
    put(world, "static/small.css", "p { color: teal }")
    put(world, "static/img/seal.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    put(world, "static/.hidden", "kept to ourselves")
    report = build(world.root)
    (new,) = world.output.glob("static/small.*.css")
    assert report.own == ("static/img/seal.svg", "static/small.css")
    assert (old.name != new.name, old.exists()) == (True, False)
    assert new.read_text("utf-8") == "p { color: teal }"
    assert new.name in (world.output / "index.html").read_text("utf-8")
    assert (world.output / "static" / "img" / "seal.svg").is_file()
    assert not (world.output / "static" / ".hidden").exists()


def test_a_named_folder_goes_before_the_registrys_own(world: World) -> None:
    """THEME_TEMPLATES_OVERRIDES still works, and is asked first."""
    put(world, "templates/home.html", HOME)
    first = world.root / "first"
    first.mkdir()
    (first / "home.html").write_text(HOME.replace("ours", "first"), "utf-8")
    conf = world.root / "publishconf.py"
    conf.write_text(conf.read_text("utf-8") + 'THEME_TEMPLATES_OVERRIDES = ["first"]\n', "utf-8")
    build(world.root)
    assert "first</p>" in (world.output / "index.html").read_text("utf-8")


def test_a_named_folder_that_is_missing_is_an_error(world: World) -> None:
    """It is not passed over in silence."""
    conf = world.root / "publishconf.py"
    conf.write_text(conf.read_text("utf-8") + 'THEME_TEMPLATES_OVERRIDES = ["none"]\n', "utf-8")
    with pytest.raises(BuildFailed, match=r"none: is no folder.*THEME_TEMPLATES_OVERRIDES"):
        build(world.root)


def test_a_broken_template_of_ones_own_is_named(world: World) -> None:
    """By file and line, before anything is written."""
    put(world, "templates/home.html", "\n{% if %}")
    with pytest.raises(BuildFailed, match=r"home\.html:2"):
        build(world.root)
    assert not world.output.exists()


def test_plain_pelican_uses_them_too(world: World) -> None:
    """A prose page may even ask for a template that only the registry has."""
    put(world, "templates/home.html", HOME)
    put(world, "templates/essay.html", "<!doctype html><title>essay</title>{{ page.content|safe }}")
    page = world.root / "content" / "pages" / "about.md"
    page.write_text(f"Template: essay\n{page.read_text('utf-8')}", "utf-8")
    code, said = pelican(world)
    assert code == 0, said
    built = tree(world.output)
    assert b"ours" in built["index.html"]
    assert built["about/index.html"].startswith(b"<!doctype html><title>essay</title>")
    shutil.rmtree(world.output)
    build(world.root)
    assert tree(world.output) == built
