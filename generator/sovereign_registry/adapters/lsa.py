"""Embedder by latent semantic analysis: TF-IDF, then an exact, truncated decomposition.

Vectors only order texts by nearness; they decide nothing.  The decomposition is exact, runs in one
thread, and its signs are fixed, so the same texts give the same vectors on every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

MAX_DIMENSION = 64
DECIMALS = 6
_FLOOR = 1e-5
"""Squared singular values below this share of the largest say nothing about the texts."""

_NUDGE = 1e-8
"""Added, times the text's place, to the diagonal: texts without a common term would have equal
singular values, whose vectors are arbitrary; unequal ones fix them far above rounding noise."""


class LsaEmbedder:
    """Embeds the texts that it is given, all together; vectors of two calls are not comparable.

    Args:
        dimension: The most dimensions that a vector may have, 1 or more.
    """

    name = "LSA (TF-IDF, truncated SVD)"

    def __init__(self, dimension: int = MAX_DIMENSION) -> None:
        self._most = dimension
        self._dimension = 0

    @property
    def version(self) -> str:
        """The version of the library that weighs the terms."""
        from importlib.metadata import version  # noqa: PLC0415 - reads the disk

        return f"scikit-learn {version('scikit-learn')}"

    @property
    def dimension(self) -> int:
        """Length of every vector of the latest ``embed``; 0 before the first."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Return one unit vector per text, quantised half-even to 1e-6.

        The dimension is the smallest of the limit, the number of texts, and the rank of their term
        matrix.  A text without a known term (at least two letters or digits) gets the null vector.
        """
        gram = _gram(texts)
        if gram is None:
            self._dimension = 0
            return [() for _ in texts]
        vectors = _project(gram, self._most)
        self._dimension = int(vectors.shape[1])
        return [tuple(row) for row in _quantise(vectors).tolist()]


def _gram(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """The cosines of all pairs of TF-IDF vectors; None where no text holds a term."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - heavy

    vectoriser = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    analyse = vectoriser.build_analyzer()
    if not any(analyse(text) for text in texts):
        return None
    matrix = vectoriser.fit_transform(texts)
    # A sparse product adds in a fixed order, unlike a dense one on several threads.
    dense: NDArray[np.float64] = (matrix @ matrix.T).toarray()
    return dense


def _project(gram: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """The texts in the space of the first singular vectors, scaled to unit length.

    The eigenvectors of the Gram matrix (texts by texts) give the same projection as the singular
    value decomposition of the term matrix, at the cost of the number of texts, not of terms.
    """
    import numpy as np  # noqa: PLC0415 - heavy
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - same

    count = len(gram)
    known = gram.diagonal() > 0
    nudged = gram + np.diag(np.where(known, _NUDGE * np.arange(1, count + 1), 0.0))
    with threadpool_limits(limits=1):
        values, vectors = np.linalg.eigh(nudged)
    order = np.argsort(-values, kind="stable")
    values = np.clip(values[order], 0.0, None)
    kept = max(1, min(most, int((values > values[0] * _FLOOR).sum())))
    projected = vectors[:, order[:kept]] * np.sqrt(values[:kept])
    for column in range(kept):
        # The sign of a singular vector is arbitrary: its largest part is made positive.
        largest = int(np.argmax(np.round(np.abs(projected[:, column]), 9)))
        if projected[largest, column] < 0:
            projected[:, column] *= -1.0
    lengths = np.linalg.norm(projected, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(
        projected, lengths, out=np.zeros_like(projected), where=known[:, None] & (lengths > _FLOOR)
    )
    return unit


def _quantise(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415 - heavy

    rounded: NDArray[np.float64] = np.round(vectors, DECIMALS) + 0.0  # no minus zero
    return rounded
