"""Whether anybody looked again at a record's sources, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.monitor import Trigger, findings, watched_versions

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.monitor import ReviewMonitor

WORDS = {
    Trigger.NEW_VERSION: "a newer version",
    Trigger.WITHDRAWN: "withdrawal",
    Trigger.VANISHED: "disappearance",
}
"""What each trigger is, as it is looked for."""


def monitor_words(record: Manifest, monitor: ReviewMonitor | None) -> str:
    """The line under a record's sources; empty where the record has none."""
    if not record.sources:
        return ""
    if not watched_versions(record):
        return "Not monitored: none of these sources is an arXiv paper, which alone are looked at."
    if monitor is None:
        return "Not monitored: nobody has looked at these sources again since the record was made."
    looked_for = _listed([WORDS[one] for one in monitor.monitored_triggers])
    count = len(monitor.sources)
    asked = f"{count} arXiv {'paper' if count == 1 else 'papers'}"
    found = " ".join(findings(monitor)) or "Nothing was found."
    rest = len(monitor.not_monitored)
    others = f" {rest} other {'source is' if rest == 1 else 'sources are'} not monitored."
    return (
        f"Monitored for {looked_for}: last looked at {asked} on {monitor.looked} "
        f"({monitor.source}, by the role {monitor.by.role}, self-asserted). {found}"
        f"{others if rest else ''}"
    )


def _listed(items: list[str]) -> str:
    """Items as an English enumeration."""
    return " or ".join((", ".join(items[:-1]), items[-1])) if len(items) > 1 else "".join(items)
