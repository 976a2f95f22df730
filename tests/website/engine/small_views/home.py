"""The first page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.website.model import Row, SiteInfo, TrailEntry


def home(
    rows: Sequence[Row],
    entries: Sequence[TrailEntry],
    months: Sequence[tuple[str, int]],
    removed: int,
    site: SiteInfo,  # noqa: ARG001 - the interface
) -> dict[str, object]:
    """How many records there are, the newest, and the newest changes."""
    count = len(rows) + removed + sum(number for _, number in months)
    return {"count": count, "rows": rows[:3], "entries": entries}
