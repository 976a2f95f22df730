"""The attempts at Gate 2 as a page tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.rules import gate_v1, gate_v2
from sovereign_registry.contracts.verdicts import decided, inapplicable, verdict_of
from sovereign_registry.website.views import gate as gate_views
from tests.contracts import samples
from tests.contracts.gate_samples import CLAIM, WHEN, falsified, outcome, sealed, verified
from tests.contracts.records import view_of
from tests.samples import bare_manifest
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.contracts.repro import Repro


def part(*verdicts: ClaimVerdict, claims: tuple[Claim, ...] = (CLAIM,)) -> gate_views.GatePart:
    """The page's part of a record with these attempts."""
    gate = gate_v1.standing(claims, msgspec.structs.replace(samples.gate(), verdicts=verdicts))
    record = bare_manifest(claims=claims, gate=gate)
    return gate_views.gate_part(view_of(record), SITE)


def test_a_reproduction_is_told_in_one_sentence_with_what_it_does_not_mean() -> None:
    """What was tried, on which claim, by what, under which seal, with what outcome."""
    (found,) = part(verified(3)).attempts
    assert found.sentence.startswith(
        "A sealed re-run of a supplied script was tried on claim c1 under the seal of sandbox in "
        "memory 1 (1 of 1 checks of the seal held right before the run). Verified: Two sealed runs"
    )
    assert "re-run of a supplied script" in found.means
    assert "does not mean: independently replicated" in found.means
    assert ("pass", "") == (found.tone, found.standing)


def test_the_table_has_observed_expected_tolerance_and_control() -> None:
    """And a plot on which the observed value lies within the band and the control outside."""
    (found,) = part(verified(3)).attempts
    (row,) = found.metrics
    assert ("12.5", "± 0.001", "12.5", "3", "within tolerance") == (
        row.expected,
        row.tolerance,
        row.observed,
        row.control,
        row.outcome,
    )
    assert row.plot is not None
    low, width, observed, control = (
        float(one) for one in (row.plot.low, row.plot.width, row.plot.observed, row.plot.control)
    )
    assert low - 0.1 <= observed <= low + width + 0.1
    assert not low <= control <= low + width
    assert all(0 <= one <= 100 for one in (low, observed, control))
    assert "Observed 12.5, expected 12.5 ± 0.001, control 3" == row.plot.label


def test_it_can_be_run_again_with_one_command_and_its_files_are_linked() -> None:
    """The command names the published folder."""
    (found,) = part(verified(3)).attempts
    folder = "records/sr-2605-0000000a/gate/0003/"
    assert found.command.startswith("sovereign-registry gate try ")
    assert found.command.endswith(folder)
    assert {f"{folder}files/main.py", f"{folder}files/repro.yaml", f"{folder}run.json"} == {
        one.path for one in found.files
    }


def test_newest_first_and_what_no_longer_counts_says_so() -> None:
    """A falsified attempt counts before a verified one of another artifact."""
    one = msgspec.structs.replace(verified(1), artifact="12" * 32)
    newer, older = part(one, falsified(2)).attempts
    assert ("Falsified", "fail", "") == (newer.status, newer.tone, newer.standing)
    assert "Another attempt at this claim counts in its place." == older.standing


def test_an_attempt_at_other_words_says_so() -> None:
    """It stays on the page and no longer counts."""
    other = msgspec.structs.replace(verified(1), claim_sha256="12" * 32)
    (found,) = part(other).attempts
    assert "other words than the claim has now" in found.standing
    assert found.earlier
    (now,) = part(verified(1)).attempts
    assert not now.earlier


def test_what_could_not_be_tried_has_no_command() -> None:
    """And no table."""
    verdict = inapplicable(CLAIM, entry=1, evaluated_at=WHEN)
    (found,) = part(verdict).attempts
    assert ("", (), ()) == (found.command, found.metrics, found.files)
    assert "Nothing was tried on claim c1." in found.sentence


def test_a_changed_list_of_attempts_is_told_in_few_words() -> None:
    """The history does not print whole reports."""
    gate = msgspec.json.decode(msgspec.json.encode(samples.gate()))
    assert "0 attempts, 0 accepted artifacts" in gate_views.brief("/gate", gate)
    assert "2 attempts" == gate_views.brief("/gate/verdicts", [1, 2])
    assert "" == gate_views.brief("/gate/status", "VERIFIED")
    assert "" == gate_views.brief("verdicts", [1])


def loose() -> ClaimVerdict:
    """A verdict as it was given before tolerances were bounded: half of the value."""
    spec = loose_spec()
    runs = tuple(
        outcome(role, value, spec)
        for role, value in (("first", "6.3"), ("second", "6.3"), ("control", "0"))
    )
    run = sealed(spec=spec, runs=runs)
    return verdict_of(decided(run), entry=3, evaluated_at=WHEN)


def loose_spec() -> Repro:
    """The contract of our artifact with a tolerance of half of the value."""
    spec = sealed().spec
    metric = msgspec.structs.replace(spec.metrics[0], absolute="6.25")
    return msgspec.structs.replace(spec, metrics=(metric,))


def test_what_was_observed_and_which_number_of_the_claim_it_was_is_said() -> None:
    """Never that the expected value came again, which it need not have."""
    (found,) = part(verified(3)).attempts
    where = "12.5 in “Trams wait 12.5 seconds at the second …”"
    assert f"gave 12.5 for the number {where} (tolerance ± 0.001)." in found.means
    assert "publisher's word until somebody runs it again" in found.means
    assert "a script can be written to contain it" in found.means
    assert where == found.metrics[0].stated


def test_a_verdict_of_old_with_a_wide_tolerance_says_so() -> None:
    """It stays as it was published; the observed number stands in the sentence."""
    (found,) = part(loose()).attempts
    assert "Verified" == found.status
    assert "gave 6.3 for the number 12.5 in" in found.means
    assert "wider than a claim's number may have it today" in found.means
    assert "again, within the tolerance" not in found.means


def test_a_number_of_words_that_nobody_kept_is_named_alone() -> None:
    """Neither the record nor its history holds the words that were tried."""
    newer = samples.claim(1, "Trams wait 3 seconds.")
    (found,) = part(verified(1), claims=(newer,)).attempts
    assert "gave 12.5 for the number 12.5 (tolerance ± 0.001)." in found.means


def test_claims_that_the_published_count_takes_in_and_nothing_can_decide_are_named() -> None:
    """A record under gate-v1 keeps its count; under gate-v2 there is nothing to add."""
    silent = samples.claim(2, "The mean must agree with its logarithm.")
    summary = part(verified(1), claims=(CLAIM, silent)).summary
    assert "Of 2 checkable claims" in summary
    assert summary.endswith("no run decides c2 without a number in digits.")
    gate = msgspec.structs.replace(samples.gate(), verdicts=(verified(1),))
    record = bare_manifest(claims=(CLAIM, silent), gate=gate_v2.standing((CLAIM, silent), gate))
    assert "" == gate_views.uncounted(view_of(record))
