"""Steps 7 and 8: three isolated roles in parallel, the decision table, one revision, the policy.

Every role gets the same dossier and nothing else: neither another role's opinion nor an earlier
round.  What a reviewer returns is checked before it counts: the role that was asked, a score in
range, a clean rationale, and no claim cited that the dossier does not hold; anything else is no
opinion.  Score, verdict, guards and policy follow ``tribunal-v1``.

Reviewers judge the report as it stands but for the one paragraph of its Results that will state
their own outcome; that text is kept as an artifact, and its digest in the round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.first_use import look_at
from sovereign_registry.contracts.live import PanelSettings
from sovereign_registry.contracts.numbers import mean_score
from sovereign_registry.contracts.review import (
    Opinion,
    Probe,
    Review,
    Role,
    Round,
    Verdict,
)
from sovereign_registry.contracts.rules import tribunal_v1, tribunal_v2
from sovereign_registry.contracts.text import FORBIDDEN
from sovereign_registry.pipeline.at_once import ask_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.dossier import Dossier
    from sovereign_registry.contracts.manifest import Flag
    from sovereign_registry.contracts.ports import InstructionProbe, Reviewer
    from sovereign_registry.contracts.review import Guard, Retest


look_at(Opinion)


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
    """Ask the three roles at once and decide on the mean that is printed.

    Raises:
        ModelFailure: the server did not answer for a role, or the run cannot go on.
    """
    answers = ask_at_once(lambda role: reviewer.review(role, dossier), list(Role), len(Role))
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


def try_panel(probe: InstructionProbe, dossier: Dossier) -> tuple[Probe, ...]:
    """Ask all roles at once with a planted instruction.

    Raises:
        ModelFailure: as for ``hold_round``.
    """
    return tuple(ask_at_once(lambda role: probe.probe(role, dossier), list(Role), len(Role)))


def needs_revision(judged: Judged, config: RunConfig) -> bool:
    """Whether the decision table asks for the one revision round."""
    first = judged.round.number == 0
    return first and judged.round.verdict is Verdict.REVISE and config.max_revisions > 0


def conclude(  # noqa: PLR0913 - one argument per input that the policy page lists
    rounds: Sequence[Judged],
    *,
    control: Sequence[Judged] = (),
    retest: Retest | None = None,
    probe: Callable[[], tuple[Probe, ...]] | None = None,
    claims: Sequence[Claim],
    flags: Sequence[Flag],
    retrieval_complete: bool,
    reviewer: Reviewer,
    config: RunConfig,
) -> Review:
    """The whole review: the last round decides, all claims as first extracted are counted.

    With the settings of a panel of models in the configuration, ``control`` and ``retest`` are
    stored, the rules are those of ``tribunal-v2``, and ``probe`` is called where all depends on it.
    """
    last = rounds[-1]
    found = _Counted(
        claims=claims,
        covered_words=last.dossier.covered_words,
        question_words=last.dossier.question_words,
        flags=flags,
        retrieval_complete=retrieval_complete,
        config=config,
    )
    panel = config.panel
    told = [judged.round for judged in rounds]
    beside = tuple(judged.round for judged in control)
    tried: tuple[Probe, ...] = ()
    if isinstance(panel, PanelSettings):
        rules, guards = tribunal_v2.RULES, found.guards_v2(told, beside, retest, tried, panel)
        if probe and tribunal_v2.probe_due(last.round.verdict, guards):
            tried = probe()
            guards = found.guards_v2(told, beside, retest, tried, panel)
    else:
        rules, guards = tribunal_v1.RULES, found.guards_v1(told)
    return Review(
        origin=Origin.COMPUTED,
        method=review_method(reviewer),
        rules=rules,
        rounds=tuple(told),
        score=last.round.score,
        verdict=last.round.verdict,
        revision_round=last.round.number,
        policy=tribunal_v1.policy(last.round.verdict, guards),
        guards=guards,
        note=panel_note(panel) if isinstance(panel, PanelSettings) else "",
        control=beside if isinstance(panel, PanelSettings) else UNSET,
        retest=UNSET if retest is None else retest,
        probe=tried or UNSET,
    )


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """What the guards of every version read besides the opinions."""

    claims: Sequence[Claim]
    covered_words: int
    question_words: int
    flags: Sequence[Flag]
    retrieval_complete: bool
    config: RunConfig

    def guards_v1(self, rounds: Sequence[Round]) -> tuple[Guard, ...]:
        return tribunal_v1.guards(opinions=rounds[-1].opinions, **vars(self))

    def guards_v2(
        self,
        rounds: Sequence[Round],
        control: Sequence[Round],
        retest: Retest | None,
        probe: Sequence[Probe],
        panel: PanelSettings,
    ) -> tuple[Guard, ...]:
        return tribunal_v2.guards(
            rounds=rounds,
            control=control,
            retest=retest,
            probe=probe,
            panel=panel,
            **vars(self),
        )


def panel_note(panel: PanelSettings) -> str:
    """Which roles share a model: prompts on one model are not independent judges."""
    roles: dict[str, list[str]] = {}
    for item in panel.models:
        roles.setdefault(item.model, []).append(item.role.value)
    if len(roles) == 1:
        return (
            f"One model, {panel.models[0].model}, spoke for all three roles: three prompts on one "
            "model are not three independent judges."
        )
    shared = [
        f"{model} spoke for {' and '.join(held)}" for model, held in roles.items() if len(held) > 1
    ]
    if shared:
        return f"{shared[0]}: prompts on one model are not independent judges."
    return "Each role was another model; models that learned from the same texts may err alike."


def review_method(reviewer: Reviewer) -> str:
    """The review method in the words that stand on the page."""
    if reviewer.method == tribunal_v2.MODEL:
        return (
            f"Automated review by three roles, opinions of {reviewer.name} ({reviewer.version}), "
            "with the deterministic rubric beside them as a control."
        )
    what = f"{reviewer.method} ({reviewer.name} {reviewer.version})"
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
