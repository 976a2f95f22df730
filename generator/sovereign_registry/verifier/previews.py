"""The preview image that a page names for other sites must be that of the record's state and tier.

Only images by the theme's names are judged: what another image shows cannot be told here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.assessment import Tier
    from sovereign_registry.contracts.manifest import RecordState

_NAMED = re.compile(
    rb"""<meta property=["']?og:image["']? content=["']?[^"'>]*/static/previews/([^"'>/]+)\.png"""
)


def preview_faults(page: bytes, state: RecordState, tier: Tier) -> Iterator[str]:
    """What is wrong with the images that a page names; nothing where it names none.

    Args:
        page: The page as published.
        state: The record's state.
        tier: The tier that is shown of it.
    """
    due = f"{state.value}-{tier.value}".lower().replace("_", "-")
    for name in _NAMED.findall(page):
        if name != due.encode():
            said = name.decode("utf-8", "replace")[:80]
            yield f"names the preview image {said!r} where its state and tier ask for {due!r}"
