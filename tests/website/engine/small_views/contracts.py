"""The contracts' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sovereign_registry.website.model import SiteInfo


def index(site: SiteInfo) -> dict[str, object]:  # noqa: ARG001 - the interface
    """A heading."""
    return {"heading": "Contracts"}


def contract(name: str, schema: dict[str, Any], site: SiteInfo) -> dict[str, object]:  # noqa: ARG001
    """The name and how many keys the schema has."""
    return {"name": name, "keys": len(schema)}
