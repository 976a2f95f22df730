"""Lists of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.website.model import PageSpec, SiteInfo


class Line(msgspec.Struct, frozen=True):
    """What a list may show of a record: no more than ``lists.line_digest`` knows."""

    path: str
    title: str
    record_state: str
    history: int
    """How many claims: the engine's templates print this field of a row."""


def browse(spec: PageSpec, site: SiteInfo) -> dict[str, object]:  # noqa: ARG001 - the interface
    """One page of one list."""
    rows = [Line(row.path, row.title, row.record_state, row.claims) for row in spec.rows]
    return {"rows": rows, "number": spec.number, "total": spec.total}


def facets(
    counts: Sequence[tuple[str, int]],
    total: int,
    site: SiteInfo,  # noqa: ARG001 - the interface
) -> dict[str, object]:
    """Every word with its number."""
    return {"heading": f"{total} records", "lines": [f"{name} {count}" for name, count in counts]}
