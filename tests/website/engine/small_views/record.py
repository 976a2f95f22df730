"""A record's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.website.model import Naming, SiteInfo


def context(  # noqa: PLR0913, PLR0917 - the interface
    view: RecordView,
    site: SiteInfo,  # noqa: ARG001 - the interface
    states: Mapping[str, str],
    naming: Sequence[Naming],
    places: Sequence[int],  # noqa: ARG001 - the interface
    monitor: object = None,  # noqa: ARG001 - the interface
) -> dict[str, object]:
    """The record as it stands, the states of the records that it names, and those that name it."""
    related = [(one.record, states.get(one.record, "")) for one in view.record.index.related]
    related += [(one.record, f"says {one.relation}, {one.basis}") for one in naming]
    return {"record": view.record, "history": view.history, "related": related}
