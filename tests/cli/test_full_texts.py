"""``run --texts full`` over real HTTP: what is read, what is recorded, what is withheld."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from sovereign_registry.contracts.texts import FindingKind, TextFormat
from sovereign_registry.store import Queue, Registry
from tests.adapters.fulltexts.host import TextHost
from tests.cli.console import call, new_registry, tree

DOCUMENTS = Path(__file__).parents[1] / "adapters" / "fulltexts" / "documents"
QUESTION = "How does the gear ratio of a cargo bicycle change climbing speed and rider effort?"
PAGE = (DOCUMENTS / "gears.html").read_bytes()
HIDDEN = (DOCUMENTS / "hidden.html").read_bytes()


def snapshot(folder: Path) -> Path:
    """A metadata snapshot of two papers."""
    rows: list[dict[str, object]] = [
        {
            "id": key, "submitter": None, "authors": "A. Writer", "title": title,
            "categories": "cs.LG", "license": None, "abstract": abstract, "versions": [],
            "update_date": "2026-03-02", "authors_parsed": [],
        }
        for key, title, abstract in (
            ("2603.00001", "Gear ratio and climbing speed of cargo bicycles",
             "A cargo bicycle with a low gear ratio climbs a steep hill."),
            ("2603.00002", "Rider effort and gear ratio of a cargo bicycle",
             "The effort of the rider grows on a climb with the climbing speed."),
        )
    ]  # fmt: skip
    file = folder / "arxiv.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def test_full_texts_are_read_named_and_quoted_only(tmp_path: Path) -> None:
    """From the command to the queue: two pages, one with hidden text; found again for nothing."""
    root = new_registry(tmp_path / "registry")
    file = snapshot(tmp_path)
    with TextHost({"/html/2603.00001": PAGE, "/html/2603.00002": HIDDEN}).running() as host:
        around = {
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "SOVEREIGN_ARXIV_URL": f"{host.base}/api/query",
        }
        asked = [
            *("run", QUESTION, "--registry", str(root), "--source", f"snapshot:{file}"),
            *("--texts", "full", "--json"),
        ]
        done = call(*asked, **around)
        assert done.returncode == 0, done.stderr
        outcome = json.loads(done.stdout)
        assert (outcome["state"], outcome["found"]) == ("waiting", False)
        assert {"hidden-text", "injection"} <= set(outcome["flags"])
        assert sorted(host.asked) == ["/html/2603.00001", "/html/2603.00002"]
        again = json.loads(call(*asked, **around).stdout)
        assert (again["id"], again["found"]) == (outcome["id"], True)
        assert len(host.asked) == 2

    record = Queue(Registry(root)).read(outcome["id"])
    read = {source.key: source.fulltext for source in record.sources}
    for key, body, kinds in (
        ("2603.00001", PAGE, []),
        ("2603.00002", HIDDEN, [FindingKind.CONCEALED, FindingKind.CONCEALED]),
    ):
        found = read[key]
        assert not isinstance(found, msgspec.UnsetType)
        assert found.format is TextFormat.HTML
        assert found.sha256 == hashlib.sha256(body).hexdigest()
        assert [one.kind for one in found.findings] == kinds
    written = b"".join(tree(root).values())
    assert b"Ignore all previous" not in written
    assert b"vans in many cities" not in written  # single sentences are quoted, never a section


@pytest.mark.parametrize("source", [[], ["--source", "corpus"]])
def test_the_bundled_sample_has_its_own_texts(tmp_path: Path, source: list[str]) -> None:
    """There is nothing to fetch for it, so asking is a wrong use that says what would work."""
    root = new_registry(tmp_path / "registry")
    done = call("run", QUESTION, "--registry", str(root), "--texts", "full", *source)
    assert done.returncode == 2
    assert "the bundled sample carries its own texts" in done.stderr
    assert "--source arxiv" in done.stderr
    assert not (root / ".sovereign" / "queue").exists()
