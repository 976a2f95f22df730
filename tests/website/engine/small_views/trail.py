"""The page of a record's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.website.model import SiteInfo


def context(
    view: RecordView,
    site: SiteInfo,  # noqa: ARG001 - the interface
    states: Mapping[str, str],  # noqa: ARG001 - the interface
) -> dict[str, object]:
    """The entries."""
    return {"id": view.record.id, "history": view.history}
