"""The list of corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.website.model import SiteInfo, TrailEntry


def corrections(  # noqa: PLR0913, PLR0917 - the interface
    entries: Sequence[TrailEntry],
    name: str,
    counts: Sequence[tuple[str, int]],
    number: int,
    total: int,
    site: SiteInfo,  # noqa: ARG001 - the interface
) -> dict[str, object]:
    """One page of one filter."""
    return {"entries": entries, "name": name, "counts": counts, "number": number, "total": total}
