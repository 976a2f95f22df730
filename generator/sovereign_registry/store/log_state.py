"""The log as it stands on the disk, read whole and checked whole.

All files of a log are functions of its entries and keys, so the check makes every one of them again
and compares bytes: no kind of edit is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.log.entries import (
    HeadsLogged,
    HistoryLogged,
    KeyLogged,
    ManifestLogged,
    decode_entry,
)
from sovereign_registry.contracts.log.faults import LogFault, NotAnExtension
from sovereign_registry.contracts.log.heads import HeadsBuilder, HeadsIndex
from sovereign_registry.contracts.log.keys import KeyRing
from sovereign_registry.contracts.log.merkle import EMPTY_ROOT, Tree, leaf_hash, root
from sovereign_registry.contracts.log.proofs import open_checkpoint
from sovereign_registry.contracts.log.tiles import (
    TILE_WIDTH,
    encode_bundle,
    hashes_from_tiles,
    read_entries,
    tile_bytes,
    tile_path,
    tile_shapes,
)
from sovereign_registry.store.log_files import CHECKPOINT, CHECKPOINTS, HEADS, KEYS
from sovereign_registry.store.log_keys import read_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.errors import RegistryError
    from sovereign_registry.contracts.log.checkpoint import Checkpoint
    from sovereign_registry.contracts.log.entries import LogEntry, RecordLogged
    from sovereign_registry.store.log_files import LogFiles

REBASE = (
    "Entries of two branches are rebased, never merged: take manifests/log/ as a whole from the "
    "branch that is published, then run `sovereign-registry log append`."
)
_RESTORE = "Restore it from the published registry."
FINISH = "Run `sovereign-registry log append`, which finishes or cleans it."


class LogState:
    """A log that was read whole; ``faults`` says whether it is one.

    Args:
        files: The log's folder.

    Raises:
        RegistryError: the keys or the entries cannot be read at all.
    """

    def __init__(self, files: LogFiles) -> None:
        self.files = files
        self.keys_file = read_keys(files)
        self.ring = KeyRing(self.keys_file, files.where(KEYS)) if self.keys_file else None
        self.sizes = files.sizes()
        self.size = self.sizes[-1] if self.sizes else 0
        self.data: list[bytes] = list(read_entries(files.read, self.size))
        self.tree = Tree([leaf_hash(entry) for entry in self.data])
        self._require_own_entries()
        self.entries: list[LogEntry] = [
            decode_entry(entry, f"{self._bundle(index)}: entry {index}")
            for index, entry in enumerate(self.data)
        ]
        self.heads = HeadsBuilder()
        self.index: HeadsIndex | None = None
        """The newest index of heads, once the entries were followed."""

    @property
    def logged(self) -> dict[tuple[str, int], RecordLogged]:
        """(record id, sequence) -> its entry."""
        return {
            (entry.id, entry.sequence): entry
            for entry in self.entries
            if isinstance(entry, ManifestLogged | HistoryLogged)
        }

    @property
    def logged_statements(self) -> int:
        """How many key statements are logged."""
        return sum(isinstance(entry, KeyLogged) for entry in self.entries)

    def faults(self) -> Iterator[RegistryError]:
        """Everything that is wrong and that ``log append`` does not put right; to be run once."""
        if self.ring is None:
            if self.files.names():
                yield LogFault("is missing", where=self.files.where(KEYS), todo=_RESTORE)
            return
        yield from self._checkpoint_faults(self.ring)
        yield from self._entry_faults(self.ring)
        for path, data in self._due():
            try:
                if self.files.read(path) == data:
                    continue
                what = "is not what the log's entries give"
                yield LogFault(what, where=self.files.where(path), todo=f"{_RESTORE} {REBASE}")
            except LogFault as fault:
                yield fault

    def unfinished(self) -> Iterator[LogFault]:
        """What ``log append`` puts right: the leavings of a kill, and a newest bad signature."""
        if self.ring is None:
            return
        due = {path for path, _ in self._due()} | {KEYS, CHECKPOINT}
        due.update(f"{CHECKPOINTS}/{size}" for size in self.sizes)
        for path in sorted(self.files.names() - due):
            yield LogFault("belongs to no checkpoint", where=self.files.where(path), todo=FINISH)
        if self.size and self._stale_checkpoint():
            yield LogFault(
                "is not the newest signed one", where=self.files.where(CHECKPOINT), todo=FINISH
            )
        if self.size:
            _, signers = self.checkpoint(self.size)
            if not set(signers) & set(self.ring.trusted(self.size)):
                yield LogFault(
                    "is signed only by a key that is published as compromised, or that was rotated",
                    where=self.files.where(CHECKPOINT),
                    todo="Make a key with `keys new`, then run `sovereign-registry log append`.",
                )

    def checkpoint(self, size: int) -> tuple[Checkpoint, tuple[object, ...]]:
        """A kept checkpoint, its signature checked.

        Raises:
            LogFault: it is missing, or not signed by a key that counts at that size.
        """
        path = f"{CHECKPOINTS}/{size}"
        if self.ring is None:
            raise LogFault("there is no log yet", todo="Start one with `keys new`.")
        note, keys = self.files.read(path), self.ring.historic(size)
        try:
            return open_checkpoint(note, self.ring.origin, keys, self.files.where(path))
        except LogFault as fault:
            raise self.ring.explained(fault, note, size) from fault

    def _bundle(self, index: int) -> str:
        start = index // TILE_WIDTH * TILE_WIDTH
        width = min(TILE_WIDTH, self.size - start)
        return self.files.where(tile_path("entries", index // TILE_WIDTH, width))

    def _require_own_entries(self) -> None:
        """Where the tiles give the signed root and the entries do not, name the edited bundle."""
        try:
            signed = self.checkpoint(self.size)[0].root
            hashes = hashes_from_tiles(self.files.read, self.size)
            if signed in (self.tree.root(), EMPTY_ROOT) or signed != root(hashes, self.size):
                return
        except LogFault:
            return  # the checkpoint or a tile is at fault, which ``faults`` names
        for index in range(self.size):
            if hashes(0, index) != self.tree.hash(0, index):
                raise LogFault(
                    f"entry {index} is not the one that the log's tiles and signature hold",
                    where=self._bundle(index),
                    todo=_RESTORE,
                )

    def _stale_checkpoint(self) -> bool:
        newest = self.files.read(f"{CHECKPOINTS}/{self.size}")
        return not self.files.has(CHECKPOINT) or self.files.read(CHECKPOINT) != newest

    def _checkpoint_faults(self, ring: KeyRing) -> Iterator[RegistryError]:
        for size in self.sizes:
            where = self.files.where(f"{CHECKPOINTS}/{size}")
            try:
                found, _ = self.checkpoint(size)
            except LogFault as fault:
                yield fault
                continue
            if found.size != size:
                yield LogFault(f"is of size {found.size}", where=where, todo=_RESTORE)
            elif found.root != self.tree.root(size):
                yield NotAnExtension(
                    f"the log of {self.size} entries does not continue this signed one of {size}",
                    where=where,
                    todo=REBASE,
                )
        if self.files.has(CHECKPOINT):
            try:
                newest, _ = open_checkpoint(
                    self.files.read(CHECKPOINT),
                    ring.origin,
                    ring.historic(0),
                    self.files.where(CHECKPOINT),
                )
            except LogFault as fault:
                yield fault
                return
            if newest.size not in self.sizes:
                yield NotAnExtension(
                    "is missing, although the newest checkpoint is of that size: the log was cut",
                    where=self.files.where(f"{CHECKPOINTS}/{newest.size}"),
                    todo=_RESTORE,
                )

    def _entry_faults(self, ring: KeyRing) -> Iterator[RegistryError]:
        """Follow the entries: the heads after each append, the keys in the order of statements."""
        statements = [statement.logged() for statement in ring.statements]
        stated = 0
        for index, entry in enumerate(self.entries):
            where = f"log entry {index}"
            try:
                self.heads.add(entry)
            except LogFault as fault:
                yield LogFault(fault.what, where=where, todo=fault.todo)
            if isinstance(entry, KeyLogged):
                if entry not in statements[stated : stated + 1]:
                    yield LogFault(
                        f"statement {entry.sequence} is not the one that was logged",
                        where=self.files.where(KEYS),
                        todo=_RESTORE,
                    )
                stated += 1
            if isinstance(entry, HeadsLogged) != (index + 1 in self.sizes):
                yield LogFault(
                    "is missing: an append ended there, and every signed checkpoint stays"
                    if isinstance(entry, HeadsLogged)
                    else f"no append ended there: {where} is no index of heads",
                    where=self.files.where(f"{CHECKPOINTS}/{index + 1}"),
                    todo=_RESTORE,
                )
            elif isinstance(entry, HeadsLogged):
                self.index = self.heads.index()
                if entry != self.index.entry:
                    yield LogFault("its heads are not those of the log", where=where)

    def _due(self) -> Iterator[tuple[str, bytes]]:
        """Path -> bytes of all that follows from entries and sizes; of heads, the newest only."""
        for before, size in zip([0, *self.sizes], self.sizes, strict=False):
            for level, index, width in tile_shapes(size, before):
                first = index * TILE_WIDTH
                yield (
                    tile_path(level, index, width),
                    encode_bundle(self.data[first : first + width])
                    if isinstance(level, str)
                    else tile_bytes(self.tree, level, index, width),
                )
        if self.index is not None:
            for path, data in self.index.files().items():
                yield f"{HEADS}/{self.size}/{path}", data
