"""The tree of RFC 6962: published vectors, a slow oracle, and proofs that are tampered with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.merkle import (
    EMPTY_ROOT,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.contracts.log import oracle

# Leaves, roots and proofs of the reference tests of Certificate Transparency.
LEAVES = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
H01 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
H23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
H47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
H4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
H67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
H45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = {(0, 8): (H01, H23, H47), (5, 8): (H4, H67, ROOTS[4])}
CONSISTENCY = {
    (1, 1): (),
    (1, 8): (H01, H23, H47),
    (6, 8): (H45, H67, ROOTS[4]),
    (2, 5): (H23, H4),
}


def tree(size: int) -> Tree:
    """A tree of numbered leaves."""
    return Tree([leaf_hash(b"%d" % number) for number in range(size)])


def numbered(size: int) -> list[bytes]:
    """Its leaves."""
    return [b"%d" % number for number in range(size)]


def test_roots_are_those_of_the_reference() -> None:
    """Sizes 0 to 8."""
    grown = Tree([leaf_hash(leaf) for leaf in LEAVES])
    assert ROOTS == tuple(grown.root(size).hex() for size in range(9))
    assert ROOTS[0] == EMPTY_ROOT.hex()


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference(index: int, size: int) -> None:
    """Made as published, and accepted."""
    grown = Tree([leaf_hash(leaf) for leaf in LEAVES])
    proof = inclusion_proof(grown.hash, index, size)
    assert INCLUSION[index, size] == tuple(one.hex() for one in proof)
    verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, grown.root(size))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference(old: int, new: int) -> None:
    """Made as published, and accepted."""
    grown = Tree([leaf_hash(leaf) for leaf in LEAVES])
    proof = consistency_proof(grown.hash, old, new)
    assert CONSISTENCY[old, new] == tuple(one.hex() for one in proof)
    verify_consistency(old, new, grown.root(old), grown.root(new), proof)


def test_every_proof_up_to_size_40_is_the_definition() -> None:
    """All sizes and places against the recursive definition."""
    grown = tree(40)
    for size in range(1, 41):
        leaves = numbered(size)
        assert oracle.mth(leaves) == grown.root(size)
        for at in range(size):
            inclusion = inclusion_proof(grown.hash, at, size)
            assert oracle.path(at, leaves) == list(inclusion)
            verify_inclusion(leaf_hash(leaves[at]), at, size, inclusion, grown.root(size))
            consistency = consistency_proof(grown.hash, at + 1, size)
            assert oracle.proof(at + 1, leaves) == list(consistency)
            verify_consistency(at + 1, size, grown.root(at + 1), grown.root(size), consistency)


@given(st.integers(1, 3000), st.data())
def test_proofs_of_any_size_hold_and_are_the_definition(size: int, data: st.DataObject) -> None:
    """Random sizes and places."""
    grown = tree(size)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    inclusion = inclusion_proof(grown.hash, index, size)
    consistency = consistency_proof(grown.hash, old, size)
    assert oracle.path(index, numbered(size)) == list(inclusion)
    assert oracle.proof(old, numbered(size)) == list(consistency)
    verify_inclusion(leaf_hash(b"%d" % index), index, size, inclusion, grown.root())
    verify_consistency(old, size, grown.root(old), grown.root(), consistency)


@given(st.integers(0, 300), st.integers(0, 300))
def test_growing_in_steps_gives_the_tree_of_one_step(first: int, second: int) -> None:
    """Order of appends decides nothing but their content."""
    leaves = [leaf_hash(leaf) for leaf in numbered(first + second)]
    grown = Tree(leaves[:first])
    grown.extend(leaves[first:])
    assert Tree(leaves).levels == grown.levels


@given(st.integers(2, 300), st.data())
def test_a_changed_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    """Leaf, index, size, root, and each hash flipped, dropped, added or swapped."""
    grown = tree(size)
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(grown.hash, index, size))
    leaf, root = leaf_hash(b"%d" % index), grown.root()
    at = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[at], "big") ^ (1 << bit)).to_bytes(32, "big")
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index))
    for changed in (
        (leaf_hash(b"another"), index, size, proof, root),
        (leaf, other, size, proof, root),
        (leaf, index, size, proof, grown.root(size - 1)),
        (leaf, index, size, [*proof[:at], flipped, *proof[at + 1 :]], root),
        (leaf, index, size, [*proof[:at], *proof[at + 1 :]], root),
        (leaf, index, size, [*proof, root], root),
        (leaf, index, size, [one[:31] for one in proof], root),
        (leaf, size, size, proof, root),
        (leaf, -1, size, proof, root),
    ):
        with pytest.raises(LogFault):
            verify_inclusion(*changed)


@given(st.integers(2, 300), st.data())
def test_a_fork_or_rollback_has_no_consistency_proof(size: int, data: st.DataObject) -> None:
    """A log whose past was changed fails with every proof that it can give for itself."""
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    honest, forked = tree(size), numbered(size)
    forked[changed] = b"rewritten"
    fork = Tree([leaf_hash(leaf) for leaf in forked])
    for source in (honest, fork):
        proof = consistency_proof(source.hash, old, size)
        with pytest.raises(LogFault):
            verify_consistency(old, size, honest.root(old), fork.root(), proof)
    with pytest.raises(LogFault, match="cannot continue"):
        verify_consistency(size, old, honest.root(), honest.root(old), ())
    with pytest.raises(LogFault, match="fork"):
        verify_consistency(size, size, honest.root(), fork.root(), ())


@given(st.integers(3, 300), st.data())
def test_a_changed_consistency_proof_is_refused(size: int, data: st.DataObject) -> None:
    """Each hash flipped or dropped, one added, and the empty proof."""
    grown = tree(size)
    old = data.draw(st.integers(1, size - 1))
    proof = list(consistency_proof(grown.hash, old, size))
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    for changed in (
        [*proof[:at], flipped, *proof[at + 1 :]],
        [*proof[:at], *proof[at + 1 :]],
        [*proof, grown.root()],
        [],
    ):
        with pytest.raises(LogFault):
            verify_consistency(old, size, grown.root(old), grown.root(), changed)
