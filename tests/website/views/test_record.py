"""The record page's values: labels, order, honest words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.manifest import Approval, RecordState, Statement
from sovereign_registry.contracts.registry import FileGroup, Publish
from sovereign_registry.website.views import record, words
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE, digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.contracts.fold import RecordView

PANELS = {
    "Verification Level": ["Paper level", "Source-grounded claims", "Claim record source"],
    "Truth-Engine Gate Verdict": ["Status", "Gate", "Reason", "Evaluated"],
    "Quality Tier": ["Tier", "Basis"],
    "Quality Dimensions": [
        "Evidence strength",
        "Citation grounding",
        "Uncertainty disclosure",
        "Reproducibility status",
        "Numerical consistency",
        "Benchmark validity",
        "Novelty",
        "Safety impact",
    ],
    "Correction Record": [
        "Status",
        "Correction count",
        "Manifest contract",
        "Correction contract",
    ],
    "Provenance": [],
}


ORIGIN = {
    "Publisher",
    "Public provenance",
    "Report artifact",
    "External record",
    "Claim lineage",
    "Review method",
    "Provenance contract",
    "Manifest, canonical content",
    "Transparency log",
    "Witness and timestamp",
    "Note",
}


def origin(view: RecordView) -> dict[str, dict[str, str]]:
    """The provenance of a record's page: heading -> label -> value."""
    panel = record.record_page(view, SITE).panels[5]
    return {group.title: {fact.label: fact.value for fact in group.facts} for group in panel.groups}


@pytest.mark.parametrize("sample", [samples.computed, samples.revised, imported.declared])
def test_provenance_says_what_each_statement_rests_on(sample: Callable[[], RecordView]) -> None:
    """Checked here, declared, not available; every label in one of them."""
    found = origin(sample())
    assert list(found) == ["Checked here", "Declared", "Not available"]
    labels = [label for facts in found.values() for label in facts]
    assert len(labels) == len(set(labels))
    assert ORIGIN <= set(labels)
    assert {"External record", "Transparency log"} <= set(found["Not available"])


def test_the_digest_of_the_manifests_file_stands_beside_the_file() -> None:
    """Once, in the list of files; that of its content is a statement of origin."""
    view = samples.computed()
    page = record.record_page(view, SITE)
    named = [one.name for one in page.files if one.sha256 == view.manifest_file_sha256]
    assert named == ["manifest.yaml"]


def test_what_an_import_states_is_declared_and_never_checked() -> None:
    """Its lineage and its review stand under another heading than those of our own run."""
    moved = {"Claim lineage", "Review method"}
    assert moved <= set(origin(samples.computed())["Checked here"])
    declared = origin(imported.declared())
    assert not moved & set(declared["Checked here"])
    assert {"Publisher", *moved} <= set(declared["Declared"])


@pytest.mark.parametrize("sample", [samples.computed, samples.revised, imported.declared])
def test_labels_stand_in_the_order_of_the_public_page(sample: Callable[[], RecordView]) -> None:
    """Six sections with their labels, whatever sort of record it is."""
    page = record.record_page(sample(), SITE)
    found = {panel.title: [fact.label for fact in panel.facts] for panel in page.panels}
    assert list(found) == list(PANELS)
    assert found == PANELS


def test_an_imported_record_shows_what_was_declared() -> None:
    """Level, counts, gate, tier, dimensions and provenance stand there as they were stated."""
    page = record.record_page(imported.declared(), SITE)
    values = {
        (panel.id, fact.label): fact.value
        for panel in page.panels
        for facts in (panel.facts, *(group.facts for group in panel.groups))
        for fact in facts
    }
    expected = {
        ("level", "Paper level"): "L2, Source-grounded claims",
        ("level", "Source-grounded claims"): "4",
        ("level", "Claim record source"): "parsed source sections",
        ("gate", "Status"): "Unverified",
        ("gate", "Reason"): "Published before the second gate went into service.",
        ("gate", "Evaluated"): "2026-06-10T06:30:49+00:00",
        ("tier", "Tier"): "Quarantine candidate",
        ("dimensions", "Evidence strength"): "LOW",
        ("dimensions", "Reproducibility status"): "MEDIUM",
        ("dimensions", "Novelty"): "UNASSESSED",
        ("corrections", "Status"): "CURRENT",
        ("corrections", "Correction count"): "0",
        ("corrections", "Manifest contract"): "paper-manifest-v1.1",
        ("corrections", "Correction contract"): "correction-record-v1",
        ("provenance", "Publisher"): "Another Publisher",
        ("provenance", "Public provenance"): "L3, Claim aggregate record",
        ("provenance", "Report artifact"): "Available",
        ("provenance", "External record"): "Not registered",
        ("provenance", "Claim lineage"): "4 aggregate source-grounded claims",
        ("provenance", "Review method"): "Automated multi-reviewer assessment",
        ("provenance", "Provenance contract"): "source-provenance-v1",
    }
    assert {key: values[key] for key in expected} == expected


def test_a_rung_never_stands_without_its_ladder() -> None:
    """Both ladders are printed whole, with exactly one rung of this record, called by its name."""
    page = record.record_page(samples.computed(), SITE)
    ladders = [
        (fact.value, [step.label for step in fact.scale.steps if step.current])
        for panel in page.panels
        for facts in (panel.facts, *(group.facts for group in panel.groups))
        for fact in facts
        if fact.scale is not None and len(fact.scale.steps) == 8
    ]
    assert ladders == [
        ("L2, Source-grounded claims", ["L2, Source-grounded claims"]),
        ("L5, Recomputable record", ["L5, Recomputable record"]),
    ]
    assert all(claim.level.endswith(" of 7") for claim in page.claims)


def test_every_fact_of_the_opening_stands_within_its_scale_and_has_its_reason() -> None:
    """Level, gate, review, tier and state: one current step each."""
    glance = record.record_page(samples.revised(), SITE).glance
    assert [fact.label for fact in glance] == [
        "Verification level",
        "Gate 2",
        "Review",
        "Quality tier",
        "Record",
    ]
    scales = [fact.scale for fact in glance if fact.scale is not None]
    assert [sum(step.current for step in scale.steps) for scale in scales] == [1] * 5
    assert all(fact.note for fact in glance)


@pytest.mark.parametrize("state", [RecordState.RETRACTED, RecordState.REMOVED])
def test_a_state_without_a_tier_shows_none(state: RecordState) -> None:
    """No tier, and no scale that would mark one."""
    base = samples.manifest()
    standing = msgspec.structs.replace(base.standing, record_state=state)
    view = samples.view(msgspec.structs.replace(base, standing=standing))
    tier = record.record_page(view, SITE).glance[3]
    assert (tier.value, tier.scale) == (words.NOT_TIERED, None)


def test_the_printed_copy_names_its_version() -> None:
    """Id, version with state, digest of the head, and the address where one is known."""
    view = samples.revised()
    stamp = {fact.label: fact.value for fact in record.record_page(view, SITE).stamp}
    assert stamp == {
        "Record": "sr-2610-7ztr40vc",
        "Version": "3, corrected",
        "Head, SHA-256": view.head_sha256,
        "Address": "https://registry.example/ledger/records/sr-2610-7ztr40vc/",
    }
    alone = record.record_page(view, msgspec.structs.replace(SITE, base_url="")).stamp
    assert "Address" not in {fact.label for fact in alone}


@pytest.mark.parametrize(
    ("approval", "drafted"),
    [
        (Approval.AWAITING_OWNER, True),
        (Approval.AUTO_APPROVED, True),
        (Approval.OWNER_APPROVED, False),
    ],
)
def test_the_draft_banner_stands_until_the_owner_has_decided(
    approval: Approval, *, drafted: bool
) -> None:
    """Publication by policy does not take the banner away."""
    base = samples.manifest()
    standing = msgspec.structs.replace(base.standing, approval=approval)
    page = record.record_page(samples.view(msgspec.structs.replace(base, standing=standing)), SITE)
    assert (words.DRAFT in [banner.title for banner in page.banners]) is drafted


@pytest.mark.parametrize("state", [one for one in RecordState if one is not RecordState.CURRENT])
def test_every_state_but_current_is_a_banner(state: RecordState) -> None:
    """The banner names the state and says what it means."""
    base = samples.manifest()
    standing = msgspec.structs.replace(base.standing, record_state=state)
    page = record.record_page(samples.view(msgspec.structs.replace(base, standing=standing)), SITE)
    assert page.banners[0].title == words.state_word(state)
    assert page.banners[0].text == words.state_says(state)


def test_the_status_says_what_was_checked_what_came_out_and_why() -> None:
    """What was checked, whose texts, outcome and reason, in this order, with links to the rules."""
    status = record.record_page(samples.computed(), SITE).status
    assert status.headline.startswith("Unverified at Gate 2, which asks for a proof")
    assert "3 of 5 claims passed a different and weaker check, the lexical tick" in status.headline
    starts = [sentence.partition(":")[0] for sentence in status.sentences]
    assert [starts[0], *starts[2:]] == [
        "What was checked",
        "What came out",
        "Why it is unverified",
    ]
    assert starts[1].startswith("All 5 claims come from texts that this registry wrote itself")
    assert [link.fragment for link in status.links] == ["step-5", "step-7", "gate"]


@pytest.mark.parametrize(
    ("status", "reason", "word"),
    [
        (GateStatus.VERIFIED, GateReason.REPRODUCED, "Gate 2 verified 1 of 5 claims"),
        (GateStatus.FALSIFIED, GateReason.OUT_OF_TOLERANCE, "Gate 2 falsified 1 of 5 claims"),
    ],
)
def test_a_verdict_says_how_many_claims_it_covers(
    status: GateStatus, reason: GateReason, word: str
) -> None:
    """A strong word never stands without its scope."""
    base = samples.manifest()
    gate = msgspec.structs.replace(
        base.gate, status=status, reason_code=reason, claims=("c1",), artifacts=(digest("a"),)
    )
    page = record.record_page(samples.view(msgspec.structs.replace(base, gate=gate)), SITE)
    assert page.status.headline.startswith(word)


def test_the_three_words_are_told_apart_beside_the_count() -> None:
    """Grounded, verified and corroborated each stand with their own number."""
    page = record.record_page(samples.computed(), SITE)
    counts = page.words
    assert (counts.grounded, counts.verified, counts.corroborated) == ("5 of 5", "3 of 5", "1 of 5")
    note = page.panels[0].facts[1].note
    assert "5 of 5" in note
    assert "Grounded is not verified, and neither means true" in note


def test_declared_values_say_so_wherever_they_stand() -> None:
    """An imported record marks its panels, its claims, its review and its retrieval."""
    page = record.record_page(imported.declared(), SITE)
    assert {panel.id for panel in page.panels if panel.declared} >= {"level", "gate", "dimensions"}
    assert all(claim.basis == words.DECLARED for claim in page.claims)
    assert all("Marked " in claim.outcome for claim in page.claims)
    assert page.review.declared
    assert page.retrieval.declared


def test_a_computed_record_declares_nothing() -> None:
    """The word *declared* is kept for what was imported."""
    page = record.record_page(samples.computed(), SITE)
    assert not [panel.id for panel in page.panels if panel.declared]
    assert {claim.basis for claim in page.claims} == {words.LEXICAL}


def test_cut_texts_are_marked_and_stay_whole() -> None:
    """What arrived cut off is marked; its characters are all there."""
    view = imported.declared()
    page = record.record_page(view, SITE)
    assert page.abstract_cut
    assert page.abstract == view.record.work.abstract
    assert [claim.cut for claim in page.claims] == [True, False, False, False]


def test_flags_link_the_records_that_they_name_and_nothing_else() -> None:
    """A near-duplicate is linked; an id that is no record id is not."""
    flags = record.record_page(imported.declared(), SITE).flags
    assert [link.path for flag in flags for link in flag.links] == ["records/sr-2605-00000000/"]
    hostile = record.record_page(imported.hostile(), SITE).flags
    assert [flag.links for flag in hostile] == [()]


def test_citation_tags_name_title_author_date_and_number() -> None:
    """Indexers find what they read, and the state travels with the title."""
    tags = dict(record.record_page(samples.revised(), SITE).meta.citation)
    assert tags["citation_title"].startswith("How does the number of active experts")
    assert tags["citation_publication_date"] == "2026/10/02"
    assert tags["citation_technical_report_number"] == "sr-2610-7ztr40vc"
    assert tags["citation_pdf_url"].endswith("/records/sr-2610-7ztr40vc/artifacts/report.pdf")
    base = samples.manifest()
    standing = msgspec.structs.replace(base.standing, record_state=RecordState.RETRACTED)
    retracted = samples.view(msgspec.structs.replace(base, standing=standing))
    page = record.record_page(retracted, SITE)
    assert dict(page.meta.citation)["citation_title"].startswith("RETRACTED: ")
    assert "RETRACTED: " in page.cite.version
    assert "RETRACTED: " in page.cite.record
    assert "RETRACTED: " in page.cite.bibtex
    assert page.meta.title.startswith("RETRACTED: ")


def test_without_a_base_address_no_address_is_made_up() -> None:
    """Neither tags nor citation hold an address that is not known."""
    site = msgspec.structs.replace(SITE, base_url="")
    page = record.record_page(samples.computed(), site)
    assert not [name for name, _ in page.meta.citation if name.endswith("_url")]
    assert "http" not in page.cite.version + page.cite.record + page.cite.bibtex
    assert [one for one in page.meta.links if one.rel == "cite-as"] == []


def test_sources_say_which_claims_lean_on_them() -> None:
    """Every claim stands with each paper that it was taken from or compared with."""
    page = record.record_page(samples.computed(), SITE)
    assert [source.claims for source in page.sources] == [
        ("c1", "c2", "c3", "c4", "c5"),
        ("c1", "c2", "c3", "c4", "c5"),
    ]


def test_a_stated_report_is_shown_as_stated() -> None:
    """An imported page may state a report that is not kept here."""
    base = imported.declared().record
    stated = Statement(label="Report artifact", value="Available", document="page")
    provenance = msgspec.structs.replace(base.provenance, declared=(stated,))
    for declared, expected in ((provenance, "Available"), (base.provenance, "Not available")):
        record_ = msgspec.structs.replace(base, artifacts=(), provenance=declared)
        page = record.record_page(samples.view(record_), SITE)
        groups = page.panels[5].groups
        facts = [fact for group in groups for fact in group.facts]
        fact = next(fact for fact in facts if fact.label == "Report artifact")
        assert fact.value == expected
        assert (words.DECLARED in fact.note) is (expected == "Available")


def test_a_record_without_anything_still_has_a_page() -> None:
    """No claims, sources, queries, rounds or files: every section says so."""
    base = imported.declared().record
    bare = msgspec.structs.replace(
        base,
        claims=(),
        sources=(),
        flags=(),
        artifacts=(),
        uncertainties=(),
        limitations=(),
        gate=msgspec.structs.replace(base.gate, origin=Origin.COMPUTED),
    )
    page = record.record_page(samples.view(bare), SITE)
    assert page.claims_intro == "This record holds no claim."
    assert page.status.headline == "Unverified: this record holds no claim."


@pytest.mark.parametrize(
    ("publish", "text", "path"),
    [
        (Publish(beside=(FileGroup.DATA,)), "record.json", "record.json"),
        (Publish(), "manifest.yaml in bundle.zip", "bundle.zip"),
        (Publish(bundles=False, beside=(FileGroup.MANIFEST,)), "manifest.yaml", "manifest.yaml"),
    ],
)
def test_what_the_page_leaves_out_is_one_link_away(publish: Publish, text: str, path: str) -> None:
    """All decimals, settings and ranks stand in record.json, or in the manifest it is made of."""
    view = samples.computed()
    page = record.record_page(view, msgspec.structs.replace(SITE, publish=publish))
    assert page.data.text == text
    assert page.data.path == (f"records/{view.record.id}/{path}" if path else "")


def test_sources_that_no_claim_leans_on_are_counted() -> None:
    """They stand apart only where others do carry claims."""
    base = samples.manifest()
    assert record.record_page(samples.computed(), SITE).idle == ""
    more = msgspec.structs.replace(base.sources[0], ref="note-unread")
    two = msgspec.structs.replace(base, sources=(*base.sources, more))
    assert record.record_page(samples.view(two), SITE).idle == "1 source that no claim leans on"
    none = msgspec.structs.replace(two, claims=())
    assert record.record_page(samples.view(none), SITE).idle == ""
