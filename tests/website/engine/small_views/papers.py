"""Source papers: one line for each record that leans on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.website.details import Details
    from sovereign_registry.website.model import PageSpec

    Read = Callable[[str], Details]


def index(spec: PageSpec, read: Read) -> dict[str, object]:  # noqa: ARG001 - the interface
    """Papers and shelves with their numbers."""
    lines = [*spec.name.split("\n"), *(f"{name} {count}" for name, count in spec.counts)]
    return {"heading": f"{spec.number} papers", "lines": lines}


def shelf(spec: PageSpec, read: Read) -> dict[str, object]:
    """Every record of the shelf with its title, state, and the claims behind each paper."""
    lines = [
        f"{lean.key} {row.title} {row.record_state} {[claim.text for claim in lean.taken]}"
        for row in spec.rows
        for lean in read(row.id).leans
    ]
    return {"heading": spec.name, "lines": lines}


def paper(spec: PageSpec, read: Read) -> dict[str, object]:
    """The same for one paper."""
    return shelf(spec, read)
