"""What is known of all records before any page is made: their states, and which were removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.contracts.manifest import RecordState as State
from sovereign_registry.website.model import NOT_PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.store import Registry
    from sovereign_registry.website.model import Naming
    from sovereign_registry.website.scan import Found
    from sovereign_registry.website.state import RecordState


def states_of(records: Iterable[RecordState], stones: Iterable[Tombstone]) -> dict[str, str]:
    """Every record that is not CURRENT, with its state; those that are only named among them."""
    records = list(records)
    gone = {stone.record for stone in stones}
    public = {record.id for record in records} | gone
    found = {
        name: NOT_PUBLISHED for record in records for name in record.named if name not in public
    }
    found |= {
        record.id: record.row.record_state.value
        for record in records
        if record.row.record_state is not State.CURRENT
    }
    return found | dict.fromkeys(sorted(gone), State.REMOVED.value)


def naming_of(records: Iterable[RecordState]) -> dict[str, tuple[Naming, ...]]:
    """What records say of a record, by its id, in the order of the records."""
    found: dict[str, tuple[Naming, ...]] = {}
    for record in records:
        for name, naming in record.near:
            found[name] = (*found.get(name, ()), naming)
    return found


def stone_of(registry: Registry, item: Found) -> Tombstone:
    """What stands in the place of a removed record.

    Raises:
        RecordFault: the tombstone breaks its contract.
        BuildFailed: it went away since the folder was listed.
    """
    stone = registry.tombstone(item.id)
    if stone is None:
        raise BuildFailed(
            "went away while the site was built",
            where=f"manifests/records/{item.id}/tombstone.yaml",
            todo="Build again.",
        )
    return stone
