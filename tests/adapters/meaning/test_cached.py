"""The vectors that are kept: by digest, whole, checked, and safe for two processes at once."""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.adapters.meaning.cached import FILE, Kind, VectorCache, checksum
from sovereign_registry.contracts.errors import ModelFailure

if TYPE_CHECKING:
    from pathlib import Path

KIND = Kind(service="nim", model="test/embed-1b", purpose="passage", truncate="END")


def _digest(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def _vector(number: int, length: int = 4) -> bytes:
    return number.to_bytes(4, "little") * length


@pytest.mark.parametrize(
    "change",
    [{"service": "openai"}, {"model": "test/other"}, {"purpose": "query"}, {"truncate": "NONE"}],
)
def test_what_can_change_a_vector_keeps_it_apart(tmp_path: Path, change: dict[str, str]) -> None:
    """Another service, model, purpose or truncation has a folder of its own."""
    kept = VectorCache(tmp_path, KIND)
    kept.put({_digest(1): _vector(1)}, 4)
    other = VectorCache(tmp_path, msgspec.structs.replace(KIND, **change))

    assert other.folder != kept.folder
    assert other.get([_digest(1)]) == {}
    assert other.dimension() == 0
    assert kept.dimension() == 4


@settings(max_examples=30)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 40), st.integers(0, 2**32 - 1), max_size=12), max_size=5
    ),
    st.sets(st.integers(0, 45)),
)
def test_what_was_put_last_is_got_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, batches: list[dict[int, int]], wanted: set[int]
) -> None:
    """The cache is a mapping, whatever the order and overlap of the batches."""
    cache = VectorCache(tmp_path_factory.mktemp("cache"), KIND)
    model: dict[int, int] = {}
    for batch in batches:
        cache.put({_digest(key): _vector(value) for key, value in batch.items()}, 4)
        model.update(batch)

    assert cache.get([_digest(key) for key in wanted]) == {
        _digest(key): _vector(model[key]) for key in wanted & model.keys()
    }


@settings(max_examples=30)
@given(st.integers(0, 15), st.integers(0, 7))
def test_a_flipped_bit_makes_a_vector_unknown(
    tmp_path_factory: pytest.TempPathFactory, byte: int, bit: int
) -> None:
    """The damaged one is left out, so it is asked for again; its neighbour stays."""
    cache = VectorCache(tmp_path_factory.mktemp("cache"), KIND)
    cache.put({_digest(1): _vector(1), _digest(2): _vector(2)}, 4)
    damaged = bytearray(_vector(1))
    damaged[byte] ^= 1 << bit
    with closing(sqlite3.connect(cache.file)) as database, database:
        database.execute(
            "UPDATE vectors SET vector = ? WHERE text = ?", (bytes(damaged), _digest(1))
        )

    assert cache.get([_digest(1), _digest(2)]) == {_digest(2): _vector(2)}
    cache.put({_digest(1): _vector(1)}, 4)
    assert len(cache.get([_digest(1), _digest(2)])) == 2


def test_a_vector_of_another_text_is_no_vector_of_this_one(tmp_path: Path) -> None:
    """The sum covers the text's digest, so that swapped rows are found out."""
    cache = VectorCache(tmp_path, KIND)
    cache.put({_digest(1): _vector(1)}, 4)
    with closing(sqlite3.connect(cache.file)) as database, database:
        database.execute("UPDATE vectors SET text = ?", (_digest(2),))

    assert cache.get([_digest(1), _digest(2)]) == {}
    assert checksum(_digest(1), _vector(1)) != checksum(_digest(2), _vector(1))


@pytest.mark.parametrize("data", [b"", b"no database", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_made_again(tmp_path: Path, data: bytes) -> None:
    """Everything in it can be had again, so nobody has to be asked."""
    cache = VectorCache(tmp_path, KIND)
    cache.put({_digest(1): _vector(1)}, 4)
    cache.file.write_bytes(data)

    assert cache.get([_digest(1)]) == {}
    cache.put({_digest(1): _vector(1)}, 4)
    assert cache.get([_digest(1)]) == {_digest(1): _vector(1)}


def test_damage_inside_is_told_once_and_healed(tmp_path: Path) -> None:
    """A file that breaks while it is read is removed; the next look finds an empty one."""
    cache = VectorCache(tmp_path, KIND)
    cache.put({_digest(number): _vector(number, 512) for number in range(100)}, 512)
    data = bytearray(cache.file.read_bytes())
    data[2 * 4096 :] = b"\xa5" * (len(data) - 2 * 4096)
    cache.file.write_bytes(bytes(data))

    with pytest.raises(ModelFailure, match="start again"):
        cache.get([_digest(number) for number in range(100)])
    assert cache.get([_digest(1)]) == {}


def test_a_file_of_another_model_is_refused(tmp_path: Path) -> None:
    """A copied file does not mix two models: the error names the file and the way out."""
    other = VectorCache(tmp_path, msgspec.structs.replace(KIND, model="test/other"))
    other.put({_digest(1): _vector(1)}, 4)
    cache = VectorCache(tmp_path, KIND)
    cache.folder.mkdir()
    (cache.folder / FILE).write_bytes(other.file.read_bytes())

    with pytest.raises(ModelFailure, match="never mixed") as failure:
        cache.get([_digest(1)])
    assert str(cache.file) in str(failure.value)
    assert "test/other" in str(failure.value)


def test_vectors_of_another_length_are_refused_and_none_is_kept(tmp_path: Path) -> None:
    """The first length stays; a batch of another leaves nothing behind."""
    cache = VectorCache(tmp_path, KIND)
    cache.put({_digest(1): _vector(1)}, 4)

    with pytest.raises(ModelFailure, match="vectors of 8 numbers, the ones kept from it have 4"):
        cache.put({_digest(2): _vector(2, 8)}, 8)
    assert cache.get([_digest(1), _digest(2)]) == {_digest(1): _vector(1)}


def _fill(folder: Path, first: int) -> None:
    cache = VectorCache(folder, KIND)
    for start in range(first, first + 100, 10):
        cache.put({_digest(n): _vector(n) for n in range(start, start + 10)}, 4)


def test_two_processes_fill_one_cache(tmp_path: Path) -> None:
    """Nothing is lost and nothing breaks, overlapping texts included."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(tmp_path, first)) for first in (0, 50)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0, 0]
    found = VectorCache(tmp_path, KIND).get([_digest(number) for number in range(150)])
    assert found == {_digest(number): _vector(number) for number in range(150)}


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    """What stands in the way is named."""
    cache = VectorCache(tmp_path, KIND)
    cache.folder.mkdir(parents=True)
    cache.file.mkdir()

    with pytest.raises(ModelFailure, match="cannot be used") as failure:
        cache.put({_digest(1): _vector(1)}, 4)
    assert str(cache.file) in str(failure.value)
