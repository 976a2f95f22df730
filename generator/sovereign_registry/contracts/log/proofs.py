"""What one reader needs to check one record: its entries, proofs, heads shard and checkpoint.

As a file it is a C2SP tlog-proof of the newest index of heads, which is the log's last entry; the
record's own entries and its shard travel as the proof's extra data, which nothing trusts until it
was checked against the same checkpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from sovereign_registry.contracts.canonical import canonical_json
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.log.checkpoint import Checkpoint, parse_checkpoint, parse_size
from sovereign_registry.contracts.log.entries import (
    HeadsLogged,
    HistoryLogged,
    ManifestLogged,
    RecordLogged,
    decode_entry,
)
from sovereign_registry.contracts.log.faults import LogFault, require
from sovereign_registry.contracts.log.heads import verify_heads
from sovereign_registry.contracts.log.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from sovereign_registry.contracts.log.note import PublicKey, b64, open_note, unb64

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.log.entries import LogEntry

CONTRACT: Final = "record-proof-v1"
_MAGIC = "c2sp.org/tlog-proof@v1"


class TlogProof(msgspec.Struct, frozen=True, kw_only=True):
    """A C2SP tlog-proof, taken apart."""

    extra: bytes | None
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    """The signed note, verbatim."""

    def __str__(self) -> str:
        """The proof as a file."""
        extra = "" if self.extra is None else f"extra {b64(self.extra)}\n"
        hashes = "".join(f"{b64(one)}\n" for one in self.hashes)
        return f"{_MAGIC}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"


def parse_tlog_proof(text: str, where: str = "proof") -> TlogProof:
    """Read a tlog-proof file; nothing is verified yet.

    Raises:
        LogFault: it is not of the form.
    """
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    require(gap and lines.pop(0) == _MAGIC, f"does not start as {_MAGIC}", where=where)
    try:
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = unb64(lines.pop(0).removeprefix("extra "), "the extra data")
        require(lines and lines[0].startswith("index "), "names no index")
        index = parse_size(lines.pop(0).removeprefix("index "), "the index")
        hashes = _hashes(lines)
    except LogFault as error:
        raise LogFault(error.what, where=where) from error
    return TlogProof(extra=extra, index=index, hashes=hashes, checkpoint=checkpoint)


class EntryProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of the log, with the proof that it stands there."""

    index: int
    """Place in the log, from 0."""
    entry: str
    """The entry's bytes: one line of canonical JSON."""
    proof: tuple[str, ...]
    """Base64 hashes, from the leaf's sibling upwards."""


class _Extra(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    contract: Literal["record-proof-v1"] = CONTRACT
    id: RecordId
    entries: tuple[EntryProof, ...]
    heads: str
    shard: str
    shard_proof: tuple[str, ...]


class RecordProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """record-proof-v1: all that proves one record against one checkpoint."""

    contract: Literal["record-proof-v1"] = CONTRACT
    id: RecordId
    entries: tuple[EntryProof, ...]
    """The manifest's, and one for each history entry, in order."""
    heads: EntryProof
    """The newest index of heads: the log's last entry."""
    shard: str
    """The record's shard of that index: one line of canonical JSON."""
    shard_proof: tuple[str, ...]
    """Base64 hashes: the shard among the shards."""
    checkpoint: str
    """The signed note."""

    def tlog_proof(self) -> str:
        """As a ``.tlog-proof`` file."""
        extra = _Extra(
            id=self.id,
            entries=self.entries,
            heads=self.heads.entry,
            shard=self.shard,
            shard_proof=self.shard_proof,
        )
        return str(
            TlogProof(
                extra=canonical_json(extra),
                index=self.heads.index,
                hashes=_hashes(self.heads.proof),
                checkpoint=self.checkpoint,
            )
        )


def parse_record_proof(text: str, where: str = "proof") -> RecordProof:
    """Read a ``.tlog-proof`` file of one record; nothing is verified yet.

    Raises:
        LogFault: it is not of the form.
    """
    outer = parse_tlog_proof(text, where)
    try:
        extra = msgspec.json.decode(outer.extra or b"", type=_Extra)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LogFault(f"its extra data is no {CONTRACT}: {error}", where=where) from error
    heads = EntryProof(
        index=outer.index, entry=extra.heads, proof=tuple(b64(one) for one in outer.hashes)
    )
    return RecordProof(
        id=extra.id,
        entries=extra.entries,
        heads=heads,
        shard=extra.shard,
        shard_proof=extra.shard_proof,
        checkpoint=outer.checkpoint,
    )


class ProvenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a valid proof establishes; digests still have to be compared with the record's files."""

    checkpoint: Checkpoint
    signers: tuple[PublicKey, ...]
    entries: tuple[RecordLogged, ...]
    """Sequence 0, 1, 2 ...; the last one is the newest as of the checkpoint."""


def open_checkpoint(
    note: bytes, origin: str, keys: Iterable[PublicKey], where: str = "checkpoint"
) -> tuple[Checkpoint, tuple[PublicKey, ...]]:
    """A checkpoint whose signature by a known key was checked, and who signed.

    Raises:
        LogFault: the signature, the form or the origin is wrong.
    """
    text, signers = open_note(note, keys, where)
    checkpoint = parse_checkpoint(text, where)
    require(
        checkpoint.origin == origin,
        f"is of the log {checkpoint.origin}, not {origin}",
        where=where,
        todo="It belongs to another registry.",
    )
    return checkpoint, signers


def verify_record_proof(proof: RecordProof, origin: str, keys: Iterable[PublicKey]) -> ProvenRecord:
    """Check all of a record's proof against its checkpoint.

    1. The checkpoint is signed by a known key and is of this log.
    2. The record's entries stand in the log, from its manifest on, without gap.
    3. The log's last entry is an index of heads.
    4. The record's shard belongs to that index, and names the last entry as the newest.

    Raises:
        LogFault: naming what does not hold.
    """
    checkpoint, signers = open_checkpoint(proof.checkpoint.encode(), origin, keys)
    entries = []
    for number, one in enumerate(proof.entries):
        entry = _included(one, checkpoint)
        if not isinstance(entry, ManifestLogged | HistoryLogged) or (
            (entry.id, entry.sequence) != (proof.id, number)
        ):
            raise LogFault(f"log entry {one.index} is not entry {number} of {proof.id}")
        entries.append(entry)
    require(entries, f"the proof holds no entry of {proof.id}")
    heads = _included(proof.heads, checkpoint)
    if not isinstance(heads, HeadsLogged) or proof.heads.index != checkpoint.size - 1:
        raise LogFault("the log's last entry is not the index of heads of this proof")
    verify_heads(heads, proof.shard.encode(), _hashes(proof.shard_proof), entries[-1])
    return ProvenRecord(checkpoint=checkpoint, signers=signers, entries=tuple(entries))


def _included(proof: EntryProof, checkpoint: Checkpoint) -> LogEntry:
    data = proof.entry.encode()
    verify_inclusion(
        leaf_hash(data), proof.index, checkpoint.size, _hashes(proof.proof), checkpoint.root
    )
    return decode_entry(data, f"log entry {proof.index}")


def _hashes(lines: Iterable[str]) -> tuple[bytes, ...]:
    hashes = tuple(unb64(line, "a hash of the proof") for line in lines)
    require(all(len(one) == HASH_BYTES for one in hashes), "a hash of the proof has not 32 bytes")
    return hashes
