"""A registry of one's own, from the installed package alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.cli.console import COMMAND, QUESTION, ROOT, environment, tree

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "https://example.org/registry"


class Installed:
    """The package as a wheel leaves it, before anything of this repository on the path.

    Args:
        folder: A fresh folder.
    """

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        (self.wheel,) = folder.glob("*.whl")
        self.place = folder / "site-packages"
        with zipfile.ZipFile(self.wheel) as archive:
            archive.extractall(self.place)

    def run(self, *command: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a program of this environment with the installed package."""
        settings = environment(**changes) | {"PYTHONPATH": str(self.place)}
        return subprocess.run(
            command, cwd=cwd, env=settings, capture_output=True, text=True, check=False, timeout=120
        )

    def call(self, *arguments: str, cwd: Path, code: int = 0) -> str:
        """Run one command of ours; returns what it printed."""
        done = self.run(*COMMAND, *arguments, cwd=cwd)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The installed package."""
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def started(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new registry with its site; tests work on copies."""
    folder = tmp_path_factory.mktemp("started")
    names = ("--title", 'A "new" <registry> {x}', "--publisher", "Ü — nobody: #1")
    said = installed.call("init", "mine", *names, "--base-url", f"{ADDRESS}/", cwd=folder)
    assert "no record yet" in said
    installed.call("build", "--quiet", cwd=folder / "mine")
    return folder / "mine"


@pytest.fixture
def mine(started: Path, tmp_path: Path) -> Path:
    """A copy of the new registry."""
    return shutil.copytree(started, tmp_path / "mine")


def test_the_package_runs_from_where_it_was_installed(installed: Installed, tmp_path: Path) -> None:
    """So that what follows says something about the wheel and not about this repository."""
    code = "import sovereign_registry; print(sovereign_registry.__file__)"
    found = installed.run(sys.executable, "-c", code, cwd=tmp_path).stdout
    assert found.startswith(str(installed.place))


def test_everything_for_a_registry_is_there(mine: Path) -> None:
    """Declaration, pages, settings, workflow, software and instructions, and no trace of a try."""
    files = {name for name in tree(mine) if not name.startswith(("output/", ".sovereign/"))}
    pages = {f"content/pages/{path.name}" for path in (ROOT / "content" / "pages").glob("*.md")}
    (wheel,) = (name for name in files if name.endswith(".whl"))
    assert files == pages | {
        ".gitattributes",
        ".github/dependabot.yml",
        ".github/workflows/pages.yml",
        ".gitignore",
        "README.md",
        "manifests/registry.yaml",
        "publishconf.py",
        "software/requirements.txt",
        wheel,
    }
    assert wheel in (mine / "README.md").read_text("utf-8")
    assert [path.name for path in mine.parent.iterdir()] == ["mine"]


def test_an_empty_site_says_what_it_is(mine: Path) -> None:
    """Words for readers and for the publisher, empty lists, and feeds that can be read."""
    output = mine / "output"
    for page in ("index.html", "records/index.html"):
        text = (output / page).read_text("utf-8")
        assert "This registry is new" in text
        assert "sovereign-registry run" in text
    index = json.loads((output / "records.json").read_bytes())
    assert (index["title"], index["records"], index["removed"]) == (
        'A "new" <registry> {x}',
        [],
        [],
    )
    for feed in ("feed.atom", "corrections.atom"):
        text = (output / feed).read_text("utf-8")
        assert "<entry>" not in text
        assert "<id>urn:uuid:" in text
    assert f"<loc>{ADDRESS}/records/</loc>" in (output / "sitemap.xml").read_text("utf-8")


def test_a_site_only_install_says_what_a_run_needs(installed: Installed, mine: Path) -> None:
    """Without the pipeline's libraries there is one error, which names the extra."""
    code = (
        "import sys; sys.modules['snowballstemmer'] = None; "
        "from sovereign_registry.cli import main; main()"
    )
    done = installed.run(sys.executable, "-c", code, "run", QUESTION, cwd=mine)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: snowballstemmer")
    assert "sovereign-registry[research]" in done.stderr
    assert done.stderr.count("\n") == 1


def test_check_and_verify_accept_it(installed: Installed, mine: Path) -> None:
    """And neither says that it saw a record."""
    assert "0 records" in installed.call("check", cwd=mine)
    said = installed.call("verify", "output", cwd=mine)
    assert "0 records" in said
    assert "FAULT" not in said


def test_verify_still_tells_a_site_from_any_other_folder(installed: Installed, mine: Path) -> None:
    """A folder without an index of records is no site, and one with a changed index is at fault."""
    assert "no such site" in installed.call("verify", "content", cwd=mine, code=2)
    index = mine / "output" / "records.json"
    index.write_bytes(index.read_bytes().replace(b'"records":[', b'"records":[{}'))
    assert "records.json" in installed.call("verify", "output", cwd=mine, code=1)


def test_plain_pelican_gives_the_same_site(installed: Installed, mine: Path) -> None:
    """To the byte."""
    pelican = (sys.executable, "-m", "pelican", "content", "-s", "publishconf.py", "-o", "other")
    done = installed.run(*pelican, cwd=mine)
    assert done.returncode == 0, done.stdout + done.stderr
    assert tree(mine / "other") == tree(mine / "output")


def test_the_software_that_it_keeps_is_the_software_that_made_it(
    installed: Installed, mine: Path
) -> None:
    """The packed wheel holds what the built one does, and each file as its RECORD says."""
    (packed,) = (mine / "software").glob("*.whl")
    assert packed.name == installed.wheel.name
    contents = []
    for path in (packed, installed.wheel):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            contents.append({name: archive.read(name) for name in archive.namelist()})
    (record,) = (name for name in contents[0] if name.endswith(".dist-info/RECORD"))
    lines = [sorted(one.pop(record).decode().split()) for one in contents]
    assert lines[0] == lines[1]
    assert contents[0] == contents[1]


def test_what_it_needs_is_locked_with_hashes(mine: Path) -> None:
    """By the lock that our own site is built with."""
    ours = (ROOT / "requirements" / "site.txt").read_bytes()
    assert (mine / "software" / "requirements.txt").read_bytes() == ours


def test_a_changed_installation_is_not_passed_on(tmp_path: Path) -> None:
    """One error names the file, and no folder is left."""
    broken = Installed(tmp_path)
    template = broken.place / "sovereign_registry" / "theme" / "templates" / "home.html"
    template.write_text("something else", "utf-8")
    work = tmp_path / "work"
    work.mkdir()
    said = broken.call("init", "mine", cwd=work, code=1)
    assert "home.html: is not as it was installed" in said
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("full",), 2, "full: is not empty; nothing was written"),
        (("full/notes.txt",), 2, "full/notes.txt: is a file"),
        ((".",), 2, "is the folder that you are in"),
        (("a/b/mine",), 2, "does not exist"),
        (("mine", "--title", " "), 2, "--title: has 0 characters"),
        (("mine", "--title", "x" * 201), 2, "--title: has 201 characters"),
        (("mine", "--publisher", "a\u202eb"), 3, "--publisher: found U+202E"),
        (("mine", "--base-url", "example.org"), 2, "--base-url: 'example.org'"),
        (("mine", "--base-url", "https://u:p@example.org"), 2, "no user"),
    ],
)
def test_bad_input_gets_one_error_and_writes_nothing(
    installed: Installed, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What was there stays to the byte, and nothing is added beside it."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("kept", "utf-8")
    said = installed.call("init", *arguments, cwd=tmp_path, code=code)
    assert words in said
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
    assert tree(tmp_path) == {"full/notes.txt": b"kept"}


def test_an_empty_folder_will_do(installed: Installed, tmp_path: Path) -> None:
    """The folder's name becomes the title, and nobody the publisher."""
    (tmp_path / "my registry").mkdir()
    made = json.loads(installed.call("init", "my registry", "--json", cwd=tmp_path))
    assert (made["title"], made["publisher"]) == ("my registry", "Not stated")
    assert (tmp_path / "my registry" / "manifests" / "registry.yaml").is_file()


def test_a_registry_whose_records_vanished_is_not_empty_but_broken(
    installed: Installed, mine: Path
) -> None:
    """Without its declaration of being new it does not build, and check says why."""
    path = mine / "manifests" / "registry.yaml"
    path.write_text(re.sub("(?m)^new:.*\n", "", path.read_text("utf-8")), "utf-8")
    assert "no records" in installed.call("build", "--quiet", cwd=mine, code=1)
    assert "no records" in installed.call("check", cwd=mine, code=1)
    (mine / "manifests").rename(mine / "manifest")
    assert "manifests/registry.yaml is missing" in installed.call("build", cwd=mine, code=3)


def test_the_first_record_makes_it_a_registry_like_any_other(
    installed: Installed, mine: Path
) -> None:
    """Run, build, check, verify: the page is there, and the declaration of being new is gone."""
    installed.call("run", QUESTION, "--quiet", cwd=mine)
    declared = (mine / "manifests" / "registry.yaml").read_text("utf-8")
    assert "new:" not in declared
    (record,) = (path.name for path in (mine / "manifests" / "records").iterdir())
    installed.call("build", "--quiet", cwd=mine)
    assert "This registry is new" not in (mine / "output" / "index.html").read_text("utf-8")
    assert (mine / "output" / "records" / record / "index.html").is_file()
    assert "1 record" in installed.call("check", cwd=mine)
    assert "FAULT" not in installed.call("verify", "output", cwd=mine)
