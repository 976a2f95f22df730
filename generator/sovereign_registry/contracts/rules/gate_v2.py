"""gate-v2, the record: as gate-v1, but only claims that something can decide and that stand count.

Rule v1 counts every claim of a kind that has a judge, also one that states no number in digits,
which no artifact may be attached for, and one that was retracted; so that a record with such a
claim could never be VERIFIED.  Attempts are decided as before (``gate_attempts_v1``).  Taken by
entries from this version on where it makes a difference; entries name the rules that made them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.claims import ClaimKind, Origin
from sovereign_registry.contracts.gate import GATE_2, GateStatus, Judge
from sovereign_registry.contracts.repro import stated_numbers
from sovereign_registry.contracts.rules import gate_v1

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.gate import ClaimVerdict, GateVerdict

RULES = "gate-v2"


def numberless(claim: Claim) -> bool:
    """Whether a claim counts as empirical and states no number in digits that a run could give."""
    return claim.kind is ClaimKind.EMPIRICAL and not stated_numbers(claim.text)


def judge_of(claim: Claim) -> Judge:
    """The one judge that a claim may get, or none."""
    return Judge.NONE if numberless(claim) else gate_v1.JUDGES[claim.kind]


def standing(
    claims: Sequence[Claim], gate: GateVerdict, retracted: Collection[str] = ()
) -> GateVerdict:
    """A record's verdict from the verdicts about its claims; unchanged where there is none.

    A retracted claim is not checkable and verifies nothing; that it was falsified stays, because
    its words stay.

    Args:
        claims: The record's claims.
        gate: Its verdict with every attempt.
        retracted: Ids of the claims that were retracted and not reinstated.
    """
    if not gate.verdicts:
        return gate
    judged = [one for one in claims if judge_of(one) is not Judge.NONE]
    checkable = [one for one in judged if one.id not in retracted]
    counting = [
        found
        for one in judged
        if (found := gate_v1.claim_status(one, gate.verdicts))
        and (one.id not in retracted or found.status is GateStatus.FALSIFIED)
    ]
    by_status = {status: [one for one in counting if one.status is status] for status in GateStatus}
    status, scope = gate_v1.summed(by_status, len(checkable))
    return msgspec.structs.replace(
        gate,
        origin=Origin.COMPUTED,
        status=status,
        reason_code=gate_v1.code(status, scope, by_status, checkable=bool(checkable or scope)),
        reason=_reason(by_status, claims, checkable, retracted)
        + gate_v1.earlier(claims, gate.verdicts),
        evaluated_at=gate.verdicts[-1].evaluated_at,
        gate=GATE_2,
        claims=tuple(one.claim for one in scope),
        checkable_claims=len(checkable),
        artifacts=tuple(dict.fromkeys(one.artifact for one in scope if one.artifact)),
    )


def _reason(
    by_status: dict[GateStatus, list[ClaimVerdict]],
    claims: Sequence[Claim],
    checkable: Sequence[Claim],
    retracted: Collection[str],
) -> str:
    total = len(claims)
    said = (
        f"Of {len(checkable)} checkable claims (of {total} in all): "
        f"{gate_v1.tried(by_status, [one.id for one in checkable])}."
        if checkable or any(by_status.values())
        else f"Gate 2 does not apply: 0 of {total} claims could be decided."
    )
    gone = [one.id for one in claims if one.id in retracted]
    silent = [one.id for one in claims if numberless(one) and one.id not in retracted]
    if gone:
        said += f" Retracted, and no longer checkable: {', '.join(gone)}."
    if silent:
        said += f" Without a number in digits, so that no re-run decides it: {', '.join(silent)}."
    return f"{said} Each attempt stands below with its own reason."
