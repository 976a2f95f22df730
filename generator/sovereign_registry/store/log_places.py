"""Where in the log the entries of each record stand: places that never change once signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.log.checkpoint import parse_checkpoint
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.note import parse_note
from sovereign_registry.contracts.log.tiles import read_entries
from sovereign_registry.store.log_files import CHECKPOINT, LogFiles
from sovereign_registry.store.log_keys import read_keys

if TYPE_CHECKING:
    from sovereign_registry.store.registry import Registry


class LogPlaces(msgspec.Struct, frozen=True, kw_only=True):
    """What pages may say of the log without being made again at each append."""

    origin: str
    """The log's name; empty where nothing is logged."""
    key: str
    """The key of the first statement in ``keys.yaml``, which no rotation changes; or empty."""
    places: dict[str, tuple[int, ...]]
    """Record id -> places of its entries, by sequence."""


class _Named(msgspec.Struct, frozen=True, gc=False):
    id: str = ""


def count_unlogged(registry: Registry) -> int:
    """How many manifests, history entries and removals the log lacks; 0 without a log.

    Files are counted, none is read or audited.

    Raises:
        LogFault: as for ``read_places``.
        RecordFault: a tombstone or the list of keys breaks its contract.
    """
    if read_keys(LogFiles(registry)) is None:
        return 0
    places = read_places(registry).places
    missing = 0
    for record_id in (*registry.ids(), *registry.removed_ids()):
        history = registry.record_dir(record_id) / "history"
        stone = registry.tombstone(record_id)
        due = stone.sequence + 1 if stone else 1 + sum(1 for _ in history.glob("*.yaml"))
        missing += max(0, due - len(places.get(record_id, ())))
    return missing


def read_places(registry: Registry) -> LogPlaces:
    """Read the places from the newest checkpoint and the entries; nothing is audited.

    Raises:
        LogFault: the checkpoint, the keys or a bundle is missing or malformed.
    """
    files = LogFiles(registry)
    if not files.has(CHECKPOINT):
        return LogPlaces(origin="", key="", places={})
    where = files.where(CHECKPOINT)
    checkpoint = parse_checkpoint(parse_note(files.read(CHECKPOINT), where).text, where)
    found: dict[str, list[int]] = {}
    decode = msgspec.json.Decoder(_Named).decode
    for index, data in enumerate(read_entries(files.read, checkpoint.size)):
        try:
            name = decode(data).id
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise LogFault(f"is no log entry: {error}", where=f"log entry {index}") from error
        if name:
            found.setdefault(name, []).append(index)
    keys = read_keys(files)
    return LogPlaces(
        origin=checkpoint.origin,
        key=keys.statements[0].key if keys and keys.statements else "",
        places={name: tuple(some) for name, some in found.items()},
    )
