"""The six sections of facts, in the order and under the labels of the public page's contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.assessment import DimensionLevel
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.manifest import MANIFEST_CONTRACT
from sovereign_registry.contracts.rules import dimensions_v1, levels_v1, tiers_v1
from sovereign_registry.contracts.rules.states_v1 import SHOWS
from sovereign_registry.website.views import imports, review, scales, words
from sovereign_registry.website.views.claims import three_words
from sovereign_registry.website.views.files import external
from sovereign_registry.website.views.parts import Fact, Link, Panel

if TYPE_CHECKING:
    from sovereign_registry.contracts.assessment import Dimension
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.website.model import SiteInfo
    from sovereign_registry.website.views.parts import Words

_DIMENSIONS = {rule.name: rule for rule in dimensions_v1.DEFINITIONS}
_GATE_TONES = {GateStatus.VERIFIED: "pass", GateStatus.FALSIFIED: "fail"}
CORRECTION_CONTRACT = "correction-record-v1"
PROVENANCE_CONTRACT = "source-provenance-v1"


def _contract(name: str) -> Link:
    return Link(name, f"contracts/{name}/")


def _three(counts: Words) -> str:
    """The three words with what each was found by; of an import only what it states."""
    if counts.declared:
        return (
            f"Grounded, {counts.grounded}: no claim was located here; a count marked as declared "
            f"is the document's. Verified, {counts.verified}: its own marks. Corroborated: "
            f"{counts.corroborated}. None means true."
        )
    return (
        f"Grounded is not verified. Grounded, {counts.grounded}: located in a parsed section of "
        f"its own source. Verified, {counts.verified}: passed the {words.LEXICAL}, which counts "
        f"words shared with the best other passage. Corroborated, {counts.corroborated}: the same "
        "test against a different source. None means true."
    )


def level(record: Manifest) -> Panel:
    """Verification Level."""
    found = record.assessment.level
    summary = found.claim_summary
    counts = three_words(record)
    declared = found.origin is Origin.DECLARED
    says = "Declared by an imported document. The rung says:" if declared else "The rung says:"
    return Panel(
        id="level",
        title="Verification Level",
        declared=declared,
        scope=(
            (
                "The level says what kind of evidence stands behind the claims, not how good it "
                "is and not whether a claim is true. It is the highest rung that all claims of "
                "the record reach; each claim prints its own."
            ),
        ),
        facts=(
            Fact(
                "Paper level",
                scales.label(found.paper_level),
                f"{says} {levels_v1.LADDER[found.paper_level].definition} {found.basis}",
                scale=scales.level_scale(found.paper_level),
                link=Link("Every rung and what it does not mean", "quality-guide/", "levels"),
            ),
            Fact(
                "Source-grounded claims",
                str(summary.source_grounded_claims),
                _three(counts),
                link=Link("The claims one by one", fragment="claims"),
            ),
            Fact(
                "Claim record source",
                summary.claim_record_source,
                "The kind of text that the claims were taken from.",
            ),
        ),
    )


def _gate_tried(record: Manifest) -> str:
    gate = record.gate
    if gate.origin is Origin.DECLARED:
        return (
            "The verdict, its reason and its time are stated by the imported document; "
            f"{words.DECLARED}."
        )
    if gate.reason_code is GateReason.NOT_ATTEMPTED:
        return (
            "Gate 2 has not been run for this record: nobody has proved a claim formally or run "
            "one again under seal."
        )
    return f"{words.GATE_REASONS[gate.reason_code]}."


def gate(record: Manifest) -> Panel:
    """Truth-Engine Gate Verdict."""
    found = record.gate
    scope = (
        f"In scope: {len(found.claims)} of {words.count(len(record.claims), 'claim')}; "
        f"{found.checkable_claims} could be decided by a proof or a re-run at all."
    )
    return Panel(
        id="gate",
        title="Truth-Engine Gate Verdict",
        declared=found.origin is Origin.DECLARED,
        scope=(
            _gate_tried(record),
            (
                "Verified here would mean one of two things, with the artifact attached: a Lean 4 "
                "proof of a mathematical claim that type-checks, or a sealed re-run of an "
                "empirical claim that gave its numbers within a stated tolerance. No score, count "
                "or level can set it."
            ),
        ),
        facts=(
            Fact(
                "Status",
                words.GATE[found.status],
                scope,
                scale=scales.gate_scale(found.status),
                tone=_GATE_TONES.get(found.status, "care"),
                link=Link("What the three words mean", "quality-guide/", "gate"),
            ),
            Fact("Gate", found.gate),
            Fact("Reason", found.reason, foreign=True),
            Fact(
                "Evaluated",
                found.evaluated_at or "Not evaluated",
            ),
        ),
    )


def tier(record: Manifest) -> Panel:
    """Quality Tier."""
    found = record.assessment.tier
    rule = tiers_v1.tier_rule(found.tier)
    declared = found.origin is Origin.DECLARED
    flags = ", ".join(imports.open_flags(record)) or "none"
    read = (
        "As the document states it. Its inputs" if declared else f"Read by the rule {found.rules}"
    )
    state = record.standing.record_state
    thresholds = Link("The tiers and their thresholds", "quality-guide/", "tiers")
    return Panel(
        id="tier",
        title="Quality Tier",
        declared=found.origin is Origin.DECLARED,
        scope=(
            (
                "A triage of what to read with how much care, found by a fixed rule. It decides "
                "nothing about publication and is no peer review."
            ),
        ),
        facts=(
            Fact(
                "Tier",
                scales.tier_label(found.tier),
                imports.tier_note(record, f"{rule.condition}. {rule.definition}"),
                scale=scales.tier_scale(found.tier),
                link=thresholds,
            )
            if SHOWS[state].tier
            else Fact(
                "Tier",
                words.NOT_TIERED,
                f"{words.state_word(state)}: such a record has no tier. The rule gave "
                f"{scales.tier_label(found.tier)} before.",
                link=thresholds,
            ),
            Fact(
                "Basis",
                found.basis,
                f"{read}: review score {found.review_score or 'none'}, "
                f"verified claims {found.verified_claim_count}, reproducibility "
                f"{found.reproducibility_level.value}, unresolved flags {flags}.",
            ),
        ),
    )


def _dimension(found: Dimension) -> Fact:
    rule = _DIMENSIONS[found.name]
    declared = f"{words.DECLARED.capitalize()}. " if found.origin is Origin.DECLARED else ""
    return Fact(
        rule.label,
        found.level.value,
        f"{rule.definition} {declared}{found.basis}",
        scale=scales.dimension_scale(found.level),
        tone="quiet" if found.level is DimensionLevel.UNASSESSED else "",
    )


def dimensions(record: Manifest) -> Panel:
    """Quality Dimensions: those with a rule first, then those that no rule reads yet."""
    found = record.assessment.dimensions
    has_rule = {
        name: not rule.rule.startswith(DimensionLevel.UNASSESSED.value)
        for name, rule in _DIMENSIONS.items()
    }
    ordered = sorted(found.dimensions, key=lambda one: not has_rule[one.name])
    declared = any(one.origin is Origin.DECLARED for one in found.dimensions)
    given = f"Words given by the rule {found.rules} from fields of this page."
    if declared:
        given = (
            "The imported document gave the words that are marked as declared; for each of them "
            f"stands beside it what the rule {found.rules} gives. The other words are the rule's."
        )
    return Panel(
        id="dimensions",
        title="Quality Dimensions",
        declared=declared,
        scope=(
            (
                f"{given} They are signals for triage, neither a review by people nor an "
                "independent validation."
            ),
        ),
        facts=tuple(map(_dimension, ordered)),
        links=(Link("The four words and their rules", "quality-guide/", "dimensions"),),
    )


def correction(view: RecordView) -> Panel:
    """Correction Record."""
    standing = view.record.standing
    entries = len(view.history)
    return Panel(
        id="corrections",
        title="Correction Record",
        declared=False,
        scope=(
            (
                "Corrections are added and never overwrite: the record as first published stays, "
                "and what stands here is that record with its history replayed over it. No "
                "correction does not mean no error."
            ),
            *imports.correction_scope(view.record),
        ),
        facts=(
            Fact(
                "Status",
                standing.record_state.value,
                words.state_says(standing.record_state),
                scale=scales.state_scale(standing.record_state),
                link=Link("What each state means", "corrections-policy/", "states"),
            ),
            Fact(
                "Correction count",
                str(standing.correction_count),
                f"Of {words.count(entries, 'history entry', 'history entries')} in all: an owner's "
                "decision or a new evaluation is history but no correction.",
                link=Link("All versions side by side", f"records/{view.record.id}/history/"),
            ),
            Fact("Manifest contract", MANIFEST_CONTRACT, link=_contract(MANIFEST_CONTRACT)),
            Fact("Correction contract", CORRECTION_CONTRACT, link=_contract(CORRECTION_CONTRACT)),
        ),
    )


def _report(record: Manifest) -> Fact:
    """Whether there is a report here; where there is none, what an imported page states."""
    label = "Report artifact"
    reports = [one for one in record.artifacts if one.kind == "report" and one.public]
    stated = [one.value for one in record.provenance.declared if one.label == label]
    if stated and not reports:
        note = f"There, as the imported page states; {words.DECLARED}. No report file is kept here."
        return Fact(label, stated[0], note, foreign=True)
    return Fact(
        label,
        "Available" if reports else "Not available",
        ", ".join(one.name for one in reports),
        link=Link("Files and digests", fragment="files") if reports else None,
    )


_BEHIND = {
    False: "no signed log stands behind it yet (not logged)",
    True: "its log is signed by its own key, and no witness or timestamp stands behind that",
}
_LOG = {
    False: Fact("Transparency log", "Not logged", "The registry keeps no signed log yet."),
    True: Fact(
        "Transparency log",
        "The registry keeps one",
        "Signed by the registry's own key; the command on the verify page shows whether this "
        "record and each of its entries stand in it.",
        link=Link("How to check that", "verify/"),
    ),
}


def provenance(record: Manifest, site: SiteInfo) -> Panel:
    """Provenance."""
    found = record.assessment.provenance
    origin = record.provenance
    outside = origin.external_record
    declared = f"Published first by another registry; {words.DECLARED}." if origin.publisher else ""
    return Panel(
        id="provenance",
        title="Provenance",
        declared=record.origin is Origin.DECLARED,
        scope=(
            (
                "Where the record comes from and how far a stranger can follow that. The registry "
                f"says all of this about itself: {_BEHIND[site.logged]}, so it is self-asserted."
            ),
        ),
        facts=(
            Fact("Publisher", origin.publisher or site.publisher, declared, foreign=True),
            Fact(
                "Public provenance",
                scales.public_label(found.public_level),
                found.basis,
                scale=scales.public_scale(found.public_level),
                link=Link("Every rung of this ladder", "quality-guide/", "provenance"),
            ),
            _report(record),
            Fact(
                "External record",
                outside or "Not registered",
                link=Link("Open the external record", href=external(outside)) if outside else None,
                foreign=bool(outside),
            ),
            Fact("Claim lineage", found.claim_lineage),
            Fact("Review method", record.review.method, review.method_note(record), foreign=True),
            Fact(
                "Quality guide",
                "How to read scores, claims, manifests and evidence links",
                link=Link("Open the quality guide", "quality-guide/"),
            ),
            Fact("Provenance contract", PROVENANCE_CONTRACT, link=_contract(PROVENANCE_CONTRACT)),
            _LOG[site.logged],
            Fact("Note", found.note, foreign=True),
        ),
    )


def panels(view: RecordView, site: SiteInfo) -> tuple[Panel, ...]:
    """All six, in order."""
    record = view.record
    return (
        level(record),
        gate(record),
        tier(record),
        dimensions(record),
        correction(view),
        provenance(record, site),
    )
