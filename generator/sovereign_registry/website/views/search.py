"""The page of the search; what it finds is put there by its script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup

from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.linked_data import in_script
from sovereign_registry.website.views import words
from sovereign_registry.website.views.list_parts import TONES

if TYPE_CHECKING:
    from sovereign_registry.website.model import SiteInfo


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page prints."""

    words: Markup
    """The words that hits are told in, as data for the script: the same as in every list."""


def search(site: SiteInfo) -> dict[str, object]:
    """What ``search.html`` is given."""
    del site
    told = {
        "gate": {one.value: words.GATE[one] for one in GateStatus},
        "state": {
            one.value: "" if one is RecordState.CURRENT else words.state_word(one)
            for one in RecordState
        },
        "tone": {one.value: TONES.get(one, "care") for one in RecordState},
    }
    return {"search": SearchPage(words=in_script(told))}
