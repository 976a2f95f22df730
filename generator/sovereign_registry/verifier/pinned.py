"""The key that a reader was given in another place, and the keys that it handed the log over to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.log.keys import KeyEvent, KeyState
from sovereign_registry.verifier.findings import Check

if TYPE_CHECKING:
    from sovereign_registry.contracts.log.keys import KeyRing, KnownKey
    from sovereign_registry.contracts.log.note import PublicKey
    from sovereign_registry.verifier.findings import Findings
    from sovereign_registry.verifier.logs import PublishedLog

WHERE = "log/keys.yaml"
ASK = "Ask the publisher, in the place where you were given the key, which key signs now."


def lineage(ring: KeyRing, key: PublicKey) -> frozenset[PublicKey]:
    """The keys that are joined to a key by rotations, which both keys of each signed.

    A rotation that a compromised key signed after the last size that it counts for joins nothing:
    whoever had stolen the key may have signed it.

    Args:
        ring: The log's keys, every signature checked.
        key: The key to start from.

    Returns:
        The key and its relatives, of whatever state; empty where the log does not know it.
    """
    if str(key) not in ring.known:
        return frozenset()
    joined: dict[str, set[str]] = {}
    for statement in ring.statements:
        old = statement.replaces
        if statement.event is not KeyEvent.ROTATED or old is None:
            continue
        if _counted(ring.known[old], statement.log_size):
            joined.setdefault(old, set()).add(statement.key)
            joined.setdefault(statement.key, set()).add(old)
    found, due = set(), {str(key)}
    while due:
        one = due.pop()
        found.add(one)
        due |= joined.get(one, set()) - found
    return frozenset(ring.known[one].key for one in found)


def _counted(known: KnownKey, size: int) -> bool:
    sound = known.state is not KeyState.COMPROMISED
    return sound or known.until is None or size <= known.until


def check_pinned(log: PublishedLog | None, key: PublicKey, findings: Findings) -> None:
    """Check that the newest checkpoint is signed by the key, or by one that it handed over to.

    Args:
        log: The published log; None where there is none in order.
        key: The key that the reader was given.
        findings: Where to say what comes of it.
    """
    if log is None:
        findings.fault(
            Check.KEY, "log/", f"no log in order is published; nothing here is signed by {key}"
        )
        return
    known = log.ring.known.get(str(key))
    if known is None:
        findings.fault(
            Check.KEY,
            WHERE,
            f"does not name the key {key}: the key changed and no statement of it says so, or the "
            "log is another one",
            ASK,
        )
        return
    good = lineage(log.ring, key) & set(log.ring.trusted(log.checkpoint.size))
    if good & set(log.signers):
        findings.passed(Check.KEY)
        return
    signers = ", ".join(map(str, log.signers))
    lost = ", which is published as compromised," if known.state is KeyState.COMPROMISED else ""
    findings.fault(
        Check.KEY,
        "log/checkpoint",
        f"is signed by {signers}; the key {key}{lost} did not hand over to it",
        ASK,
    )
