"""The last look at a record's sources: that the page says what the file beside it says.

What a look found is the publisher's word; nothing here asks the sources again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.monitor import ReviewMonitor, findings, watched_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sovereign_registry.contracts.fold import RecordView

FILE = "review-monitor.json"


def monitor_faults(
    data: bytes | None, view: RecordView, shows: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """(file, what is wrong) of the last look.

    Args:
        data: The file's bytes; None where the site has none.
        view: The record.
        shows: Whether the record's page shows a text.
    """
    page = "index.html"
    if data is None:
        if shows("Monitored for"):
            yield page, f"says that its sources are monitored, and there is no {FILE}"
        return
    try:
        found = msgspec.json.decode(data, type=ReviewMonitor)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield FILE, f"is no review-monitor-v1: {error}"
        return
    if found.record != view.record.id:
        yield FILE, f"is of the record {found.record}"
    if msgspec.json.encode(found) + b"\n" != data:
        yield FILE, "is not as it is made"
    versions = {one.paper: one.read_version for one in found.sources}
    if versions != watched_versions(view.record):
        yield FILE, "names other sources than the record"
    if found.sources and not shows(f"on {found.looked} ("):
        yield page, f"does not show when {FILE} says that its sources were last looked at"
    for sentence in findings(found):
        if not shows(sentence):
            yield page, f"does not show what {FILE} says: {sentence}"
