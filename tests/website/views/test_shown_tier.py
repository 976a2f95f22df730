"""One tier of a record is shown, and it is the same everywhere."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts import documents
from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules.states_v1 import SHOWS, shown_tier
from sovereign_registry.verifier.data import row
from sovereign_registry.verifier.exports import needed
from sovereign_registry.verifier.markup import ATOM
from sovereign_registry.website.citations import bib_file, csl_file, ris_file
from sovereign_registry.website.feeds import atom
from sovereign_registry.website.rows import row_of
from sovereign_registry.website.views import record, scales
from sovereign_registry.website.views.list_parts import row_part
from tests.contracts.records import amendment, computed_record, view_of, with_events
from tests.contracts.samples import gate as gate_verdict
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView

UNVERIFIED = GateStatus.UNVERIFIED
REASONS = {
    UNVERIFIED: GateReason.NOT_ATTEMPTED,
    GateStatus.VERIFIED: GateReason.REPRODUCED,
    GateStatus.FALSIFIED: GateReason.OUT_OF_TOLERANCE,
}
GIVEN = computed_record().assessment.tier.tier


def standing(state: RecordState, gate: GateStatus) -> RecordView:
    """The sample in a state, with a verdict of Gate 2."""
    found = computed_record()
    return view_of(
        msgspec.structs.replace(
            found,
            standing=msgspec.structs.replace(found.standing, record_state=state),
            gate=gate_verdict(gate, REASONS[gate], ("c1",) if gate is not UNVERIFIED else ()),
        )
    )


def test_state_and_a_falsified_claim_take_the_tier_away() -> None:
    """And nothing else does: every other state and verdict leaves what the rule gave."""
    for state, gate, tier in itertools.product(RecordState, GateStatus, Tier):
        taken = not SHOWS[state].tier or gate is GateStatus.FALSIFIED
        assert shown_tier(state, gate, tier) is (Tier.NOT_TIERED if taken else tier)


@pytest.mark.parametrize(
    ("state", "gate"),
    [
        (RecordState.CURRENT, GateStatus.VERIFIED),
        (RecordState.CURRENT, GateStatus.FALSIFIED),
        (RecordState.PARTIALLY_RETRACTED, GateStatus.UNVERIFIED),
        (RecordState.PARTIALLY_RETRACTED, GateStatus.FALSIFIED),
        (RecordState.RETRACTED, GateStatus.UNVERIFIED),
        (RecordState.WITHDRAWN, GateStatus.UNVERIFIED),
    ],
)
def test_page_lists_feed_index_and_contract_show_the_same(
    state: RecordState, gate: GateStatus
) -> None:
    """The contract keeps the rule's tier beside the one that is shown."""
    view = standing(state, gate)
    due = shown_tier(state, gate, GIVEN)
    listed, contract = row_of(view), documents.quality_tier(view)
    assert (due, GIVEN, due) == (listed.tier, contract.tier, contract.shown)
    assert row(view)["tier"] == due
    page = record.record_page(view, SITE)
    facts = {one.label: one for one in page.glance}
    panel = next(one for one in page.panels if one.id == "tier")
    label = scales.tier_label(due)
    assert (label, label) == (facts["Quality tier"].value, panel.facts[0].value)
    assert row_part(listed).line.endswith(f" · {label}")
    said = "Not tiered." if due is Tier.NOT_TIERED else f"Tier: {due}."
    assert said in atom([listed], SITE).decode()
    gave = f"The rule gave {scales.tier_label(GIVEN)}."
    assert (due is not GIVEN) == facts["Quality tier"].note.endswith(gave)


@pytest.mark.parametrize("gate", GateStatus)
def test_a_citation_says_that_gate_2_falsified_a_claim(gate: GateStatus) -> None:
    """In every format, and the reader's check asks for it."""
    view = standing(RecordState.PARTIALLY_RETRACTED, gate)
    falsified = gate is GateStatus.FALSIFIED
    for name, made in (("bib", bib_file), ("ris", ris_file), ("csl.json", csl_file)):
        text = made(view, SITE).decode()
        assert falsified == ("Partially retracted and falsified at Gate 2" in text)
        assert all(due in text for _, due in needed(view)[f"cite.{name}"])


def test_a_retraction_on_the_same_day_moves_the_feeds_time() -> None:
    """The time is that of the newest entry, to the second; a record without one has its day."""
    found = computed_record()
    earlier, later = (
        amendment(Event.RETRACTION, at=f"2026-06-10T0{hour}:30:49Z") for hour in (6, 7)
    )
    times = []
    for view in (view_of(found), with_events(found, earlier), with_events(found, later)):
        listed = row_of(view)
        assert listed.updated == row(view)["updated"]
        (entry,) = ET.fromstring(atom([listed], SITE)).findall(f"{ATOM}entry")  # noqa: S314 - ours
        times.append(entry.findtext(f"{ATOM}updated"))
    assert [f"{found.work.as_of}T00:00:00Z", earlier.at, later.at] == times
