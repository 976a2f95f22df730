"""Every fault that a history or a log can have, one by one: ``check`` and ``verify`` both name it.

A registry's folder and its site hold the same files below ``records/`` and ``log/``, so that one
change is made in both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.fold import apply_patch
from sovereign_registry.contracts.history import PatchOperation
from sovereign_registry.contracts.log.checkpoint import Checkpoint
from sovereign_registry.contracts.log.note import PrivateKey, sign
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.check import check_registry
from sovereign_registry.store.loading import load_entry, load_manifest
from sovereign_registry.store.log_keys import read_private_key
from sovereign_registry.verifier.findings import Check
from tests.verifier.sites import REGISTRY, WITH_HISTORY, World, faults, look, without_seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.contracts.history import HistoryEntry
    from tests.verifier.conftest import Published

Files = dict[str, bytes]
FOLDER = f"records/{WITH_HISTORY}"
DECISION = f"{FOLDER}/history/0001-owner-decision.yaml"
FIRST = f"{FOLDER}/history/0002-correction.yaml"
MIDDLE = f"{FOLDER}/history/0003-state-change.yaml"
NEWEST = f"{FOLDER}/history/0004-state-change.yaml"
CHECKPOINT = "log/checkpoint"


def _edited(files: Files, _: Published) -> str:
    files[FIRST] = files[FIRST].replace(b"For a test.", b"For a rest.")
    return FIRST


def _dropped(files: Files, _: Published) -> str:
    del files[MIDDLE]
    return NEWEST


def _reordered(files: Files, _: Published) -> str:
    files[FIRST], files[MIDDLE] = files[MIDDLE], files[FIRST]
    return FIRST


def _truncated(files: Files, _: Published) -> str:
    files[NEWEST] = files[NEWEST][:-40]
    return NEWEST


def _newest_dropped(files: Files, _: Published) -> str:
    del files[NEWEST]
    return f"{FOLDER}/history/0004"


def _manifest(files: Files, _: Published) -> str:
    path = f"{FOLDER}/manifest.yaml"
    files[path] = files[path].replace(b"An abstract of our own.", b"An abstract of theirs.")
    return DECISION


def _artifact(files: Files, published: Published) -> str:
    folder = f"records/{published.computed}/artifacts"
    files[f"{folder}/report.md"] = files[f"{folder}/evidence.json"]
    return f"{folder}/report.md"


def _signed(files: Files, published: Published, key: PrivateKey | None, size: int) -> bytes:
    """A checkpoint that says something else of a size."""
    origin = files[CHECKPOINT].decode().split("\n")[0]
    text = Checkpoint(origin=origin, size=size, root=bytes(32)).text()
    return sign(
        text, key or read_private_key(published.world.key, published.world.registry)
    ).encode()


def _forged(files: Files, published: Published) -> str:
    size = int(files[CHECKPOINT].split(b"\n")[1])
    origin = files[CHECKPOINT].decode().split("\n")[0]
    files[CHECKPOINT] = _signed(files, published, PrivateKey(origin, bytes(32)), size)
    return CHECKPOINT


def _cut_checkpoint(files: Files, _: Published) -> str:
    files[CHECKPOINT] = files[CHECKPOINT][:-20]
    return CHECKPOINT


def _rolled_back(files: Files, published: Published) -> str:
    files[CHECKPOINT] = published.before[CHECKPOINT]
    return CHECKPOINT


def _forked(files: Files, published: Published) -> str:
    size = published.before[CHECKPOINT].split(b"\n")[1].decode()
    path = f"log/checkpoints/{size}"
    files[path] = _signed(files, published, None, int(size))
    return path


def _key_changed(files: Files, _: Published) -> str:
    path = "log/keys.yaml"
    old = re.search(rb'key: "([^"]+)"', files[path])
    origin = files[CHECKPOINT].decode().split("\n")[0]
    assert old is not None
    files[path] = files[path].replace(old[1], str(PrivateKey(origin, bytes(32)).public).encode())
    return path


FAULTS = {
    "an edited history file": _edited,
    "a dropped history file": _dropped,
    "reordered history files": _reordered,
    "a truncated history file": _truncated,
    "a dropped newest entry": _newest_dropped,
    "a manifest changed after publication": _manifest,
    "a swapped artifact": _artifact,
    "a forged checkpoint": _forged,
    "a truncated checkpoint": _cut_checkpoint,
    "a rolled-back checkpoint": _rolled_back,
    "a log forked at an old size": _forked,
    "a key that changed": _key_changed,
}


def checked(files: Files, root: Path) -> str:
    """What ``check`` says of a registry that holds these records and this log."""
    (root / "manifests").mkdir(parents=True)
    (root / "manifests" / "registry.yaml").write_text(REGISTRY, encoding="utf-8")
    kept = re.compile(r"log/.*|records/sr[^/]+/(manifest\.yaml|history/\d{4}-.*|artifacts/.*)")
    for path, data in files.items():
        if kept.fullmatch(path):
            target = root / "manifests" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    waiting = "waits for its owner"  # the records of these tests were never decided on
    return "\n".join(str(one) for one in check_registry(root).faults if waiting not in one.what)


def test_the_same_files_untouched_have_no_fault(published: Published, tmp_path: Path) -> None:
    """No false alarm of either."""
    assert "" == checked(dict(published.now), tmp_path)
    assert "" == faults(look(published.now))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_by_check_and_by_verify(
    published: Published, tmp_path: Path, fault: str
) -> None:
    """By its file, with and without the list of digests written anew."""
    files = dict(published.now)
    named = FAULTS[fault](files, published)
    assert f"manifests/{named}" in checked(files, tmp_path)
    assert named in faults(look(files))
    assert named in faults(look(without_seal(files)))


def _newest(files: Files, change: Callable[[HistoryEntry], HistoryEntry]) -> None:
    files[NEWEST] = emit(change(load_entry(files[NEWEST], NEWEST)))


def _early(entry: HistoryEntry) -> HistoryEntry:
    return msgspec.structs.replace(entry, at="2020-01-01T00:00:00Z")


def _failing(entry: HistoryEntry) -> HistoryEntry:
    patch = tuple(
        PatchOperation(op="test", path=one.path, value="never") if one.op == "test" else one
        for one in entry.patch
    )
    assert patch != entry.patch
    return msgspec.structs.replace(entry, patch=patch)


@pytest.mark.parametrize(
    ("change", "said"), [(_early, "at: "), (_failing, "the patch cannot be applied")]
)
def test_a_newest_entry_that_fits_the_chain_is_named_for_what_it_is(
    published: Published, tmp_path: Path, change: Callable[[HistoryEntry], HistoryEntry], said: str
) -> None:
    """A clock that ran backwards, and a patch whose test fails, where no log holds the entry."""
    files = {path: data for path, data in published.now.items() if not path.startswith("log/")}
    _newest(files, change)
    for found in (checked(files, tmp_path), faults(look(without_seal(files)))):
        line = next(line for line in found.splitlines() if NEWEST in line)
        assert said in line or "before" in line


def test_a_patch_of_a_fitting_digest_whose_test_fails_is_refused(published: Published) -> None:
    """The digests are those of the record that the replacements alone give."""
    record = load_manifest(published.now[f"{FOLDER}/manifest.yaml"], "manifest.yaml")
    decision = load_entry(published.now[DECISION], DECISION)
    record = apply_patch(record, decision.patch, DECISION)
    entry = load_entry(published.now[FIRST], FIRST)
    bare = tuple(one for one in entry.patch if one.op != "test")
    assert entry.record_after == content_sha256(apply_patch(record, bare, FIRST))
    site = {path: data for path, data in published.now.items() if not path.startswith("log/")}
    site[FIRST] = emit(_failing(entry))
    assert f"CONTRACTS {FIRST}: the patch cannot be applied" in faults(look(without_seal(site)))


def test_a_record_and_a_log_of_another_registry_are_named(
    published: Published, tmp_path: Path
) -> None:
    """A folder that is in order at home is none of this site's; nor is a log signed at home."""
    other = World(tmp_path / "other")
    stranger = "sr-2605-0000000z"
    other.import_record(stranger)
    other.log()
    theirs = other.publish()
    site = dict(published.now)
    site |= {path: data for path, data in theirs.items() if stranger in path}
    found = look(without_seal(site)).faults
    assert {Check.LOGGED, Check.LISTS} <= {one.check for one in found if stranger in str(one)}
    mixed = {path: data for path, data in published.now.items() if not path.startswith("log/")}
    mixed |= {path: data for path, data in theirs.items() if path.startswith("log/")}
    for said in (faults(look(without_seal(mixed))), checked(mixed, tmp_path / "mixed")):
        assert f"records/{stranger}/manifest.yaml: was published and logged, and is missing" in said


def test_a_log_written_anew_does_not_continue_a_kept_checkpoint(
    published: Published, tmp_path: Path
) -> None:
    """With the right key and another past: of the same size, and longer."""
    other = World(tmp_path)
    other.key = published.world.key
    for number in range(6):
        other.import_record(f"sr-2605-0000010{number}")
    keys = other.root / "manifests" / "log"
    keys.mkdir(parents=True)
    (keys / "keys.yaml").write_bytes(published.now["log/keys.yaml"])
    other.log()
    other.import_record("sr-2605-00000200")
    other.log()
    forked = other.publish()
    assert "" == faults(look(forked))
    report = look(forked, published.before[CHECKPOINT])
    assert [Check.EXTENDS] == [found.check for found in report.faults]
    assert "the log was rewritten" in faults(report) or "rolled back" in faults(report)
