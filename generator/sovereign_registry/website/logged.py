"""Where records stand in the log, and the part of the log that a record's bundle carries.

A bundle proves its record against the checkpoint at which the record's newest entry was first
covered.  Every signed checkpoint is kept for ever and no place in the log ever changes, so a later
append changes no bundle but those of the records that it added to.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.contracts.log.entries import KeyLogged, decode_entry
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.heads import HeadsBuilder, shard_name
from sovereign_registry.contracts.log.merkle import Tree, inclusion_proof, leaf_hash
from sovereign_registry.contracts.log.note import b64
from sovereign_registry.contracts.log.proofs import EntryProof, RecordProof
from sovereign_registry.contracts.log.tiles import (
    hashes_from_tiles,
    parse_tile_path,
    read_entries,
    tile_bytes,
)
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.log_files import CHECKPOINT, CHECKPOINTS, HEADS, KEYS, LogFiles
from sovereign_registry.store.log_keys import read_keys
from sovereign_registry.website.model import Logged

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sovereign_registry.contracts.log.entries import LogEntry
    from sovereign_registry.contracts.log.heads import HeadsIndex
    from sovereign_registry.store import Registry

PREFIX = "log/"
_CHECK = "Run `sovereign-registry check`, which names what is wrong with the log."


def read_logged(registry: Registry, places: Mapping[str, tuple[int, ...]]) -> dict[str, Logged]:
    """The checkpoint of every record, by its id; empty without a log.

    Args:
        registry: The registry that keeps the log.
        places: Record id -> places of its entries.

    Raises:
        LogFault: a checkpoint is missing, or none covers an entry.
    """
    files = LogFiles(registry)
    sizes = files.sizes()
    notes: dict[int, bytes] = {}
    found = {}
    for name, own in places.items():
        at = bisect_right(sizes, own[-1])
        if at == len(sizes):
            where = files.where(CHECKPOINTS)
            raise LogFault(f"no checkpoint covers log entry {own[-1]}", where=where, todo=_CHECK)
        size = sizes[at]
        if size not in notes:
            notes[size] = files.read(f"{CHECKPOINTS}/{size}")
        told = msgspec.msgpack.encode((own, size, notes[size]))
        found[name] = Logged(own, size, hashlib.blake2b(told, digest_size=16).digest())
    return found


class LogSlices:
    """Cuts out of a log what single records need; the log is read once, when first asked.

    Args:
        registry: The registry that keeps the log.
        sizes: Sizes of the checkpoints that will be asked for, so that one walk serves them all.
    """

    def __init__(self, registry: Registry, sizes: Collection[int] = ()) -> None:
        self._files = LogFiles(registry)
        self._sizes = set(sizes)
        self._indexes: dict[int, HeadsIndex] = {}

    @cached_property
    def _data(self) -> list[bytes]:
        return list(read_entries(self._files.read, self._files.sizes()[-1]))

    @cached_property
    def _entries(self) -> list[LogEntry]:
        return [decode_entry(data, f"log entry {at}") for at, data in enumerate(self._data)]

    @cached_property
    def _tree(self) -> Tree:
        return Tree([leaf_hash(data) for data in self._data])

    def _index(self, size: int) -> HeadsIndex:
        """The index of heads as of a checkpoint.

        Raises:
            BuildFailed: the log's entries give another one.
        """
        if size not in self._indexes:
            due = self._sizes | {size}
            builder = HeadsBuilder()
            for place, entry in enumerate(self._entries[: max(due)]):
                builder.add(entry)
                if place + 1 in due:
                    self._indexes[place + 1] = builder.index()
        found = self._indexes[size]
        if self._entries[size - 1] != found.entry:
            raise BuildFailed(
                f"its entry {size - 1} is not the index of heads of the entries before it",
                where="manifests/log",
                todo=_CHECK,
            )
        return found

    def proof(self, record_id: str, logged: Logged) -> RecordProof:
        """All that proves a record against its checkpoint.

        Raises:
            BuildFailed: the log is not in order.
        """
        size, note = logged.size, self._note(logged.size)
        index = self._index(size)
        number = int(shard_name(record_id, index.digits), 16)
        shard_proof = inclusion_proof(index.tree.hash, number, len(index.shards))
        return RecordProof(
            id=record_id,
            entries=tuple(self._entry(place, size) for place in logged.positions),
            heads=self._entry(size - 1, size),
            shard=index.shards[number].decode(),
            shard_proof=tuple(map(b64, shard_proof)),
            checkpoint=note,
        )

    def _note(self, size: int) -> str:
        note = self._files.read(f"{CHECKPOINTS}/{size}").decode("utf-8", "replace")
        if note.split("\n")[2:3] != [b64(self._tree.root(size))]:
            raise BuildFailed(
                "its root is not that of the log's entries",
                where=f"manifests/log/{CHECKPOINTS}/{size}",
                todo=_CHECK,
            )
        return note

    def _entry(self, place: int, size: int) -> EntryProof:
        proof = inclusion_proof(self._tree.hash, place, size)
        return EntryProof(
            index=place, entry=self._data[place].decode(), proof=tuple(map(b64, proof))
        )

    def keys(self, size: int) -> bytes:
        """The list of keys as it was logged at a checkpoint, as ``log/keys.yaml``.

        Raises:
            LogFault: the log has no keys.
        """
        file = read_keys(self._files)
        if file is None:
            raise LogFault("is missing", where=self._files.where(KEYS))
        count = sum(isinstance(entry, KeyLogged) for entry in self._entries[:size])
        return emit(msgspec.structs.replace(file, statements=file.statements[:count]))

    def static_files(self, record_id: str, logged: Logged) -> dict[str, bytes]:
        """Path below the site -> bytes of the static files that a check of the record reads.

        The log as it was at the record's checkpoint: that checkpoint as the newest one, the keys,
        and of tiles and heads only those on the record's paths.
        """
        size, index = logged.size, self._index(logged.size)
        found = {
            PREFIX + CHECKPOINT: self._note(size).encode(),
            PREFIX + KEYS: self.keys(size),
        }

        def log_tile(path: str) -> bytes:
            level, number, width = parse_tile_path(path)
            data = tile_bytes(self._tree, int(level), number, width)
            return found.setdefault(PREFIX + path, data)

        hashes = hashes_from_tiles(log_tile, size)
        for place in (*logged.positions, size - 1):
            hashes(0, place)
            inclusion_proof(hashes, place, size)
        folder, files = f"{PREFIX}{HEADS}/{size}/", index.files()
        number = int(shard_name(record_id, index.digits), 16)
        for name in (f"{number:0{index.digits}x}.json", "entry.json"):
            if name in files:
                found[folder + name] = files[name]

        def heads_tile(path: str) -> bytes:
            return found.setdefault(folder + path, files[path])

        heads = hashes_from_tiles(heads_tile, len(index.shards))
        heads(0, number)
        inclusion_proof(heads, number, len(index.shards))
        return found
