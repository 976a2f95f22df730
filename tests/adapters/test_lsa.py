"""The embedded default for the semantic index."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys

import pytest

from sovereign_registry.adapters.lsa import LsaEmbedder

TEXTS = (
    "Sparse experts route tokens to few networks.",
    "A router sends each token to its experts.",
    "Kitchens need burners and pans.",
    "Pans and burners of a kitchen.",
    "Quantised weights save memory at inference.",
    "Completely unrelated astronomy of distant quasars.",
)


def nearness(one: object, two: object) -> float:
    """The dot product of two vectors."""
    return sum(a * b for a, b in zip(one, two, strict=True))  # type: ignore[call-overload]


def test_near_texts_are_near_and_vectors_are_unit_length() -> None:
    """Texts that share words are closer than texts that do not."""
    embedder = LsaEmbedder()
    vectors = embedder.embed(TEXTS)
    assert {len(vector) for vector in vectors} == {embedder.dimension} == {6}
    for vector in vectors:
        assert math.isclose(nearness(vector, vector), 1.0, abs_tol=1e-5)
        assert all(round(value, 6) == value for value in vector)
    assert nearness(vectors[2], vectors[3]) > nearness(vectors[2], vectors[0])
    assert nearness(vectors[0], vectors[1]) > nearness(vectors[0], vectors[5])


def test_the_dimension_is_bounded_by_limit_texts_and_rank() -> None:
    """Identical texts span one dimension."""
    embedder = LsaEmbedder(dimension=3)
    embedder.embed(TEXTS)
    assert embedder.dimension == 3
    same = embedder.embed(["alpha beta gamma"] * 4)
    assert embedder.dimension == 1
    assert list(same) == [(1.0,)] * 4


def test_texts_without_terms_have_no_direction() -> None:
    """No text, only stop words, or one empty text among others."""
    embedder = LsaEmbedder()
    assert list(embedder.embed([])) == []
    assert list(embedder.embed(["the of", ""])) == [(), ()]
    assert embedder.dimension == 0
    vectors = embedder.embed(["", "alpha beta", "gamma delta"])
    assert set(vectors[0]) == {0.0}
    assert nearness(vectors[1], vectors[1]) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("count", range(2, 12))
def test_signs_are_fixed(count: int) -> None:
    """Texts that share a word lie on the positive side of the first direction."""
    texts = [f"shared common term{n} other{n % 3}" for n in range(count)]
    assert all(vector[0] > 0 for vector in LsaEmbedder().embed(texts))
    backwards = LsaEmbedder().embed(texts[::-1])
    assert all(vector[0] > 0 for vector in backwards)


def test_vectors_are_the_same_for_every_hash_seed_and_number_of_threads() -> None:
    """Separate processes with other seeds and threads give equal vectors."""
    code = (
        "import json, random\n"
        "from sovereign_registry.adapters.lsa import LsaEmbedder\n"
        "words = [f'word{n}' for n in range(400)]\n"
        "draw = random.Random(7)\n"
        "texts = [' '.join(draw.choices(words, k=60)) for _ in range(150)]\n"
        "texts += ['lonely one', 'lonelier two', 'loneliest three', texts[0]]\n"
        "print(json.dumps(LsaEmbedder().embed(texts)))\n"
    )
    outputs = []
    for seed, threads in (("0", "1"), ("1", "2"), ("77", "4")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads,
                       "OPENBLAS_NUM_THREADS": threads}  # fmt: skip
        outputs.append(
            subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, check=True
            ).stdout
        )
    assert outputs[0] == outputs[1] == outputs[2]
    assert len(json.loads(outputs[0])[0]) == 64


def test_importing_the_module_loads_no_heavy_library() -> None:
    """A sibling adapter costs nothing until it is used."""
    code = (
        "import sys\n"
        "import sovereign_registry.adapters.lsa, sovereign_registry.adapters.typst_pdf\n"
        "import sovereign_registry.adapters.arxiv_search, sovereign_registry.adapters.splitter\n"
        "import sovereign_registry.adapters.snapshot, sovereign_registry.adapters.console\n"
        "heavy = {'numpy', 'sklearn', 'scipy', 'arxiv', 'requests', 'lxml', 'typst', 'sentencex'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
