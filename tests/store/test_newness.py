"""A registry may be without records only where it says that it never had one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.check import check_registry
from sovereign_registry.store.loading import load_registry_info
from sovereign_registry.store.newness import require_meant, without_line
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from pathlib import Path

REST = b"""# By hand.
contract: "registry-v1"
title: "A title: new: true"
publisher: "Nobody"
description: "What stands
  new: true here belongs to a text."
base_url: ""
language: "en"
records_licence: ""
report_problem: ""
"""
ON_ONE_LINE = b"""{"contract": "registry-v1", "title": "T", "publisher": "P", "description": "", \
"base_url": "", "language": "en", "records_licence": "", "report_problem": "", "new": true}
"""
LINE = b"new: true  # No record was ever published.\n"


def registry(folder: Path, data: bytes = REST + LINE) -> Registry:
    """A registry with this declaration and nothing else."""
    (folder / "manifests").mkdir(parents=True)
    (folder / "manifests" / "registry.yaml").write_bytes(data)
    return Registry(folder)


def marker(found: Registry) -> bytes:
    """The declaration's bytes."""
    return (found.manifests / "registry.yaml").read_bytes()


def publish(found: Registry, record_id: str = "sr-2605-0000000a") -> None:
    """Publish one record."""
    with found.lock():
        found.publish(emit(bare_manifest(record_id)), {})


def faults(folder: Path) -> list[tuple[str, str]]:
    """What check says of the registry as a whole: where, and what to do."""
    return [
        (fault.where, fault.todo)
        for fault in check_registry(folder).faults
        if not fault.where.startswith("manifests/records/")
    ]


def test_the_first_publication_takes_the_line_out(tmp_path: Path) -> None:
    """And nothing else of the file; the second publication leaves it alone."""
    found = registry(tmp_path)
    require_meant(found)
    assert faults(tmp_path) == []
    publish(found)
    assert marker(found) == REST
    assert found.info.new is False
    publish(found, "sr-2605-0000000b")
    assert marker(found) == REST
    assert faults(tmp_path) == []


@pytest.mark.parametrize("folder", [True, False])
def test_records_that_vanished_are_an_error(tmp_path: Path, folder: bool) -> None:  # noqa: FBT001
    """With the folder there or not, for a build and for a check, in one sentence with its cure."""
    found = registry(tmp_path, REST)
    if folder:
        found.records.mkdir()
    with pytest.raises(BuildFailed, match=r"^manifests/records: .* no records.*new: true"):
        require_meant(found)
    assert [where for where, _ in faults(tmp_path)] == ["manifests/records"]


def test_a_misnamed_folder_of_records_is_an_error(tmp_path: Path) -> None:
    """Records that lie elsewhere do not make a registry new again."""
    found = registry(tmp_path)
    publish(found)
    found.records.rename(found.manifests / "record")
    with pytest.raises(BuildFailed, match="no records"):
        require_meant(Registry(tmp_path))
    named = [where for where, _ in faults(tmp_path)]
    assert named == ["manifests/record", "manifests/records"]


def test_a_registry_with_records_is_not_new(tmp_path: Path) -> None:
    """Left by a kill or written by hand, the line is a fault, and the next command takes it out."""
    found = registry(tmp_path)
    publish(found)
    (found.manifests / "registry.yaml").write_bytes(REST + LINE)
    assert faults(tmp_path) == [("manifests/registry.yaml", "Take the line out.")]
    with Registry(tmp_path).lock():
        assert marker(found) == REST


def test_a_log_that_lists_records_contradicts_a_new_registry(tmp_path: Path) -> None:
    """Whoever writes the line back does not get an empty registry past the log."""
    found = registry(tmp_path)
    (found.manifests / "log" / "checkpoints").mkdir(parents=True)
    (found.manifests / "log" / "checkpoints" / "5").write_bytes(b"")
    with pytest.raises(BuildFailed, match="the log lists 5 entries"):
        require_meant(found)


@pytest.mark.parametrize("data", [ON_ONE_LINE, REST + b"new:\n  true\n"])
def test_another_layout_is_left_to_its_owner(tmp_path: Path, data: bytes) -> None:
    """The publication goes through, the file stays as it is, and check names it."""
    found = registry(tmp_path, data)
    publish(found)
    assert marker(found) == data
    assert [where for where, _ in faults(tmp_path)] == ["manifests/registry.yaml"]


@given(
    before=st.sampled_from([b"", b"# x\n", b"\n\n"]),
    spaces=st.text(" \t", min_size=1, max_size=3),
    comment=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30),
    after=st.sampled_from([b"", b"# the end", b"# the end\n"]),
)
def test_only_the_line_goes(before: bytes, spaces: str, comment: str, after: bytes) -> None:
    """Whatever stands around it: all other bytes stay, and so does what they say."""
    line = f"new:{spaces.replace(chr(9), ' ')}true #{comment}\n".encode()
    cut = without_line(before + REST + line + after, "registry.yaml")
    assert cut == before + REST + after
    assert load_registry_info(cut, "registry.yaml").new is False
