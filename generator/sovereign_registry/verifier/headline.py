"""The sentence that a record's page starts with: what Gate 2 found, and what it did not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GateStatus

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest


def _claims(number: int) -> str:
    return f"{number:,} {'claim' if number == 1 else 'claims'}"


def headline(record: Manifest) -> str:
    """The sentence that a record as it stands has to be headed by."""
    gate, total = record.gate, _claims(len(record.claims))
    if gate.status is GateStatus.VERIFIED:
        return f"Gate 2 verified {len(gate.claims)} of {total}. The others keep their own level."
    if gate.status is GateStatus.FALSIFIED:
        return f"Gate 2 falsified {len(gate.claims)} of {total}. Do not rely on this record."
    if not record.claims:
        return "Unverified: this record holds no claim."
    passed = sum(claim.verification.passed for claim in record.claims)
    if record.origin is Origin.DECLARED:
        return (
            f"Unverified, and not checked here: an imported document marks {passed} of {total} as "
            "verified by its own lexical test, which is a different and weaker check than Gate 2."
        )
    return (
        f"Unverified at Gate 2, which asks for a proof or a sealed re-run; {passed} of {total} "
        "passed a different and weaker check, the lexical tick. “Verified claim” means that tick "
        "below."
    )
