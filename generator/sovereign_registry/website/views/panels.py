"""The six sections of facts, in the order and under the labels of the public page's contract."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sovereign_registry.contracts.assessment import DimensionLevel, DimensionName
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.documents import reworded
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import MANIFEST_CONTRACT
from sovereign_registry.contracts.rules import dimensions_v1, tiers_v1
from sovereign_registry.website.holdings import holdings
from sovereign_registry.website.views import imports, scales, words
from sovereign_registry.website.views.claims import three_words
from sovereign_registry.website.views.files import external
from sovereign_registry.website.views.gate import uncounted
from sovereign_registry.website.views.parts import Fact, Group, Link, Panel
from sovereign_registry.website.views.since import state_says
from sovereign_registry.website.views.tiers import untiered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.assessment import Dimension
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.website.model import SiteInfo
    from sovereign_registry.website.views.record_parts import Words

_DIMENSIONS = {rule.name: rule for rule in dimensions_v1.DEFINITIONS}
_GATE_TONES = {GateStatus.VERIFIED: "pass", GateStatus.FALSIFIED: "fail"}
CORRECTION_CONTRACT = "correction-record-v1"
PROVENANCE_CONTRACT = "source-provenance-v1"


def _contract(name: str) -> Link:
    return Link(name, f"contracts/{name}/")


def _three(counts: Words) -> str:
    """What a count of grounded claims is, and what it is not."""
    if counts.declared:
        return "As the document counts them. Grounded is not verified, and neither means true."
    return f"Of the claims: {counts.grounded}. Grounded is not verified, and neither means true."


def level(record: Manifest) -> Panel:
    """Verification Level."""
    found = record.assessment.level
    summary = found.claim_summary
    counts = three_words(record)
    return Panel(
        id="level",
        title="Verification Level",
        short="Level",
        declared=found.origin is Origin.DECLARED,
        scope=("The kind of evidence that all claims reach; each claim prints its own rung.",),
        facts=(
            Fact(
                "Paper level",
                scales.label(found.paper_level),
                scale=scales.level_scale(found.paper_level),
                link=Link("What each rung means", "quality-guide/", "levels"),
            ),
            Fact(
                "Source-grounded claims",
                str(summary.source_grounded_claims),
                " ".join(filter(None, (_three(counts), reworded.of_level(record)))),
            ),
            Fact("Claim record source", summary.claim_record_source),
        ),
    )


def gate(view: RecordView) -> Panel:
    """Truth-Engine Gate Verdict."""
    record, found = view.record, view.record.gate
    declared = found.origin is Origin.DECLARED
    stated = "Verdict, reason and time are stated by the imported document. " if declared else ""
    scope = (
        f"In scope: {len(found.claims)} of {words.count(len(record.claims), 'claim')}; "
        f"{found.checkable_claims} counted as of a kind that a proof or a re-run could decide."
        f"{uncounted(view)}"
    )
    return Panel(
        id="gate",
        title="Truth-Engine Gate Verdict",
        declared=declared,
        scope=(f"{stated}No score, count or level can set this verdict.",),
        facts=(
            Fact(
                "Status",
                words.GATE[found.status],
                scope,
                scale=scales.gate_scale(found.status),
                tone=_GATE_TONES.get(found.status, "care"),
                link=Link("What they mean", "quality-guide/", "gate"),
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
    taken = untiered(record)
    thresholds = Link("The tiers and their thresholds", "quality-guide/", "tiers")
    return Panel(
        id="tier",
        title="Quality Tier",
        declared=found.origin is Origin.DECLARED,
        scope=("What to read with how much care: no peer review, no decision on publication.",),
        facts=(
            Fact(
                "Tier",
                scales.tier_label(found.tier),
                imports.tier_note(record, f"{rule.condition}."),
                link=thresholds,
            )
            if not taken
            else Fact("Tier", words.NOT_TIERED, taken, link=thresholds),
            Fact(
                "Basis",
                found.basis,
                f"{read}: review score {found.review_score or 'none'}, "
                f"verified claims {found.verified_claim_count}, reproducibility "
                f"{found.reproducibility_level.value}, unresolved flags {flags}.",
            ),
        ),
    )


def _dimension(found: Dimension, record: Manifest) -> Fact:
    rule = _DIMENSIONS[found.name]
    declared = f"{words.DECLARED.capitalize()}. " if found.origin is Origin.DECLARED else ""
    # The rule itself is fixed and stands in the guide; what it found here stands before it.
    basis = found.basis.replace(f" Rule: {rule.rule}", "")
    computed = found.origin is Origin.COMPUTED
    if found.name is DimensionName.CITATION_GROUNDING and computed:
        basis = " ".join(filter(None, (basis, reworded.of_dimensions(record))))
    return Fact(
        rule.label,
        found.level.value,
        f"{declared}{basis}",
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
    given = f"Words given by the rule {found.rules} from fields of this page:"
    if declared:
        given = (
            "The imported document gave the words that are marked as declared; for each of them "
            f"stands beside it what the rule {found.rules} gives. The other words are the rule's:"
        )
    return Panel(
        id="dimensions",
        title="Quality Dimensions",
        short="Dimensions",
        declared=declared,
        scope=(f"{given} signals for triage, no validation.",),
        facts=tuple(_dimension(one, record) for one in ordered),
        links=(Link("What each asks, and its rule", "quality-guide/", "dimensions"),),
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
            "The record as first published, its history replayed over it; nothing is overwritten.",
            *imports.correction_scope(view.record),
        ),
        facts=(
            Fact(
                "Status",
                standing.record_state.value,
                state_says(view),
                link=Link("What each state means", "corrections-policy/", "states"),
            ),
            Fact(
                "Correction count",
                str(standing.correction_count),
                f"Of {words.count(entries, 'history entry', 'history entries')} in all.",
                link=Link("All versions side by side", f"records/{view.record.id}/history/"),
            ),
            Fact("Manifest contract", MANIFEST_CONTRACT, link=_contract(MANIFEST_CONTRACT)),
            Fact("Correction contract", CORRECTION_CONTRACT, link=_contract(CORRECTION_CONTRACT)),
        ),
    )


def _report(view: RecordView, site: SiteInfo) -> tuple[Standing, Fact]:
    """Whether there is a report here; where there is none, what an imported page states."""
    record = view.record
    label = "Report artifact"
    reports = [one for one in record.artifacts if one.kind == "report" and one.public]
    stated = [one.value for one in record.provenance.declared if one.label == label]
    if stated and not reports:
        note = f"As the imported page states; {words.DECLARED}. No report file is kept here."
        return Standing.DECLARED, Fact(label, stated[0], note, foreign=True)
    if not reports:
        return Standing.MISSING, Fact(label, "Not available")
    held = {one.name for one in holdings(view, site.publish) if one.beside or one.bundled}
    here = [one.name for one in reports if f"artifacts/{one.name}" in held]
    away = [one.name for one in reports if one.name not in here]
    said = [f"{', '.join(here)}."] if here else []
    said += [f"This site does not carry {', '.join(away)}."] if away else []
    link = Link("Files and digests", fragment="files")
    value = "Available" if here else "Not carried by this site"
    return Standing.CHECKED, Fact(label, value, " ".join(said), link=link)


_BEHIND = {
    False: "no signed log stands behind it yet (not logged)",
    True: "its log is signed by its own key, and no witness or timestamp stands behind that",
}


_BEFORE = "Assessed at publication, before it was logged. "


def _log(view: RecordView, site: SiteInfo, places: Sequence[int]) -> Fact:
    """Where the record stands in the log now; no assessment that was made before can count it."""
    label = "Transparency log"
    if not site.logged:
        return Fact(label, "Not logged", "The registry keeps no signed log yet.")
    link = Link("How to check that this record stands in it", "verify/")
    due, told = 1 + len(view.history), ", ".join(map(str, places))
    if not places:
        note = "The registry keeps a log that its own key signs; this record is not in it yet."
        return Fact(label, "Not logged yet", note, link=link)
    word = "entry" if len(places) == 1 else "entries"
    rest = "" if len(places) >= due else f"; {len(places)} of {due} files"
    note = "Signed by the registry's own key. The level above does not count it."
    return Fact(label, f"Logged since: {word} {told}{rest}", note, link=link)


class Standing(StrEnum):
    """What a statement of origin rests on, in the words of its heading."""

    CHECKED = "Checked here"
    """Computed by this registry's rules or compared with the files that it publishes."""
    DECLARED = "Declared"
    """Said by somebody, the registry included, and by nobody else confirmed."""
    MISSING = "Not available"


def _digests(view: RecordView) -> Iterator[Fact]:
    yield Fact("Manifest, canonical content", view.manifest_content_sha256, code=True)
    if view.history:
        yield Fact("Newest history entry", view.head_sha256, code=True)


def _origin(
    view: RecordView, site: SiteInfo, places: Sequence[int]
) -> Iterator[tuple[Standing, Fact]]:
    """Every statement about where the record comes from, with what it rests on."""
    record = view.record
    found, origin = record.assessment.provenance, record.provenance
    ours = Standing.DECLARED if record.origin is Origin.DECLARED else Standing.CHECKED
    publisher = f"Published first by another registry; {words.DECLARED}."
    yield (
        Standing.DECLARED,
        Fact(
            "Publisher",
            origin.publisher or site.publisher,
            publisher if origin.publisher else "",
            foreign=True,
        ),
    )
    yield (
        Standing.DECLARED if found.origin is Origin.DECLARED else Standing.CHECKED,
        Fact(
            "Public provenance",
            scales.public_label(found.public_level),
            (_BEFORE if places else "") + found.basis,
            scale=scales.public_scale(found.public_level),
            link=Link("What each rung asks for", "quality-guide/", "provenance"),
        ),
    )
    yield _report(view, site)
    yield _external(record)
    yield ours, Fact("Claim lineage", found.claim_lineage)
    yield (
        ours,
        Fact("Review method", record.review.method, foreign=True),
    )
    contract = Fact("Provenance contract", PROVENANCE_CONTRACT, link=_contract(PROVENANCE_CONTRACT))
    yield Standing.CHECKED, contract
    yield from ((Standing.CHECKED, fact) for fact in _digests(view))
    yield Standing.DECLARED if site.logged else Standing.MISSING, _log(view, site, places)
    yield (
        Standing.MISSING,
        Fact("Witness and timestamp", "None", "Nobody outside confirms when this was published."),
    )
    if found.note:
        yield Standing.DECLARED, Fact("Note", found.note, foreign=True)


def _external(record: Manifest) -> tuple[Standing, Fact]:
    outside = record.provenance.external_record
    if not outside:
        return Standing.MISSING, Fact("External record", "Not registered")
    link = Link("Open the external record", href=external(outside))
    return Standing.DECLARED, Fact("External record", outside, link=link, foreign=True)


def provenance(view: RecordView, site: SiteInfo, places: Sequence[int] = ()) -> Panel:
    """Provenance, by what each statement rests on."""
    found = tuple(_origin(view, site, places))
    return Panel(
        id="provenance",
        title="Provenance",
        short="Provenance",
        declared=view.record.origin is Origin.DECLARED,
        scope=(
            (
                "Where the record comes from, as the registry says of itself: "
                f"{_BEHIND[site.logged]}, so it is self-asserted."
            ),
        ),
        facts=(),
        groups=tuple(
            Group(title.value, tuple(fact for standing, fact in found if standing is title))
            for title in Standing
        ),
        links=(Link("How to read manifests and evidence links", "quality-guide/", "manifests"),),
    )


def panels(view: RecordView, site: SiteInfo, places: Sequence[int] = ()) -> tuple[Panel, ...]:
    """All six, in order; ``places`` says where in the log the record's entries stand."""
    record = view.record
    return (
        level(record),
        gate(view),
        tier(record),
        dimensions(record),
        correction(view),
        provenance(view, site, places),
    )
