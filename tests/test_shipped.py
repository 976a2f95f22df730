"""The records that ship were made by the pipeline and by nobody's hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sovereign_registry.store import Registry
from sovereign_registry.store.check import check_registry
from sovereign_registry.wiring.owner import approve_records
from sovereign_registry.wiring.research import run_question
from tests.cli.console import new_registry, tree

ROOT = Path(__file__).resolve().parents[1]
LINES = (ROOT / "corpus" / "questions.txt").read_text(encoding="utf-8").splitlines()
APPROVALS = "# (the owner approves all that waits)"


def test_the_shipped_registry_has_no_fault() -> None:
    """Every digest, history and number of the registry that ships holds."""
    report = check_registry(ROOT)
    assert () == report.faults
    assert report.records >= 10


def test_the_shipped_outcomes_differ() -> None:
    """Approved at once, approved after a revision, and published by the owner all occur."""
    registry = Registry(ROOT)
    views = [registry.read(record_id) for record_id in registry.ids()]
    found = {(view.record.review.verdict, view.record.review.revision_round) for view in views}
    assert {("APPROVE", 0), ("APPROVE", 1), ("REJECT", 0)} <= found
    assert {"AUTO_APPROVED", "OWNER_APPROVED"} <= {view.record.standing.approval for view in views}


@pytest.mark.slow
@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="the same bytes are promised for Python 3.11 only"
)
def test_asking_the_questions_again_gives_the_shipped_bytes(tmp_path: Path) -> None:
    """Manifests and artifacts come back to the byte from the questions and the bundled corpus."""
    root = new_registry(tmp_path / "registry", pdf=True)
    for question in LINES:
        if question == APPROVALS:
            approve_records(Registry(root), None, role="owner", note="As in the registry.")
        if question.startswith("#"):
            continue
        outcome = run_question(
            root, question, source="corpus", reviewers="rubric", as_of=None, quiet=True
        )
        made = tree((root / outcome.path).parent)
        shipped = tree(ROOT / "manifests" / "records" / outcome.id)
        assert made == {path: data for path, data in shipped.items() if "history/" not in path}
