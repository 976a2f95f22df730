"""What earlier builds left and no longer belongs: output files, and caches of other code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sovereign_registry.website.state import RecordState, SiteState
    from sovereign_registry.website.tree import Tree


def strays(  # noqa: PLR0913 - the two sides of a comparison
    tree: Tree,
    before: SiteState,
    clean: Collection[str],
    records: list[RecordState],
    pages: Collection[str],
    *,
    whole: bool,
) -> set[str]:
    """Output paths of earlier builds that no longer belong.

    Args:
        tree: The output folder.
        before: What the last build left.
        clean: Ids of the records whose files are those of the last build: none of them is a stray.
        records: What this build made.
        pages: Output paths of all that it made outside the records.
        whole: Whether ``before`` tells the whole truth; otherwise the folder is searched.
    """
    known = _files(before.records, clean) | before.pages.keys()
    if not whole:
        known |= set(tree.owned())
    return known - _files(records, clean) - set(pages)


def _files(records: list[RecordState], left_out: Collection[str]) -> set[str]:
    return {
        f"records/{record.id}/{name}"
        for record in records
        if record.id not in left_out
        for name in record.files
    }


def drop_others(folder: Path) -> None:
    """Remove the folders beside this one, which hold files alone."""
    for other in folder.parent.glob("*"):
        if other != folder and other.is_dir():
            for file in other.iterdir():
                file.unlink()
            other.rmdir()
