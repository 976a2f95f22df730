"""Steps 7 and 8: roles, decision table, revision and policy, through whole runs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.review import Opinion, Policy, Role, Verdict
from sovereign_registry.pipeline.conduct import complete, prepare
from sovereign_registry.pipeline.revision import revise
from tests.world import CONFIG, QUESTION, ScriptedReviewer, scores, world

if TYPE_CHECKING:
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.dossier import Dossier
    from sovereign_registry.contracts.ports import Reviewer
    from sovereign_registry.pipeline.run import Run

FIVE = scores("5.0", "5.5", "6.0")
GOOD = scores("8.0", "8.5", "7.5")
BAD = scores("2.0", "3.0", "1.0")


def run(reviewer: Reviewer, config: RunConfig = CONFIG) -> Run:
    """A run over the library with this reviewer."""
    ports = world(reviewer=reviewer)
    return complete(prepare(QUESTION, ports, config, None), ports)


def test_a_good_first_round_is_approved_without_revision() -> None:
    """Mean 8.0: APPROVE in round 0, and with all guards held published by policy."""
    review = run(ScriptedReviewer([GOOD])).manifest.review
    assert (review.score, review.verdict, review.revision_round) == ("8.0", Verdict.APPROVE, 0)
    assert review.policy is Policy.AUTO_APPROVE
    assert len(review.rounds) == 1


def test_a_bad_first_round_is_rejected_without_revision() -> None:
    """Below 5.0 there is too little evidence for a revision to mend; the owner decides."""
    review = run(ScriptedReviewer([BAD])).manifest.review
    assert (review.score, review.verdict, review.revision_round) == ("2.0", Verdict.REJECT, 0)
    assert review.policy is Policy.ESCALATE_TO_OWNER


@pytest.mark.parametrize(
    ("second", "verdict"),
    [(GOOD, Verdict.APPROVE), (FIVE, Verdict.REVISE), (BAD, Verdict.REJECT)],
)
def test_a_middling_first_round_is_revised_once(
    second: dict[Role, str | None], verdict: Verdict
) -> None:
    """From 5.0 to below 6.5 fresh roles judge a revised report; after that it is decided."""
    review = run(ScriptedReviewer([FIVE, second])).manifest.review
    assert [judged.number for judged in review.rounds] == [0, 1]
    assert review.rounds[0].verdict is Verdict.REVISE
    assert (review.verdict, review.revision_round) == (verdict, 1)


def test_without_revisions_the_first_round_stands() -> None:
    """``max_revisions`` 0 leaves REVISE to the owner."""
    config = msgspec.structs.replace(CONFIG, max_revisions=0)
    review = run(ScriptedReviewer([FIVE]), config).manifest.review
    assert (review.verdict, review.revision_round) == (Verdict.REVISE, 0)
    assert review.policy is Policy.ESCALATE_TO_OWNER


def test_fewer_than_three_opinions_decide_nothing() -> None:
    """A missing role gives INCOMPLETE, no score, and the owner."""
    review = run(ScriptedReviewer([scores("9.0", None, "9.0")])).manifest.review
    assert (review.score, review.verdict) == (None, Verdict.INCOMPLETE)
    assert review.policy is Policy.ESCALATE_TO_OWNER
    assert len(review.rounds[0].opinions) == 2


class WrongRole(ScriptedReviewer):
    """Answers every role as the SKEPTIC."""

    def review(self, role: Role, dossier: Dossier) -> Opinion | None:
        """Return an opinion with the wrong role."""
        answer = super().review(role, dossier)
        return answer and msgspec.structs.replace(answer, role=Role.SKEPTIC)


@pytest.mark.parametrize(
    "reviewer",
    [
        ScriptedReviewer([scores("11.0", "9.0", "9.0")]),
        ScriptedReviewer([scores("9", "9.0", "9.0")]),
        ScriptedReviewer([GOOD], cites=("c99",)),
        ScriptedReviewer([GOOD], rationale="Fine.\u202e"),
        ScriptedReviewer([GOOD], rationale="x" * 1201),
        WrongRole([GOOD]),
    ],
)
def test_an_unsound_opinion_is_no_opinion(reviewer: Reviewer) -> None:
    """Out of range, unknown claims, hidden characters, too long, another role: never clamped."""
    assert run(reviewer).manifest.review.verdict is Verdict.INCOMPLETE


def test_roles_judge_at_once_and_see_the_same() -> None:
    """All three begin before any ends; each gets one dossier without the others' opinions."""
    barrier = threading.Barrier(3, timeout=10)

    class Together(ScriptedReviewer):
        def review(self, role: Role, dossier: Dossier) -> Opinion | None:
            barrier.wait()
            return super().review(role, dossier)

    reviewer = Together([GOOD])
    run(reviewer)
    assert {role for role, _, _ in reviewer.seen} == set(Role)
    assert len({id(dossier) for _, dossier, _ in reviewer.seen}) == 1


def test_the_judged_text_is_kept_and_says_nothing_of_the_outcome() -> None:
    """Each round's digest is that of its artifact; the final report adds the Tribunal paragraph."""
    made = run(ScriptedReviewer([FIVE, GOOD]))
    files = dict(made.artifacts)
    for judged in made.manifest.review.rounds:
        text = files[f"judged-round-{judged.number}.md"]
        assert judged.report_sha256 == file_sha256(text)
        assert b"Tribunal: three roles" in text
        assert b"Policy:" not in text
    report = files["report.md"].decode()
    outcome = "Tribunal: 8.0/10 → APPROVE (revision\\_round=1). Policy: "
    paragraphs = report.split("\n\n")
    kept = [paragraph for paragraph in paragraphs if not paragraph.startswith(outcome)]
    assert len(kept) == len(paragraphs) - 1
    assert "\n\n".join(kept).encode() == files["judged-round-1.md"]


def test_a_revision_edits_the_report() -> None:
    """Failed claims leave the report, stay in the record, and their loss is disclosed."""
    config = msgspec.structs.replace(CONFIG, threshold="0.40")
    made = run(ScriptedReviewer([FIVE, GOOD]), config)
    claims = made.manifest.claims
    dropped = [claim.id for claim in claims if not claim.retained]
    failed = [claim.id for claim in claims if not claim.verification.passed]
    assert failed
    assert set(failed) <= set(dropped)
    report = dict(made.artifacts)["report.md"].decode()
    before = dict(made.artifacts)["judged-round-0.md"].decode()
    table = report.split("## 5 Extracted Claims")[1].split("## References")[0]
    for claim in claims:
        assert (f"| {claim.id}: " in table) == claim.retained
    changes = made.manifest.review.rounds[1].changes
    assert any(change.startswith("Dropped ") for change in changes)
    assert any("revision dropped" in sentence for sentence in made.manifest.uncertainties)
    assert "After a revision it speaks only of" in report
    assert report.split("## 1")[0] != before.split("## 1")[0]


def test_a_revision_never_drops_every_claim() -> None:
    """Where all failed, the first one stays and the report says that it failed."""
    config = msgspec.structs.replace(CONFIG, threshold="0.99")
    claims = run(ScriptedReviewer([BAD]), config).manifest.claims
    assert not any(claim.verification.passed for claim in claims)
    revision = revise(claims)
    assert [claim.id for claim in revision.claims if claim.retained] == ["c1"]
    assert not any("c1," in change or "c1." in change for change in revision.changes)


def test_of_two_claims_that_repeat_each_other_the_weaker_goes() -> None:
    """Verified claims that share 0.6 of their content words are not both stated."""
    claims = run(ScriptedReviewer([GOOD])).manifest.claims[:2]
    one = msgspec.structs.replace(
        claims[0], text="Gears lower rider effort on hills by 15 percent."
    )
    two = msgspec.structs.replace(claims[1], text="Gears lower rider effort on steep hills.")
    weaker = min(one, two, key=lambda claim: float(claim.verification.value or 0))
    revision = revise([one, two])
    assert [claim.id for claim in revision.claims if not claim.retained] == [weaker.id]


@pytest.mark.parametrize(
    ("opinions", "failed"),
    [
        (scores("4.5", "9.0", "9.0"), {"lowest role score", "spread of role scores"}),
        (scores("6.0", "9.5", "9.0"), {"spread of role scores"}),
    ],
)
def test_an_uneven_panel_escalates(opinions: dict[Role, str | None], failed: set[str]) -> None:
    """An approved record whose roles disagree, or one of which is low, goes to the owner."""
    review = run(ScriptedReviewer([opinions])).manifest.review
    assert review.verdict is Verdict.APPROVE
    assert review.policy is Policy.ESCALATE_TO_OWNER
    assert {guard.name for guard in review.guards if not guard.held} == failed
