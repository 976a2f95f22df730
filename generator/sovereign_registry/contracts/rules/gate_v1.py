"""gate-v1, the record: from the verdicts about claims to the verdict of a record.

Pure.  ``gate_attempts_v1`` decides a single attempt; here stands which judge a claim may get, which
attempt counts, and how a record's verdict follows.  No score, count or level is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.claims import ClaimKind, Origin
from sovereign_registry.contracts.gate import GATE_2, GateReason, GateStatus, Judge, newest
from sovereign_registry.contracts.rules.gate_attempts_v1 import Decision, unverified

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.gate import ClaimVerdict, GateVerdict

RULES = "gate-v1"
JUDGES = {
    ClaimKind.EMPIRICAL: Judge.SEALED_RUN,
    ClaimKind.MATHEMATICAL: Judge.LEAN,
    ClaimKind.NEITHER: Judge.NONE,
}
"""The one judge that a claim of each kind may get."""


def not_applicable(claim: Claim) -> Decision:
    """The outcome for a claim that states neither a quantity nor a theorem."""
    return unverified(
        GateReason.NOT_APPLICABLE,
        f"Claim {claim.id} states neither a quantity nor a theorem, so neither a re-run nor a "
        "proof could decide it.",
    )


def claim_status(claim: Claim, verdicts: Sequence[ClaimVerdict]) -> ClaimVerdict | None:
    """The verdict that counts for a claim as it is worded now; None where there is none.

    A FALSIFIED one before a VERIFIED one before the newest attempt; a later attempt with the same
    artifact replaces the earlier one.
    """
    mine = [one for one in verdicts if one.claim == claim.id]
    found = [one for one in newest(mine) if one.claim_sha256 == claim.sha256]
    for status in (GateStatus.FALSIFIED, GateStatus.VERIFIED):
        strong = [one for one in found if one.status is status]
        if strong:
            return strong[-1]
    return found[-1] if found else None


def standing(claims: Sequence[Claim], gate: GateVerdict) -> GateVerdict:
    """A record's verdict from the verdicts about its claims; unchanged where there is none.

    FALSIFIED if any claim is, else VERIFIED only if every checkable claim is, else UNVERIFIED.
    """
    if not gate.verdicts:
        return gate
    checkable = [one for one in claims if JUDGES[one.kind] is not Judge.NONE]
    counting = [found for one in checkable if (found := claim_status(one, gate.verdicts))]
    by_status = {status: [one for one in counting if one.status is status] for status in GateStatus}
    status, scope = summed(by_status, len(checkable))
    return msgspec.structs.replace(
        gate,
        origin=Origin.COMPUTED,
        status=status,
        reason_code=code(status, scope, by_status, checkable=bool(checkable)),
        reason=_reason(by_status, [one.id for one in checkable], len(claims))
        + earlier(claims, gate.verdicts),
        evaluated_at=gate.verdicts[-1].evaluated_at,
        gate=GATE_2,
        claims=tuple(one.claim for one in scope),
        checkable_claims=len(checkable),
        artifacts=tuple(dict.fromkeys(one.artifact for one in scope if one.artifact)),
    )


def summed(
    by_status: dict[GateStatus, list[ClaimVerdict]], checkable: int
) -> tuple[GateStatus, list[ClaimVerdict]]:
    """The record's status, and the verdicts that it rests on."""
    falsified, verified = by_status[GateStatus.FALSIFIED], by_status[GateStatus.VERIFIED]
    if falsified:
        return GateStatus.FALSIFIED, falsified
    if checkable and len(verified) == checkable:
        return GateStatus.VERIFIED, verified
    tried = [*verified, *by_status[GateStatus.UNVERIFIED]]
    return GateStatus.UNVERIFIED, sorted(tried, key=lambda one: int(one.claim[1:]))


def code(
    status: GateStatus,
    scope: Sequence[ClaimVerdict],
    by_status: dict[GateStatus, list[ClaimVerdict]],
    *,
    checkable: bool,
) -> GateReason:
    """Why the record's status is what it is, for machines."""
    if not checkable:
        return GateReason.NOT_APPLICABLE
    if status is GateStatus.UNVERIFIED and by_status[GateStatus.VERIFIED]:
        return GateReason.PARTLY_VERIFIED
    if not scope:
        return GateReason.NOT_ATTEMPTED
    return max(scope, key=lambda one: one.entry).reason_code


def _reason(
    by_status: dict[GateStatus, list[ClaimVerdict]], checkable: Sequence[str], total: int
) -> str:
    if not checkable:
        return (
            f"Gate 2 does not apply: 0 of {total} claims could be decided by a proof or a sealed "
            "run."
        )
    return (
        f"Of {len(checkable)} checkable claims (of {total} in all): {tried(by_status, checkable)}. "
        "Each attempt stands below with its own reason."
    )


def tried(by_status: dict[GateStatus, list[ClaimVerdict]], checkable: Sequence[str]) -> str:
    """How the checkable claims came out, in words, with their ids."""
    named = {status: [one.claim for one in found] for status, found in by_status.items()}
    attempted = {claim for found in named.values() for claim in found}
    untried = [claim for claim in checkable if claim not in attempted]
    parts = [
        f"{len(found)} {words} ({', '.join(found)})"
        for words, found in (
            ("verified", named[GateStatus.VERIFIED]),
            ("falsified", named[GateStatus.FALSIFIED]),
            ("tried without an outcome", named[GateStatus.UNVERIFIED]),
            ("not tried", untried),
        )
        if found
    ]
    return "; ".join(parts)


def earlier(claims: Sequence[Claim], verdicts: Sequence[ClaimVerdict]) -> str:
    """What became of wordings that were corrected since; a reader must not take them for gone."""
    texts = {claim.id: claim.sha256 for claim in claims}
    found = [
        f"{one.claim} was {one.status}"
        for one in newest(verdicts)
        if one.status is not GateStatus.UNVERIFIED and one.claim_sha256 != texts.get(one.claim)
    ]
    return f" Before its words were corrected, {', '.join(dict.fromkeys(found))}." if found else ""


def added_faults(
    before: GateVerdict, after: GateVerdict, sequence: int, *, accepts: bool
) -> Iterator[str]:
    """What is unsound about how an entry changed a record's attempts and acceptances.

    Args:
        before: The gate as it stood.
        after: The gate after the entry.
        sequence: The entry's number.
        accepts: Whether the entry records an acceptance; else it records an attempt.
    """
    kept = len(before.verdicts), len(before.accepted)
    if after.verdicts[: kept[0]] != before.verdicts or after.accepted[: kept[1]] != before.accepted:
        yield "gate: an attempt or acceptance was changed or taken away; they are only ever added"
        return
    verdicts, accepted = after.verdicts[kept[0] :], after.accepted[kept[1] :]
    numbers = [*(one.entry for one in verdicts), *(one.entry for one in accepted)]
    if len(numbers) != 1 or accepts is not bool(accepted):
        due = "acceptance" if accepts else "attempt"
        yield (
            f"gate: {len(verdicts)} attempts and {len(accepted)} acceptances are added where one "
            f"{due} is due"
        )
        return
    if numbers[0] != sequence:
        yield f"gate: what is added names entry {numbers[0]} where {sequence} is due"
    for one in verdicts:
        held = any(
            earlier.covers(one.claim, one.claim_sha256, one.artifact) for earlier in before.accepted
        )
        if one.accepted != held:
            yield "gate: says otherwise than the history whether the artifact was accepted before"
