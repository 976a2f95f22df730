"""RFC 6962, section 2.1, written down as it stands there: slow, recursive, independent."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def split(count: int) -> int:
    """The largest power of two smaller than the count."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def mth(d: Sequence[bytes]) -> bytes:
    """2.1: the Merkle Tree Hash of a list."""
    if not d:
        return hashlib.sha256().digest()
    if len(d) == 1:
        return hashlib.sha256(b"\x00" + d[0]).digest()
    k = split(len(d))
    return hashlib.sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: Sequence[bytes]) -> list[bytes]:
    """2.1.1: the audit path of entry m."""
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return [*path(m, d[:k]), mth(d[k:])]
    return [*path(m - k, d[k:]), mth(d[:k])]


def proof(m: int, d: Sequence[bytes]) -> list[bytes]:
    """2.1.2: the consistency proof of the first m entries."""
    return subproof(m, d, complete=True)


def subproof(m: int, d: Sequence[bytes], *, complete: bool) -> list[bytes]:
    """2.1.2: SUBPROOF."""
    if m == len(d):
        return [] if complete else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], complete=complete), mth(d[k:])]
    return [*subproof(m - k, d[k:], complete=False), mth(d[:k])]
