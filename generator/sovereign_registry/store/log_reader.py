"""Proofs from a committed log, read through its tiles: a few files a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.log.entries import HeadsLogged, decode_entry
from sovereign_registry.contracts.log.faults import LogFault, NotAnExtension, require
from sovereign_registry.contracts.log.heads import digits_of, empty_shard, shard_name
from sovereign_registry.contracts.log.keys import KeyRing
from sovereign_registry.contracts.log.merkle import (
    consistency_proof,
    inclusion_proof,
    root,
    verify_consistency,
)
from sovereign_registry.contracts.log.note import b64
from sovereign_registry.contracts.log.proofs import (
    EntryProof,
    RecordProof,
    open_checkpoint,
    verify_record_proof,
)
from sovereign_registry.contracts.log.tiles import hashes_from_tiles, read_entries
from sovereign_registry.store.log_files import CHECKPOINT, CHECKPOINTS, HEADS, KEYS, LogFiles
from sovereign_registry.store.log_keys import read_keys

if TYPE_CHECKING:
    from sovereign_registry.contracts.log.entries import LogEntry
    from sovereign_registry.store.registry import Registry


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """A checked proof that a log continues an older state of itself."""

    origin: str
    old_size: int
    old_root: str
    new_size: int
    new_root: str
    proof: tuple[str, ...]
    """Base64 hashes (RFC 6962, 2.1.2)."""


class LogReader:
    """Reads a committed log through its tiles, a few files a question; nothing else is audited.

    Args:
        registry: The registry.

    Raises:
        UsageError: nothing was logged yet.
        LogFault: the keys or the newest checkpoint are not in order.
    """

    def __init__(self, registry: Registry) -> None:
        self.files = LogFiles(registry)
        self._registry = registry
        file = read_keys(self.files)
        if file is None or not self.files.has(CHECKPOINT):
            raise UsageError(
                "nothing is logged yet",
                where=str(registry.root),
                todo="Run `keys new`, then `log append`.",
            )
        self.ring = KeyRing(file, self.files.where(KEYS))
        self.note = self.files.read(CHECKPOINT)
        where = self.files.where(CHECKPOINT)
        every = [known.key for known in self.ring.known.values()]
        self.checkpoint, self.signers = open_checkpoint(self.note, self.ring.origin, every, where)
        self.size = self.checkpoint.size
        self.hashes = hashes_from_tiles(self.files.read, self.size)
        if root(self.hashes, self.size) != self.checkpoint.root:
            raise LogFault(
                "its root is not the one that the tiles give",
                where=where,
                todo="Run `sovereign-registry check`, which names the file.",
            )

    def prove(self, record_id: str) -> RecordProof:
        """All that proves one record against the newest checkpoint, already checked.

        Raises:
            UsageError: the record is not logged.
            LogFault: the log does not prove it.
        """
        wanted = f'"id":"{record_id}"'.encode()
        found = [
            (index, data)
            for index, data in enumerate(read_entries(self.files.read, self.size))
            if wanted in data or index == self.size - 1
        ]
        *own, heads = (self._entry_proof(index, data) for index, data in found)
        if not own:
            published = self._registry.has(record_id)
            raise UsageError(
                f"{record_id} is {'not logged' if published else 'no record of this registry'}",
                todo="Run `log append` first."
                if published
                else "`sovereign-registry show` lists what is published.",
            )
        shard, shard_proof = self._shard(record_id, decode_entry(heads.entry.encode()))
        proof = RecordProof(
            id=record_id,
            entries=tuple(own),
            heads=heads,
            shard=shard,
            shard_proof=shard_proof,
            checkpoint=self.note.decode("utf-8"),
        )
        verify_record_proof(proof, self.ring.origin, self.signers)
        return proof

    def consistency(
        self, old: tuple[bytes, str], new: tuple[bytes, str] | None = None
    ) -> Consistency:
        """A checked proof that this log, or the newer of two checkpoints, continues an older one.

        Args:
            old: The older checkpoint, and its name in messages.
            new: The newer one; by default the newest of this log.

        Raises:
            NotAnExtension: it does not: the log was rolled back, or forked.
        """
        every = [known.key for known in self.ring.known.values()]
        before, _ = open_checkpoint(old[0], self.ring.origin, every, old[1])
        after = self.checkpoint
        if new is not None:
            after, _ = open_checkpoint(new[0], self.ring.origin, every, new[1])
        try:
            require(
                max(before.size, after.size) <= self.size,
                f"the log here has only {self.size} entries: it was rolled back",
            )
            proof = consistency_proof(self.hashes, before.size, after.size)
            verify_consistency(before.size, after.size, before.root, after.root, proof)
        except LogFault as fault:
            raise NotAnExtension(fault.what, where=old[1], todo=fault.todo) from fault
        return Consistency(
            origin=self.ring.origin,
            old_size=before.size,
            old_root=b64(before.root),
            new_size=after.size,
            new_root=b64(after.root),
            proof=tuple(map(b64, proof)),
        )

    def kept(self, size: int) -> tuple[bytes, str]:
        """A kept checkpoint by its size, with its name.

        Raises:
            UsageError: none of that size is kept.
            LogFault: it is no file, or too large.
        """
        path = f"{CHECKPOINTS}/{size}"
        if size not in (sizes := self.files.sizes()):
            raise UsageError(
                f"no checkpoint of {size} entries was signed",
                todo=f"The sizes that there are: {', '.join(map(str, sizes))}.",
            )
        return self.files.read(path), self.files.where(path)

    def _entry_proof(self, index: int, data: bytes) -> EntryProof:
        hashes = inclusion_proof(self.hashes, index, self.size)
        return EntryProof(index=index, entry=data.decode(), proof=tuple(map(b64, hashes)))

    def _shard(self, record_id: str, heads: LogEntry) -> tuple[str, tuple[str, ...]]:
        if not isinstance(heads, HeadsLogged):
            raise LogFault("the log's last entry is no index of heads")
        folder = f"{HEADS}/{self.size}"
        digits = digits_of(heads.shards)
        name = shard_name(record_id, digits)
        number = int(name, 16)
        path = f"{folder}/{name}.json"
        has = self.files.has(path)
        data = self.files.read(path) if has else empty_shard(number, digits)
        hashes = hashes_from_tiles(lambda tile: self.files.read(f"{folder}/{tile}"), heads.shards)
        return data.decode(), tuple(map(b64, inclusion_proof(hashes, number, heads.shards)))
