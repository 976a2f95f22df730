"""The owner's decisions, with the clock that dates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.registry import require_right
from sovereign_registry.store import Queue
from sovereign_registry.store.queue import owner_decision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.store import Registry
    from sovereign_registry.store.queue import Refusal


def approve_records(
    registry: Registry, record_ids: Sequence[str] | None, *, role: str, note: str
) -> list[RecordView]:
    """Approve the records named, or all that wait and were not refused.

    A record that policy has published gets the decision added to its history.

    Raises:
        RegistryError: one of them cannot be approved; those before it stay approved.
    """
    require_right(registry.info, role, Event.OWNER_DECISION)
    queue = Queue(registry)
    views = []
    with registry.lock():
        queue.sweep()
        chosen = record_ids if record_ids is not None else queue.ids()
        for record_id in chosen:
            if record_ids is None and queue.refusal(record_id):
                continue
            at = SystemClock().now()
            if registry.has(record_id):
                view = registry.read(record_id)
                entry = owner_decision(view, at=at, role=role, note=note)
                views.append(registry.append(entry))
            else:
                views.append(queue.approve(record_id, at=at, role=role, note=note))
    return views


def reject_record(registry: Registry, record_id: str, *, role: str, note: str) -> Refusal:
    """Refuse a waiting record.

    Raises:
        BadInput: it does not wait.
    """
    require_right(registry.info, role, Event.OWNER_DECISION)
    with registry.lock():
        return Queue(registry).reject(record_id, at=SystemClock().now(), role=role, note=note)
