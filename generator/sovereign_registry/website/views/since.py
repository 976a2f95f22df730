"""What was changed in a record since it was published, in words beside what it says of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules.states_v1 import TRANSITIONS
from sovereign_registry.website.views import words
from sovereign_registry.website.views.claims import three_words

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry

_COUNTED = re.compile(r"/claims/\d+/(?:text|verification|corroboration)(?:/|$)")
_ABSTRACT = "/work/abstract"
_RETRACTIONS = frozenset({Event.PARTIAL_RETRACTION, Event.REINSTATEMENT})


def _set(entry: HistoryEntry) -> list[str]:
    return [step.path for step in entry.patch if step.op != "test"]


def state_says(view: RecordView) -> str:
    """What a record's state says; where it counts concerns alone, that nothing was corrected."""
    state = view.record.standing.record_state
    events = {entry.happened for entry in view.history if entry.happened is not None}
    counted = {event for event in events if TRANSITIONS[event].counts}
    if state is RecordState.CORRECTED and counted == {Event.CONCERN}:
        return (
            "No field of it was corrected. An expression of concern was raised, which counts as a "
            "correction, and was lifted again."
        )
    return words.state_says(state)


def abstract_note(view: RecordView) -> str:
    """A sentence where claims were changed after the abstract was last written; else empty."""
    entries = view.history
    written = [n for n, entry in enumerate(entries, start=1) if _ABSTRACT in _set(entry)]
    later = entries[max(written, default=0) :]
    changed = [
        entry.sequence
        for entry in later
        if entry.happened in _RETRACTIONS or any(map(_COUNTED.match, _set(entry)))
    ]
    if not changed or not view.record.claims:
        return ""
    counts = three_words(view.record)
    entry = "history entry" if len(changed) == 1 else "history entries"
    return (
        f" Its counts are those of when it was written; {entry} {', '.join(map(str, changed))} "
        f"changed or retracted claims since. Now: verified {counts.verified}, corroborated "
        f"{counts.corroborated}."
    )
