"""The numbers that the first page shows of the registry, counted once more from its records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.hooks import HOOK, LONGEST, read_hooks
from sovereign_registry.verifier.pages import FALSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings

PAGE = "index.html"


def figures(rows: Sequence[dict[str, Any]], changes: int) -> dict[str, str]:
    """Hook -> number of every figure of the first page.

    Args:
        rows: What ``records.json`` has to say of each record.
        changes: How many corrections and changes of state there are.
    """
    gate = [one["gate"] for one in rows]
    numbers = {
        "records": len(rows),
        "claims": sum(one["claims"] for one in rows),
        "ticks": sum(one["verified"] for one in rows),
        "verified": gate.count(GateStatus.VERIFIED),
        "falsified": gate.count(GateStatus.FALSIFIED),
        "changes": changes,
    }
    return {f"total {name}": f"{number:,}" for name, number in numbers.items()}


def check_home(
    site: Ledger, rows: Sequence[dict[str, Any]], changes: int, findings: Findings
) -> None:
    """Compare the first page's numbers with the records; an empty registry shows none."""
    page = site.find(PAGE)
    if page is None or not rows:
        return
    due, shown = figures(rows, changes), read_hooks(page)
    wrong = [(name, text) for name, text in shown if due.get(name) != text]
    missing = sorted({*due} - {name for name, _ in shown})
    for name, text in wrong:
        said = f"shows “{text[:LONGEST]}” as {name!r} where {due.get(name, 'nothing')} is due"
        findings.fault(Check.PAGES, PAGE, said, FALSE)
    for name in missing:
        findings.fault(Check.PAGES, PAGE, f"does not mark what it shows as {name!r} ({HOOK})")
    if not wrong and not missing:
        findings.passed(Check.PAGES)
