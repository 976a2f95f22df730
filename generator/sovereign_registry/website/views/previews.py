"""The image that other sites show beside a link: one for each state and tier, none of a record.

The files are drawn by ``scripts/preview_images.py`` and ship with the theme.  A record's image
changes its name with the record's state, so a copy kept elsewhere never shows an old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.website.views import scales, words
from sovereign_registry.website.views.parts import Part

if TYPE_CHECKING:
    from sovereign_registry.contracts.assessment import Tier
    from sovereign_registry.contracts.manifest import RecordState

FOLDER = "static/previews/"
REGISTRY = "registry.png"
"""Of every page that is not of one record."""


class Preview(Part, frozen=True):
    """An image and what it shows."""

    path: str
    """Within the site."""
    alt: str


def file_name(state: RecordState, tier: Tier) -> str:
    """The image of a record in this state, with the tier that is shown of it."""
    return f"{state.value}-{tier.value}.png".lower().replace("_", "-")


def of_record(state: RecordState, tier: Tier) -> Preview:
    """The image of a record in this state, with the tier that is shown of it."""
    return Preview(
        FOLDER + file_name(state, tier),
        f"Research record, state: {words.state_word(state)}, "
        f"quality tier: {scales.tier_label(tier)}",
    )
