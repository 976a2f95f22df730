"""The transparency log of a registry, kept in ``manifests/log/`` as static files.

==============================  ================================================================
``keys.yaml``                   log-keys-v1: the statements about the log's keys
``tile/entries/N[.p/W]``        the entries (log-entry-v1), 256 a bundle
``tile/L/N[.p/W]``              their Merkle tree (C2SP tlog-tiles)
``checkpoints/SIZE``            every signed checkpoint; writing one is what commits an append
``checkpoint``                  the newest of them; the last file of an append
``heads/SIZE/SHARD.json``       the newest index of heads (log-heads-v1)
``heads/SIZE/entry.json``       the log's last entry, which names that index
``heads/SIZE/tile/L/N[.p/W]``   the Merkle tree over its shards
==============================  ================================================================

Only ``append`` writes or signs.  An old index of heads is removed once a newer one is signed: any
reader can make it again from the entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import RegistryError, UsageError
from sovereign_registry.contracts.log.checkpoint import Checkpoint
from sovereign_registry.contracts.log.entries import encode_entry
from sovereign_registry.contracts.log.faults import NotAnExtension
from sovereign_registry.contracts.log.merkle import leaf_hash
from sovereign_registry.contracts.log.note import b64, sign
from sovereign_registry.contracts.log.proofs import open_checkpoint
from sovereign_registry.contracts.log.tiles import tree_files
from sovereign_registry.store.log_files import CHECKPOINT, CHECKPOINTS, HEADS, LogFiles
from sovereign_registry.store.log_records import compare
from sovereign_registry.store.log_state import LogState

if TYPE_CHECKING:
    from sovereign_registry.contracts.log.entries import LogEntry
    from sovereign_registry.contracts.log.keys import KeyRing
    from sovereign_registry.contracts.log.note import PrivateKey
    from sovereign_registry.store.registry import Registry


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """What an append did."""

    origin: str
    size: int
    added: int
    """Entries added, the index of heads among them; 0 where all was logged already."""
    root: str
    """Base64."""
    cleaned: int
    """Files that an earlier, killed append had left."""


def audit_log(registry: Registry) -> tuple[list[RegistryError], list[RegistryError], int]:
    """Check the whole log, and the records against it.

    Returns:
        The faults; what is unfinished and ``append`` puts right; how many published manifests and
        history entries are not logged yet.  All empty where there is no log.
    """
    files = LogFiles(registry)
    if not files.names():
        return [], [], 0
    try:
        state = LogState(files)
        faults = list(state.faults())
        unfinished: list[RegistryError] = [] if faults else list(state.unfinished())
        found = compare(registry, state.logged, whole=True)
    except RegistryError as error:
        return [error], [], 0
    return [*faults, *found.faults], unfinished, len(found.pending)


def append_to_log(
    registry: Registry, key: PrivateKey, *, extends: tuple[bytes, str] | None = None
) -> Appended:
    """Log everything that is published and not logged yet, and sign the result; under ``lock``.

    Nothing to log leaves the log as it is.  A kill at any moment leaves the old log or the new one.

    Args:
        registry: The records.
        key: The private part of the log's active key.
        extends: A checkpoint that the log must continue, and its name in messages.

    Raises:
        NotAnExtension: the log does not continue that checkpoint, or one that it signed itself.
        LogFault: the log, or a logged file, was changed.
        UsageError: there is no log yet, or the key is not its active one.
    """
    files = LogFiles(registry)
    state = LogState(files)
    ring = _require_signer(state, key)
    for fault in state.faults():
        raise fault
    if extends is not None:
        _require_extension(state, ring, *extends)
    found = compare(registry, state.logged)
    for fault in found.faults:
        raise fault
    cleaned = _clean(state)
    new: list[LogEntry] = [one.logged() for one in ring.statements[state.logged_statements :]]
    new += found.pending
    if new:
        _commit(state, ring, new, key)
    elif state.size:
        _point(state)
    return Appended(
        origin=ring.origin,
        size=state.size,
        added=len(new) + 1 if new else 0,
        root=b64(state.tree.root()),
        cleaned=cleaned,
    )


def _require_signer(state: LogState, key: PrivateKey) -> KeyRing:
    if state.ring is None:
        raise UsageError(
            "there is no log yet", todo="Start one with `sovereign-registry keys new`."
        )
    if state.ring.active != key.public:
        active = state.ring.active
        raise UsageError(
            f"the private key is of {key.public}, the log's active key is {active or 'none'}",
            todo="Name the active key's file with --key; `keys show` lists all.",
        )
    return state.ring


def _require_extension(state: LogState, ring: KeyRing, note: bytes, where: str) -> None:
    every = [known.key for known in ring.known.values()]
    old, _ = open_checkpoint(note, ring.origin, every, where)
    if old.size > state.size:
        raise NotAnExtension(
            f"has {old.size} entries, the log here {state.size}: it was rolled back",
            where=where,
            todo="Take manifests/log/ from the branch that is published.",
        )
    if old.root != state.tree.root(old.size):
        raise NotAnExtension(
            f"the log here does not continue it: at {old.size} entries it is another (fork)",
            where=where,
            todo="Take manifests/log/ from the branch that is published, then append again.",
        )


def _clean(state: LogState) -> int:
    """Remove what no checkpoint stands for; the pointer itself is put right at the end."""
    stray = [fault.where for fault in state.unfinished() if "no checkpoint" in fault.what]
    prefix = state.files.where("")
    state.files.remove(path.removeprefix(prefix) for path in stray)
    return len(stray)


def _commit(state: LogState, ring: KeyRing, new: list[LogEntry], key: PrivateKey) -> None:
    files, before = state.files, state.size
    for entry in new:
        state.heads.add(entry)
    index = state.heads.index()
    data = [encode_entry(entry) for entry in (*new, index.entry)]
    state.data.extend(data)
    state.tree.extend([leaf_hash(entry) for entry in data])
    state.size = len(state.data)
    state.sizes.append(state.size)
    due = tree_files(state.tree, state.data, state.size, before)
    due |= {f"{HEADS}/{state.size}/{path}": shard for path, shard in index.files().items()}
    files.write_all(due)
    checkpoint = Checkpoint(origin=ring.origin, size=state.size, root=state.tree.root())
    files.write_once(f"{CHECKPOINTS}/{state.size}", sign(checkpoint.text(), key).encode())
    _point(state)
    old = f"{HEADS}/{before}/"
    files.remove(path for path in files.names() if path.startswith(old))


def _point(state: LogState) -> None:
    """Let ``checkpoint`` be the newest one, the last step of an append."""
    newest = state.files.read(f"{CHECKPOINTS}/{state.size}")
    if not state.files.has(CHECKPOINT) or state.files.read(CHECKPOINT) != newest:
        state.files.write_all({CHECKPOINT: newest})
