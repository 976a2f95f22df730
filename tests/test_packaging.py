"""What is installed is whole, light where it says so, and locked."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
RESEARCH = ("arxiv", "numpy", "scipy", "sentencex", "sklearn", "snowballstemmer", "typst")
IMPORT = """
import sys
import {module}
print(*sorted(set({names!r}) & set(sys.modules)))
"""


@pytest.fixture(scope="session")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """Build the wheel with the installed backend and list what is in it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(archive.namelist())


def expected(folder: str, pattern: str) -> set[str]:
    """Name the files of a folder of the repository as they stand in the wheel."""
    return {
        f"sovereign_registry/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / folder).rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("theme", "*"),
        ("content", "*"),
        ("corpus", "papers.yaml"),
        ("corpus", "*.py"),
        ("starter", "*"),
        ("requirements", "site.txt"),
    ],
)
def test_wheel_carries_data(wheel_names: frozenset[str], folder: str, pattern: str) -> None:
    """Theme, prose pages, bundled corpus and what a new registry starts with are inside it."""
    files = expected(folder, pattern)
    assert files
    assert files - wheel_names == set()


def test_a_new_registry_has_our_own_settings() -> None:
    """Pelican is told the same there as here."""
    ours = (ROOT / "publishconf.py").read_bytes()
    assert (ROOT / "starter" / "publishconf.py").read_bytes() == ours


def test_wheel_carries_notes_and_not_their_templates(wheel_names: frozenset[str]) -> None:
    """Finished notes ship; the templates that they are computed from do not."""
    notes = {name for name in expected("corpus/notes", "*.md") if not name.endswith(".tmpl.md")}
    assert len(notes) >= 8
    assert notes - wheel_names == set()
    assert [name for name in wheel_names if name.endswith(".tmpl.md")] == []


def test_wheel_carries_every_module(wheel_names: frozenset[str]) -> None:
    """Every module of the source tree is in the wheel, and the type marker with them."""
    source = ROOT / "generator"
    modules = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
    assert modules - wheel_names == set()
    assert "sovereign_registry/py.typed" in wheel_names


@pytest.mark.parametrize(
    "module",
    [
        "sovereign_registry.contracts",
        "sovereign_registry.store",
        "sovereign_registry.website",
        "sovereign_registry.cli",
    ],
)
def test_site_code_loads_no_research_library(module: str) -> None:
    """A site-only install can import what it needs: no research library comes along."""
    code = IMPORT.format(module=module, names=RESEARCH)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def pins(lock: Path) -> dict[str, str]:
    """Read a lock: project name to the exact version."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_locks_hold_versions_and_hashes_only(lock: Path) -> None:
    """A lock names exact versions and their hashes, and no place to fetch them from."""
    for entry in lock.read_text("utf-8").replace("\\\n", " ").splitlines():
        requirement, *hashes = entry.split(" --hash=sha256:")
        assert re.fullmatch(r"[\w.-]+==[\w.!+]+( ; .+)?", " ".join(requirement.split())), entry
        assert hashes
        assert all(re.fullmatch(r"[0-9a-f]{64}\s*", value) for value in hashes)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_locks_agree(lock: Path) -> None:
    """Every lock is a part of the largest one, so one environment can hold them all."""
    everything = pins(ROOT / "requirements" / "bench.txt")
    assert pins(lock).items() <= everything.items()


def test_locks_hold_what_the_project_asks_for() -> None:
    """Each lock has a version in range for every direct dependency (or `make lock` is due)."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    groups = settings["dependency-groups"]
    asked = {
        "site": settings["project"]["dependencies"] + groups["build"],
        "research": settings["project"]["optional-dependencies"]["research"],
        "dev": [line for line in groups["dev"] if isinstance(line, str)],
        "bench": groups["bench"],
    }
    for name, lines in asked.items():
        locked = pins(ROOT / "requirements" / f"{name}.txt")
        for requirement in map(Requirement, lines):
            version = locked.get(canonicalize_name(requirement.name))
            assert version is not None, f"{name}.txt lacks {requirement.name}: run make lock"
            assert requirement.specifier.contains(version, prereleases=True)


def test_site_lock_is_light() -> None:
    """A site needs neither the pipeline's libraries nor a deep learning framework."""
    assert (
        pins(ROOT / "requirements" / "site.txt")
        .keys()
        .isdisjoint({"arxiv", "numpy", "scikit-learn", "scipy", "torch", "typst"})
    )
    assert "torch" not in pins(ROOT / "requirements" / "bench.txt")
