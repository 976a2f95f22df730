"""What a look at a record's sources means, and that everything is said once."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.monitor import (
    Listed,
    ReviewMonitor,
    Trigger,
    findings,
    look,
    unsaid,
)
from tests.contracts import samples
from tests.contracts.records import amendment, computed_record, view_of, with_events

RECORD = computed_record()
"""It read 2401.00001v1 and 2401.00002v1."""
AS_IT_WAS = Listed(version=1, withdrawn=False)


def looked(**papers: Listed) -> ReviewMonitor:
    """A look that found these papers, by the last digit of their key; the others have vanished."""
    listed = {f"2401.0000{name[1:]}": one for name, one in papers.items()}
    return look(RECORD, listed, looked="2026-07-01", by="monitor", source="arXiv API")


def test_a_look_that_finds_nothing_activates_nothing() -> None:
    """All triggers are monitored, none is active."""
    found = looked(p1=AS_IT_WAS, p2=AS_IT_WAS)
    assert tuple(Trigger) == found.monitored_triggers
    assert ((), ()) == (found.active_triggers, findings(found))


def test_each_trigger_is_told_in_a_sentence() -> None:
    """A newer version, a withdrawal, a paper that is gone."""
    found = looked(p1=Listed(version=3, withdrawn=True))
    assert tuple(Trigger) == found.active_triggers
    assert (
        "arXiv:2401.00001v1 has the newer version 3.",
        "arXiv:2401.00001v1 is marked as withdrawn in version 3.",
        "arXiv:2401.00002v1 is no longer listed.",
    ) == findings(found)


def test_sources_that_are_no_papers_are_not_monitored() -> None:
    """Notes of the registry are named as not monitored; alone, they leave nothing to monitor."""
    note = msgspec.structs.replace(
        samples.source("note-trams.v1"), key="note-trams", ref="note-trams.v1"
    )
    record = msgspec.structs.replace(RECORD, sources=(note,))
    found = look(record, {}, looked="2026-07-01", by="monitor", source="arXiv API")
    assert ((), (), ("note-trams.v1",)) == (
        found.monitored_triggers,
        found.active_triggers,
        found.not_monitored,
    )


def test_without_a_stated_version_no_version_is_new() -> None:
    """What was read is unknown, so nothing can be said to be newer than it."""
    source = msgspec.structs.replace(samples.source(), version=None, ref="2401.00001")
    record = msgspec.structs.replace(RECORD, sources=(source,))
    listed = {"2401.00001": Listed(version=7, withdrawn=False)}
    found = look(record, listed, looked="2026-07-01", by="monitor", source="arXiv API")
    assert (Trigger.WITHDRAWN, Trigger.VANISHED) == found.monitored_triggers
    assert () == found.active_triggers


def test_what_was_said_is_not_said_again_even_after_a_person_closed_it() -> None:
    """A later version is another finding."""
    found = looked(p1=Listed(version=2, withdrawn=False), p2=AS_IT_WAS)
    assert findings(found) == unsaid(view_of(RECORD), found)
    note = "Looking again found: " + " ".join(findings(found))
    view = with_events(
        RECORD,
        amendment(Event.CHALLENGE, note=note),
        amendment(Event.CHALLENGE_CLOSED, note="It makes no difference."),
    )
    assert () == unsaid(view, found)
    newer = looked(p1=Listed(version=3, withdrawn=False), p2=AS_IT_WAS)
    assert findings(newer) == unsaid(view, newer)


listings = st.none() | st.builds(
    Listed, version=st.integers(min_value=1, max_value=9), withdrawn=st.booleans()
)


@given(listings, listings)
def test_a_look_survives_being_written_and_its_sums_cannot_be_forged(
    first: Listed | None, second: Listed | None
) -> None:
    """Whatever was found: what is read back is what was written; other sums are refused."""
    papers = {"p1": first, "p2": second}
    found = looked(**{name: one for name, one in papers.items() if one})
    again = msgspec.json.decode(msgspec.json.encode(found), type=ReviewMonitor)
    assert found == again
    forged = msgspec.to_builtins(found)
    forged["active_triggers"] = [] if found.active_triggers else ["vanished"]
    with pytest.raises(msgspec.ValidationError, match="active_triggers"):
        msgspec.convert(forged, ReviewMonitor)
