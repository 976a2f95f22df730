"""Every published file behind a verdict: what is changed, dropped or added is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.website.build import build
from sovereign_registry.wiring.gate import Gate
from sovereign_registry.wiring.gate_batch import Order, run_batch
from tests.gate_world import Ticking, repro, shipped_registry, tools, write_artifact
from tests.verifier.sites import faults, look, without_seal

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.store import Registry


class Site(NamedTuple):
    """A registry with one verdict, and its built site."""

    registry: Registry
    id: str
    files: dict[str, bytes]

    @property
    def folder(self) -> str:
        """Where the files behind the verdict stand in the site."""
        return f"records/{self.id}/gate/0001/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One record, one VERIFIED claim."""
    folder: Path = tmp_path_factory.mktemp("gate-site")
    registry, record_id, claim, number = shipped_registry(folder / "registry")
    clock = Ticking()
    artifact = write_artifact(folder / "art", repro(claim, number))
    Gate(registry, clock).attach(record_id, artifact)
    value = float(number)
    list(run_batch(registry, Order(record=record_id), tools(value, value), clock))
    build(registry.root, output=folder / "site", jobs=1)
    files = {
        path.relative_to(folder / "site").as_posix(): path.read_bytes()
        for path in sorted((folder / "site").rglob("*"))
        if path.is_file()
    }
    return Site(registry, record_id, files)


def about_gate(found: dict[str, bytes]) -> str:
    """What is said about files behind verdicts, where nobody signed the list."""
    report = look(without_seal(found))
    return "\n".join(line for line in faults(report).splitlines() if "gate/" in line)


def test_an_untouched_site_has_no_fault_about_its_verdict(site: Site) -> None:
    """Report, contract and script are published beside the page and in the bundle."""
    assert "" == about_gate(site.files)
    names = {"run.json", "files/main.py", "files/repro.yaml"}
    assert names == {
        path.removeprefix(site.folder) for path in site.files if path.startswith(site.folder)
    }


@pytest.mark.parametrize("name", ["run.json", "files/main.py", "files/repro.yaml"])
def test_a_changed_or_missing_file_is_named(site: Site, name: str) -> None:
    """Even where the list of digests was written anew."""
    path = site.folder + name
    data = site.files[path]
    for other in (data[:-1], b"X" + data[1:]):
        assert path in about_gate({**site.files, path: other})
    gone = {key: value for key, value in site.files.items() if key != path}
    assert path in about_gate(gone)


def test_a_file_that_no_verdict_names_is_named(site: Site) -> None:
    """Nothing hides beside an artifact."""
    path = f"{site.folder}files/more.py"
    assert path in about_gate({**site.files, path: b"print(1)\n"})


def test_a_status_written_by_hand_is_found(site: Site) -> None:
    """The entry is made again from its verdicts and comes out else."""
    path = f"records/{site.id}/history/0001-re-evaluation.yaml"
    data = site.files[path]
    assert b'"partly-verified"' in data
    changed = data.replace(b'"partly-verified"', b'"reproduced"')
    found = faults(look(without_seal({**site.files, path: changed})))
    assert path in found or f"{site.id}/history/0001" in found


def test_a_build_refuses_an_artifact_that_is_not_what_it_was(site: Site, tmp_path: Path) -> None:
    """And names the file; the one before it was published is untouched."""
    path = site.registry.record_dir(site.id) / "gate" / "0001" / "files" / "main.py"
    data = path.read_bytes()
    path.write_bytes(data + b"#")
    try:
        with pytest.raises(RecordFault, match="SHA-256") as found:
            build(site.registry.root, output=tmp_path / "site", jobs=1)
        assert found.value.where.endswith("gate/0001/files/main.py")
    finally:
        path.write_bytes(data)


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("headline", "Gate 2 verified 6 of 6 claims. The others keep their own level."),
        ("gate", "Falsified"),
        ("entry-1 status", "Falsified"),
        ("entry-1 [a-z ]+ observed", "1234.5"),
        ("entry-1 [a-z ]+ control", "1234.5"),
    ],
)
def test_a_page_that_tells_another_outcome_is_found(site: Site, hook: str, said: str) -> None:
    """The headline, the verdict, an attempt's outcome and its numbers."""
    path = f"records/{site.id}/index.html"
    page = re.sub(rf'(data-shown="{hook}"[^>]*>)[^<]*', rf"\g<1>{said}", site.files[path].decode())
    assert page.encode() != site.files[path]
    told = faults(look(without_seal(site.files | {path: page.encode()})))
    assert f"shows “{said}” as" in told
    assert not faults(look(without_seal(site.files)))
