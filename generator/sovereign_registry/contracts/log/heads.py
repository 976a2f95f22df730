"""log-heads-v1: the index of heads, by which a page proves that nothing newer exists.

It maps every record to its newest history entry, or to its manifest where there is none.  Records
are spread over ``16**n`` shards by the first ``n`` hexadecimal digits of the SHA-256 of the id,
``n`` being the smallest from 1 that leaves at most 64 records a shard on average.  The shards'
canonical JSON are the leaves of an RFC 6962 tree, empty shards included, whose root the log holds.
The index is a function of the log's entries before it: whoever has the log can make it again.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256, canonical_json
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.log.entries import (
    HeadsLogged,
    HistoryLogged,
    ManifestLogged,
    encode_entry,
)
from sovereign_registry.contracts.log.faults import LogFault, require
from sovereign_registry.contracts.log.merkle import Tree, leaf_hash, verify_inclusion
from sovereign_registry.contracts.log.tiles import tile_bytes, tile_path, tile_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.log.entries import LogEntry, RecordLogged

SHARD_RECORDS = 64
MAX_DIGITS = 6
ENTRY = "entry.json"
"""File below the index's folder that holds the log's last entry, which the index belongs to."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The newest thing published about one record."""

    id: RecordId
    sequence: Annotated[int, msgspec.Meta(ge=0, le=9999)]
    """0 for the manifest itself."""
    content_sha256: Sha256
    """Digest of that entry, or of the manifest."""


class Shard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The heads of all records whose id falls into one shard."""

    contract: Literal["log-heads-v1"] = "log-heads-v1"
    shard: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{1,6}$")]
    """First hexadecimal digits of the SHA-256 of every id in it."""
    heads: tuple[Head, ...]
    """Sorted by id."""


def digits_for(records: int) -> int:
    """How many hexadecimal digits name a shard of an index over that many records."""
    digits = 1
    while records > SHARD_RECORDS * 16**digits:
        digits += 1
    return digits


def shard_name(record_id: str, digits: int) -> str:
    """The shard that a record falls into."""
    return hashlib.sha256(record_id.encode()).hexdigest()[:digits]


def digits_of(shards: int) -> int:
    """The number of digits that name one of so many shards.

    Raises:
        LogFault: it is no power of 16 from 16 to 16**6.
    """
    for digits in range(1, MAX_DIGITS + 1):
        if shards == 16**digits:
            return digits
    raise LogFault(f"an index of heads cannot have {shards} shards")


class HeadsIndex:
    """An index of heads at one size of the log."""

    def __init__(self, records: int, shards: tuple[bytes, ...], leaves: Sequence[bytes]) -> None:
        self.records = records
        self.shards = shards
        self.tree = Tree(leaves)
        self.digits = digits_of(len(shards))

    @property
    def entry(self) -> HeadsLogged:
        """What the log holds of this index."""
        return HeadsLogged(
            records=self.records, shards=len(self.shards), root_sha256=self.tree.root().hex()
        )

    def files(self) -> dict[str, bytes]:
        """Path -> bytes below the index's folder: every shard with a head, the tiles, the entry.

        An empty shard is left out: any reader can write it down.  The index's own entry stands in
        the last entry bundle too; a file of its own costs a reader 200 bytes, and not up to 75 kB.
        """
        files = {
            f"{number:0{self.digits}x}.json": data
            for number, data in enumerate(self.shards)
            if data != empty_shard(number, self.digits)
        }
        for level, index, width in tile_shapes(len(self.shards)):
            if not isinstance(level, str):
                path = tile_path(level, index, width)
                files[path] = tile_bytes(self.tree, level, index, width)
        files[ENTRY] = encode_entry(self.entry)
        return files


def empty_shard(number: int, digits: int) -> bytes:
    """The bytes of a shard without records."""
    return canonical_json(Shard(shard=f"{number:0{digits}x}", heads=()))


class HeadsBuilder:
    """Follows the log's entries and gives the index as of any of them.

    Only shards that changed since the latest index are made again.
    """

    def __init__(self) -> None:
        self.heads: dict[str, Head] = {}
        self._digits = 0
        self._members: list[dict[str, Head]] = []
        self._data: list[bytes] = []
        self._leaves: list[bytes] = []
        self._stale: set[int] = set()

    def add(self, entry: LogEntry) -> None:
        """Follow one entry.

        Raises:
            LogFault: a record's entries do not stand in the order of their sequence, without gap.
        """
        if isinstance(entry, ManifestLogged | HistoryLogged):
            head = self.heads.get(entry.id)
            due = head.sequence + 1 if head else 0
            require(
                entry.sequence == due,
                f"{entry.id} has sequence {entry.sequence} logged where {due} is due",
                todo="An entry was dropped, doubled or reordered before it was logged.",
            )
            self._put(
                Head(id=entry.id, sequence=entry.sequence, content_sha256=entry.content_sha256)
            )

    def _put(self, head: Head) -> None:
        self.heads[head.id] = head
        if self._digits:
            number = int(shard_name(head.id, self._digits), 16)
            self._members[number][head.id] = head
            self._stale.add(number)

    def index(self) -> HeadsIndex:
        """The index over all entries so far."""
        digits = digits_for(len(self.heads))
        if digits != self._digits:
            self._digits = digits
            self._members = [{} for _ in range(16**digits)]
            self._data = [b""] * 16**digits
            self._leaves = [b""] * 16**digits
            self._stale = set(range(16**digits))
            for head in self.heads.values():
                self._members[int(shard_name(head.id, digits), 16)][head.id] = head
        for number in self._stale:
            heads = tuple(head for _, head in sorted(self._members[number].items()))
            data = canonical_json(Shard(shard=f"{number:0{digits}x}", heads=heads))
            self._data[number], self._leaves[number] = data, leaf_hash(data)
        self._stale.clear()
        return HeadsIndex(len(self.heads), tuple(self._data), self._leaves)


def verify_heads(
    logged: HeadsLogged, shard: bytes, proof: Sequence[bytes], newest: RecordLogged
) -> None:
    """Check that an entry is the newest of its record in a logged index of heads.

    Args:
        logged: The index's entry, whose inclusion in the log was checked before.
        shard: The bytes of the record's shard.
        proof: Inclusion proof of the shard among the shards.
        newest: The record's entry that should be its newest.

    Raises:
        LogFault: the shard is not the logged one, or it names another head.
    """
    digits = digits_of(logged.shards)
    due = shard_name(newest.id, digits)
    verify_inclusion(
        leaf_hash(shard), int(due, 16), logged.shards, proof, bytes.fromhex(logged.root_sha256)
    )
    try:
        found = msgspec.json.decode(shard, type=Shard)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LogFault(f"the shard is no log-heads-v1: {error}") from error
    head = next((head for head in found.heads if head.id == newest.id), None)
    require(head, f"{newest.id} is not in the index of heads")
    if head is not None and (head.sequence, head.content_sha256) != (
        newest.sequence,
        newest.content_sha256,
    ):
        if head.sequence < newest.sequence:
            raise LogFault(
                f"entry {newest.sequence} of {newest.id} is not logged: the log's newest of it is "
                f"entry {head.sequence}",
                todo="The log is behind what is published: `log append`, then build and seal.",
            )
        raise LogFault(
            f"entry {newest.sequence} of {newest.id} is not its newest: {head.sequence} is",
            todo="Something newer was published: read the record again from the site.",
        )
