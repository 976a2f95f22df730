"""One edited line of a published record is found by ``check``, whatever it says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sovereign_registry.store.check import check_registry
from tests.cli.console import call, new_registry

ROOT = Path(__file__).resolve().parents[2]
PLAIN = next(
    path.parent
    for path in sorted((ROOT / "manifests" / "records").glob("*/manifest.yaml"))
    if 'approval: "AUTO_APPROVED"' in path.read_text(encoding="utf-8")
)
DECIDED = next(
    path.parents[1]
    for path in sorted((ROOT / "manifests" / "records").glob("*/history/0001-owner-decision.yaml"))
)
EDITS = {
    "title": (r'  title: "How', '  title: "Why'),
    "abstract": (r"(  abstract: \"This report )asks", r"\1proves"),
    "uncertainty": (r'(uncertainties:\n  - ")', r"\1So it is certain. "),
    "author of a cited source": (r'(    authors:\n      - ")Sovereign Registry', r"\1A. Stranger"),
    "number of papers": (r"  retrieved: \d+", "  retrieved: 99"),
    "rank": (r"          rank: 2\n", "          rank: 3\n"),
    "digest of an answer": (r'reply_sha256: "[0-9a-f]{8}', 'reply_sha256: "00000000'),
    "approval": (r'approval: "AUTO_APPROVED"', 'approval: "OWNER_APPROVED"'),
    "coverage": (r"(    covered_words:\n)      - .*\n", r"\1"),
    "fused score": (r'fused_score: "0\.0', 'fused_score: "0.9'),
    "score": (r'(\nreview:\n(?:.*\n)*?  score: ")\d\.\d', r"\g<1>9.9"),
    "tier": (r'tier: "DOI_GRADE"', 'tier: "FLAGSHIP_CANDIDATE"'),
    "level": (r"paper_level: \d", "paper_level: 7"),
}


def registry_of(record: Path, folder: Path, *left_out: str) -> Path:
    """A registry that holds a copy of one shipped record, without the folders that are named."""
    root = new_registry(folder)
    ignored = shutil.ignore_patterns(*left_out)
    shutil.copytree(record, root / "manifests" / "records" / record.name, ignore=ignored)
    return root


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_line_is_found(tmp_path: Path, name: str) -> None:
    """The fault names the manifest."""
    root = registry_of(PLAIN, tmp_path / "registry", "history", "gate")
    path = root / "manifests" / "records" / PLAIN.name / "manifest.yaml"
    text = path.read_text(encoding="utf-8")
    edited = re.sub(EDITS[name][0], EDITS[name][1], text, count=1)
    assert edited != text
    path.write_text(edited, encoding="utf-8")
    faults = check_registry(root).faults
    assert faults
    assert "manifest.yaml" in faults[0].where


def test_a_record_without_its_owners_decision_is_not_public(tmp_path: Path) -> None:
    """Taking the newest entry away leaves a record that waits, which is a fault."""
    root = registry_of(DECIDED, tmp_path / "registry")
    assert not check_registry(root).faults
    shutil.rmtree(root / "manifests" / "records" / DECIDED.name / "history")
    assert "waits for its owner" in check_registry(root).faults[0].what


def test_an_edited_queued_record_is_not_approved(tmp_path: Path) -> None:
    """The owner publishes what the run wrote, or nothing."""
    root = new_registry(tmp_path / "registry")
    queued = root / ".sovereign" / "queue" / DECIDED.name
    shutil.copytree(DECIDED, queued, ignore=shutil.ignore_patterns("history"))
    path = queued / "manifest.yaml"
    data = path.read_bytes()
    path.write_bytes(data.replace(b'  title: "', b'  title: "Surely: ', 1))
    by = ("--by", "owner", "--reason", "x", "--registry", str(root))
    done = call("owner", "approve", DECIDED.name, *by)
    assert done.returncode == 3
    assert not (root / "manifests" / "records").exists()
    path.write_bytes(data)
    assert call("owner", "approve", DECIDED.name, *by).returncode == 0


@pytest.mark.parametrize(
    ("siteurl", "accepted"),
    [
        ("https://example.org/registry/", True),
        ("http://127.0.0.1:8000", True),
        ("javascript:alert(1)", False),
        ("https://user:pw@example.org", False),
        ("https://example.org/a b", False),
        ("https://example.org/?q=1#z", False),
        ("foo", False),
    ],
)
def test_only_plain_addresses_are_site_addresses(
    tmp_path: Path, siteurl: str, *, accepted: bool
) -> None:
    """What is written into every page is an http or https address without secrets."""
    root = registry_of(PLAIN, tmp_path / "registry")
    done = call("build", "--registry", str(root), "--quiet", SITEURL=siteurl)
    assert done.returncode == (0 if accepted else 2), done.stderr


@pytest.mark.parametrize("place", ["manifests", ".", "content", ".sovereign/site"])
def test_the_site_is_never_written_into_its_sources(tmp_path: Path, place: str) -> None:
    """An output folder that would mix with the registry is refused before anything is written."""
    root = registry_of(PLAIN, tmp_path / "registry")
    done = call("build", "--registry", str(root), "--output", str(root / place))
    assert done.returncode == 2
    assert not (root / place / "index.html").exists()


def test_files_of_another_kind_are_not_overwritten(tmp_path: Path) -> None:
    """A folder that holds somebody's files is refused."""
    root = registry_of(PLAIN, tmp_path / "registry")
    other = tmp_path / "mine"
    other.mkdir()
    (other / "index.html").write_text("mine")
    assert call("build", "--registry", str(root), "--output", str(other)).returncode == 2
    assert (other / "index.html").read_text() == "mine"


def test_a_file_in_the_way_is_one_line(tmp_path: Path) -> None:
    """What the system refuses is named without a traceback, and nothing is written."""
    root = registry_of(PLAIN, tmp_path / "registry")
    (root / ".sovereign").write_text("a file where a folder is due")
    done = call("annotate", PLAIN.name, "--by", "owner", "--reason", "x", "--registry", str(root))
    assert done.returncode == 2
    assert ".sovereign" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
