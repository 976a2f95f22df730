"""The first thing a reader sees: the outcome in plain words, and what to know before reading on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.contracts.manifest import Approval, FlagKind, RecordState
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.review import Policy, Verdict
from sovereign_registry.website.views import scales, words
from sovereign_registry.website.views.parts import Glance, Link, Notice, Status

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Flag, Manifest


_RECORD = re.compile(RECORD_ID_PATTERN)
_STATE_TONES = {RecordState.CORRECTED: "care", RecordState.SUPERSEDED: "care"}


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
            f"{words.count(total, 'claim')} as verified."
        )
    return (
        f"Unverified at Gate 2: {passed} of {words.count(total, 'claim')} "
        f"{'shares' if total == 1 else 'share'} enough words with another passage of the retrieved "
        "papers, and nothing stronger was checked."
    )


def _checked(record: Manifest) -> str:
    if record.origin is Origin.DECLARED:
        return (
            "What was checked: nothing, here. Claims, marks, figures and scores below are stated "
            "by the imported document and printed as it states them."
        )
    threshold = record.config.threshold if record.config else "0.15"
    papers = len(record.sources)
    read = (
        " Only the registry's own summaries of the papers were read, not the papers."
        if all(source.text_kind is TextKind.SUMMARY for source in record.sources)
        else ""
    )
    return (
        f"What was checked: every claim's words were compared with every other passage of "
        f"{words.count(papers, 'paper')}, and a claim got the {words.LEXICAL} where the cosine was "
        f"at least {threshold}. Shared words do not make a claim true.{read}"
    )


_WHY = {
    Verdict.APPROVE: "approved the report",
    Verdict.REVISE: "still asked for a revision after the one round that it may ask for",
    Verdict.REJECT: "rejected the report",
    Verdict.INCOMPLETE: "came to no decision, because fewer than three opinions were valid",
}


def _reviewed(record: Manifest) -> str:
    review = record.review
    score = "" if review.score is None else f" with {review.score} of 10"
    declared = f" ({words.DECLARED})" if review.origin is Origin.DECLARED else ""
    failed = [guard.name for guard in review.guards if not guard.held]
    decision = words.POLICIES[review.policy]
    escalated = review.policy is Policy.ESCALATE_TO_OWNER
    if escalated and record.standing.approval is Approval.OWNER_APPROVED:
        decision = "the decision went to the owner, who let it be public"
    because = f" Guards that did not hold: {', '.join(failed)}." if failed and escalated else ""
    return (
        f"What came out: the tribunal {_WHY[review.verdict]}{score}{declared}; {decision}.{because}"
    )


def _gated(record: Manifest) -> str:
    gate = record.gate
    reason = f"{words.GATE_REASONS[gate.reason_code]}."
    if gate.origin is Origin.DECLARED:
        reason = f"an imported document states “{gate.reason}” ({words.DECLARED})."
    return f"Why it is {words.GATE[gate.status].lower()}: {reason}"


def status(record: Manifest) -> Status:
    """What was checked, what came out and why, with links to the rules."""
    return Status(
        headline=_headline(record),
        sentences=(_checked(record), _reviewed(record), _gated(record)),
        links=(
            Link("What the lexical tick measures", "methodology/", "step-5"),
            Link("How the tribunal decides", "methodology/", "step-7"),
            Link("What Gate 2 means", "quality-guide/", "gate"),
        ),
    )


def _standing(record: Manifest) -> list[Notice]:
    standing = record.standing
    found: list[Notice] = []
    if standing.record_state is not RecordState.CURRENT:
        links = (
            (Link("The record that replaces it", f"records/{standing.superseded_by}/"),)
            if standing.superseded_by
            else (Link("History of this record", fragment="history"),)
        )
        found.append(
            Notice(
                _STATE_TONES.get(standing.record_state, "fail"),
                words.state_word(standing.record_state),
                words.state_says(standing.record_state),
                links,
            )
        )
    if standing.approval is not Approval.OWNER_APPROVED:
        found.append(Notice("care", words.DRAFT, words.APPROVALS[standing.approval]))
    return found


def flag(one: Flag) -> Notice:
    """One warning on a record, with links to the records that it names."""
    links = tuple(
        Link(f"Record {about}", f"records/{about}/") for about in one.about if _RECORD.match(about)
    )
    state = (
        " Unresolved: keeps the record out of the upper tiers and of automatic approval."
        if one.unresolved
        else ""
    )
    tone = "care" if one.unresolved or one.kind is FlagKind.OFF_TOPIC else ""
    return Notice(tone, words.FLAGS[one.kind], f"{one.message}{state}", links)


def banners(record: Manifest) -> tuple[Notice, ...]:
    """The state first, then the banner of a draft, then that of an import."""
    found = _standing(record)
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


def glance(view: RecordView) -> tuple[Glance, ...]:
    """Five facts in one strip, each with its place on its scale."""
    record = view.record
    level = record.assessment.level.paper_level
    review = record.review
    corrections = words.count(record.standing.correction_count, "correction")
    return (
        Glance("Verification level", scales.position(level), scales.label(level), "level"),
        Glance("Gate 2", words.GATE[record.gate.status], "proof or sealed re-run", "gate"),
        Glance(
            "Review",
            "No score" if review.score is None else f"{review.score} of 10",
            f"tribunal: {review.verdict.value}",
            "review",
        ),
        Glance("Quality tier", scales.tier_label(record.assessment.tier.tier), "a triage", "tier"),
        Glance(
            "Record",
            words.state_word(record.standing.record_state),
            corrections,
            "corrections",
        ),
    )
