"""Step 7 as a whole: rounds, the control beside a panel of models, and the roles asked again.

The deterministic rubric runs beside every panel of language models, on the same text in every
round.  Where a source is flagged for an instruction or for hidden text, each role of such a panel
is asked once more without it: its claims, its quotations and its title are gone from the report and
the dossier.  A score that moves by more than the setting allows is flagged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.dossier import Dossier
from sovereign_registry.contracts.live import PanelSettings
from sovereign_registry.contracts.manifest import Flag, FlagKind
from sovereign_registry.contracts.review import Retest
from sovereign_registry.contracts.rules import tribunal_v2
from sovereign_registry.pipeline.report import write_report
from sovereign_registry.pipeline.revision import revise
from sovereign_registry.pipeline.tribunal import Judged, hold_round, needs_revision, try_panel
from sovereign_registry.pipeline.uncertainties import uncertainties

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sovereign_registry.contracts.claims import Claim, LexicalCheck
    from sovereign_registry.contracts.review import Probe
    from sovereign_registry.pipeline.facts import Facts
    from sovereign_registry.pipeline.ports import Ports


@dataclass(frozen=True, kw_only=True)
class Trial:
    """All that was judged, and the facts as the last round leaves them."""

    facts: Facts
    rounds: tuple[Judged, ...]
    control: tuple[Judged, ...]
    retest: Retest | None
    retested: Judged | None
    """What was judged when the roles were asked again."""

    def tried(self, ports: Ports) -> tuple[Probe, ...]:
        """What the roles do with a planted instruction in the last round's dossier.

        Raises:
            ModelFailure: of a kind that no role would escape.
        """
        if ports.probe is None:
            return ()
        ports.progress.note("try the models with a planted instruction")
        return try_panel(ports.probe, self.rounds[-1].dossier)

    @property
    def texts(self) -> Iterator[tuple[str, str, str]]:
        """(file name, text, what it is) of every text that was judged."""
        for judged in self.rounds:
            number = judged.round.number
            about = f"The report's text as the tribunal judged it in round {number}."
            yield f"judged-round-{number}.md", judged.dossier.report, about
        if self.retested:
            about = "The report's text without the flagged sources, as the roles judged it again."
            yield "judged-again.md", self.retested.dossier.report, about


def judge(facts: Facts, ports: Ports) -> Trial:
    """The first round, the revision round where the table asks for one, control and retest.

    Raises:
        ModelFailure: of a kind that no role would escape.
    """
    ports.progress.step(7, "Hold the tribunal")
    rounds = [hold_round(dossier_of(facts), ports.reviewer, facts.config, 0)]
    control = list(_control(facts, ports, 0))
    ports.progress.note(_outcome(rounds[-1], control))
    if needs_revision(rounds[0], facts.config):
        revision = revise(facts.claims)
        facts = replace(
            facts, claims=revision.claims, revision_round=1, added=revision.uncertainties
        )
        rounds.append(
            hold_round(dossier_of(facts), ports.reviewer, facts.config, 1, revision.changes)
        )
        control += _control(facts, ports, 1)
        ports.progress.note(f"after revision: {_outcome(rounds[-1], control)}")
    retest, retested = _ask_again(facts, ports, rounds[-1])
    if retest:
        facts = replace(facts, flags=(*facts.flags, *_moved(facts, rounds[-1], retest)))
    return Trial(
        facts=facts,
        rounds=tuple(rounds),
        control=tuple(control),
        retest=retest,
        retested=retested,
    )


def dossier_of(facts: Facts) -> Dossier:
    """What the reviewers are shown."""
    return Dossier(
        question=facts.question,
        report=write_report(facts, None),
        claims=facts.retained,
        question_words=len(facts.question_words),
        covered_words=len(facts.covered),
        papers=facts.retrieved,
        references=len(facts.cited),
        uncertainties=len(uncertainties(facts)),
    )


def without(facts: Facts, refs: Collection[str]) -> Facts:
    """The facts without the claims, quotations and references of these sources."""
    return replace(
        facts,
        claims=tuple(
            _unquoted(claim, refs)
            for claim in facts.claims
            if claim.locator is None or claim.locator.paper not in refs
        ),
    )


def _control(facts: Facts, ports: Ports, number: int) -> Iterator[Judged]:
    if ports.control:
        yield hold_round(dossier_of(facts), ports.control, facts.config, number)


def _outcome(judged: Judged, control: list[Judged]) -> str:
    said = f"{judged.round.score or 'no score'} {judged.round.verdict}"
    if not control:
        return said
    return f"{said}; the deterministic control: {control[-1].round.score}"


def _unquoted(claim: Claim, refs: Collection[str]) -> Claim:
    other = claim.corroboration
    return msgspec.structs.replace(
        claim,
        verification=_without_best(claim.verification, refs),
        corroboration=_without_best(other, refs) if other else None,
    )


def _without_best(check: LexicalCheck, refs: Collection[str]) -> LexicalCheck:
    if check.best is None or check.best.locator.paper not in refs:
        return check
    return msgspec.structs.replace(check, best=None)


def _ask_again(
    facts: Facts, ports: Ports, last: Judged
) -> tuple[Retest, Judged] | tuple[None, None]:
    refs = tribunal_v2.suspicious(facts.flags)
    if not ports.control or not refs or last.round.score is None:
        return None, None
    cleared = without(facts, refs)
    if not cleared.retained:
        return None, None
    ports.progress.note(f"ask again without {len(refs)} flagged of {len(facts.papers)} sources")
    dossier = dossier_of(cleared)
    again = hold_round(dossier, ports.reviewer, facts.config, last.round.number)
    return (
        Retest(
            removed=refs,
            claims=tuple(claim.id for claim in dossier.claims),
            opinions=again.round.opinions,
            report_sha256=again.round.report_sha256,
        ),
        again,
    )


def _moved(facts: Facts, last: Judged, retest: Retest) -> Iterator[Flag]:
    panel = facts.config.panel
    if not isinstance(panel, PanelSettings):
        return
    moved = tribunal_v2.moved(last.round.opinions, retest, panel)
    if not moved:
        return
    told = ", ".join(f"{role} by {by}" for role, by in moved.items())
    yield Flag(
        kind=FlagKind.SCORE_MOVED,
        message=(
            f"Without the flagged sources a model's score moves by more than {panel.max_shift}: "
            f"{told}."
        ),
        about=retest.removed,
        unresolved=True,
    )
