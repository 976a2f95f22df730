"""``verify`` and ``log seal`` as a user meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sovereign_registry.contracts.history import Event
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from tests.cli.console import call, new_registry
from tests.samples import bare_manifest
from tests.verifier.sites import World
from tests.verifier.test_fetch import serving

RECORD = "sr-2605-0000000a"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry with one record that waits for its owner, with another question's digest."""
    root = new_registry(tmp_path / "registry")
    opened = Registry(root)
    with opened.lock():
        opened.publish(emit(bare_manifest(RECORD)), {})
    return root


def run(registry: Path, *arguments: str, code: int = 0) -> str:
    """Run a command that must end with this code; its output and its message."""
    key = str(registry.parent / "log.key")
    done = call(*arguments, SOVEREIGN_LOG_KEY=key)
    assert code == done.returncode, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_append_build_seal_verify(registry: Path) -> None:
    """In this order it works; sealing after another append, or a change, is refused."""
    at = ("--registry", str(registry))
    site = str(registry / "output")
    run(registry, "build", *at, "--quiet")
    assert "nothing is logged yet" in run(registry, "log", "seal", *at, code=2)
    said = run(registry, "verify", site, code=1)
    assert "question.sha256: is not the digest" in said
    assert "standing.approval: waits for its owner and is published" in said  # and nothing else
    assert "2 fault(s)" in said
    assert "not logged" in said
    run(registry, "keys", "new", "--reason", "The first.", *at)
    run(registry, "log", "append", *at)
    assert "Build again, then seal" in run(registry, "log", "seal", *at, code=1)
    run(registry, "build", *at, "--quiet")
    assert "beside a log of 3" in run(registry, "log", "seal", *at)
    report = json.loads(call("verify", site, "--json", "--quiet").stdout)
    assert ["question.sha256" in fault["what"] for fault in report["faults"]] == [False, True]
    assert {"log_size": 3, "records": 1}.items() <= report.items()
    page = registry / "output" / "index.html"
    page.write_text("<html>forged</html>", encoding="utf-8")
    assert "index.html" in run(registry, "log", "seal", *at, code=1)
    assert "index.html: its SHA-256" in run(registry, "verify", site, code=1)


def test_a_build_that_changes_something_takes_the_seal_away(registry: Path) -> None:
    """One that changes nothing leaves it."""
    at = ("--registry", str(registry))
    seal = registry / "output" / "seal"
    run(registry, "keys", "new", "--reason", "The first.", *at)
    run(registry, "log", "append", *at)
    run(registry, "build", *at, "--quiet")
    run(registry, "log", "seal", *at)
    run(registry, "build", *at, "--quiet")
    assert seal.is_file()
    run(registry, "annotate", RECORD, "--by", "owner", "--reason", "A note.", *at)
    run(registry, "build", *at, "--quiet")
    assert not seal.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "no-such-folder"), "there is no such file or folder"),
        (("verify", "."), "no such site"),
        (("verify", "ftp://example.org/"), "no address of a site"),
        (("verify", "https://me:secret@example.org/"), "no address of a site"),
    ],
)
def test_what_is_no_site_is_wrong_usage(
    registry: Path, arguments: tuple[str, ...], said: str
) -> None:
    """With one line that says what to name."""
    found = run(registry, *arguments, code=2)
    assert said in found
    assert "Name" in found


def test_one_record_is_checked_alone(registry: Path) -> None:
    """And a record that is not there is wrong usage."""
    run(registry, "build", "--registry", str(registry), "--quiet")
    site = str(registry / "output")
    assert f"record {RECORD}" in run(registry, "verify", site, "--record", RECORD, code=1)
    assert "holds no record" in run(
        registry, "verify", site, "--record", "sr-2605-0000000b", code=2
    )


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A site without a log at two times: before and after a record got its first entry."""
    folder = tmp_path_factory.mktemp("twice")
    world = World(folder)
    world.import_record(RECORD)
    world.publish(seal=False)
    before = Path(shutil.copytree(world.output, folder / "before"))
    world.enter(RECORD, Event.ADDENDUM)
    world.publish(seal=False)
    return before, world.output


def test_publishing_is_refused_where_a_history_was_rewritten(
    twice: tuple[Path, Path], tmp_path: Path
) -> None:
    """Against the address of what is published, as a workflow calls it; exit 1 names the entry."""
    before, now = twice
    files = {path.relative_to(now).as_posix(): path for path in now.rglob("*") if path.is_file()}
    with serving({name: path.read_bytes() for name, path in files.items()}) as address:
        said = run(tmp_path, "verify", str(now), "--extends", address)
        assert "published before: every manifest and history entry is there" in said
        said = run(tmp_path, "verify", str(before), "--extends", address, "--first", code=1)
        assert f"records/{RECORD}/history/0002-annotation.yaml: was published, and is" in said
    said = run(tmp_path, "verify", str(now), "--extends", address, "--first", code=3)
    assert "cannot be fetched" in said


def test_a_first_publication_is_declared(twice: tuple[Path, Path], tmp_path: Path) -> None:
    """An address that answers 404 is accepted only then, and the report says so."""
    with serving({}) as address:
        said = run(tmp_path, "verify", str(twice[1]), "--extends", address, code=1)
        assert "say so with --first" in said
        said = run(tmp_path, "verify", str(twice[1]), "--extends", address, "--first")
        assert "a first publication: nothing is published there yet" in said
    said = run(tmp_path, "verify", str(twice[1]), "--first", code=2)
    assert "--extends" in said


def test_a_log_is_compared_with_a_published_one_and_with_a_known_key(registry: Path) -> None:
    """By address, for readers, for publishers and for `log append`."""
    at = ("--registry", str(registry))
    site = registry / "output"
    key = json.loads(run(registry, "keys", "new", "--reason", "First.", "--json", *at))
    public = key["keys"][0]["key"]
    run(registry, "log", "append", *at)
    run(registry, "build", *at, "--quiet")
    files = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    with serving({name: path.read_bytes() for name, path in files.items()}) as address:
        run(registry, "annotate", RECORD, "--by", "owner", "--reason", "A note.", *at)
        assert "added 2" in run(registry, "log", "append", "--extends", address, *at)
        assert "continues" in run(registry, "log", "consistency", address, *at)
        run(registry, "build", *at, "--quiet")
        run(registry, "log", "seal", *at)
        named = ("--checkpoint", f"{address}/log/checkpoint", "--public-key", public)
        said = run(registry, "verify", str(site), "--extends", address, *named, code=1)
    assert "2 fault(s)" in said  # the record's own, which are not about the log
    assert "ok    log: continues what was published or kept before (3 in order)" in said
    assert "ok    key: the log is signed by the key that you name" in said
    other = public.replace("test", "rest") if "test" in public else "x" + public
    assert "--public-key: " in run(registry, "verify", str(site), "--public-key", other, code=2)


def test_a_dump_is_checked_packed_and_unpacked(registry: Path, tmp_path: Path) -> None:
    """Both forms, and nothing has to be unpacked by hand."""
    for name in ("dump.tar.gz", "dump.zip"):
        packed = tmp_path / name
        run(registry, "dump", str(packed), "--registry", str(registry))
        said = run(registry, "verify", str(packed), code=1)  # the record's own fault
        assert f"{packed}: 1 records" in said
        assert "ok    files: each is the one" in said
        shutil.unpack_archive(packed, tmp_path / "unpacked")
        folder = str(tmp_path / "unpacked" / "registry")
        told = run(registry, "verify", folder, code=1)
        assert told.replace(folder, str(packed)) == said
        shutil.rmtree(tmp_path / "unpacked")


def test_what_is_named_wrongly_is_told_from_what_is_missing(registry: Path, tmp_path: Path) -> None:
    """A file that is no archive, a file that is not there, an id that no record has."""
    text = tmp_path / "notes.txt"
    text.write_text("Nothing.", encoding="utf-8")
    assert "is a file, and no archive" in run(registry, "verify", str(text), code=2)
    missing = str(tmp_path / "missing.zip")
    assert "there is no such file or folder" in run(registry, "verify", missing, code=2)
    run(registry, "build", "--registry", str(registry), "--quiet")
    said = run(registry, "verify", str(registry / "output"), "--record", "sr-2605-0000000b", code=2)
    assert "Name a record's id" in said
