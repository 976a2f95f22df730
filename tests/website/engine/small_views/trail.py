"""The page of a record's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.website.model import SiteInfo


def context(view: RecordView, site: SiteInfo) -> dict[str, object]:  # noqa: ARG001 - the interface
    """The entries."""
    return {"id": view.record.id, "history": view.history}
