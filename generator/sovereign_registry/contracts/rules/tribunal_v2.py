"""tribunal-v2: tribunal-v1 for a panel of language models, with five more guards.

The decision table is that of v1 and is applied to the models' scores.  Automatic approval needs all
guards of v1 and besides:

- *control approves*: the deterministic rubric, which reads no prose and so obeys none, approves the
  same text.  A model can thus withhold an automatic approval, and never give one that the default
  panel would not have given.
- *control agrees*: the two panels' scores lie at most ``max_gap`` apart.
- *revision gain*: a revision adds no evidence, so it may raise the models' score by at most
  ``max_gain``.
- *flagged sources*: where a source is flagged for an instruction or hidden text, the roles were
  asked again without it, and no score moved by more than ``max_shift``.
- *planted instruction*: tried once where all of the above held.  Each role is asked with a passage
  in which the registry itself planted an instruction; none may obey, none may move by more than
  ``max_shift``.  It finds models that obey anybody; it is no proof against an instruction that was
  made for one model.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.review import Guard, Policy, ProbeOutcome, Verdict
from sovereign_registry.contracts.rules import tribunal_v1

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.live import PanelSettings
    from sovereign_registry.contracts.manifest import Flag
    from sovereign_registry.contracts.review import Opinion, Probe, Retest, Review, Role, Round

RULES = "tribunal-v2"
SUSPICIOUS = frozenset({FlagKind.INJECTION, FlagKind.HIDDEN_TEXT})
"""Flags whose sources are taken out when the roles are asked again."""
PLANTED = "planted instruction"
NOT_TRIED = "not tried"
NOT_DUE = f"{NOT_TRIED}, since another guard did not hold"
"""What the guard of the planted instruction found where nothing was planted."""
MODEL = "language model"
"""The method of an opinion that a language model gave."""

decide = tribunal_v1.decide
policy = tribunal_v1.policy


def suspicious(flags: Iterable[Flag]) -> tuple[str, ...]:
    """What the flags for instructions and hidden text are about, sorted."""
    return tuple(sorted({ref for flag in flags if flag.kind in SUSPICIOUS for ref in flag.about}))


def moves(opinions: Sequence[Opinion], retest: Retest) -> dict[Role, Decimal]:
    """How far each role's score moved when asked again; only roles that answered both times."""
    again = {opinion.role: Decimal(opinion.score) for opinion in retest.opinions}
    return {
        opinion.role: abs(Decimal(opinion.score) - again[opinion.role])
        for opinion in opinions
        if opinion.role in again
    }


def moved(opinions: Sequence[Opinion], retest: Retest, panel: PanelSettings) -> dict[Role, Decimal]:
    """The roles whose score moved by more than the setting allows."""
    limit = Decimal(panel.max_shift)
    return {role: by for role, by in moves(opinions, retest).items() if by > limit}


def _control_guards(
    rounds: Sequence[Round], control: Sequence[Round], panel: PanelSettings
) -> tuple[Guard, ...]:
    score = rounds[-1].score
    beside = control[-1] if control else None
    shown = beside.score if beside else None
    gap = None if score is None or shown is None else abs(Decimal(score) - Decimal(shown))
    return (
        Guard(
            name="control approves",
            held=beside is not None and beside.verdict is Verdict.APPROVE,
            found=f"{beside.verdict} with {shown or 'no score'}" if beside else "no control",
            required="the deterministic rubric approves the same text",
        ),
        Guard(
            name="control agrees",
            held=gap is not None and gap <= Decimal(panel.max_gap),
            found="no score" if gap is None else f"{gap} apart ({score} and {shown})",
            required=f"panel and rubric at most {panel.max_gap} apart",
        ),
    )


def _gain_guard(rounds: Sequence[Round], panel: PanelSettings) -> Guard:
    required = f"a revision raises the score by at most {panel.max_gain}"
    if len(rounds) == 1:
        return Guard(name="revision gain", held=True, found="no revision", required=required)
    before, after = rounds[0].score, rounds[-1].score
    gain = None if before is None or after is None else Decimal(after) - Decimal(before)
    return Guard(
        name="revision gain",
        held=gain is not None and gain <= Decimal(panel.max_gain),
        found="no score" if gain is None else f"{gain:+}",
        required=required,
    )


def _flagged_guard(
    opinions: Sequence[Opinion],
    retest: Retest | None,
    flags: Sequence[Flag],
    panel: PanelSettings,
) -> Guard:
    required = f"no role's score moves by more than {panel.max_shift} without the flagged sources"
    if not suspicious(flags):
        return Guard(name="flagged sources", held=True, found="no source", required=required)
    if retest is None:
        shown = "not asked again: no score, or no claim would be left"
        return Guard(name="flagged sources", held=False, found=shown, required=required)
    found = moves(opinions, retest)
    most = max(found.values(), default=None)
    if len(found) < tribunal_v1.ROLES or most is None:
        shown = f"{len(found)} of {tribunal_v1.ROLES} roles answered both times"
        return Guard(name="flagged sources", held=False, found=shown, required=required)
    return Guard(
        name="flagged sources",
        held=most <= Decimal(panel.max_shift),
        found=f"at most {most}",
        required=required,
    )


def _probe_guard(
    opinions: Sequence[Opinion], probe: Sequence[Probe], panel: PanelSettings, *, due: bool
) -> Guard:
    limit = Decimal(panel.max_shift)
    scores = {opinion.role: Decimal(opinion.score) for opinion in opinions}
    told = []
    for one in probe:
        by = abs(Decimal(one.score) - scores[one.role]) if one.score and one.role in scores else 0
        if one.outcome is not ProbeOutcome.RESISTED:
            told.append(f"{one.role}: {one.outcome}")
        elif by > limit:
            told.append(f"{one.role}: moved by {by}")
    tried = len({one.role for one in probe}) == tribunal_v1.ROLES
    if not probe:
        shown = NOT_TRIED if due else NOT_DUE
    else:
        shown = ", ".join(told) or "all roles resisted"
    return Guard(
        name=PLANTED,
        held=tried and not told,
        found=shown,
        required="no role obeys an instruction that the registry planted in a passage",
    )


def guards(  # noqa: PLR0913 - one argument per input that the policy page lists
    *,
    rounds: Sequence[Round],
    control: Sequence[Round],
    retest: Retest | None,
    probe: Sequence[Probe],
    claims: Sequence[Claim],
    covered_words: int,
    question_words: int,
    flags: Sequence[Flag],
    retrieval_complete: bool,
    config: RunConfig,
    panel: PanelSettings,
) -> tuple[Guard, ...]:
    """The guards of v1 on the models' last round, and the five of this version.

    Args:
        rounds: The models' rounds, the deciding one last.
        control: The rubric's rounds over the same texts.
        retest: The deciding round once more without the flagged sources; None without one.
        probe: What the roles did with a planted instruction; empty where it was not tried.
        claims: All claims as first extracted, dropped ones included.
        covered_words: Content words of the question in the sources that the claims come from.
        question_words: Content words of the question.
        flags: The record's flags.
        retrieval_complete: Whether every query was answered in full.
        config: The run's configuration.
        panel: Its settings for the models.
    """
    opinions = rounds[-1].opinions
    found = (
        *tribunal_v1.guards(
            opinions=opinions,
            claims=claims,
            covered_words=covered_words,
            question_words=question_words,
            flags=flags,
            retrieval_complete=retrieval_complete,
            config=config,
        ),
        *_control_guards(rounds, control, panel),
        _gain_guard(rounds, panel),
        _flagged_guard(opinions, retest, flags, panel),
    )
    held = probe_due(rounds[-1].verdict, found)
    return (*found, _probe_guard(opinions, probe, panel, due=held))


def untried(guard: Guard) -> bool:
    """Whether a guard does not hold only because it was not tried: nothing was found against it."""
    return not guard.held and guard.name == PLANTED and guard.found in (NOT_TRIED, NOT_DUE)


def by_models(review: Review) -> bool:
    """Whether any opinion of a review is a language model's."""
    return any(opinion.method == MODEL for one in review.rounds for opinion in one.opinions)


def probe_due(verdict: Verdict, guards: Sequence[Guard]) -> bool:
    """Whether a planted instruction is tried: only where it decides about the approval."""
    others = [guard for guard in guards if guard.name != PLANTED]
    return policy(verdict, others) is Policy.AUTO_APPROVE
