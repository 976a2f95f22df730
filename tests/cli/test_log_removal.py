"""The log outlives a record whose text was removed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.console import call

ROOT = Path(__file__).resolve().parents[2]


def checked(root: Path) -> dict[str, object]:
    """What ``check`` says of a registry."""
    done = call("check", str(root), "--json", "--quiet")
    report: dict[str, object] = json.loads(done.stdout)
    return report


def test_a_logged_record_may_be_removed_and_its_removal_is_logged(tmp_path: Path) -> None:
    """What was logged stays proven by the tombstone's digests; the removal is one entry more."""
    root = tmp_path / "registry"
    shutil.copytree(ROOT / "manifests", root / "manifests")
    shutil.rmtree(root / "manifests" / "log", ignore_errors=True)
    key = str(tmp_path / "log.key")
    where = ("--registry", str(root))
    record = min(path.name for path in (root / "manifests" / "records").iterdir())
    steps = (
        ("keys", "new", "--key", key, "--reason", "The first key.", *where),
        ("log", "append", "--key", key, *where),
        ("annotate", record, "--by", "owner", "--reason", "A note.", *where),
        ("log", "append", "--key", key, *where),
        ("remove", record, "--legal", "Case 1", "--by", "owner", "--reason", "Ordered.", *where),
    )
    for step in steps:
        done = call(*step)
        assert done.returncode == 0, done.stderr
    report = checked(root)
    assert (report["faults"], report["removed"], report["not_logged"]) == ([], 1, 1)
    assert call("log", "append", "--key", key, *where).returncode == 0
    report = checked(root)
    assert (report["faults"], report["not_logged"]) == ([], 0)
    stone = root / "manifests" / "records" / record / "tombstone.yaml"
    stone.write_bytes(stone.read_bytes().replace(b"Ordered.", b"Claimed."))
    assert "tombstone" in json.dumps(checked(root)["faults"])
