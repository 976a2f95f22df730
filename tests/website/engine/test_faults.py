"""What keeps a site from being whole ends the build, with the file named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import (
    BadInput,
    BuildFailed,
    RecordFault,
    RegistryError,
    UsageError,
)
from sovereign_registry.website.build import build
from sovereign_registry.website.pool import worker_count
from sovereign_registry.website.serve import make_server
from tests.website.engine.world import World, manifest, pelican

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _missing_plugin(world: World) -> str:
    conf = world.root / "publishconf.py"
    conf.write_text(conf.read_text() + 'PLUGINS = [*PLUGINS, "no_such_plugin"]\n')
    return "no_such_plugin"


def _own_plugin_left_out(world: World) -> str:
    conf = world.root / "publishconf.py"
    conf.write_text(conf.read_text() + "PLUGINS = []\n")
    return "sovereign_registry.website.plugin"


def _bad_manifest(world: World) -> str:
    path = world.folder(world.ids()[0]) / "manifest.yaml"
    path.write_bytes(path.read_bytes().replace(b"\nid: ", b"\nid: '1'\nid: ", 1))
    return f"{path.parent.name}/manifest.yaml"


def _missing_manifest(world: World) -> str:
    path = world.folder(world.ids()[0]) / "manifest.yaml"
    path.unlink()
    return f"{path.parent.name}/manifest.yaml"


def _manifest_is_a_link(world: World) -> str:
    path = world.folder(world.ids()[0]) / "manifest.yaml"
    path.rename(world.root / "elsewhere.yaml")
    path.symlink_to(world.root / "elsewhere.yaml")
    return f"{path.parent.name}/manifest.yaml"


def _huge_manifest(world: World) -> str:
    path = world.folder(world.ids()[0]) / "manifest.yaml"
    with path.open("r+b") as file:
        file.truncate(50_000_000)
    return f"{path.parent.name}/manifest.yaml"


def _other_folder(world: World) -> str:
    first = world.folder(world.ids()[0])
    first.rename(first.with_name("sr-2601-zzzzzzzz"))
    return "sr-2601-zzzzzzzz"


def _stray_folder(world: World) -> str:
    (world.root / "manifests" / "records" / "..notes").mkdir()
    (world.root / "manifests" / "records" / "notes").mkdir()
    return "manifests/records/notes"


def _swapped_artifact(world: World) -> str:
    path = world.folder(world.ids()[0]) / "artifacts" / "report.md"
    path.write_bytes(b"something else")
    return f"{path.parent.parent.name}/artifacts/report.md"


def _missing_artifact(world: World) -> str:
    path = world.folder(world.ids()[0]) / "artifacts" / "report.md"
    path.unlink()
    return f"{path.parent.parent.name}/artifacts/report.md"


def _empty_registry(world: World) -> str:
    for record in world.ids():
        world.remove(record)
    return "manifests/records"


def _no_registry(world: World) -> str:
    (world.root / "manifests" / "registry.yaml").unlink()
    return "manifests/registry.yaml"


def _template_syntax(world: World) -> str:
    path = world.root / "theme" / "templates" / "record.html"
    path.write_text("{% if %}", encoding="utf-8")
    return "record.html"


def _template_undefined(world: World) -> str:
    path = world.root / "theme" / "templates" / "parts" / "claims.html"
    path.write_text("\n{{ record.no_such_field }}", encoding="utf-8")
    return "parts/claims.html:2"


def _template_missing(world: World) -> str:
    (world.root / "theme" / "templates" / "browse.html").unlink()
    return "browse.html"


def _unreadable_page(world: World) -> str:
    (world.root / "content" / "pages" / "broken.md").write_bytes(b"Title: Broken\n\n\xff\xfe")
    return "broken.md"


def _page_without_title(world: World) -> str:
    (world.root / "content" / "pages" / "bare.md").write_text("No title.\n", encoding="utf-8")
    return "bare.md"


def _page_over_a_list(world: World) -> str:
    text = "Title: Records\nsave_as: records/index.html\n\nMine.\n"
    (world.root / "content" / "pages" / "records.md").write_text(text, encoding="utf-8")
    return "records/index.html"


def _page_outside(world: World) -> str:
    text = "Title: Outside\nsave_as: ../outside.html\n\nMine.\n"
    (world.root / "content" / "pages" / "outside.md").write_text(text, encoding="utf-8")
    return "outside"


FAULTS: list[tuple[Callable[[World], str], type[RegistryError]]] = [
    (_missing_plugin, BuildFailed),
    (_own_plugin_left_out, BuildFailed),
    (_bad_manifest, RecordFault),
    (_missing_manifest, RecordFault),
    (_manifest_is_a_link, RecordFault),
    (_huge_manifest, RecordFault),
    (_other_folder, RecordFault),
    (_stray_folder, BadInput),
    (_swapped_artifact, RecordFault),
    (_missing_artifact, RecordFault),
    (_empty_registry, BuildFailed),
    (_no_registry, BadInput),
    (_template_syntax, BuildFailed),
    (_template_undefined, BuildFailed),
    (_template_missing, BuildFailed),
    (_unreadable_page, BuildFailed),
    (_page_without_title, BuildFailed),
    (_page_over_a_list, BuildFailed),
    (_page_outside, BuildFailed),
]
NAMES = [fault.__name__.strip("_") for fault, _ in FAULTS]


@pytest.mark.parametrize(("fault", "kind"), FAULTS, ids=NAMES)
def test_build_raises(
    fault: Callable[[World], str], kind: type[RegistryError], tmp_path: Path
) -> None:
    """``build`` raises an error of the right kind that names the place."""
    world = World(tmp_path, 2)
    if kind is not BuildFailed:
        build(world.root, jobs=1)
    named = fault(world)
    with pytest.raises(kind) as caught:
        build(world.root, jobs=1)
    assert named in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [_missing_plugin, _bad_manifest, _empty_registry, _template_undefined, _unreadable_page],
    ids=lambda fault: fault.__name__.strip("_"),
)
def test_plain_pelican_fails(fault: Callable[[World], str], tmp_path: Path) -> None:
    """``pelican content -s publishconf.py`` alone exits non-zero and names the place."""
    world = World(tmp_path, 2)
    named = fault(world)
    code, said = pelican(world)
    assert code == 1
    assert named in said


def test_a_fault_in_a_worker_is_the_first_one(tmp_path: Path) -> None:
    """With several workers and several bad manifests, the error is that of the first id."""
    world = World(tmp_path, 0)
    for number in range(150):
        world.add(manifest(number))
    ids = world.ids()
    for record in (ids[40], ids[41], ids[100], ids[140]):
        (world.folder(record) / "manifest.yaml").write_text("id: 1.5\n", encoding="utf-8")
    with pytest.raises(RecordFault) as caught:
        world.build(jobs=2)
    assert ids[40] in caught.value.where


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    """A second build of one registry says that another one is running."""
    from sovereign_registry.website.session import Session  # noqa: PLC0415 - only here

    world = World(tmp_path, 1)
    with Session(world.options()).lock(), pytest.raises(BuildFailed, match="another build"):
        world.build()


def test_jobs_variable_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """SOVEREIGN_JOBS must be a positive number; what is asked for goes before it."""
    monkeypatch.setitem(os.environ, "SOVEREIGN_JOBS", "many")
    with pytest.raises(BuildFailed, match="SOVEREIGN_JOBS"):
        worker_count()
    assert worker_count(3) == 3


def test_serve_needs_a_site(tmp_path: Path) -> None:
    """Serving a folder without a site is a usage error."""
    with pytest.raises(UsageError, match="no built site"):
        make_server(tmp_path, 0)
