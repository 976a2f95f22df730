"""Roots and proofs of 12,500 entries as two other implementations make and check them.

The figures were made by pymerkle 7.0.0 over the entries ``b"0"``, ``b"1"``, ``b"2"`` and so on.
All 10,360 proofs that were compared with it were accepted by the verifier of sigstore 4.5.1 too,
which refused each of them with a hash changed.  Neither is needed here: a few stand for all.
"""

from __future__ import annotations

import hashlib

import pytest

from sovereign_registry.contracts.log.merkle import (
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

ROOTS = {
    1: "db3426e878068d28d269b6c87172322ce5372b65756d0789001d34835f601c03",
    2: "cb00989d94a569c0a678ae042b63dcd4625db96440517f37a6eb7976ea24ed4b",
    3: "725d5230db68f557470dc35f1d8865813acd7ebb07ad152774141decbae71327",
    7: "a3e23b32ccb6bf96d092d165d8aa546e09829de8f03b0e8957581d1e16b92bdf",
    255: "32f85bcaa87d7bcd05728f09e9aeba350ba6a2f733830087f0597682848be5cb",
    256: "828515d033c19d8c901f37eccb8aed919667703486f8d2fff1cf7040321c5db1",
    257: "1eda049a4351d86f76252bd7ec0b7746ad75b7fa0316ad5f541dbda458a312c4",
    1000: "638afa98022925bacfddadb15ef22fd0199c1ac99c2973b6158243d13fce05c2",
    4097: "2d444333c7983b53b519b6d51995ce1c8222772a5b009a05c69cb25cce6738f4",
    12499: "fc086c91141d8c530a643d7fe12d72cd9f024bb61fcc519a04726947020b14fd",
    12500: "3c199c2a619101a1bc13dce61fe52b58955333c3a4d56081f73b1dcc20a25b46",
}
PATHS = {
    (0, 1): (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (1, 2): (1, "46c9a423311ee51408c25c3ef319c3f3f63fffba2f4cb1975cdc77a8b30192ae"),
    (2, 3): (1, "f077ee0f9eacf67fbf8388003e3e2cd58e18793db9795c489a4b1cd4eaf6898d"),
    (4, 7): (3, "a91098d7c0169d494360c0893a472c51a8e034aa82b82ae7034402d75eb3b5de"),
    (255, 256): (8, "1f460795f8ce75fc7a21d6e293e4aa0228a089ff5cb46f9fd794b2fbe77f6bcc"),
    (256, 257): (1, "d8543884b063e422f6de2e558c6b11eb5e1a20528ccfe23cf27ceeb764b93a6e"),
    (0, 1000): (10, "d1fe8fa669e95dbc75cab488309ddd52dd6c9acfdda56109fa66397455f2a67c"),
    (331, 1000): (10, "eebb83682db05b384668731fdabb84a7dbac1018bab57ab946cab4db10b41636"),
    (1235, 4097): (13, "3c9ee5490edc69be7d8d7e81fde890915ea42b5251588a692e1707299a68a605"),
    (3234, 4097): (13, "7ab641f19d64f483a2ddc25afc2ffe87afd13690545d25d5556437af0bdc1c60"),
    (10664, 12499): (14, "a138cade855e97287271d0f7b43890b7599646dd8db54de353577dbd582e5420"),
    (0, 12500): (14, "e9692444cc5f5b9dc4df55870e65a010814f103e87f0ddb870e25d9994eb56ac"),
    (791, 12500): (14, "b15ec7c27c2ec3cbcc64b3305994a2314cb9d2c40b49f3e4cbb6d583abf9c260"),
    (1186, 12500): (14, "a7c4f66a69c2ecb7f5b227a7876450fbe2df154c10300f57be9e7a829ab9f03c"),
    (8779, 12500): (14, "ac7f50f6f17991dc62197bebeff3330afd5b52cb4597d72e946c3b673f8ae1eb"),
    (12499, 12500): (7, "3b53e21f14e75f3b0f00e01af99effa920d8208f56d40e327730b4e6b29addf4"),
}
"""(index, size) -> number of hashes, and the SHA-256 of all of them in a row."""


@pytest.fixture(scope="module")
def tree() -> Tree:
    """The numbered entries."""
    return Tree([leaf_hash(b"%d" % number) for number in range(12_500)])


def test_the_roots_are_theirs(tree: Tree) -> None:
    """At sizes around the widths of tiles, and at the last."""
    assert ROOTS == {size: tree.root(size).hex() for size in ROOTS}


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_an_inclusion_proof_is_theirs(tree: Tree, index: int, size: int) -> None:
    """Hash by hash, in their order, and accepted here."""
    proof = inclusion_proof(tree.hash, index, size)
    assert PATHS[index, size] == (len(proof), hashlib.sha256(b"".join(proof)).hexdigest())
    verify_inclusion(leaf_hash(b"%d" % index), index, size, proof, tree.root(size))


def test_consistency_holds_between_all_of_their_roots(tree: Tree) -> None:
    """Every one of them continues every smaller one."""
    for old, before in ROOTS.items():
        for new, after in ROOTS.items():
            if old <= new:
                proof = consistency_proof(tree.hash, old, new)
                verify_consistency(old, new, bytes.fromhex(before), bytes.fromhex(after), proof)
