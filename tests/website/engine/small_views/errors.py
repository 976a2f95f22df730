"""The page for what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sovereign_registry.website.model import SiteInfo


def not_found(site: SiteInfo) -> dict[str, object]:  # noqa: ARG001 - the interface
    """Nothing but the site."""
    return {}
