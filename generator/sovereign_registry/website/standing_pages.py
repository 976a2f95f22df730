"""Pages outside the records that cannot have changed since the last build, found without planning.

Planning every list costs as much as reading the state of the whole registry.  Where nothing that
pages depend on is new, all of them stand; where some records are, the shelves of source papers on
which none of these stands do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.log.seal import DIGESTS
from sovereign_registry.website.dump import DUMP
from sovereign_registry.website.lists import line_digest
from sovereign_registry.website.log_copy import PREFIX
from sovereign_registry.website.papers import FOLDER, INDEX, shelf_of
from sovereign_registry.website.state import PageState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sovereign_registry.website.state import RecordState
    from sovereign_registry.website.tree import Tree


class Standing(msgspec.Struct, kw_only=True):
    """What need not be planned."""

    pages: dict[str, PageState] = {}
    """Pages that are as a build now would make them, and there."""
    shelves: frozenset[str] | None = None
    """The shelves that have to be planned; None: all of them, and their index."""
    whole: bool = False
    """Whether ``pages`` are all that there is to plan."""


def kept(
    tree: Tree, paths: Iterable[str], last: Mapping[str, PageState]
) -> dict[str, PageState] | None:
    """These pages as they are, or None where one is no longer as it was left."""
    found: dict[str, PageState] = {}
    for path in paths:
        stamp = tree.intact(path, last[path].stamp)
        if stamp is None:
            return None
        found[path] = PageState(last[path].key, stamp)
    return found


def planned(last: Mapping[str, PageState], prose: Collection[str]) -> list[str]:
    """The pages of the last build that were planned: neither prose nor copies of the log."""
    others = {DIGESTS, DUMP, *prose}
    return [
        path
        for path, page in last.items()
        if page.key and path not in others and not path.startswith(PREFIX)
    ]


def touched_shelves(
    records: Sequence[RecordState], before: Sequence[RecordState]
) -> frozenset[str] | None:
    """The shelves that show a record otherwise than before; None where their index may, too.

    The order of two records does not depend on others, so a shelf shows the same as long as none
    of its records is new, gone, or has another line, other papers or details.
    """
    if len(records) != len(before):
        return None
    touched: set[str] = set()
    for record, last in zip(records, before, strict=True):  # both by id
        if record is last:
            continue
        if (
            record.id != last.id
            or record.papers != last.papers
            or record.details != last.details
            or record.row.published != last.row.published
        ):
            return None
        if line_digest(record.row) != line_digest(last.row):
            touched.update(map(shelf_of, record.papers))
    return frozenset(touched)


def standing_shelves(
    tree: Tree,
    records: Sequence[RecordState],
    before: Sequence[RecordState],
    last: Mapping[str, PageState],
    prose: Collection[str],
) -> Standing:
    """The pages of source papers that stand.

    Args:
        tree: The output folder.
        records: The records of this build, by id.
        before: Those of the last one.
        last: Its pages, made under the same templates and by the same code.
        prose: Output paths of this build's prose pages.
    """
    touched = touched_shelves(records, before)
    if touched is None or any(path.startswith(FOLDER) for path in prose):
        return Standing()
    paths = [path for path in planned(last, prose) if path.startswith(FOLDER)]
    if INDEX not in paths:
        return Standing()
    paths = [path for path in paths if path == INDEX or path.split("/")[1] not in touched]
    pages = kept(tree, paths, last)
    return Standing() if pages is None else Standing(pages=pages, shelves=touched)
