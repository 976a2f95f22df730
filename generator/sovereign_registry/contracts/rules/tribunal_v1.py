"""tribunal-v1: the decision table, the guards of automatic approval, and the policy.

Everything is decided on the score that is printed (mean of three roles, half-up to 0.1).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.review import Guard, Opinion, Policy, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.manifest import Flag

RULES = "tribunal-v1"
ROLES = 3
"""A panel is complete with this many valid opinions."""
APPROVE_AT = "6.5"
REJECT_BELOW = "5.0"
BLOCKING = frozenset(
    {
        FlagKind.INJECTION,
        FlagKind.HIDDEN_TEXT,
        FlagKind.NEAR_DUPLICATE,
        FlagKind.OFF_TOPIC,
    }
)
"""An unresolved flag of one of these kinds sends a record to the owner."""


def decide(
    score: str | None,
    valid_roles: int,
    round_number: int,
    *,
    approve_at: str = APPROVE_AT,
    reject_below: str = REJECT_BELOW,
) -> Verdict:
    """The verdict of one round.

    REVISE in round 0 means that a revision round follows; in round 1 that the one revision is
    exhausted.  A score below ``reject_below`` rejects in either round: too little evidence for a
    revision of the text to mend.

    Raises:
        ValueError: the round is neither 0 nor 1.
    """
    if round_number not in (0, 1):
        message = f"round {round_number}: there are rounds 0 and 1 only"
        raise ValueError(message)
    if score is None or valid_roles < ROLES:
        return Verdict.INCOMPLETE
    shown = Decimal(score)
    if shown < Decimal(reject_below):
        return Verdict.REJECT
    return Verdict.APPROVE if shown >= Decimal(approve_at) else Verdict.REVISE


def _evidence_guards(claims: Sequence[Claim], config: RunConfig) -> tuple[Guard, ...]:
    total = len(claims)
    verified = sum(claim.verification.passed for claim in claims)
    return (
        Guard(
            name="verified claims",
            held=verified >= config.auto_min_verified,
            found=f"{verified} of {total}",
            required=f"at least {config.auto_min_verified}",
        ),
        Guard(
            name="verified share",
            held=total > 0 and 2 * verified >= total,
            found=f"{verified} of {total}",
            required="at least half of all claims as first extracted",
        ),
    )


def _panel_guards(opinions: Sequence[Opinion], config: RunConfig) -> tuple[Guard, ...]:
    scores = [Decimal(opinion.score) for opinion in opinions]
    lowest = min(scores, default=None)
    spread = max(scores) - min(scores) if scores else None
    roles = len({opinion.role for opinion in opinions})
    return (
        Guard(
            name="valid roles",
            held=roles >= ROLES,
            found=str(roles),
            required=f"{ROLES} different roles with a valid opinion",
        ),
        Guard(
            name="lowest role score",
            held=lowest is not None and lowest >= Decimal(config.auto_min_role),
            found="no opinion" if lowest is None else str(lowest),
            required=f"at least {config.auto_min_role}",
        ),
        Guard(
            name="spread of role scores",
            held=spread is not None and spread <= Decimal(config.auto_max_spread),
            found="no opinion" if spread is None else str(spread),
            required=f"at most {config.auto_max_spread}",
        ),
    )


def guards(  # noqa: PLR0913 - one argument per input that the policy page lists
    *,
    opinions: Sequence[Opinion],
    claims: Sequence[Claim],
    covered_words: int,
    question_words: int,
    flags: Sequence[Flag],
    retrieval_complete: bool,
    config: RunConfig,
) -> tuple[Guard, ...]:
    """The conditions of automatic approval, each with what was found.

    Args:
        opinions: The valid opinions of the deciding round.
        claims: All claims as first extracted, dropped ones included.
        covered_words: Content words of the question in the sources that the claims come from.
        question_words: Content words of the question.
        flags: The record's flags.
        retrieval_complete: Whether every query was answered in full.
        config: The run's configuration.
    """
    blocking = sorted({flag.kind for flag in flags if flag.unresolved and flag.kind in BLOCKING})
    return (
        *_evidence_guards(claims, config),
        Guard(
            name="question coverage",
            held=question_words > 0 and 3 * covered_words >= question_words,
            found=f"{covered_words} of {question_words} content words",
            required="at least a third in the sources that the claims come from",
        ),
        *_panel_guards(opinions, config),
        Guard(
            name="flags",
            held=not blocking,
            found=", ".join(blocking) or "none",
            required=(
                "no unresolved flag for injection, hidden text, a near-duplicate or being off topic"
            ),
        ),
        Guard(
            name="retrieval",
            held=retrieval_complete,
            found="complete" if retrieval_complete else "incomplete",
            required="every query answered in full",
        ),
    )


def policy(verdict: Verdict, guards: Sequence[Guard]) -> Policy:
    """AUTO_APPROVE only for an approved record whose every guard held; Gate 2 is never touched."""
    if verdict is Verdict.APPROVE and guards and all(guard.held for guard in guards):
        return Policy.AUTO_APPROVE
    return Policy.ESCALATE_TO_OWNER
