"""The records that ship were made by the pipeline and by nobody's hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.history import Event
from sovereign_registry.store import Registry
from sovereign_registry.store.artifacts import read_artifact
from sovereign_registry.store.check import check_registry
from sovereign_registry.wiring.owner import approve_records
from sovereign_registry.wiring.research import run_question
from tests.adapters.sealing.seal import bubblewrap
from tests.cli.console import call, new_registry, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.gate import ClaimVerdict

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


def attempts() -> Iterator[tuple[RecordView, ClaimVerdict]]:
    """Every attempt at Gate 2 in the registry that ships, with the record as it stands."""
    registry = Registry(ROOT)
    for record_id in registry.ids():
        view = registry.read(record_id)
        yield from ((view, one) for one in view.record.gate.verdicts)


def test_gate_2_has_run_with_every_sort_of_outcome() -> None:
    """Two claims came out again, one did not; one ran out of time; one could not be decided."""
    found = [(one.status, one.reason_code) for _, one in attempts()]
    assert 2 <= found.count((GateStatus.VERIFIED, GateReason.REPRODUCED))
    assert (GateStatus.FALSIFIED, GateReason.OUT_OF_TOLERANCE) in found
    assert (GateStatus.UNVERIFIED, GateReason.TIMED_OUT) in found
    assert (GateStatus.UNVERIFIED, GateReason.NOT_APPLICABLE) in found


def test_what_was_falsified_was_corrected_and_is_still_told() -> None:
    """The claim has other words now; verdict, acceptance and reason of the earlier ones stay."""
    for view, verdict in attempts():
        if verdict.status is not GateStatus.FALSIFIED:
            continue
        record = view.record
        claim = next(one for one in record.claims if one.id == verdict.claim)
        assert verdict.claim_sha256 != claim.sha256
        assert GateStatus.FALSIFIED is not record.gate.status
        assert f"{claim.id} was FALSIFIED" in record.gate.reason
        assert record.standing.correction_count
        (accepted,) = (one for one in record.gate.accepted if one.artifact == verdict.artifact)
        (corrected,) = (
            entry.sequence
            for entry in view.history
            if entry.happened is Event.CORRECTION and claim.id in entry.affected_claims
        )
        assert accepted.entry < verdict.entry < corrected


def test_every_artifact_folder_is_what_was_published() -> None:
    """The folders that `gate attach` read are, file by file, those behind the verdicts."""
    kept = {read_artifact(path.parent).sha256 for path in ROOT.glob("artifacts/*/repro.yaml")}
    assert kept == {one.artifact for _, one in attempts() if one.artifact is not None}


@pytest.mark.slow
@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="the artifact asks for the Python that it was made with"
)
def test_a_published_run_comes_out_again_in_the_real_sandbox() -> None:
    """The reader's command gives the digits that the report holds, and the control moves."""
    bubblewrap()
    artifact = read_artifact(ROOT / "artifacts" / "hash-routing-spread").sha256
    ((view, verdict),) = (pair for pair in attempts() if pair[1].artifact == artifact)
    folder = Registry(ROOT).record_dir(view.record.id) / verdict.folder
    done = call("gate", "try", str(folder), "--json")
    assert 0 == done.returncode, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert (told["artifact"], told["reproduced"]) == (artifact, True)
    for found, due in zip(told["metrics"], verdict.metrics, strict=True):
        assert (found["observed"], found["control"]) == (due.observed, due.control)


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
        outcome = run_question(root, question, source="corpus", as_of=None, quiet=True)
        made = tree((root / outcome.path).parent)
        shipped = tree(ROOT / "manifests" / "records" / outcome.id)
        later = ("history/", "gate/")
        assert made == {path: data for path, data in shipped.items() if not path.startswith(later)}
