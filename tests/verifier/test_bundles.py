"""The bundle of a record: on a site that keeps large files nowhere else, and by itself."""

from __future__ import annotations

import io
import random
import zipfile
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.log.note import PrivateKey
from sovereign_registry.contracts.log.proofs import RecordProof
from sovereign_registry.store.log_keys import read_private_key
from sovereign_registry.verifier.files import FolderFiles
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.offline import is_bundle, read_members, verify_bundle
from sovereign_registry.verifier.verify import Known
from sovereign_registry.verifier.zips import read_zip
from sovereign_registry.website.zips import zipped
from sovereign_registry.wiring.verify import verify
from tests.verifier.sites import (
    IMPORTED,
    RETRACTED,
    WITH_HISTORY,
    World,
    faults,
    look,
    without_seal,
)
from tests.verifier.test_tamper import WAYS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.verifier.conftest import Published

BESIDE = {
    "bundle.zip",
    "index.html",
    "history/index.html",
    "history.atom",
    "cite.bib",
    "cite.ris",
    "cite.csl.json",
    "correction-record.json",
}
"""What stands beside a page by default, beside the entries of its history."""


class Plain:
    """A site with the default of what is published, before and after an append."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, publish="")
        (self.computed,) = self.world.adopt(1)
        self.world.import_record(IMPORTED)
        self.world.import_record(WITH_HISTORY)
        self.world.correct(WITH_HISTORY, "Another title of our own")
        self.world.log()
        self.before = self.world.publish()
        self.world.import_record(RETRACTED)
        self.world.enter(RETRACTED, Event.RETRACTION, "It must not be relied on.")
        self.world.log()
        self.now = self.world.publish()

    def members(self, record: str) -> dict[str, bytes]:
        """The files of one bundle."""
        return read_zip(self.now[f"records/{record}/bundle.zip"], "bundle.zip")

    def with_member(self, record: str, name: str, new: bytes | None) -> dict[str, bytes]:
        """The site with one file of one bundle changed or gone, and list written anew."""
        members = self.members(record)
        if new is None:
            del members[name]
        else:
            members[name] = new
        return without_seal({**self.now, f"records/{record}/bundle.zip": zipped(members)})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Plain:
    """Made once; tests change copies in memory."""
    return Plain(tmp_path_factory.mktemp("plain-site"))


def test_by_default_large_files_stand_in_the_bundle_alone(plain: Plain) -> None:
    """The folder holds at most a dozen files, and an untouched site has no fault."""
    for record, more in ((plain.computed, set()), (IMPORTED, {"history/0001-owner-decision.yaml"})):
        folder = f"records/{record}/"
        found = {path.removeprefix(folder) for path in plain.now if path.startswith(folder)}
        assert found == BESIDE | more
    assert "" == faults(look(plain.before))
    assert "" == faults(look(plain.now, plain.before["log/checkpoint"]))


def test_an_append_changes_no_bundle_of_another_record(plain: Plain) -> None:
    """Each proves its record against the checkpoint that first covered its newest entry."""
    for record in (plain.computed, IMPORTED, WITH_HISTORY):
        path = f"records/{record}/bundle.zip"
        assert plain.before[path] == plain.now[path]
    assert plain.before["log/checkpoint"] != plain.now["log/checkpoint"]
    proof = msgspec.json.decode(plain.members(IMPORTED)["proof.json"], type=RecordProof)
    assert proof.checkpoint.encode() == plain.before["log/checkpoint"]


def test_a_bundle_holds_all_that_was_published_of_the_record(plain: Plain) -> None:
    """The manifest byte for byte; where a file stands beside the page too, it is the same."""
    root = plain.world.registry.records
    for record in (plain.computed, IMPORTED, WITH_HISTORY, RETRACTED):
        members = plain.members(record)
        assert members["manifest.yaml"] == (root / record / "manifest.yaml").read_bytes()
        for name, data in members.items():
            assert plain.now.get(f"records/{record}/{name}", data) == data


def test_record_json_leaves_to_the_manifest_what_stands_beside_it(plain: Plain) -> None:
    """In a bundle alone: digests, history and contracts, and of the record its id and its files."""
    for record in (plain.computed, WITH_HISTORY):
        view = msgspec.json.decode(plain.members(record)["record.json"])["view"]
        whole = msgspec.json.decode(msgspec.json.encode(plain.world.registry.read(record)))
        kept = {name: whole["record"][name] for name in ("id", "artifacts")}
        assert view == whole | {"record": kept}


@pytest.mark.parametrize(
    "name",
    [
        "manifest.yaml",
        "record.json",
        "correction-record.json",
        "source-provenance.json",
        "cite.bib",
        "proof.json",
        "log/keys.yaml",
        "LICENSES.txt",
        "README.txt",
        "history/0002-correction.yaml",
    ],
)
def test_every_change_within_a_bundle_is_found_without_any_list(plain: Plain, name: str) -> None:
    """Packed again, with the digest list written anew; it names the bundle or the file in it."""
    dice = random.Random(f"bundle {name}")  # noqa: S311 - chosen, not secret
    data = plain.members(WITH_HISTORY)[name]
    folder = f"records/{WITH_HISTORY}/"
    for turn in range(20):
        new = WAYS[turn % (len(WAYS) - 1)](data, dice, b"")
        if turn and new == data:
            continue
        site = plain.with_member(WITH_HISTORY, name, None if not turn else new)
        found = faults(look(site))
        assert folder in found, f"turn {turn} of {name}: {found or 'nothing found'}"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("prov.json", b"RETRACTED", b"CURRENT"),
        ("ro-crate-metadata.json", b"Retracted", b"Current"),
        ("ro-crate-metadata.json", b'{"@id":"README.txt","@type"', b'{"@id":"x.txt","@type"'),
        ("cite.csl.json", b"Retracted", b"Current"),
        ("README.txt", b"RETRACTED", b"CURRENT"),
    ],
)
def test_a_state_or_a_file_that_a_bundle_hides_is_found(
    plain: Plain, name: str, old: bytes, new: bytes
) -> None:
    """Provenance and crate are not made again, but have to say how the record stands."""
    data = plain.members(RETRACTED)[name]
    assert old in data
    site = plain.with_member(RETRACTED, name, data.replace(old, new))
    assert f"records/{RETRACTED}/" in faults(look(site))


def test_evidence_that_was_exchanged_in_a_bundle_is_found(plain: Plain) -> None:
    """By the digest that the manifest names."""
    name = "artifacts/evidence.json"
    data = plain.members(plain.computed)[name]
    site = plain.with_member(plain.computed, name, data.replace(b'"counts"', b'"Counts"', 1))
    assert f"ARTIFACTS records/{plain.computed}/{name}" in faults(look(site))


def test_a_bundle_of_another_record_is_found(plain: Plain) -> None:
    """However sound it is by itself."""
    site = {**plain.now}
    site[f"records/{IMPORTED}/bundle.zip"] = plain.now[f"records/{WITH_HISTORY}/bundle.zip"]
    assert f"records/{IMPORTED}/" in faults(look(without_seal(site)))


def test_an_older_bundle_beside_a_newer_history_is_found(plain: Plain) -> None:
    """The retraction is missing in it, and the page's own history has it."""
    world = plain.world
    old = plain.now[f"records/{RETRACTED}/bundle.zip"]
    newer = World(world.root.parent / "newer", publish="")
    newer.import_record(RETRACTED)
    newer.log()
    stale = newer.publish(seal=False)[f"records/{RETRACTED}/bundle.zip"]
    assert stale != old
    site = without_seal({**plain.now, f"records/{RETRACTED}/bundle.zip": stale})
    found = faults(look(site))
    assert f"BUNDLES records/{RETRACTED}/bundle.zip: history/0002-state-change.yaml" in found


@pytest.mark.parametrize("record", [IMPORTED, WITH_HISTORY, RETRACTED])
def test_a_bundle_is_checked_by_itself(plain: Plain, tmp_path: Path, record: str) -> None:
    """Packed and unpacked; what a bundle cannot tell is said."""
    packed = tmp_path / "bundle.zip"
    packed.write_bytes(plain.now[f"records/{record}/bundle.zip"])
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    known = Known(public_key=read_private_key(plain.world.key, plain.world.registry).public)
    for place in (packed, folder):
        report = verify(str(place), known=known)
        assert "" == faults(report)
        passed = {line.check for line in report.checks if line.passed}
        assert {Check.CONTRACTS, Check.DATA, Check.BUNDLES, Check.LOG, Check.KEY} <= passed
        assert Check.NEWEST in {one.check for one in report.open}
        assert any("nothing newer" in limit for limit in report.limits)
        assert report.record == record


def test_a_bundle_signed_by_another_key_is_found(plain: Plain) -> None:
    """Whoever packs a bundle can make a log of their own for it."""
    other = PrivateKey("example.org/registry/log", bytes(range(32))).public
    report = verify_bundle(plain.now[f"records/{IMPORTED}/bundle.zip"], "bundle.zip", other)
    assert [Check.KEY] == [found.check for found in report.faults]


@pytest.mark.parametrize("name", ["manifest.yaml", "README.txt", "proof.json", "prov.json"])
def test_a_changed_file_of_an_unpacked_bundle_is_named(plain: Plain, name: str) -> None:
    """No digest list is needed for it."""
    members = plain.members(RETRACTED)
    old, new = (b"invented", b"imagined") if name == "manifest.yaml" else (b"RETRACTED", b"CURRENT")
    old, new = (b'"index":', b'"index" :') if name == "proof.json" else (old, new)
    changed: Mapping[str, bytes] = {**members, name: members[name].replace(old, new)}
    assert changed[name] != members[name]
    assert f"records/{RETRACTED}/" in faults(verify_bundle(changed, "unpacked"))


def test_what_is_no_bundle_is_wrong_usage(tmp_path: Path) -> None:
    """One clear error, whatever the file is."""
    with pytest.raises(UsageError, match="is no bundle of a record"):
        verify_bundle(zipped({"a.txt": b"x"}), "a.zip")
    with pytest.raises(UsageError, match="which is no record id"):
        verify_bundle(zipped({"record.json": b'{"view":{"record":{"id":"../x"}}}'}), "a.zip")
    assert not is_bundle(FolderFiles(tmp_path))


def test_an_unpacked_bundle_may_not_lead_out_of_its_folder(plain: Plain, tmp_path: Path) -> None:
    """A link is named, not followed."""
    for name, data in plain.members(IMPORTED).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "cite.bib").unlink()
    (tmp_path / "cite.bib").symlink_to("/etc/hostname")
    files = FolderFiles(tmp_path)
    assert is_bundle(files)
    with pytest.raises(Exception, match="cannot be read"):
        read_members(files)


def test_the_bundle_with_its_page_holds_it(published: Published) -> None:
    """Where the registry packs one, it carries the files that it checks."""
    data = published.now[f"records/{IMPORTED}/bundle.zip"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        page = archive.read("verify.html")
    assert b"Content-Security-Policy" in page
    assert b"records/sr-2605-0000000a/manifest.yaml" in page
