"""gate-v1, the attempts: from what one attempt at Gate 2 gave to its verdict.

Pure: everything that is read stands in the published report of the attempt, so that anybody decides
again.  Only one path leads to VERIFIED by a sealed run, and it passes every step of ``decide_run``;
no score, count or level is read anywhere.  What fails for any other reason than the claim itself
is UNVERIFIED with that reason.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.gate import GateReason, GateStatus, MetricOutcome
from sovereign_registry.contracts.proof import LEAN_FILE
from sovereign_registry.contracts.repro import (
    REPRO_FILE,
    listing_sha256,
    require_files,
    stated_numbers,
)
from sovereign_registry.contracts.sealing import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sovereign_registry.contracts.repro import Metric
    from sovereign_registry.contracts.runs import LeanRun, ReproRun, RunOutcome

ROLES = ("first", "second", "control")
ACCEPTED, REJECTED, NOT_STARTED = 0, 1, 2
"""Exit codes of the toolchain's judge."""


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A verdict without what it is about."""

    status: GateStatus
    reason_code: GateReason
    reason: str


def unverified(code: GateReason, reason: str) -> Decision:
    """UNVERIFIED with its reason."""
    return Decision(status=GateStatus.UNVERIFIED, reason_code=code, reason=reason)


def decide_run(run: ReproRun) -> Decision:
    """The outcome of an attempt to reproduce a claim's numbers under seal.

    1. The files are those of the artifact, and it was made for these words of the claim.
    2. The seal was proven on this machine right before.
    3. The environment is the declared one.
    4. The first run, the second and the control ended by themselves and gave their numbers.
    5. The files were not changed, and the two runs agree on every metric.
    6. The control moved a metric that the claim states.
    7. Every metric within its tolerance: VERIFIED.  A metric that the claim states outside of it:
       FALSIFIED where the owner had accepted the artifact for this claim, else UNVERIFIED.
    """
    return (
        _bound(run)
        or _sealed(run)
        or _environment(run)
        or _ended(run)
        or _agreed(run)
        or _measured(run)
    )


def metric_outcomes(run: ReproRun) -> tuple[MetricOutcome, ...]:
    """What every metric was expected to be, what both runs gave, and what the control gave."""
    by_role: dict[str, Sequence[str]] = {
        one.role: one.metrics for one in run.runs if len(one.metrics) == len(run.spec.metrics)
    }
    first, second, control = (by_role.get(role) for role in ROLES)
    agreed = first if first == second else None
    stated = stated_numbers(run.claim_text)
    return tuple(
        _outcome(metric, place, stated, agreed, control)
        for place, metric in enumerate(run.spec.metrics)
    )


def completed(run: ReproRun) -> int:
    """How many of the two runs ended by themselves and gave their numbers."""
    return sum(bool(one.metrics) and one.role != "control" for one in run.runs)


def _outcome(
    metric: Metric,
    place: int,
    stated: frozenset[Decimal],
    agreed: Sequence[str] | None,
    control: Sequence[str] | None,
) -> MetricOutcome:
    observed = agreed[place] if agreed else None
    moved_to = control[place] if control else None
    within = None if observed is None else metric.within(observed)
    moved = None
    if observed is not None and moved_to is not None:
        far = abs(Decimal(observed) - Decimal(moved_to)) > metric.allowed()
        moved = far and not (within and metric.within(moved_to))
    return MetricOutcome(
        name=metric.name,
        expected=metric.expected,
        absolute=metric.absolute,
        relative=metric.relative,
        stated=Decimal(metric.expected) in stated,
        observed=observed,
        control=moved_to,
        within=within,
        moved=moved,
    )


def _bound(run: ReproRun | LeanRun) -> Decision | None:
    code = GateReason.INPUT_MISMATCH
    contract = LEAN_FILE if run.contract == "lean-run-v1" else REPRO_FILE
    if listing_sha256(run.files) != run.artifact:
        return unverified(code, "The artifact's digest is not that of its files.")
    if text_sha256(run.claim_text) != run.claim_sha256:
        return unverified(code, "The claim's digest is not that of its words.")
    if (run.spec.claim.id, run.spec.claim.sha256) != (run.claim, run.claim_sha256):
        return unverified(
            code,
            f"The artifact was made for claim {run.spec.claim.id} with other words than claim "
            f"{run.claim} has here.",
        )
    try:
        require_files(run.spec.inputs, run.files, contract)
    except RecordFault as fault:
        return unverified(code, f"{fault.where} {fault.what}.")
    return None


def _sealed(run: ReproRun) -> Decision | None:
    numbers = stated_numbers(run.claim_text)
    if not any(Decimal(one.expected) in numbers for one in run.spec.metrics):
        return unverified(
            GateReason.INPUT_MISMATCH, "No expected value stands as a number in the claim's text."
        )
    seal = run.preflight
    if seal is None:
        return unverified(GateReason.SANDBOX_UNAVAILABLE, run.fault or "The seal was not checked.")
    held = bool(seal.checks) and all(one.passed for one in seal.checks)
    if not (seal.available and held):
        return unverified(
            GateReason.SANDBOX_UNAVAILABLE,
            f"This machine cannot seal a run ({seal.why or 'a check of the seal failed'}), and "
            "nothing is ever run unsealed.",
        )
    return None


def _environment(run: ReproRun) -> Decision | None:
    code, wanted = GateReason.ENVIRONMENT_MISMATCH, run.spec.environment
    if wanted.requirements is not None:
        lock = next((f.sha256 for f in run.files if f.path == wanted.requirements), "")
        done = run.installed
        if done is None or done.sha256 is None or done.lock_sha256 != lock:
            why = done.why if done and done.why else "they were not installed"
            return unverified(code, f"The locked requirements could not be had: {why}")
    if run.machine is None:
        why = run.fault or "it did not answer"
        return unverified(code, f"The interpreter inside the seal could not be asked: {why}")
    if not f"{run.machine.python}.".startswith(f"{wanted.python}."):
        return unverified(
            code,
            f"The sealed interpreter is Python {run.machine.python}; the artifact asks for "
            f"{wanted.python}.",
        )
    return None


_ENDS = {
    Ended.TIMED_OUT: (GateReason.TIMED_OUT, "used up its time"),
    Ended.OUT_OF_MEMORY: (GateReason.OUT_OF_MEMORY, "used more memory than it may"),
    Ended.OUTPUT_LIMIT: (GateReason.OUTPUT_LIMIT, "wrote more than it may"),
    Ended.PROCESS_LIMIT: (GateReason.PROCESS_LIMIT, "started more processes than it may"),
    Ended.KILLED: (GateReason.CRASHED, "was ended by a signal"),
    Ended.UNAVAILABLE: (GateReason.SANDBOX_UNAVAILABLE, "could not be sealed to its end"),
}
_RUNS = {"first": "The first run", "second": "The second run", "control": "The control run"}


def _ended(run: ReproRun) -> Decision | None:
    for role, found in zip(ROLES, run.runs, strict=False):
        failed = _run_ended(run, role, found)
        if failed is not None:
            return failed
    if len(run.runs) != len(ROLES):
        why = run.fault or "not all of the runs took place"
        return unverified(GateReason.SANDBOX_UNAVAILABLE, f"Nothing was decided: {why}.")
    return None


def _run_ended(run: ReproRun, role: str, found: RunOutcome) -> Decision | None:
    spec, what = run.spec, _RUNS[role]
    control = role == "control"
    command = spec.control.command if control else spec.command
    due = (command, spec.given(control=control))
    if found.role != role or (found.argv, found.variables) != due:
        return unverified(
            GateReason.ENVIRONMENT_MISMATCH, f"{what} was not the command that is declared."
        )
    if found.ended is not Ended.EXITED:
        code, how = _ENDS[found.ended]
        return unverified(code, f"{what} {how}.")
    if found.exit_code != 0:
        return unverified(GateReason.CRASHED, f"{what} ended with the exit code {found.exit_code}.")
    if found.fault or len(found.metrics) != len(spec.metrics):
        why = found.fault or "its metrics are not those of the contract"
        return unverified(GateReason.MALFORMED_OUTPUT, f"{what} left no valid output: {why}.")
    return None


def _agreed(run: ReproRun) -> Decision | None:
    staged = [one for one in run.files if one.path != REPRO_FILE]
    if run.files_after != listing_sha256(staged):
        return unverified(
            GateReason.INPUT_MISMATCH, "The artifact's files were changed while it ran."
        )
    first, second, _ = run.runs
    pairs = zip(run.spec.metrics, first.metrics, second.metrics, strict=True)
    differing = [f"{one.name} ({a} and {b})" for one, a, b in pairs if a != b]
    if differing:
        return unverified(
            GateReason.NONDETERMINISTIC, f"The two runs disagree on {', '.join(differing)}."
        )
    return None


def _measured(run: ReproRun) -> Decision:
    outcomes = metric_outcomes(run)
    if not any(one.stated and one.moved for one in outcomes):
        return unverified(
            GateReason.CONTROL_UNMOVED,
            "The negative control left every number that the claim states where it was, so that "
            "the numbers need not depend on what they are said to be computed from.",
        )
    missed = [one for one in outcomes if not one.within]
    if not missed:
        return Decision(
            status=GateStatus.VERIFIED,
            reason_code=GateReason.REPRODUCED,
            reason=f"Two sealed runs of the supplied script gave {_values(outcomes)}, within the "
            "stated tolerance, and the negative control moved.",
        )
    if not any(one.stated for one in missed):
        return unverified(
            GateReason.OUT_OF_TOLERANCE,
            f"{_values(missed)}: outside of the tolerance, but of a number that the claim does "
            "not state.",
        )
    said = f"Two sealed runs of the supplied script gave {_values(missed)}"
    if not _accepted(run):
        return unverified(
            GateReason.NOT_ACCEPTED,
            f"{said}, outside of the tolerance; the owner had not accepted this artifact as a test "
            "of the claim, so that it decides nothing.",
        )
    return Decision(
        status=GateStatus.FALSIFIED,
        reason_code=GateReason.OUT_OF_TOLERANCE,
        reason=f"{said}, outside of the tolerance; the negative control moved, and the owner had "
        "accepted the artifact as a test of the claim before.",
    )


def _values(outcomes: Iterable[MetricOutcome]) -> str:
    return ", ".join(
        f"{one.name} = {one.observed} where {one.expected} is expected" for one in outcomes
    )


def _accepted(run: ReproRun | LeanRun) -> bool:
    found = run.acceptance
    return found is not None and found.covers(run.claim, run.claim_sha256, run.artifact)


def decide_proof(run: LeanRun) -> Decision:
    """The outcome of an attempt to have a claim's proof judged; only exit codes are read.

    1. The files are those of the artifact, and it was made for these words of the claim.
    2. A person signed off that the statement says what the claim says.
    3. The judge is there and is the pinned one.
    4. It ended by itself: 0 accepted, 1 rejected, 2 could not start.
    5. A proof of the negation falsifies only where the owner had accepted the artifact before.
    """
    failed = _bound(run)
    if failed is not None:
        return failed
    if not run.spec.reviewed:
        return unverified(
            GateReason.STATEMENT_NOT_REVIEWED,
            "No person has signed off that the formal statement says what the claim says, so a "
            "proof of it would decide nothing.",
        )
    return _judge_there(run) or _judged(run)


def _judge_there(run: LeanRun) -> Decision | None:
    judge = run.preflight
    if judge is None or not judge.available:
        why = judge.why if judge else run.fault
        return unverified(GateReason.JUDGE_UNAVAILABLE, f"No proof judge is at hand: {why}")
    # Reports that are older than canaries hold none, and are decided as they were.
    if judge.checks and not all(one.passed for one in judge.checks):
        return unverified(GateReason.JUDGE_UNAVAILABLE, "The judge failed a canary.")
    if judge.toolchain != run.spec.toolchain:
        return unverified(
            GateReason.ENVIRONMENT_MISMATCH,
            f"The judge is of {judge.toolchain}; the artifact is pinned to {run.spec.toolchain}.",
        )
    return None


def _judged(run: LeanRun) -> Decision:
    failed = _judge_ended(run)
    if failed is not None:
        return failed
    if run.spec.proves == "claim":
        return Decision(
            status=GateStatus.VERIFIED,
            reason_code=GateReason.PROOF_ACCEPTED,
            reason="The judge accepted the proof of the reviewed statement, from the allowed "
            "axioms alone.",
        )
    if not _accepted(run):
        return unverified(
            GateReason.NOT_ACCEPTED,
            "The judge accepted a proof of the negation; the owner had not accepted this artifact "
            "as a test of the claim, so that it decides nothing.",
        )
    return Decision(
        status=GateStatus.FALSIFIED,
        reason_code=GateReason.NEGATION_PROVED,
        reason="The judge accepted a proof of the negation of the reviewed statement, and the "
        "owner had accepted the artifact as a test of the claim before.",
    )


def _judge_ended(run: LeanRun) -> Decision | None:
    found = run.outcome
    if found is None:
        return unverified(GateReason.JUDGE_UNAVAILABLE, run.fault or "The judge was not asked.")
    if found.ended is not Ended.EXITED:
        why, how = _ENDS[found.ended]
        why = GateReason.JUDGE_UNAVAILABLE if found.ended is Ended.UNAVAILABLE else why
        return unverified(why, f"The judge {how}.")
    others = {
        ACCEPTED: None,
        REJECTED: unverified(
            GateReason.PROOF_REJECTED,
            "The judge rejected the proof, which says nothing about the claim: anybody can write a "
            "bad proof of a true statement.",
        ),
        NOT_STARTED: unverified(GateReason.JUDGE_UNAVAILABLE, "The judge could not start."),
    }
    code = found.exit_code
    if code in others:
        return others[code]
    return unverified(GateReason.CRASHED, f"The judge ended with the exit code {code}.")
