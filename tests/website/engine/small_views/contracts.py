"""The contracts' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.website.guides import Example
    from sovereign_registry.website.model import SiteInfo


def index(site: SiteInfo) -> dict[str, object]:  # noqa: ARG001 - the interface
    """A heading."""
    return {"heading": "Contracts"}


def contract(
    name: str,
    schema: dict[str, Any],
    site: SiteInfo,  # noqa: ARG001 - the interface
    example: Callable[[], Example | None],
) -> dict[str, object]:
    """The name, how many keys the schema has, and the example."""
    found = example()
    return {"name": name, "keys": len(schema), "example": found.text if found else ""}
