"""Home and browse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.website.model import Row, SiteInfo


def home(
    rows: Sequence[Row],
    site: SiteInfo,  # noqa: ARG001 - the interface
    removed: int,
) -> dict[str, object]:
    """How many records there are, and the newest."""
    return {"count": len(rows) + removed, "rows": rows[:3]}


def browse(
    rows: Sequence[Row],
    number: int,
    total: int,
    site: SiteInfo,  # noqa: ARG001 - the interface
) -> dict[str, object]:
    """One page of the list."""
    return {"rows": rows, "number": number, "total": total}
