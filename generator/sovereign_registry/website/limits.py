"""How large a site is, against what a host takes, and what would make it smaller."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sovereign_registry.website.holdings import BUNDLE, MADE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sovereign_registry.contracts.registry import Publish
    from sovereign_registry.website.options import BuildReport

HOST_BYTES = 1_000_000_000
"""What GitHub Pages publishes at most (its documentation of limits)."""
WARN_AT = 0.7
_GROUPS = {one.name: f"beside: {one.group.value}" for one in MADE if one.group is not None}
_ADVICE = {
    "pdf": "`pdf: false` leaves PDF files out of bundles and folders",
    "dump": "`dump: false` leaves the dump to a release",
    "offline_page": "`offline_page: false` leaves the checking page out of bundles",
    "bundles": "`bundles: false` leaves the bundles to a release",
}


def weights(own: Iterable[tuple[str, int]], pages: Collection[str]) -> dict[str, int]:
    """Bytes of records' files by the option that carries them.

    Args:
        own: (path below the record's folder, bytes) of every record's file.
        pages: Paths of all files outside the records.
    """
    named: dict[str, int] = {}
    for name, size in own:
        named[name] = named.get(name, 0) + size
    found: Counter[str] = Counter()
    for name, size in named.items():
        found[_option(name)] += size
    if "dump.tar.gz" in pages:
        found["dump"] += 1
    return {name: size for name, size in found.most_common() if name}


def _option(name: str) -> str:
    if name in _GROUPS:
        return _GROUPS[name]
    if name == BUNDLE:
        return "bundles"
    if name.startswith("artifacts/"):
        kind = "evidence" if name == "artifacts/evidence.json" else "reports"
        return f"beside: {kind}"
    return "beside: manifest" if name == "manifest.yaml" else ""


def advice(report: BuildReport, publish: Publish) -> str:
    """What to switch off where a site nears what its host takes; empty where it does not.

    Args:
        report: What the build made.
        publish: What the site carries.
    """
    if report.total_bytes < HOST_BYTES * WARN_AT:
        return ""
    share = report.total_bytes / HOST_BYTES
    found = []
    for name, size in report.kinds.items():
        what = _ADVICE.get(name) or f"take {name.removeprefix('beside: ')} out of `beside`"
        found.append(f"{what} ({size / 1e6:,.0f} MB)" if size > 1 else what)
    found += [_ADVICE["pdf"]] if publish.pdf else []
    found += [_ADVICE["offline_page"]] if publish.offline_page else []
    return (
        f"the site holds {report.total_bytes / 1e6:,.0f} MB, {share:.0%} of the 1 GB that GitHub "
        f"Pages publishes. Under `publish:` in registry.yaml: {'; '.join(found)}."
    )
