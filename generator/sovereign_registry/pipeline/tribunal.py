"""Steps 7 and 8: three isolated roles in parallel, the decision table, one revision, the policy.

Every role gets the same dossier and nothing else: neither another role's opinion nor an earlier
round.  What a reviewer returns is checked before it counts: the role that was asked, a score in
range, a clean rationale, and no claim cited that the dossier does not hold; anything else is no
opinion.  Score, verdict, guards and policy follow ``tribunal-v1``.

Reviewers judge the report as it stands but for the one paragraph of its Results that will state
their own outcome; that text is kept as an artifact, and its digest in the round.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.numbers import mean_score
from sovereign_registry.contracts.review import Opinion, Review, Role, Round, Verdict
from sovereign_registry.contracts.rules import tribunal_v1
from sovereign_registry.contracts.text import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.dossier import Dossier
    from sovereign_registry.contracts.manifest import Flag
    from sovereign_registry.contracts.ports import Reviewer


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One round with the dossier that it judged."""

    round: Round
    dossier: Dossier


def hold_round(
    dossier: Dossier,
    reviewer: Reviewer,
    config: RunConfig,
    number: int,
    changes: Sequence[str] = (),
) -> Judged:
    """Ask the three roles at once and decide on the mean that is printed."""
    with ThreadPoolExecutor(max_workers=len(Role)) as pool:
        answers = list(pool.map(lambda role: reviewer.review(role, dossier), Role))
    opinions = tuple(
        opinion
        for role, answer in zip(Role, answers, strict=True)
        if (opinion := _valid(answer, role, dossier)) is not None
    )
    complete = len(opinions) == len(Role)
    score = mean_score([opinion.score for opinion in opinions]) if complete else None
    return Judged(
        dossier=dossier,
        round=Round(
            number=number,
            opinions=opinions,
            score=score,
            verdict=tribunal_v1.decide(
                score,
                len(opinions),
                number,
                approve_at=config.approve_at,
                reject_below=config.reject_below,
            ),
            changes=tuple(changes),
            report_sha256=text_sha256(dossier.report),
        ),
    )


def needs_revision(judged: Judged, config: RunConfig) -> bool:
    """Whether the decision table asks for the one revision round."""
    first = judged.round.number == 0
    return first and judged.round.verdict is Verdict.REVISE and config.max_revisions > 0


def conclude(  # noqa: PLR0913 - one argument per input that the policy page lists
    rounds: Sequence[Judged],
    *,
    claims: Sequence[Claim],
    flags: Sequence[Flag],
    retrieval_complete: bool,
    reviewer: Reviewer,
    config: RunConfig,
) -> Review:
    """The whole review: the last round decides, all claims as first extracted are counted."""
    last = rounds[-1]
    guards = tribunal_v1.guards(
        opinions=last.round.opinions,
        claims=claims,
        covered_words=last.dossier.covered_words,
        question_words=last.dossier.question_words,
        flags=flags,
        retrieval_complete=retrieval_complete,
        config=config,
    )
    return Review(
        origin=Origin.COMPUTED,
        method=review_method(reviewer),
        rules=tribunal_v1.RULES,
        rounds=tuple(judged.round for judged in rounds),
        score=last.round.score,
        verdict=last.round.verdict,
        revision_round=last.round.number,
        policy=tribunal_v1.policy(last.round.verdict, guards),
        guards=guards,
        note="",
    )


def review_method(reviewer: Reviewer) -> str:
    """The review method in the words that stand on the page."""
    what = f"{reviewer.method} ({reviewer.name} {reviewer.version})"
    if "language model" in reviewer.method:
        return f"Automated review by three roles: {what}."
    return f"Automated review by three roles: {what}; no language model."


def _valid(answer: Opinion | None, role: Role, dossier: Dossier) -> Opinion | None:
    if answer is None:
        return None
    try:
        opinion = msgspec.convert(msgspec.to_builtins(answer), Opinion)
    except msgspec.ValidationError:
        return None
    known = {claim.id for claim in dossier.claims}
    sound = (
        opinion.role is role
        and known.issuperset(opinion.cited_claims)
        and not FORBIDDEN.search(f"{opinion.rationale} {opinion.reviewer} {opinion.method}")
    )
    return opinion if sound else None
