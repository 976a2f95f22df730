"""Claims that come from texts which the registry wrote itself: its notes and its summaries.

Seen from the places of the claims, so that it does not depend on a flag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.website.views import words

if TYPE_CHECKING:
    from sovereign_registry.contracts.claims import Locator
    from sovereign_registry.contracts.manifest import Manifest

_NOTE = "note-"
"""What the key of a technical note begins with."""


def own(locator: Locator) -> bool:
    """Whether a passage stands in a text that the registry wrote itself."""
    return locator.kind is TextKind.SUMMARY or locator.paper.startswith(_NOTE)


def has_notes(record: Manifest) -> bool:
    """Whether a technical note of the registry is among the sources."""
    return any(source.ref.startswith(_NOTE) for source in record.sources)


def said(record: Manifest) -> str:
    """One or two sentences where claims come from the registry's own texts; else empty."""
    total = len(record.claims)
    count = sum(claim.locator is not None and own(claim.locator) for claim in record.claims)
    if not count:
        return ""
    texts = "texts that this registry wrote itself (technical notes or summaries of papers)"
    if count == total:
        comes = "The only claim comes" if total == 1 else f"All {total} claims come"
        which = f"{comes} from {texts}, none from a paper's own text."
    else:
        comes = "comes" if count == 1 else "come"
        which = f"{count} of {words.count(total, 'claim')} {comes} from {texts}."
    return f"{which} Corroboration between such texts is not independent: one author wrote both."
