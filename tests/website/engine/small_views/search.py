"""The search page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sovereign_registry.website.model import SiteInfo


def search(site: SiteInfo) -> dict[str, object]:  # noqa: ARG001 - the interface
    """A heading."""
    return {"heading": "Search", "lines": []}
