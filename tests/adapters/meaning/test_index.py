"""Nearest neighbours: exact by a product, by a graph where there are many, from a checked file."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.meaning import graph
from sovereign_registry.adapters.meaning.files import read_checked, write_checked
from sovereign_registry.adapters.meaning.index import IndexFile

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

LENGTH = 32
MAGIC = b"SRtests1"


def _unit(count: int, seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((count, LENGTH))
    found: NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return found.astype(np.float32)


def _digests(count: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


def _keys(count: int) -> list[str]:
    return [f"sr-{number:05}" for number in range(count)]


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 2**31))
def test_exact_search_is_the_sorted_list_of_all_cosines(
    tmp_path_factory: pytest.TempPathFactory, count: int, wanted: int, seed: int
) -> None:
    """Values to six decimals, best first, ties by key, whatever is asked for."""
    made, asked = _unit(count, seed), _unit(1, seed + 1)[0]
    index = IndexFile(tmp_path_factory.mktemp("index"))
    index.write(_digests(count), made)

    found = index.nearest(_keys(count), asked, wanted)

    cosines = made.astype(float) @ asked.astype(float)
    due = sorted(
        (-Decimal(f"{value:.6f}"), key) for value, key in zip(cosines, _keys(count), strict=True)
    )[:wanted]
    assert found.exact
    assert [(-Decimal(one.value), one.key) for one in found.near] == due


def test_equal_vectors_stand_by_key(tmp_path: Path) -> None:
    """The order of equal cosines does not depend on where they stand in the file."""
    one = _unit(1, 1)
    index = IndexFile(tmp_path)
    index.write(_digests(3), np.repeat(one, 3, axis=0))

    found = index.nearest(["sr-b", "sr-c", "sr-a"], one[0], 2)

    assert [near.key for near in found.near] == ["sr-a", "sr-b"]
    assert found.near[0].value == "1.000000"


def test_the_file_is_read_again_for_the_same_texts_only(tmp_path: Path) -> None:
    """Other texts, another order, another length: not this file."""
    made = _unit(5, 1)
    IndexFile(tmp_path).write(_digests(5), made)

    again = IndexFile(tmp_path)
    assert again.holds(_digests(5), LENGTH)
    assert again.nearest(_keys(5), made[2], 1).near[0].key == "sr-00002"
    assert not IndexFile(tmp_path).holds(_digests(6), LENGTH)
    assert not IndexFile(tmp_path).holds(_digests(5)[::-1], LENGTH)
    assert not IndexFile(tmp_path).holds(_digests(5), LENGTH * 2)
    assert not IndexFile(tmp_path / "nowhere").holds(_digests(5), LENGTH)


@given(st.data())
def test_a_damaged_file_is_no_file(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A byte changed or an end cut off, anywhere: no other vector is ever read for it."""
    index = IndexFile(tmp_path_factory.mktemp("index"))
    index.write(_digests(3), _unit(3, 1))
    whole = index.file.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    cut = data.draw(st.booleans())
    index.file.write_bytes(whole[:at] + (b"" if cut else changed + whole[at + 1 :]))

    found = read_checked(index.file, b"SRindex1")

    # Only a blank that pads the head may become another blank without a trace.
    assert found is None or (not cut and bytes(found[1]) == _unit(3, 1).tobytes())
    assert found is None or changed in b" \t\n\r"


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """The temporary name is gone, and the old file is as it was."""
    path = tmp_path / "file.bin"
    write_checked(path, MAGIC, {"number": 1}, [b"whole"])
    with pytest.raises(TypeError):
        write_checked(path, MAGIC, {"number": 2}, [b"half", "no bytes"])  # type: ignore[list-item]

    assert [one.name for one in tmp_path.iterdir()] == ["file.bin"]
    found = read_checked(path, MAGIC)
    assert found is not None
    assert (found[0], bytes(found[1])) == ({"number": 1}, b"whole")


@pytest.mark.skipif(not graph.available(), reason="usearch is not installed")
class TestGraph:
    """The approximate search."""

    COUNT = 600

    def test_it_finds_nearly_all_and_says_that_it_is_not_exact(self, tmp_path: Path) -> None:
        """Recall@10 of at least 0.95 on vectors without any structure; values are exact."""
        made, asked = _unit(self.COUNT, 1), _unit(40, 2)
        index = IndexFile(tmp_path / "graph", graph_from=100)
        index.write(_digests(self.COUNT), made)
        exact = IndexFile(tmp_path / "exact")
        exact.write(_digests(self.COUNT), made)
        hits = 0
        for one in asked:
            found = index.nearest(_keys(self.COUNT), one, 10)
            due = exact.nearest(_keys(self.COUNT), one, 10)
            assert not found.exact
            assert due.exact
            hits += len(set(found.near) & set(due.near))

        assert hits >= 0.95 * 400

    def test_the_kept_graph_grows_and_is_made_anew_when_much_is_gone(self, tmp_path: Path) -> None:
        """What was added is found; what is gone is never among the answers."""
        made, digests, keys = _unit(self.COUNT, 1), _digests(self.COUNT), _keys(self.COUNT)
        IndexFile(tmp_path, graph_from=100).write(digests[:500], made[:500])
        size = (tmp_path / "graph.bin").stat().st_size
        IndexFile(tmp_path, graph_from=100).write(digests, made)
        assert (tmp_path / "graph.bin").stat().st_size > size

        some = IndexFile(tmp_path, graph_from=100)
        some.write(digests[30:], made[30:])
        near = some.nearest(keys[30:], made[5], 50).near
        assert len(near) == 50
        assert keys[5] not in {one.key for one in near}
        assert some.nearest(keys[30:], made[599], 1).near[0].key == keys[599]

        few = IndexFile(tmp_path, graph_from=100)
        few.write(digests[:200], made[:200])
        assert (tmp_path / "graph.bin").stat().st_size < size

    def test_a_damaged_graph_is_made_again(self, tmp_path: Path) -> None:
        """The library never sees bytes whose sum does not hold."""
        made, digests = _unit(200, 1), _digests(200)
        IndexFile(tmp_path, graph_from=100).write(digests, made)
        file = tmp_path / "graph.bin"
        whole = bytearray(file.read_bytes())
        whole[-100] ^= 0xFF
        file.write_bytes(bytes(whole))

        again = IndexFile(tmp_path, graph_from=100)
        assert again.holds(digests, LENGTH)
        assert again.nearest(_keys(200), made[7], 1).near[0].key == "sr-00007"
        assert read_checked(file, b"SRgraph1") is not None

    def test_texts_that_repeat_are_searched_exactly(self, tmp_path: Path) -> None:
        """A label names one vector, so equal texts keep to the product."""
        digests = [*_digests(150), _digests(1)[0]]
        index = IndexFile(tmp_path, graph_from=100)
        index.write(digests, _unit(151, 1))

        assert index.nearest(_keys(151), _unit(1, 2)[0], 5).exact
