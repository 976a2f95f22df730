"""The page for an address that does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.website.views.parts import Link

if TYPE_CHECKING:
    from sovereign_registry.website.model import SiteInfo


def not_found(site: SiteInfo) -> dict[str, object]:
    """What ``404.html`` is given: where to go instead."""
    return {
        "links": (
            Link(f"{site.title}, first page", ""),
            Link("Search by words or by a record's id", "search/"),
            Link("All records", "records/"),
            Link("Lists by tier, level, state, topic and more", "browse/"),
            Link("How to read a record", "quality-guide/"),
            Link("What is never removed, and what a removed record leaves", "corrections-policy/"),
        )
    }
