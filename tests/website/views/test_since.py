"""An abstract keeps the counts of its time, and says so once claims were changed."""

from __future__ import annotations

from sovereign_registry.contracts.amend import Amendment, Setting
from sovereign_registry.contracts.history import Event
from sovereign_registry.website.views.record import record_page
from sovereign_registry.website.views.since import abstract_note
from tests.contracts.records import amendment, computed_record, view_of, with_events
from tests.website.views.sample_parts import SITE

RECORD = computed_record()


def _sets(pointer: str, value: str) -> Amendment:
    settings = (Setting(pointer=pointer, value=value),)
    return amendment(Event.CORRECTION, settings=settings)


REWORD = _sets("/claims/c1/text", "Entirely other words stand here.")
REWRITE = _sets("/work/abstract", "Another abstract, counted anew.")
RETRACT = amendment(Event.PARTIAL_RETRACTION, claims=("c2",))


def test_a_record_without_changed_claims_needs_no_note() -> None:
    """Nor does one whose title alone was corrected, or whose abstract was."""
    title = _sets("/work/title", "Another title of it")
    for view in (view_of(RECORD), with_events(RECORD, title), with_events(RECORD, REWRITE)):
        assert "" == abstract_note(view)


def test_a_changed_or_retracted_claim_is_named_by_its_entry() -> None:
    """With the counts that hold now, beside the abstract on the page."""
    view = with_events(RECORD, REWORD, RETRACT)
    note = abstract_note(view)
    assert "history entries 1, 2 changed or retracted claims since." in note
    now = sum(claim.verification.passed for claim in view.record.claims)
    assert now < sum(claim.verification.passed for claim in RECORD.claims)
    assert f"Now: verified {now} of {len(RECORD.claims)}, " in note
    assert record_page(view, SITE).abstract_scope.endswith(note)


def test_a_lifted_concern_alone_is_told_as_what_it_was() -> None:
    """It counts as a correction, so the state is not CURRENT again; no field was corrected."""
    doubt = [amendment(Event.CONCERN), amendment(Event.CONCERN_LIFTED)]
    lifted, corrected = with_events(RECORD, *doubt), with_events(RECORD, *doubt, REWRITE)
    assert lifted.record.standing.record_state == corrected.record.standing.record_state
    told, other = (record_page(view, SITE).banners[0].text for view in (lifted, corrected))
    assert told.startswith("No field of it was corrected. An expression of concern was raised")
    assert other.startswith("At least one correction was added.")


def test_an_abstract_written_anew_counts_from_there() -> None:
    """What changed before stands in it; what changed after does not."""
    assert "" == abstract_note(with_events(RECORD, REWORD, REWRITE))
    assert "history entry 2 " in abstract_note(with_events(RECORD, REWRITE, REWORD))
