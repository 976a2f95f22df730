"""What a site carries per record, as registry.yaml says; and what the build says of its size."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.registry import FileGroup, Publish
from sovereign_registry.store.loading import load_registry_info
from sovereign_registry.website.build import build
from sovereign_registry.website.limits import HOST_BYTES, advice, weights
from sovereign_registry.website.options import BuildReport
from tests.verifier.sites import IMPORTED, REGISTRY, WITH_HISTORY, World, faults, look

if TYPE_CHECKING:
    from pathlib import Path


def read(publish: str) -> Publish:
    """What a registry.yaml with this ending says."""
    return load_registry_info((REGISTRY + publish).encode(), "registry.yaml").publish


def test_left_out_is_the_default() -> None:
    """Citations and correction record beside the page, everything in the bundle, no PDF."""
    assert read("") == Publish()
    assert read("publish:\n  pdf: true\n") == Publish(pdf=True)
    assert Publish().beside == (FileGroup.CORRECTIONS, FileGroup.CITATIONS)


@pytest.mark.parametrize(
    ("publish", "said"),
    [
        ("publish:\n  pfd: true\n", "'pfd' was unexpected"),
        ("publish:\n  pdf: 1\n", "pdf"),
        ('publish:\n  beside:\n    - "everything"\n', "'everything' is not one of"),
        ("publish:\n  bundles: false\n", "`beside` has to name `manifest`"),
        (
            'publish:\n  bundles: false\n  offline_page: true\n  beside:\n    - "manifest"\n',
            "`offline_page` is a file of the bundles",
        ),
    ],
)
def test_what_cannot_be_meant_is_one_error(publish: str, said: str) -> None:
    """It names the file and the field."""
    with pytest.raises(RecordFault, match=r"registry\.yaml: .*publish") as fault:
        read(publish)
    assert said in str(fault.value)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One imported record, one with a history, and one that was computed."""
    made = World(tmp_path_factory.mktemp("publish"), publish="")
    made.adopt(1)
    made.import_record(IMPORTED)
    made.import_record(WITH_HISTORY)
    made.correct(WITH_HISTORY, "Another title of our own")
    return made


OPTIONS = [
    "",
    "publish:\n  pdf: true\n  previews: false\n",
    "publish:\n  offline_page: true\n",
    'publish:\n  beside:\n    - "manifest"\n    - "evidence"\n',
    (
        'publish:\n  bundles: false\n  beside:\n    - "manifest"\n    - "data"\n'
        '    - "evidence"\n    - "reports"\n'
    ),
    'publish:\n  bundles: false\n  beside:\n    - "manifest"\n',
]


@pytest.mark.parametrize("publish", OPTIONS)
def test_every_choice_gives_a_site_without_fault(
    world: World, tmp_path: Path, publish: str
) -> None:
    """Nothing leads to a file that is not there, and the reader's check passes."""
    root = tmp_path / "registry"
    shutil.copytree(world.root / "manifests", root / "manifests")
    (root / "manifests" / "registry.yaml").write_text(REGISTRY + publish)
    output = tmp_path / "site"
    build(root, output=output, jobs=1)
    site = {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file()
    }
    assert "" == faults(look(site))
    wanted = read(publish)
    bundles = {path for path in site if path.endswith("/bundle.zip")}
    assert len(bundles) == (3 if wanted.bundles else 0)
    assert any(path.endswith(".pdf") for path in site) is False
    beside = {path for path in site if path.endswith("/manifest.yaml")}
    assert len(beside) == (3 if FileGroup.MANIFEST in wanted.beside else 0)


def test_turning_an_option_makes_the_tree_of_a_clean_build(world: World, tmp_path: Path) -> None:
    """File by file, through all choices one after another, and nothing is left of the last one."""
    root, output = tmp_path / "registry", tmp_path / "site"
    shutil.copytree(world.root / "manifests", root / "manifests")
    marker = root / "manifests" / "registry.yaml"
    for number, publish in enumerate([*OPTIONS, OPTIONS[0]]):
        marker.write_text(REGISTRY + publish)
        build(root, output=output, jobs=1)
        clean = tmp_path / f"clean-{number}"
        other = tmp_path / f"registry-{number}"
        shutil.copytree(root / "manifests", other / "manifests")
        build(other, output=clean, jobs=1)
        found = {path.relative_to(output): path for path in output.rglob("*") if path.is_file()}
        due = {path.relative_to(clean): path for path in clean.rglob("*") if path.is_file()}
        assert found.keys() == due.keys()
        assert all(found[name].read_bytes() == due[name].read_bytes() for name in due)


def test_a_logged_append_makes_only_the_bundles_of_what_it_added(tmp_path: Path) -> None:
    """Every record's bundle learns of the log once, at the append that first covers it."""
    world = World(tmp_path, publish="")
    world.import_record(IMPORTED)
    world.log()
    first = world.publish(seal=False)
    world.import_record(WITH_HISTORY)
    unlogged = world.publish(seal=False)
    world.log()
    second = world.publish(seal=False)
    old, new = (f"records/{one}/bundle.zip" for one in (IMPORTED, WITH_HISTORY))
    assert first[old] == unlogged[old] == second[old]
    assert unlogged[new] != second[new]


def test_the_report_says_what_a_record_takes() -> None:
    """Bytes by the option that carries them, the largest first."""
    own = [("bundle.zip", 50), ("cite.bib", 3), ("artifacts/report.md", 9), ("index.html", 40)]
    assert weights(own, ()) == {"bundles": 50, "beside: reports": 9, "beside: citations": 3}


@pytest.mark.parametrize("share", [0.1, 0.69, 0.71, 1.2])
def test_from_70_percent_of_what_a_host_takes_there_is_advice(share: float) -> None:
    """It names what to switch off, with what that would save."""
    report = BuildReport(
        total_bytes=int(HOST_BYTES * share), kinds={"bundles": 9_000_000, "beside: data": 5_000_000}
    )
    said = advice(report, msgspec.structs.replace(Publish(), pdf=True))
    assert bool(said) is (share >= 0.7)
    if said:
        assert f"{share:.0%} of the 1 GB" in said
        for word in ("`bundles: false`", "(9 MB)", "take data out of `beside`", "`pdf: false`"):
            assert word in said
