"""Merkle trees of RFC 6962, section 2.1, over SHA-256.

A tree is read through a ``Hashes`` function: (level, index) -> root of the complete subtree of
``2**level`` leaves that starts at leaf ``index * 2**level``.  So the same proofs come from leaves
in memory and from tiles on a disk or a site.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise

from sovereign_registry.contracts.log.faults import LogFault, require

HASH_BYTES = 32
MAX_SIZE = 2**53
"""Larger tree sizes are refused: a reader in JavaScript could not count them."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
Hashes = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """``SHA-256(0x00 || data)``."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """``SHA-256(0x01 || left || right)``."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A Merkle tree in memory, which only grows.

    Args:
        leaves: Leaf hashes, in order.
    """

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.levels: list[list[bytes]] = [[]]
        self.extend(leaves)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self.levels[0])

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes; every complete subtree is hashed once."""
        self.levels[0].extend(leaves)
        for below in range(MAX_SIZE.bit_length()):
            nodes = self.levels[below]
            if len(nodes) < 2:  # noqa: PLR2004 - a pair
                return
            if below + 1 == len(self.levels):
                self.levels.append([])
            above = self.levels[below + 1]
            start = 2 * len(above)
            above.extend(
                node_hash(nodes[at], nodes[at + 1]) for at in range(start, len(nodes) - 1, 2)
            )

    def hash(self, level: int, index: int) -> bytes:
        """The root of a complete subtree; a ``Hashes`` function."""
        return self.levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """The tree's root at a size, by default at its present one."""
        return root(self.hash, self.size if size is None else size)


def _split(count: int) -> int:
    """The largest power of two below a count of at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _range(hashes: Hashes, start: int, end: int) -> bytes:
    """``MTH(D[start:end])`` of a range that a split of the tree can give."""
    count = end - start
    level = count.bit_length() - 1
    if count == 1 << level:
        return hashes(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range(hashes, start, middle), _range(hashes, middle, end))


def root(hashes: Hashes, size: int) -> bytes:
    """The root of the first ``size`` leaves (RFC 6962, 2.1)."""
    return _range(hashes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(hashes: Hashes, index: int, size: int) -> tuple[bytes, ...]:
    """``PATH(index, D[size])`` (RFC 6962, 2.1.1), from the leaf's sibling upwards.

    Raises:
        LogFault: the leaf is not in a tree of that size.
    """
    require(0 <= index < size, f"there is no entry {index} in a log of {size}")
    start, end = 0, size
    path = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range(hashes, middle, end))
            end = middle
        else:
            path.append(_range(hashes, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(hashes: Hashes, old: int, new: int) -> tuple[bytes, ...]:
    """``PROOF(old, D[new])`` (RFC 6962, 2.1.2); empty for equal sizes and for an empty old tree.

    Raises:
        LogFault: the old size exceeds the new one.
    """
    require(0 <= old <= new, f"a log of {new} entries cannot continue one of {old}")
    if old in (0, new):
        return ()
    start, end = 0, new
    path = []
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range(hashes, middle, end))
            end = middle
        else:
            path.append(_range(hashes, start, middle))
            start = middle
    if start:
        path.append(_range(hashes, start, end))
    return tuple(reversed(path))


def _require_hashes(proof: Sequence[bytes]) -> None:
    require(all(len(one) == HASH_BYTES for one in proof), "a hash of the proof has not 32 bytes")


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2).

    Raises:
        LogFault: the proof cannot belong to that entry and size.
    """
    require(0 <= index < size <= MAX_SIZE, f"there is no entry {index} in a log of {size}")
    _require_hashes(proof)
    place, last = index, size - 1
    found = leaf
    for sibling in proof:
        require(last, "the inclusion proof is too long for the log's size")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    require(not last, "the inclusion proof is too short for the log's size")
    return found


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> None:
    """Check that a leaf hash stands at an index of the tree with this size and root.

    Raises:
        LogFault: it does not, or the proof is malformed.
    """
    if root_from_inclusion(leaf, index, size, proof) != expected:
        raise LogFault(
            f"entry {index} is not what the signed log of {size} entries holds there",
            todo="The entry or its proof was changed, or belongs to another log.",
        )


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree only adds to the old one (RFC 9162, 2.1.4.2).

    Raises:
        LogFault: it does not, or the proof is malformed.
    """
    require(0 <= old <= new <= MAX_SIZE, f"a log of {new} entries cannot continue one of {old}")
    _require_hashes(proof)
    if old == new:
        require(old_root == new_root and not proof, f"two different logs have {old} entries: fork")
        return
    if not old:
        require(old_root == EMPTY_ROOT and not proof, "the empty log has another root")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    require(path, "the consistency proof is empty")
    _follow(old, new, path, (old_root, new_root))


def _follow(old: int, new: int, path: Sequence[bytes], roots: tuple[bytes, bytes]) -> None:
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for _, one in pairwise(path):
        require(last, "the consistency proof is too long for the two sizes")
        if place & 1 or place == last:
            before, after = node_hash(one, before), node_hash(one, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, one)
        place, last = place >> 1, last >> 1
    require(not last, "the consistency proof is too short for the two sizes")
    if (before, after) != roots:
        raise LogFault(
            f"the log of {new} entries does not continue the one of {old}",
            todo="It was rewritten, or one of the two checkpoints belongs to another log.",
        )
