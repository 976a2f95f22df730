"""The first thing a reader sees: the outcome in plain words, and what to know before reading on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.documents import reworded
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.contracts.manifest import Approval, FlagKind, RecordState
from sovereign_registry.contracts.review import Policy, Verdict
from sovereign_registry.contracts.rules import tribunal_v1, tribunal_v2
from sovereign_registry.contracts.rules.states_v1 import SHOWS, situation, tier_of
from sovereign_registry.website.model import NOT_PUBLISHED
from sovereign_registry.website.views import own_texts, scales, words
from sovereign_registry.website.views.models import by_models, score_words
from sovereign_registry.website.views.parts import Fact, Link, Notice, Status
from sovereign_registry.website.views.since import state_says
from sovereign_registry.website.views.tiers import untiered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry, PatchOperation
    from sovereign_registry.contracts.manifest import Flag, Manifest
    from sovereign_registry.contracts.review import Guard, Review


_RECORD = re.compile(RECORD_ID_PATTERN)
_STATE_TONES = {
    RecordState.CORRECTED: "care",
    RecordState.SUPERSEDED: "care",
    RecordState.UNDER_REVIEW: "care",
}
_GATE_TONES = {GateStatus.VERIFIED: "pass", GateStatus.FALSIFIED: "fail"}
_STATE = "/standing/record_state"


def _headline(record: Manifest) -> str:
    gate = record.gate
    total = len(record.claims)
    in_scope = f"{len(gate.claims)} of {words.count(total, 'claim')}"
    if gate.status is GateStatus.VERIFIED:
        return f"Gate 2 verified {in_scope}. The others keep their own level."
    if gate.status is GateStatus.FALSIFIED:
        return f"Gate 2 falsified {in_scope}. Do not rely on this record."
    if not total:
        return "Unverified: this record holds no claim."
    passed = sum(claim.verification.passed for claim in record.claims)
    if record.origin is Origin.DECLARED:
        return (
            f"Unverified, and not checked here: an imported document marks {passed} of "
            f"{words.count(total, 'claim')} as verified by its own lexical test, which is a "
            "different and weaker check than Gate 2."
        )
    return (
        f"Unverified at Gate 2, which asks for a proof or a sealed re-run; {passed} of "
        f"{words.count(total, 'claim')} passed a different and weaker check, the {words.LEXICAL}. "
        "“Verified claim” means that tick below."
    )


def _checked(record: Manifest) -> str:
    if record.origin is Origin.DECLARED:
        return (
            "What was checked: nothing, here. Claims, marks, figures and scores below are stated "
            "by the imported document and printed as it states them."
        )
    threshold = record.config.threshold if record.config else "0.15"
    return (
        f"What was checked: every claim's words were compared with every other passage of "
        f"{words.count(len(record.sources), 'source')}, and a claim got the {words.LEXICAL} where "
        f"the cosine was at least {threshold}. It counts shared words, which do not make a claim "
        "true."
    )


_WHY = {
    Verdict.APPROVE: "approved the report",
    Verdict.REVISE: "still asked for a revision after the one round that it may ask for",
    Verdict.REJECT: "rejected the report",
    Verdict.INCOMPLETE: "came to no decision, because fewer than three opinions were valid",
}


def against_table(review: Review) -> str:
    """A sentence where a declared verdict is not what our table gives for its score; else empty."""
    here = tribunal_v1.decide(review.score, tribunal_v1.ROLES, review.revision_round)
    if review.origin is not Origin.DECLARED or here is review.verdict:
        return ""
    return (
        f" For the declared score our table would give {here.value}; "
        f"declared: {review.verdict.value}."
    )


def _judges(record: Manifest) -> str:
    if by_models(record):
        return "a tribunal of three prompts to language models"
    return "the tribunal"


def guards_lost(guards: Iterable[Guard], lead: str = "did not hold") -> str:
    """The guards that did not hold, then those that were not tried; empty where all held."""
    lost = [guard for guard in guards if not guard.held]
    failed = [guard.name for guard in lost if not tribunal_v2.untried(guard)]
    untried = [guard.name for guard in lost if tribunal_v2.untried(guard)]
    told = ((lead, failed), (tribunal_v2.NOT_TRIED, untried))
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in told if names)


def _reviewed(record: Manifest) -> str:
    review = record.review
    score = "" if review.score is None else f" with {review.score} of 10"
    declared = f" ({words.DECLARED})" if review.origin is Origin.DECLARED else ""
    decision = words.POLICIES[review.policy]
    if review.origin is Origin.DECLARED:
        decision = (
            f"the policy that it states is {review.policy.value}, and whatever an import states, "
            "its owner decides here"
        )
    escalated = review.policy is Policy.ESCALATE_TO_OWNER
    if escalated and record.standing.approval is Approval.OWNER_APPROVED:
        decision = "the decision went to the owner, who let it be public"
    lost = guards_lost(review.guards, "that did not hold")
    because = f" Guards {lost}." if lost and escalated else ""
    return (
        f"What came out: {_judges(record)} {_WHY[review.verdict]}{score}{declared}; "
        f"{decision}.{because}{against_table(review)}"
    )


def _reason(record: Manifest) -> str:
    gate = record.gate
    if gate.origin is Origin.DECLARED:
        return f"an imported document states “{gate.reason}” ({words.DECLARED})."
    return f"{words.GATE_REASONS[gate.reason_code]}."


def _gated(record: Manifest) -> str:
    return f"Why it is {words.GATE[record.gate.status].lower()}: {_reason(record)}"


def status(record: Manifest) -> Status:
    """What was checked, what came out and why, with links to the rules."""
    return Status(
        headline=_headline(record),
        sentences=tuple(
            filter(
                None,
                (_checked(record), own_texts.said(record), _reviewed(record), _gated(record)),
            )
        ),
        links=(
            Link("What the lexical tick measures", "methodology/", "step-5"),
            Link("How the tribunal decides", "methodology/", "step-7"),
            Link("What Gate 2 means", "quality-guide/", "gate"),
        ),
    )


def title_prefix(record: Manifest) -> str:
    """``RETRACTED: `` and the like, where the state must travel with the title."""
    return SHOWS[record.standing.record_state].title_prefix


def retracted_claims(view: RecordView) -> frozenset[str]:
    """Ids of the claims that were retracted while the rest of the record stands."""
    if not any(entry.happened is Event.PARTIAL_RETRACTION for entry in view.history):
        return frozenset()
    return frozenset(situation(view.record, view.history).retracted_claims)


def _cause(view: RecordView) -> HistoryEntry | None:
    """The newest entry that led to the state that is shown."""
    state = view.record.standing.record_state.value
    for entry in reversed(view.history):
        if any(step.path == _STATE and step.value == state for step in _changes(entry)):
            return entry
    return None


def _changes(entry: HistoryEntry) -> list[PatchOperation]:
    return [step for step in entry.patch if step.op != "test"]


def standing(
    view: RecordView, states: Mapping[str, str], *, links: bool = True
) -> tuple[Notice, ...]:
    """The banner of every state but CURRENT: what it means, since when, by whom and why.

    Args:
        view: The record as it stands.
        states: Every record of the registry that is not CURRENT, with its state.
        links: Whether the banner leads on; the page of the history needs no link to itself.
    """
    record = view.record
    found = record.standing
    if found.record_state is RecordState.CURRENT:
        return ()
    text = state_says(view)
    cause = _cause(view)
    if cause is not None:
        text += f" Since {words.moment(cause.at)}, by {cause.by.role} (declared): “{cause.note}”"
    if claims := retracted_claims(view):
        named = [claim.id for claim in record.claims if claim.id in claims]
        text += f" Retracted: {words.count(len(named), 'claim')} ({', '.join(named)})."
    to = [Link("History of this record", f"records/{record.id}/history/")] if links else []
    if found.superseded_by and links:
        name = f"The record that replaces it, {found.superseded_by}"
        to.insert(0, to_record(name, found.superseded_by, states))
    tone = _STATE_TONES.get(found.record_state, "fail")
    return (Notice(tone, words.state_word(found.record_state), text, tuple(to)),)


def to_record(text: str, record: str, states: Mapping[str, str], rest: str = "") -> Link:
    """What names another record, with its state; plain text where the record has no page."""
    state = states.get(record, "")
    path = "" if state == NOT_PUBLISHED else f"records/{record}/"
    return Link(f"{words.with_state(text, state)}{rest}", path)


def flag(one: Flag, states: Mapping[str, str], told: str = "") -> Notice:
    """One warning on a record, with links to the records that it names, each with its state.

    What it says of the registry's own texts stands in the status already.
    """
    links = tuple(
        to_record(f"Record {about}", about, states) for about in one.about if _RECORD.match(about)
    )
    state = (
        " Unresolved: keeps the record out of the upper tiers and of automatic approval."
        if one.unresolved
        else ""
    )
    tone = "care" if one.unresolved or one.kind is FlagKind.OFF_TOPIC else ""
    message = "As the status says." if told and one.kind is FlagKind.OWN_TEXTS else one.message
    return Notice(tone, words.FLAGS[one.kind], f"{message}{state}", links)


def banners(view: RecordView, states: Mapping[str, str]) -> tuple[Notice, ...]:
    """The state first, then the banner of a draft, then that of an import."""
    record = view.record
    found = [*standing(view, states)]
    approval = record.standing.approval
    if approval is not Approval.OWNER_APPROVED:
        found.append(Notice("care", words.DRAFT, words.APPROVALS[approval]))
    if record.origin is Origin.DECLARED:
        found.append(
            Notice(
                "",
                "Imported",
                "Another system wrote this record. What it states is marked as declared, and was "
                "not checked here.",
            )
        )
    return tuple(found)


def _tone(state: RecordState) -> str:
    return "" if state is RecordState.CURRENT else _STATE_TONES.get(state, "fail")


def strip(record: Manifest, verified: str) -> tuple[Fact, ...]:
    """State, gate, tick and score in a word each; the facts below say what they rest on.

    Args:
        record: The record.
        verified: How many claims have the lexical tick, of how many.
    """
    state = record.standing.record_state
    gate = record.gate.status
    return (
        Fact("State", words.state_word(state), tone=_tone(state)),
        Fact("Gate 2", words.GATE[gate], tone=_GATE_TONES.get(gate, "care")),
        Fact("Lexical tick", f"{verified} claims"),
        Fact("Review", score_words(record)),
    )


def glance(view: RecordView) -> tuple[Fact, ...]:
    """The outcome in five facts, each within its whole scale and with its reason."""
    record = view.record
    found, review, standing = record.assessment, record.review, record.standing
    level = found.level.paper_level
    state = standing.record_state
    tier = tier_of(record)
    corrections = words.count(standing.correction_count, "correction")
    score = score_words(record)
    return (
        Fact(
            "Verification level",
            scales.label(level),
            " ".join(filter(None, (found.level.basis, reworded.of_level(record)))),
            scale=scales.level_scale(level),
            link=Link("level", fragment="level"),
        ),
        Fact(
            "Gate 2",
            words.GATE[record.gate.status],
            _capital(_reason(record)),
            scale=scales.gate_scale(record.gate.status),
            link=Link("gate", fragment="gate"),
        ),
        Fact(
            "Review",
            score,
            _judged(record),
            scale=scales.verdict_scale(review.verdict, score),
            link=Link("review", fragment="review"),
        ),
        Fact(
            "Quality tier",
            scales.tier_label(tier),
            untiered(record) or found.tier.basis,
            scale=None if untiered(record) else scales.tier_scale(tier),
            link=Link("tier", fragment="tier"),
        ),
        Fact(
            "Record",
            words.state_word(state),
            f"{corrections}, {words.count(len(view.history), 'history entry', 'history entries')}.",
            scale=scales.state_scale(state),
            link=Link("corrections", fragment="corrections"),
        ),
    )


def _judged(record: Manifest) -> str:
    """What gave the score, in one sentence."""
    review = record.review
    if review.origin is Origin.DECLARED:
        return f"{words.DECLARED.capitalize()}."
    after = " after one revision" if review.revision_round else ""
    what = "what language models gave in three roles" if by_models(record) else "three roles"
    return f"Mean of {what}{after}. It measures the report, not the truth of its claims."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def stamp(view: RecordView, address: str) -> tuple[Fact, ...]:
    """What names this version of the record for good, on paper.

    Args:
        view: The record as it stands.
        address: The record's whole address; empty where the site has none.
    """
    record = view.record
    facts = [
        Fact("Record", record.id),
        Fact(
            "Version",
            f"{len(view.history) + 1}, {words.state_word(record.standing.record_state).lower()}",
        ),
        Fact("Head, SHA-256", view.head_sha256, code=True),
    ]
    return (*facts, Fact("Address", address)) if address else tuple(facts)
