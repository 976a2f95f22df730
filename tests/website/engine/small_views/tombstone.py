"""What stands in the place of a removed record."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.website.model import SiteInfo


def tombstone(stone: Tombstone, site: SiteInfo) -> dict[str, object]:  # noqa: ARG001 - the interface
    """The tombstone."""
    return {"stone": stone}
