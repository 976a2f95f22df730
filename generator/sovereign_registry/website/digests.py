"""``digests.txt``: the SHA-256 of every published file outside ``log/``, as ``sha256sum`` reads it.

The digests come from the stamps of the build, so that no file is read for it.  ``log seal`` signs
the list after the build, which takes an old seal away wherever the list changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.log.seal import DIGESTS, SEAL, digest_list
from sovereign_registry.website.log_copy import PREFIX
from sovereign_registry.website.state import PageState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sovereign_registry.website.state import RecordState
    from sovereign_registry.website.tree import Tree


def write_digests(
    tree: Tree,
    records: Iterable[RecordState],
    pages: Mapping[str, PageState],
    last: Mapping[str, PageState],
) -> PageState:
    """Write the list of all files of a build; leave it, and its seal, alone where nothing changed.

    Args:
        tree: The output folder.
        records: The records' files.
        pages: All other files but the list itself.
        last: The same of the last build with its list, where the records are as they were then.

    Raises:
        BuildFailed: it cannot be written.
    """
    done = last.get(DIGESTS)
    if (
        done is not None
        and len(last) == len(pages) + 1
        and all(last.get(path) == page for path, page in pages.items())
        and tree.same("", {DIGESTS: done.stamp})
    ):
        tree.tally.skipped += 1
        return done
    found = {
        f"records/{record.id}/{name}": stamp.digest.hex()
        for record in records
        for name, stamp in record.files.items()
    }
    found |= {
        path: page.stamp.digest.hex() for path, page in pages.items() if not path.startswith(PREFIX)
    }
    data = digest_list(found)
    if not tree.holds(DIGESTS, data):
        tree.remove([SEAL])
    return PageState(b"", tree.put(DIGESTS, data))
