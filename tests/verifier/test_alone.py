"""One record of a site at an address: a few files, and no list of the whole site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.log.seal import DIGESTS
from sovereign_registry.verifier.alone import BESIDE, Once
from sovereign_registry.verifier.files import MemoryFiles
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.verify import UNREAD, Known, verify_site
from tests.verifier.sites import IMPORTED, RETRACTED, WITH_HISTORY, faults, without_seal
from tests.verifier.test_tamper import changed, mutations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.verifier.findings import Report
    from tests.verifier.conftest import Published


class Unlisted(MemoryFiles):
    """A site as a web server shows it; remembers what was asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(files, "https://example.org/registry/")
        self.asked: list[str] = []

    def find(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none."""
        self.asked.append(path)
        return super().find(path)

    def names(self) -> frozenset[str] | None:
        """None: a web server lists nothing."""
        return None


def alone(files: Mapping[str, bytes], record: str = WITH_HISTORY) -> Report:
    """Check one record as a reader at an address does."""
    return verify_site(Unlisted(files), record=record)


def test_every_record_is_proved_from_its_own_files_and_a_few_of_the_log(
    published: Published,
) -> None:
    """Neither a list of the site nor another record is read, and nothing twice."""
    for record in (published.computed, IMPORTED, WITH_HISTORY, RETRACTED):
        site = Unlisted(published.now)
        kept = Known(checkpoint=(published.before["log/checkpoint"], "kept"))
        report = verify_site(site, record=record, known=kept)
        assert "" == faults(report)
        read = {path for path in site.asked if path in published.now}
        assert all(path.startswith((f"records/{record}/", "log/")) for path in read)
        assert len(site.asked) == len(set(site.asked))
        passed = {line.check for line in report.checks if line.passed}
        assert {Check.NEWEST, Check.EXTENDS, Check.DATA, Check.PAGES, Check.CONTRACTS} <= passed
        assert (DIGESTS, "is not read for one record at an address") in {
            (found.where, found.what) for found in report.open
        }
        assert UNREAD in report.limits


def test_every_file_of_a_record_is_asked_for(published: Published) -> None:
    """None that a build writes is left out, but what only repeats the others."""
    known = {"manifest.yaml", "record.json", "bundle.zip", *BESIDE}
    for record in (published.computed, RETRACTED):
        folder = f"records/{record}/"
        names = {path.removeprefix(folder) for path in published.now if path.startswith(folder)}
        rest = {name for name in names if not re.match(r"artifacts/|history/\d{4}-", name)}
        assert rest <= known


@pytest.mark.parametrize("kind", ["manifest", "history entry", "record.json", "evidence"])
def test_a_change_of_the_record_is_found(published: Published, kind: str) -> None:
    """Named by its file, although no list of digests is read.

    Of a manifest and its first entry it can only be said that they do not fit each other; a file
    that is gone is missed by the page that links to it.
    """
    for way, path, new in mutations(published.now, kind):
        report = alone(changed(published.now, path, new), path.split("/")[1])
        named = {re.split(r"[: ]", found.where)[0] for found in report.faults}
        pair = {path}
        if kind == "manifest":
            first = path.replace("manifest.yaml", "history/0001-")
            pair |= {one for one in published.now if one.startswith(first)}
        assert pair & named, f"{way} of {path}: {faults(report) or 'nothing found'}"


def test_the_newest_entry_dropped_everywhere_is_found_through_the_heads(
    published: Published,
) -> None:
    """A site of before, beside the log of now: what is left fits, and is not the newest."""
    old = {path: data for path, data in published.before.items() if not path.startswith("log/")}
    log = {path: data for path, data in published.now.items() if path.startswith("log/")}
    report = alone(without_seal(old | log))
    assert {Check.NEWEST} == {found.check for found in report.faults}
    assert "is not its newest: 4 is" in faults(report)


def test_a_record_that_is_not_there_is_wrong_usage(published: Published) -> None:
    """It is no fault of the site."""
    with pytest.raises(UsageError, match="holds no record"):
        alone(published.now, "sr-2605-00000009")


def test_names_that_lead_elsewhere_are_not_followed(published: Published) -> None:
    """What record.json says of its history is data of somebody else."""
    path = f"records/{WITH_HISTORY}/record.json"
    for old, new in (
        (b'"kind":"correction"', b'"kind":"../../x"'),
        (b'"sequence":1,', b'"sequence":10000,'),
    ):
        assert old in published.now[path]
        site = Unlisted(changed(published.now, path, published.now[path].replace(old, new)))
        report = verify_site(site, record=WITH_HISTORY)
        assert path in {found.where for found in report.faults}
        assert not [asked for asked in site.asked if "x" == asked[-1] or ".." in asked]


def test_a_file_is_read_once() -> None:
    """What is not there is remembered too."""
    files = Unlisted({"a": b"x"})
    once = Once(files)
    assert [b"x", b"x", None, None] == [once.find(name) for name in "aabb"]
    assert ["a", "b"] == files.asked
    assert None is once.names()
