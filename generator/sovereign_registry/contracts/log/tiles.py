"""The static files of a tree: tiles of hashes and bundles of entries (C2SP tlog-tiles).

Paths are relative to the log's prefix.  A *partial* tile has between 1 and 255 hashes; those of
every size that was signed stay, so that each old checkpoint can be checked as long as the log is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from sovereign_registry.contracts.log.faults import LogFault, require
from sovereign_registry.contracts.log.merkle import HASH_BYTES, Hashes, Tree, node_hash

TILE_WIDTH = 256
TILE_HEIGHT = 8
MAX_ENTRY = 65_535
"""Bytes of an entry: its length is written as a 16-bit number."""

_PATH = re.compile(r"tile/(entries|\d|[1-5]\d|6[0-3])/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")
Read = Callable[[str], bytes]
"""Reads the file at a path below the log's prefix; raises ``BadInput`` where it is missing."""


def tile_path(level: int | str, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile; level ``entries`` names an entry bundle."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> tuple[int | str, int, int]:
    """(level or ``entries``, index, width) of a path; the inverse of ``tile_path``.

    Raises:
        LogFault: no tile has that path.
    """
    match = _PATH.fullmatch(path)
    if match:
        level = match[1] if match[1] == "entries" else int(match[1])
        index = int(match[2].replace("x", "").replace("/", ""))
        width = int(match[3] or TILE_WIDTH)
        if tile_path(level, index, width) == path:
            return level, index, width
    raise LogFault("is no path of a tile", where=path)


def tile_shapes(size: int, start: int = 0) -> Iterator[tuple[int | str, int, int]]:
    """(level, index, width) of every file of a tree of this size, bundles first.

    Args:
        size: The tree's size.
        start: Leave out the full tiles that a tree of this size has already.
    """
    yield from (("entries", index, width) for index, width in _row(size, start))
    level = 0
    while size:
        yield from ((level, index, width) for index, width in _row(size, start))
        size, start, level = size // TILE_WIDTH, start // TILE_WIDTH, level + 1


def _row(count: int, start: int) -> Iterator[tuple[int, int]]:
    for index in range(start // TILE_WIDTH, count // TILE_WIDTH):
        yield index, TILE_WIDTH
    if count % TILE_WIDTH:
        yield count // TILE_WIDTH, count % TILE_WIDTH


def tile_bytes(tree: Tree, level: int, index: int, width: int) -> bytes:
    """The hashes of one tile, concatenated."""
    first = index * TILE_WIDTH
    return b"".join(tree.levels[level * TILE_HEIGHT][first : first + width])


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each behind its length as a big-endian 16-bit number.

    Raises:
        LogFault: an entry is too long.
    """
    for entry in entries:
        require(len(entry) <= MAX_ENTRY, f"an entry has {len(entry):,} bytes; 65,535 is the limit")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, width: int, where: str = "") -> list[bytes]:
    """The inverse of ``encode_bundle``.

    Raises:
        LogFault: the bytes do not hold exactly ``width`` entries.
    """
    entries = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        require(end <= len(data), "ends within an entry", where=where, todo="Restore the file.")
        entries.append(data[at + 2 : end])
        at = end
    require(
        len(entries) == width,
        f"holds {len(entries)} entries where {width} are due",
        where=where,
        todo="Restore the file.",
    )
    return entries


def tree_files(tree: Tree, entries: Sequence[bytes], size: int, start: int = 0) -> dict[str, bytes]:
    """Path -> bytes of every file of the tree at a size; ``start`` as in ``tile_shapes``."""
    files = {}
    for level, index, width in tile_shapes(size, start):
        first = index * TILE_WIDTH
        files[tile_path(level, index, width)] = (
            encode_bundle(entries[first : first + width])
            if isinstance(level, str)
            else tile_bytes(tree, level, index, width)
        )
    return files


def read_entries(read: Read, size: int) -> Iterator[bytes]:
    """All entries of a tree of this size, in order.

    Raises:
        LogFault: a bundle is missing or broken.
    """
    for index, width in _row(size, 0):
        path = tile_path("entries", index, width)
        yield from decode_bundle(read(path), width, path)


def hashes_from_tiles(read: Read, size: int) -> Hashes:
    """A ``Hashes`` function over the tiles of a tree of this size; each tile is read once.

    Nothing read is trusted: what comes out of it is only as good as the root it leads to.
    """
    tiles: dict[str, bytes] = {}

    def hashes(level: int, index: int) -> bytes:
        tier, inner = divmod(level, TILE_HEIGHT)
        tile, place = divmod(index << inner, TILE_WIDTH)
        width = min(TILE_WIDTH, (size >> (TILE_HEIGHT * tier)) - tile * TILE_WIDTH)
        require(width > place, f"there is no subtree {index} at level {level}")
        path = tile_path(tier, tile, width)
        if path not in tiles:
            tiles[path] = read(path)
            found = len(tiles[path])
            require(found == width * HASH_BYTES, f"holds {found} bytes", where=path)
        data = tiles[path]
        row = [
            data[at : at + HASH_BYTES]
            for at in range(place * HASH_BYTES, (place + (1 << inner)) * HASH_BYTES, HASH_BYTES)
        ]
        while len(row) > 1:
            row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]

    return hashes
