"""The published log: audited whole, or proved for one record through a few of its tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.log.checkpoint import Checkpoint, parse_size
from sovereign_registry.contracts.log.entries import HeadsLogged, decode_entry
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.heads import (
    ENTRY,
    digits_of,
    empty_shard,
    shard_name,
    verify_heads,
)
from sovereign_registry.contracts.log.keys import KeyRing
from sovereign_registry.contracts.log.merkle import (
    Hashes,
    inclusion_proof,
    leaf_hash,
    root,
    verify_inclusion,
)
from sovereign_registry.contracts.log.note import PublicKey
from sovereign_registry.contracts.log.proofs import open_checkpoint
from sovereign_registry.contracts.log.tiles import (
    hashes_from_tiles,
    read_entries,
)
from sovereign_registry.store.log_files import CHECKPOINT, CHECKPOINTS, HEADS, KEYS, LogFiles
from sovereign_registry.store.log_keys import read_keys
from sovereign_registry.store.log_state import FINISH, LogState
from sovereign_registry.verifier.findings import Check

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sovereign_registry.contracts.log.entries import RecordLogged
    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings

PREFIX = "log/"
APPEND = "Who publishes: `log append`, then build and seal."
MAX_ENTRIES = 5_000_000
"""A longer log is refused: it would not fit into the memory of a reader's machine."""


class SiteLog(LogFiles):
    """The log's files as a site publishes them; each is read once.

    Args:
        site: The site.
        names: Paths of its files; None where they cannot be listed.
    """

    def __init__(self, site: Ledger, names: Collection[str] | None) -> None:
        self._site = site
        self._names = names
        self._read: dict[str, bytes | None] = {}

    def where(self, path: str) -> str:
        """A log file's path as messages name it."""
        return PREFIX + path

    def has(self, path: str) -> bool:
        """Whether the file is published."""
        return self._find(path) is not None

    def read(self, path: str) -> bytes:
        """A file's bytes.

        Raises:
            LogFault: it is missing.
        """
        data = self._find(path)
        if data is None:
            raise LogFault("is missing", where=self.where(path))
        return data

    def _find(self, path: str) -> bytes | None:
        if path not in self._read:
            self._read[path] = self._site.find(self.where(path))
        return self._read[path]

    def names(self) -> set[str]:
        """Paths of all log files; none where they cannot be listed."""
        return {path.removeprefix(PREFIX) for path in self._names or () if path.startswith(PREFIX)}

    def sizes(self) -> list[int]:
        """The sizes that were signed: by the names of the checkpoints, or by the entries.

        Raises:
            LogFault: a name is no size, or the entries cannot be read.
        """
        if self._names is None:
            return self._sizes_by_entries()
        start = f"{CHECKPOINTS}/"
        found = [name.removeprefix(start) for name in self.names() if name.startswith(start)]
        return sorted(parse_size(one, f"{self.where(start)}{one}: the name") for one in found)

    def _sizes_by_entries(self) -> list[int]:
        if not self.has(CHECKPOINT):
            return []
        size = stated_size(self)
        return [
            index + 1
            for index, data in enumerate(read_entries(self.read, size))
            if isinstance(decode_entry(data, f"log entry {index}"), HeadsLogged)
        ]


def stated_size(files: LogFiles) -> int:
    """The size that the newest checkpoint states, whoever wrote it.

    Raises:
        LogFault: it states none, or more than can be read.
    """
    lines = files.read(CHECKPOINT)[:10_000].decode("utf-8", "replace").split("\n")
    where = files.where(CHECKPOINT)
    if len(lines) < 3:  # noqa: PLR2004 - origin, size, root
        raise LogFault("is no checkpoint", where=where)
    size = parse_size(lines[1], f"{where}: the second line")
    if size > MAX_ENTRIES:
        raise LogFault(f"states {size:,} entries; {MAX_ENTRIES:,} is the limit", where=where)
    return size


class PublishedLog(msgspec.Struct, kw_only=True):
    """A log that was found and whose signature was checked."""

    files: SiteLog
    ring: KeyRing
    checkpoint: Checkpoint
    signers: tuple[PublicKey, ...]
    state: LogState | None = None
    """The whole log, where it was audited."""

    def hashes(self) -> Hashes:
        """The tree, through its tiles."""
        return hashes_from_tiles(self.files.read, self.checkpoint.size)


def open_log(
    site: Ledger, names: Collection[str] | None, findings: Findings
) -> PublishedLog | None:
    """The published log with its newest checkpoint; None where there is none, or none to trust."""
    files = SiteLog(site, names)
    if not files.has(KEYS) and not files.has(CHECKPOINT) and not files.names():
        findings.unknown(
            Check.LOG,
            "log/",
            "not logged: the site publishes no log, so nothing shows that nothing was taken back",
        )
        return None
    try:
        file = read_keys(files)
        if file is None:
            raise LogFault("is missing", where=files.where(KEYS))
        ring = KeyRing(file, files.where(KEYS))
        if not files.has(CHECKPOINT) and not files.sizes():
            findings.unknown(Check.LOG, "log/", "not logged: keys are published, and no checkpoint")
            return None
        note = files.read(CHECKPOINT)
        size = stated_size(files)
        try:
            checkpoint, signers = open_checkpoint(
                note, ring.origin, ring.trusted(size), files.where(CHECKPOINT)
            )
        except LogFault as fault:
            raise ring.explained(fault, note, size) from fault
    except RegistryError as error:
        findings.error(Check.LOG, error, files.where(CHECKPOINT))
        return None
    return PublishedLog(files=files, ring=ring, checkpoint=checkpoint, signers=signers)


def audit(log: PublishedLog, findings: Findings) -> None:
    """Read the whole log, and make every file of it again."""
    before = len(findings.faults)
    try:
        state = LogState(log.files)
        faults: list[RegistryError] = [*state.faults()]
        faults += [] if faults else state.unfinished()
    except RegistryError as error:
        # A bundle names itself below the log's own prefix.
        where = error.where if error.where.startswith(PREFIX) else PREFIX + error.where
        findings.fault(Check.LOG, where, error.what, error.todo)
        return
    for fault in faults:
        todo = "" if FINISH in fault.todo else fault.todo
        findings.fault(Check.LOG, fault.where or PREFIX, fault.what, todo)
    if state.logged_statements != len(log.ring.statements):
        findings.fault(
            Check.LOG,
            log.files.where(KEYS),
            f"holds {len(log.ring.statements)} statements, {state.logged_statements} are logged",
        )
    if state.size != log.checkpoint.size or state.tree.root() != log.checkpoint.root:
        findings.fault(
            Check.LOG,
            log.files.where(CHECKPOINT),
            f"is of {log.checkpoint.size} entries, the newest kept one of {state.size}",
        )
    if len(findings.faults) == before:
        findings.passed(Check.LOG, state.size)
        log.state = state


def compare(
    log: PublishedLog,
    due: Mapping[str, Sequence[RecordLogged]],
    broken: Mapping[str, Mapping[int, tuple[str, str]]],
    findings: Findings,
) -> None:
    """Compare what the records call for with what an audited log holds, both ways.

    Args:
        log: The log.
        due: Record id -> the entries that its files call for.
        broken: Id of a record that could not be read, which was said -> number in its history, 0
            for the manifest -> path and SHA-256 of that file.
        findings: Where to say what comes of it.
    """
    if log.state is None:
        return
    logged = dict(log.state.logged)
    for record_id, entries in due.items():
        for entry in entries:
            old = logged.pop((record_id, entry.sequence), None)
            where = _place(record_id, entry.sequence)
            if old is None:
                what = "is published, and the log does not hold it"
                findings.fault(Check.LOGGED, where, what, APPEND)
            elif old != entry:
                findings.fault(
                    Check.LOGGED, where, "is not what the log holds of it: changed afterwards"
                )
            else:
                findings.passed(Check.LOGGED)
        head = log.state.heads.heads.get(record_id)
        newest = entries[-1]
        if head is not None and (head.sequence, head.content_sha256) == (
            newest.sequence,
            newest.content_sha256,
        ):
            findings.passed(Check.NEWEST)
        else:
            what, todo = _other_head(None if head is None else head.sequence, newest.sequence)
            findings.fault(Check.NEWEST, _place(record_id, newest.sequence), what, todo)
    for record_id, sequence in sorted(logged):
        where, found = broken.get(record_id, {}).get(sequence, (_place(record_id, sequence), ""))
        if not found:
            findings.fault(Check.LOGGED, where, "was published and logged, and is missing")
        elif found != logged[record_id, sequence].file_sha256:
            findings.fault(
                Check.LOGGED, where, "is not what the log holds of it: changed afterwards"
            )


def _other_head(named: int | None, newest: int) -> tuple[str, str]:
    """What to say where the index of heads names another entry than the newest, and what to do."""
    if named is None:
        return "is not in the log's index of heads: the log is behind", APPEND
    if named < newest:
        return f"is newer than the log, whose index of heads names entry {named}", APPEND
    if named > newest:
        return f"is not the newest: the log's index of heads names entry {named}", ""
    return "is not the entry of that number in the log's index of heads: changed afterwards", ""


def _place(record_id: str, sequence: int) -> str:
    name = f"history/{sequence:04d}" if sequence else "manifest.yaml"
    return f"records/{record_id}/{name}"


def prove_record(log: PublishedLog, entries: Sequence[RecordLogged], findings: Findings) -> None:
    """Prove one record through a few tiles: its head is logged, and is the newest."""
    newest, size = entries[-1], log.checkpoint.size
    try:
        hashes = log.hashes()
        if root(hashes, size) != log.checkpoint.root:
            raise LogFault("is not the root of the published tiles", where="log/checkpoint")
        heads = _last(log, hashes)
        number = int(shard_name(newest.id, digits_of(heads.shards)), 16)
        shard, proof = _shard(log, heads, number)
        verify_heads(heads, shard, proof, newest)
    except RegistryError as error:
        findings.error(Check.NEWEST, error, _place(newest.id, newest.sequence))
        return
    findings.passed(Check.LOG)
    findings.passed(Check.NEWEST)


def _last(log: PublishedLog, hashes: Hashes) -> HeadsLogged:
    size = log.checkpoint.size
    if not size:
        raise LogFault("holds nothing", where="log/checkpoint")
    path = f"{HEADS}/{size}/{ENTRY}"
    where = log.files.where(path)
    data = log.files.read(path)
    proof = inclusion_proof(hashes, size - 1, size)
    try:
        verify_inclusion(leaf_hash(data), size - 1, size, proof, log.checkpoint.root)
        heads = decode_entry(data)
    except LogFault as error:
        raise LogFault(error.what, where=where, todo=error.todo) from error
    if not isinstance(heads, HeadsLogged):
        raise LogFault("its last entry is no index of heads", where=where)
    return heads


def _shard(log: PublishedLog, heads: HeadsLogged, number: int) -> tuple[bytes, tuple[bytes, ...]]:
    folder = f"{HEADS}/{log.checkpoint.size}"
    digits = digits_of(heads.shards)
    path = f"{folder}/{number:0{digits}x}.json"
    data = log.files.read(path) if log.files.has(path) else empty_shard(number, digits)
    hashes = hashes_from_tiles(lambda tile: log.files.read(f"{folder}/{tile}"), heads.shards)
    return data, inclusion_proof(hashes, number, heads.shards)


def key_names(log: PublishedLog | None) -> tuple[str, ...]:
    """The public keys behind the newest checkpoint, as text."""
    return () if log is None else tuple(str(key) for key in log.signers)
