"""What was published before must still be there: records, entries, keys and the log."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sovereign_registry.contracts.errors import BadInput, UsageError
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.log.seal import DIGESTS, SEAL
from sovereign_registry.verifier.earlier import read_earlier
from sovereign_registry.verifier.files import MemoryFiles, SiteFault
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.verify import Known, verify_site
from sovereign_registry.wiring.earlier import read_checkpoint, read_published
from sovereign_registry.wiring.history import remove
from sovereign_registry.wiring.log import new_key, revoke_key
from tests.verifier.sites import (
    EVERYTHING,
    IMPORTED,
    RETRACTED,
    WITH_HISTORY,
    World,
    faults,
    look,
    without_seal,
)
from tests.verifier.test_fetch import serving
from tests.verifier.test_tamper import KINDS, changed, mutations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sovereign_registry.verifier.findings import Report
    from tests.verifier.conftest import Published

THIRD = f"records/{WITH_HISTORY}/history/0004-state-change.yaml"


class Plain(NamedTuple):
    """The site of a registry without a key at two times, and one with another past."""

    before: dict[str, bytes]
    now: dict[str, bytes]
    rewritten: dict[str, bytes]


def grow(folder: Path, publish: str, reason: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """A site before and after entries were added; the first entry has a reason of its own."""
    world = World(folder, publish)
    world.import_record(IMPORTED)
    world.import_record(WITH_HISTORY)
    world.import_record(RETRACTED)
    world.enter(WITH_HISTORY, Event.CHALLENGE, reason)
    world.enter(WITH_HISTORY, Event.CHALLENGE_CLOSED)
    before = world.publish(seal=False)
    world.enter(WITH_HISTORY, Event.CONCERN)
    world.enter(RETRACTED, Event.RETRACTION)
    return before, world.publish(seal=False)


@pytest.fixture(scope="module", params=["every file beside the page", "as by default"])
def plain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Plain:
    """With manifests beside the pages, and in bundles alone."""
    publish = EVERYTHING if request.param.startswith("every") else ""
    one, two = (tmp_path_factory.mktemp(name) for name in ("plain", "rewritten"))
    before, now = grow(one, publish, "Somebody asked.")
    return Plain(before, now, grow(two, publish, "Nobody asked.")[1])


def extends(
    now: Mapping[str, bytes],
    before: Mapping[str, bytes],
    *,
    first: bool = False,
    record: str | None = None,
) -> Report:
    """Check a site against one that was published before."""
    earlier = read_earlier(MemoryFiles(before, "https://example.org/"), first=first)
    return verify_site(MemoryFiles(now), record=record, known=Known(earlier=earlier))


def only(report: Report, check: Check) -> str:
    """The faults of one check, one a line."""
    return "\n".join(str(found) for found in report.faults if found.check is check)


def test_a_site_that_went_on_continues_what_was_published(published: Published) -> None:
    """With a log, whatever was added since, and the same state twice."""
    for before in (published.before, published.now):
        report = extends(published.now, before)
        assert "" == faults(report)
        kept = next(line for line in report.checks if line.check is Check.KEPT)
        files = re.compile(r"records/sr[^/]+/(manifest|history/\d+-.*)\.yaml")
        assert kept.passed == 4 + sum(map(bool, map(files.fullmatch, before)))


def test_a_site_without_a_log_continues_what_was_published(plain: Plain) -> None:
    """Whether manifests stand beside the pages or in bundles alone."""
    for before in (plain.before, plain.now):
        report = extends(plain.now, before)
        assert "" == faults(report)
        assert any(line.check is Check.KEPT and line.passed >= 3 for line in report.checks)


def test_a_history_that_was_taken_back_is_refused_without_a_log(plain: Plain) -> None:
    """The state of before is in order by itself, and is no longer what may be published."""
    report = extends(plain.before, plain.now)
    said = only(report, Check.KEPT)
    assert said == faults(report).replace("KEPT ", "")
    assert f"{THIRD}: was published, and is missing. Restore it" in said
    assert f"records/{RETRACTED}/history/" in said


def test_a_history_that_was_rewritten_is_refused_without_a_log(plain: Plain) -> None:
    """Another past of the same length is in order by itself too."""
    assert "" == faults(look(plain.rewritten))
    report = extends(plain.rewritten, plain.now)
    said = only(report, Check.KEPT)
    assert said == faults(report).replace("KEPT ", "")
    assert f"records/{WITH_HISTORY}/history/0002-state-change.yaml: is not the file" in said
    assert IMPORTED not in said


def test_the_published_head_alone_finds_a_rewritten_history(plain: Plain) -> None:
    """Where the digest list names none of the files: each row says what the next entry follows."""
    lines = plain.now[DIGESTS].splitlines(keepends=True)
    before = plain.now | {DIGESTS: b"".join(one for one in lines if b".yaml" not in one)}
    assert "" == faults(extends(plain.now, before))
    said = only(extends(plain.rewritten, before), Check.KEPT)
    assert f"records/{WITH_HISTORY}/manifest.yaml: does not start the history of 4" in said
    said = only(extends(plain.before, before), Check.KEPT)
    assert f"records/{WITH_HISTORY}/history/0004: was published, and is missing" in said


def test_a_log_that_was_taken_back_is_refused(published: Published) -> None:
    """By its published checkpoint, beside the entries that are missing."""
    said = only(extends(published.before, published.now), Check.EXTENDS)
    assert "https://example.org/log/checkpoint has" in said
    assert "rolled back" in said
    bare = {path: data for path, data in published.now.items() if not path.startswith("log/")}
    assert "no log in order" in only(extends(bare, published.now), Check.EXTENDS)


@pytest.mark.parametrize("kind", ["manifest", "history entry"])
def test_any_change_of_what_was_published_is_named(published: Published, kind: str) -> None:
    """At least 20 changes, each found by the digests that are published.

    A manifest that is dropped is found in its record's bundle.
    """
    for way, path, new in mutations(published.now, kind):
        report = extends(without_seal(changed(published.now, path, new)), published.now)
        named = {found.where for found in report.faults if found.check is Check.KEPT}
        assert path in named or new is None, f"{way} of {path}: {faults(report)}"
        assert {path.split("/")[1]} >= {where.split("/")[1] for where in named}


def test_a_dropped_record_is_named(plain: Plain) -> None:
    """Although nothing that is left names it."""
    now = {path: data for path, data in plain.now.items() if IMPORTED not in path}
    said = only(extends(without_seal(now), plain.now), Check.KEPT)
    assert re.search(rf"records/{IMPORTED}/[a-z0-9./-]+: was published, and is missing", said)


def test_one_record_is_compared_alone(plain: Plain) -> None:
    """A fault of another one is not this one's."""
    assert "" == only(extends(plain.before, plain.now, record=IMPORTED), Check.KEPT)
    assert THIRD in only(extends(plain.before, plain.now, record=WITH_HISTORY), Check.KEPT)


def test_a_first_publication_has_to_be_declared(published: Published) -> None:
    """Nothing at the address is a fault, unless somebody says that it is the first time."""
    report = extends(published.now, {})
    assert "say so with --first" in only(report, Check.KEPT)
    declared = extends(published.now, {}, first=True)
    assert "" == faults(declared)
    assert ["a first publication: nothing is published there yet"] == [
        found.what for found in declared.open if found.check is Check.KEPT
    ]


def test_a_declared_first_publication_lets_nothing_else_through(plain: Plain) -> None:
    """Where something is published it is compared all the same."""
    report = extends(plain.before, plain.now, first=True)
    assert THIRD in only(report, Check.KEPT)


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        (DIGESTS, None, "digests.txt: is missing, so that records cannot be compared"),
        ("records.json", None, "records.json: is missing, so that records cannot be compared"),
        (DIGESTS, b"<!doctype html>\n", "digests.txt:1: is no line of a digest list"),
        ("records.json", b"<!doctype html>\n", "records.json: is no index of records"),
        ("records.json", b'{"records":[{"id":"../x"}]}', "records.json: is no index of records"),
        ("log/checkpoint", None, "publishes a seal and no log/checkpoint"),
        ("log/checkpoint", b"x\n", "is no signed note"),
        ("log/keys.yaml", b"x\n", "log/keys.yaml: "),
    ],
)
def test_what_cannot_be_compared_is_a_fault(
    published: Published, path: str, data: bytes | None, said: str
) -> None:
    """Half a publication is none to go by."""
    before = changed(published.now, path, data)
    assert said in faults(extends(published.now, before))
    assert said in faults(extends(published.now, before, first=True))


def test_a_record_that_only_the_index_names_is_missed(plain: Plain) -> None:
    """A digest list that leaves a record out does not hide it."""
    index = json.loads(plain.now["records.json"])
    index["records"].append(index["records"][0] | {"id": "sr-2605-0000000z"})
    before = changed(plain.now, "records.json", json.dumps(index).encode())
    said = only(extends(plain.now, before), Check.KEPT)
    assert (
        "records/sr-2605-0000000z/manifest.yaml: was published, and is missing"
        == (said.split(". ")[0])
    )


def _take_away(world: World, record: str) -> None:
    note = "A court ordered it."
    remove(world.registry, record, legal="Order 7", note=note, by="owner", clock=world.clock)


def test_a_removal_keeps_the_digests_of_what_was_published(tmp_path: Path) -> None:
    """A tombstone stands for the files; once published, it stays, with its date and reason."""
    world = World(tmp_path)
    world.import_record(IMPORTED)
    world.import_record(WITH_HISTORY)
    world.enter(WITH_HISTORY, Event.ADDENDUM)
    before = world.publish(seal=False)
    _take_away(world, WITH_HISTORY)
    now = world.publish(seal=False)
    assert "" == faults(extends(now, before))
    assert "" == faults(extends(now, now))
    back = only(extends(before, now), Check.KEPT)
    assert f"records/{WITH_HISTORY}/record.json: its removal was published" in back
    later = changed(now, "records.json", now["records.json"].replace(b"Order 7", b"Order 8"))
    assert "with another date or reason" in only(extends(now, later), Check.KEPT)
    path = f"records/{WITH_HISTORY}/manifest.yaml"
    other = changed(before, path, before[path] + b"\n")
    said = only(extends(now, without_seal(other)), Check.KEPT)
    assert f"{path}: was published, and its record's tombstone does not name its digest" in said


def test_a_revocation_cannot_be_taken_back(tmp_path: Path) -> None:
    """Although no entry of the log names it yet."""
    world = World(tmp_path)
    world.import_record(IMPORTED)
    world.log()
    kept = world.publish()
    revoke_key(world.registry, str(kept["log/keys.yaml"], "utf-8").split("+")[1], note="Stolen.")
    new_key(world.registry, tmp_path / "new.key", note="The next.", clock=world.clock)
    world.key = tmp_path / "new.key"
    world.log()
    published = world.publish()
    assert "" == faults(extends(published, kept))
    said = only(extends(kept, kept | {"log/keys.yaml": published["log/keys.yaml"]}), Check.EXTENDS)
    assert "log/keys.yaml: does not hold the 3 statements published" in said


def test_addresses_folders_and_files_name_the_same(published: Published, tmp_path: Path) -> None:
    """A site's address or folder, or a checkpoint's address or file."""
    due = published.now["log/checkpoint"]
    kept = tmp_path / "kept"
    kept.write_bytes(due)
    (tmp_path / "site" / "log").mkdir(parents=True)
    (tmp_path / "site" / "log" / "checkpoint").write_bytes(due)
    with serving(published.now) as address:
        size = due.split(b"\n")[1].decode()
        places = [
            str(kept),
            str(tmp_path / "site"),
            address,
            f"{address}/",
            f"{address}/log/checkpoint",
            f"{address}/log/checkpoints/{size}",
        ]
        assert [due] * 6 == [read_checkpoint(place)[0] for place in places]
        assert [due] * 6 == [read_published(place, first=False).checkpoint for place in places]
        assert published.now[DIGESTS] == read_published(address, first=False).digests
        assert [None] * 2 == [read_published(places[n], first=False).seal for n in (0, 4)]


def test_what_is_not_there_and_what_does_not_answer_are_two_things(published: Published) -> None:
    """404 is nothing; an error, a silence or a redirect elsewhere is never a first publication."""
    with serving({}) as address:
        assert read_published(address, first=True).nothing()
        assert read_published(f"{address}/log/checkpoint", first=True).nothing()
        with pytest.raises(BadInput, match="there is no checkpoint"):
            read_checkpoint(address)
    with pytest.raises(SiteFault, match="cannot be fetched"):
        read_published(address, first=True)
    for reply in ((503, {}, b""), (302, {"Location": "https://other.example/"}, b"")):
        with (
            serving(published.now, {SEAL: reply}) as address,
            pytest.raises(SiteFault, match=r"answers 503|off the site"),
        ):
            read_published(address, first=True)


def test_a_file_that_is_missing_is_never_a_first_publication(tmp_path: Path) -> None:
    """It was named, so it was meant."""
    with pytest.raises(UsageError, match="is missing"):
        read_published(str(tmp_path / "kept"), first=True)
    with pytest.raises(UsageError, match="is missing"):
        read_checkpoint(str(tmp_path / "kept"))


def test_the_kinds_that_stay_are_kinds_that_are_published() -> None:
    """The harness changes both."""
    assert {"manifest", "history entry"} <= KINDS.keys()


def test_a_seal_taken_away_is_a_fault_where_the_published_site_has_one(
    published: Published,
) -> None:
    """What was signed once is not published unsigned again without a word."""
    stripped = without_seal(published.now)
    sealed = read_earlier(MemoryFiles(published.before, "https://example.org/"), first=False)
    (found,) = verify_site(MemoryFiles(stripped), known=Known(earlier=sealed)).faults
    assert (found.check, found.where) == (Check.SEAL, "seal")
    assert "https://example.org/ has one" in found.what
    bare = read_earlier(MemoryFiles(without_seal(published.before), "before"), first=False)
    assert "" == faults(verify_site(MemoryFiles(stripped), known=Known(earlier=bare)))


def test_a_published_folder_is_named_with_its_slash(published: Published) -> None:
    """So that messages name files that there are."""
    earlier = read_earlier(MemoryFiles({"log/checkpoint": b"?"}, "../site2"), first=False)
    found = faults(verify_site(MemoryFiles(published.now), known=Known(earlier=earlier)))
    assert "../site2/log/checkpoint" in found
    assert "../site2/digests.txt" in found


def test_a_log_that_is_behind_is_said_to_be_behind(tmp_path: Path) -> None:
    """An entry that nobody logged yet is newer than the log, not older than something."""
    world = World(tmp_path)
    world.import_record(IMPORTED)
    world.log()
    world.enter(IMPORTED, Event.ADDENDUM)
    site = world.publish(seal=False)
    said = faults(look(site))
    assert "history/0002: is newer than the log, whose index of heads names entry 1" in said
    assert "is not the newest" not in said
    assert "Who publishes: `log append`, then build and seal." in said
    alone = faults(verify_site(MemoryFiles(site), record=IMPORTED))
    assert f"entry 2 of {IMPORTED} is not logged: the log's newest of it is entry 1" in alone
    assert "Something newer was published" not in alone
