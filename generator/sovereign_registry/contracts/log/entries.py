"""log-entry-v1: what a leaf of the log says.  Canonical JSON (RFC 8785), one object an entry.

A manifest or history entry is logged by its digests, never with its content, so that the log can
outlive a text that must be taken away.  The last entry of every append is the root of the index of
heads as of all entries before it.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256, canonical_json
from sovereign_registry.contracts.history import UtcTime
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.log.faults import LogFault, require
from sovereign_registry.contracts.log.tiles import MAX_ENTRY

CONTRACT: Final = "log-entry-v1"


class ManifestLogged(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="kind",
    tag="manifest",
):
    """A manifest was published."""

    contract: Literal["log-entry-v1"] = CONTRACT
    id: RecordId
    sequence: Literal[0] = 0
    content_sha256: Sha256
    """Digest of its canonical JSON."""
    file_sha256: Sha256
    """Digest of the file's bytes."""
    time: UtcTime
    """Midnight of the manifest's as-of date: it has no clock, and its file alone gives this."""


class HistoryLogged(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="kind",
    tag="history",
):
    """A history entry was published."""

    contract: Literal["log-entry-v1"] = CONTRACT
    id: RecordId
    sequence: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    content_sha256: Sha256
    """Digest of its canonical JSON."""
    file_sha256: Sha256
    """Digest of the file's bytes."""
    time: UtcTime
    """As the entry states it; never decides trust."""


class KeyLogged(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="kind",
    tag="key",
):
    """A statement about the log's keys was published (log-keys-v1)."""

    contract: Literal["log-entry-v1"] = CONTRACT
    sequence: Annotated[int, msgspec.Meta(ge=1)]
    content_sha256: Sha256
    """Of the statement."""
    time: UtcTime
    """As the statement states it."""


class HeadsLogged(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="kind",
    tag="heads",
):
    """The index of heads over all records among the entries before this one."""

    contract: Literal["log-entry-v1"] = CONTRACT
    records: Annotated[int, msgspec.Meta(ge=0)]
    """How many records it covers."""
    shards: Annotated[int, msgspec.Meta(ge=16)]
    """How many shards they are spread over: a power of 16."""
    root_sha256: Sha256
    """RFC 6962 root over the shards, each a leaf, in order."""


RecordLogged = ManifestLogged | HistoryLogged
LogEntry = ManifestLogged | HistoryLogged | KeyLogged | HeadsLogged

_decoder: msgspec.json.Decoder[LogEntry] = msgspec.json.Decoder(LogEntry)


def encode_entry(entry: LogEntry) -> bytes:
    """The bytes that are hashed into the log.

    Raises:
        LogFault: they exceed 65,535.
    """
    data = canonical_json(entry)
    require(len(data) <= MAX_ENTRY, f"an entry has {len(data):,} bytes; 65,535 is the limit")
    return data


def decode_entry(data: bytes, where: str = "entry") -> LogEntry:
    """Read an entry; only its canonical bytes are one.

    Raises:
        LogFault: it breaks the contract.
    """
    try:
        entry = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LogFault(f"is no {CONTRACT}: {error}", where=where) from error
    require(canonical_json(entry) == data, "is not in canonical form", where=where)
    return entry
