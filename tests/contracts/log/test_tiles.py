"""Tiles and bundles: the examples of C2SP tlog-tiles, and proofs made from files alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.merkle import (
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
)
from sovereign_registry.contracts.log.tiles import (
    decode_bundle,
    encode_bundle,
    hashes_from_tiles,
    parse_tile_path,
    read_entries,
    tile_path,
    tile_shapes,
    tree_files,
)


def entries(size: int) -> list[bytes]:
    """Numbered entries."""
    return [b"entry %d" % number for number in range(size)]


def files(size: int, *, start: int = 0) -> dict[str, bytes]:
    """All files of their tree."""
    data = entries(size)
    return tree_files(Tree([leaf_hash(one) for one in data]), data, size, start)


def test_the_specifications_path_example() -> None:
    """Index 1234067 is x001/x234/067."""
    assert "tile/0/x001/x234/067" == tile_path(0, 1234067)
    assert "tile/entries/x001/x234/067.p/8" == tile_path("entries", 1234067, 8)
    assert (0, 1234067, 256) == parse_tile_path("tile/0/x001/x234/067")


def test_the_specifications_example_of_70000_entries() -> None:
    """273 full tiles and one of 112, one full and one of 17, one of 1; bundles as level 0."""
    shapes = [(level, width) for level, _, width in tile_shapes(70_000)]
    assert {
        ("entries", 256): 273,
        ("entries", 112): 1,
        (0, 256): 273,
        (0, 112): 1,
        (1, 256): 1,
        (1, 17): 1,
        (2, 1): 1,
    } == {shape: shapes.count(shape) for shape in shapes}


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above() -> None:
    """The other example of the specification; a full tile is 8,192 bytes."""
    assert ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"] == list(files(256))
    assert 8192 == len(files(256)["tile/0/000"])
    assert {} == files(0)


@pytest.mark.parametrize(
    "path",
    [
        "tile/64/000",
        "tile/00/000",
        "tile/0/00",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/07",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/../000",
        "tile/entry/000",
        "tile/0/000\n",
    ],
)
def test_other_paths_are_no_tiles(path: str) -> None:
    """One spelling a tile."""
    with pytest.raises(LogFault, match="no path"):
        parse_tile_path(path)


@given(
    st.one_of(st.just("entries"), st.integers(0, 63)), st.integers(0, 10**10), st.integers(1, 256)
)
def test_paths_come_back(level: int | str, index: int, width: int) -> None:
    """Parsing inverts naming."""
    assert (level, index, width) == parse_tile_path(tile_path(level, index, width))


@given(st.lists(st.binary(max_size=70), max_size=300))
def test_bundles_come_back(data: list[bytes]) -> None:
    """Any entries, empty ones too."""
    assert data == decode_bundle(encode_bundle(data), len(data))


def test_the_length_is_a_big_endian_number_of_16_bits() -> None:
    """65,535 bytes is the longest entry."""
    assert b"\x01\x00" + b"x" * 256 == encode_bundle([b"x" * 256])
    assert 65_537 == len(encode_bundle([b"x" * 65_535]))
    with pytest.raises(LogFault, match="65,535"):
        encode_bundle([b"x" * 65_536])


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=9), st.data())
def test_a_cut_bundle_is_refused(data: list[bytes], draw: st.DataObject) -> None:
    """At any byte."""
    whole = encode_bundle(data)
    cut = draw.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(LogFault, match=r"ends within|are due"):
        decode_bundle(whole[:cut], len(data))


@given(st.integers(1, 1500), st.data())
def test_tiles_alone_give_every_root_and_proof(size: int, data: st.DataObject) -> None:
    """What a reader computes from files is what the whole tree gives."""
    written = files(size)
    tree = Tree([leaf_hash(one) for one in entries(size)])
    hashes = hashes_from_tiles(written.__getitem__, size)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    assert tree.root() == root(hashes, size)
    assert tree.root(old) == root(hashes, old)
    assert inclusion_proof(tree.hash, index, size) == inclusion_proof(hashes, index, size)
    assert consistency_proof(tree.hash, old, size) == consistency_proof(hashes, old, size)
    assert entries(size) == list(read_entries(written.__getitem__, size))


@pytest.mark.slow
def test_three_levels_of_tiles_give_the_root() -> None:
    """70,000 entries, the specification's size."""
    tree = Tree([leaf_hash(one) for one in entries(70_000)])
    hashes = hashes_from_tiles(tree_files(tree, entries(70_000), 70_000).__getitem__, 70_000)
    assert tree.root() == root(hashes, 70_000)
    assert inclusion_proof(tree.hash, 65_536, 70_000) == inclusion_proof(hashes, 65_536, 70_000)


@given(st.integers(0, 1200), st.integers(0, 1200))
def test_a_grown_tree_only_adds_files(first: int, second: int) -> None:
    """Full tiles of the smaller tree stay; what growing writes completes the larger one."""
    size = first + second
    kept = {path: data for path, data in files(first).items() if ".p/" not in path}
    assert files(size) == kept | files(size, start=first)


def test_a_tile_of_the_wrong_length_is_refused() -> None:
    """One byte short."""
    written = files(300)
    written["tile/0/000"] = written["tile/0/000"][:-1]
    with pytest.raises(LogFault, match="8191 bytes"):
        hashes_from_tiles(written.__getitem__, 300)(0, 0)
