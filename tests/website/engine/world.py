"""A small registry on disk that tests change and build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.synthetic import approval, synthetic_manifest, write_registry
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.history import Actor, EntryKind, HistoryEntry
from sovereign_registry.contracts.papers import key_of
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.website.options import BuildReport, Options
from sovereign_registry.website.session import Session

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
VIEWS = "tests.website.engine.small_views"
REPORT = b"# A synthetic report\n\nEvery sentence of it was drawn from a list of words.\n"

CONF = """
from pathlib import Path
from sovereign_registry.website.settings import *
REGISTRY_ROOT = str(Path(__file__).resolve().parent)
PATH = "content"
THEME = "theme"
REGISTRY_VIEWS = "tests.website.engine.small_views"
"""

PAGE = "Title: About\n\nSome *prose* with a [link]({filename}other.md).\n"
OTHER = "Title: Other\n\nMore prose.\n"


@cache
def manifest(number: int) -> Manifest:
    """The n-th synthetic record, short enough for many builds."""
    record = synthetic_manifest(number)
    claims = record.claims[:2]
    named = {key_of(claim.locator.paper) for claim in claims if claim.locator is not None}
    sources = tuple(source for source in record.sources if source.key in named)
    return msgspec.structs.replace(record, claims=claims, sources=sources)


class World:
    """One registry with theme and content of its own.

    Args:
        root: An empty folder.
        count: How many records it starts with.
    """

    def __init__(self, root: Path, count: int) -> None:
        self.root = root
        self.output = root / "output"
        root.mkdir(parents=True, exist_ok=True)
        write_registry(root, 0)
        shutil.copytree(HERE / "theme", root / "theme")
        (root / "content" / "pages").mkdir(parents=True)
        (root / "content" / "pages" / "about.md").write_text(PAGE, encoding="utf-8")
        (root / "content" / "pages" / "other.md").write_text(OTHER, encoding="utf-8")
        (root / "publishconf.py").write_text(CONF, encoding="utf-8")
        for number in range(count):
            self.add(manifest(number))

    def folder(self, record_id: str) -> Path:
        """A record's source folder."""
        return self.root / "manifests" / "records" / record_id

    def add(self, record: Manifest) -> None:
        """Publish a record, or put another text in its place."""
        folder = self.folder(record.id)
        (folder / "artifacts").mkdir(parents=True, exist_ok=True)
        (folder / "manifest.yaml").write_bytes(emit(record))
        (folder / "artifacts" / "report.md").write_bytes(REPORT)
        shutil.rmtree(folder / "history", ignore_errors=True)
        if record.standing.approval == "AWAITING_OWNER":
            entry = approval(record)
            (folder / "history").mkdir()
            (folder / "history" / entry.file_name).write_bytes(emit(entry))

    def remove(self, record_id: str) -> None:
        """Take a record away."""
        shutil.rmtree(self.folder(record_id))

    def ids(self) -> list[str]:
        """The records there are."""
        return Registry(self.root).ids()

    def annotate(self, record_id: str) -> None:
        """Add one history entry."""
        view = Registry(self.root).read(record_id)
        state = content_sha256(view.record)
        entry = HistoryEntry(
            contract="history-entry-v1",
            record=record_id,
            sequence=len(view.history) + 1,
            kind=EntryKind.ANNOTATION,
            at="2026-06-01T10:00:00Z",
            by=Actor(role="owner"),
            note="A note.",
            correction_type=None,
            affected_fields=(),
            affected_claims=(),
            rules=(),
            patch=(),
            record_before=state,
            record_after=state,
            previous=view.head_sha256,
        )
        (self.folder(record_id) / "history").mkdir(exist_ok=True)
        (self.folder(record_id) / "history" / entry.file_name).write_bytes(emit(entry))

    def options(self, **changes: Any) -> Options:  # noqa: ANN401 - any field
        """How this registry is built, without its prose pages."""
        options = Options(
            root=self.root, output=self.output, theme=self.root / "theme", views=VIEWS, jobs=1
        )
        return msgspec.structs.replace(options, **changes)

    def build(self, **changes: Any) -> BuildReport:  # noqa: ANN401 - any field
        """Build without Pelican: everything but the prose pages."""
        session = Session(self.options(**changes))
        with session.lock():
            return session.run()

    def clean(self, place: Path, **changes: Any) -> dict[str, bytes]:  # noqa: ANN401 - any field
        """What a build from nothing makes, in a copy without any cache."""
        shutil.rmtree(place, ignore_errors=True)
        ignore = shutil.ignore_patterns("output", ".sovereign")
        shutil.copytree(self.root, place / "copy", ignore=ignore)
        output = place / "output"
        session = Session(
            self.options(
                root=place / "copy", theme=place / "copy" / "theme", output=output, **changes
            )
        )
        session.run()
        return tree(output)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def command(*arguments: str, cwd: Path, **variables: str) -> subprocess.Popen[str]:
    """Start this interpreter with our packages in reach."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generator")])
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths, "COLUMNS": "1000", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(*arguments: str, cwd: Path, **variables: str) -> tuple[int, str]:
    """Run to the end; exit code and all output, white space collapsed."""
    process = command(*arguments, cwd=cwd, **variables)
    out, _ = process.communicate(timeout=120)
    return process.returncode, " ".join(out.split())


def pelican(world: World, **variables: str) -> tuple[int, str]:
    """Run plain Pelican in a registry's folder."""
    arguments = ("content", "-s", "publishconf.py", "--log-handler", "plain")
    return run("-m", "pelican", *arguments, cwd=world.root, **variables)
