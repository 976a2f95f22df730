"""Record ids: ``sr-<yymm>-<8 characters of Crockford base32>``.

The 40 bits come from the SHA-256 over the canonical form of everything that determines a run, so
that the same inputs always find the same record.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from sovereign_registry.contracts.canonical import canonical_json, file_sha256

RECORD_ID_PATTERN = r"^sr-\d{4}-[0-9a-hjkmnp-tv-z]{8}$"
RecordId = Annotated[str, msgspec.Meta(pattern=RECORD_ID_PATTERN)]

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


class IdentityInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that determines a record's id, and nothing else."""

    question: str
    """The normalised question."""
    config_sha256: str
    """Digest of the resolved configuration."""
    inputs: tuple[str, ...]
    """Digests of the source replies, in the order of the queries."""
    tools: tuple[str, ...]
    """``name version`` of every tool whose output enters the record, sorted."""
    as_of: str


def crockford32(data: bytes, characters: int) -> str:
    """The first ``5 * characters`` bits of the data in lower-case Crockford base32."""
    bits = int.from_bytes(data, "big")
    total = len(data) * 8
    return "".join(
        _CROCKFORD[(bits >> (total - 5 * (index + 1))) & 31] for index in range(characters)
    )


def record_id(identity: IdentityInput) -> str:
    """Derive the record id; ``yymm`` comes from the as-of date."""
    digest = bytes.fromhex(file_sha256(canonical_json(identity)))
    year, month, _ = identity.as_of.split("-")
    return f"sr-{year[2:]}{month}-{crockford32(digest, 8)}"
