"""The MeaningEmbedder over a model server: asked in batches, checked, kept, never mixed.

Each text is asked for once: vectors are kept by digest and shared by all runs of a registry.  What
a server answers is checked before it is kept: one vector a text, finite, not zero, all of one
length, which is the length of the setting and of everything that was kept from the model before.
Vectors are then scaled to unit length in double precision and kept in single precision.
"""

from __future__ import annotations

import hashlib
import math
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Literal

import numpy as np

from sovereign_registry.adapters.meaning.cached import Kind, VectorCache, other_length
from sovereign_registry.adapters.meaning.index import IndexFile
from sovereign_registry.contracts.calls import CallFault, EmbedCall
from sovereign_registry.contracts.errors import ModelFailure
from sovereign_registry.contracts.vectors import Neighbourhood, Vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from numpy.typing import NDArray

    from sovereign_registry.contracts.calls import EmbedReply
    from sovereign_registry.contracts.live import MeaningSettings
    from sovereign_registry.contracts.ports import ModelServer

BATCH = 50
"""Texts of one call: what NVIDIA's own client for LangChain sends."""
AT_ONCE = 4
"""Calls in flight at the same time; the server's account may allow fewer, which it sees to."""
_SERVICES = {"nim": "over NIM", "openai": "over an OpenAI-compatible server"}

Purpose = Literal["query", "passage"]


def text_digest(text: str) -> bytes:
    """SHA-256 of a text, UTF-8; what its vector is kept by."""
    return hashlib.sha256(text.encode()).digest()


class ServedEmbedder:
    """Embeds texts by a served model.

    Args:
        server: What answers the calls.
        settings: The model, and what can change its vectors.
        folder: Where vectors and index files of all models are kept; disposable.
    """

    def __init__(self, server: ModelServer, settings: MeaningSettings, folder: Path) -> None:
        self.settings = settings
        self._server = server
        self._caches: dict[Purpose, VectorCache] = {
            "query": _cache(folder, settings, "query"),
            "passage": _cache(folder, settings, "passage"),
        }
        self._dimension = settings.dimension or 0

    @property
    def name(self) -> str:
        """The model's id."""
        return self.settings.model

    @property
    def version(self) -> str:
        """How it is reached: a served model states no version of its own."""
        return _SERVICES[self.settings.service]

    @property
    def dimension(self) -> int:
        """Length of every vector; 0 before the first is known."""
        return self._dimension

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that ask: one unit vector per text, in their order.

        Raises:
            ModelFailure: the server gave no usable vectors; those that it gave before are kept.
        """
        return self._embed(texts, "query")

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that are searched: one unit vector per text, in their order.

        Raises:
            ModelFailure: as for ``queries``.
        """
        return self._embed(texts, "passage")

    def nearest(self, question: str, items: Sequence[tuple[str, str]], count: int) -> Neighbourhood:
        """Return the ``count`` of the (key, text) items whose texts lie nearest to a question.

        Raises:
            ModelFailure: as for ``queries``.
        """
        if not items or count < 1:
            return Neighbourhood(near=(), exact=True)
        asked = as_matrix(self.queries([question]))[0]
        index = IndexFile(self._caches["passage"].folder)
        digests = [text_digest(text) for _, text in items]
        if not index.holds(digests, self._dimension):
            index.write(digests, as_matrix(self.passages([text for _, text in items])))
        keys = [key for key, _ in items]
        return index.nearest(keys, asked, count)

    def _embed(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        if not all(text.strip() for text in texts):
            message = "an empty text has no meaning to embed"
            raise ValueError(message)
        cache = self._caches[purpose]
        self._agree(cache)
        by_digest = {text_digest(text): text for text in texts}
        held = cache.get(by_digest) if by_digest else {}
        missing = [digest for digest in by_digest if digest not in held]
        held.update(self._ask({digest: by_digest[digest] for digest in missing}, cache))
        data = b"".join(held[text_digest(text)] for text in texts)
        return Vectors(dimension=self._dimension or 1, data=data)

    def _agree(self, cache: VectorCache) -> None:
        """Take the length from what was kept, or see that it is the one that is known."""
        kept = cache.dimension()
        if kept and self.settings.dimension not in {None, kept}:
            raise self._bad(
                f"gave vectors of {kept} numbers before, and the setting says "
                f"{self.settings.dimension}",
                "Correct the dimension, or name the model that has it (--embedding-model).",
            )
        if kept and self._dimension and kept != self._dimension:
            raise other_length(cache, self._dimension, str(kept))
        self._dimension = self._dimension or kept

    def _ask(self, texts: dict[bytes, str], cache: VectorCache) -> dict[bytes, bytes]:
        """Ask the server; every batch is checked and kept as soon as it is there."""
        digests = list(texts)
        batches = [digests[start : start + BATCH] for start in range(0, len(digests), BATCH)]
        found: dict[bytes, bytes] = {}
        failures: dict[int, Exception] = {}
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            calls = {
                pool.submit(self._server.embed, self._call([texts[d] for d in batch], cache)): place
                for place, batch in enumerate(batches)
            }
            try:
                for call in as_completed(calls):
                    if call.cancelled():
                        continue
                    try:
                        vectors = self._checked(call.result(), batches[calls[call]])
                        cache.put(vectors, self._dimension)
                        found.update(vectors)
                    except Exception as error:  # noqa: BLE001 - raised below, the first in order
                        failures[calls[call]] = error
                        _cancel(calls)
            except BaseException:
                _cancel(calls)  # an interrupt must not wait for what was not sent yet
                raise
        if failures:
            raise failures[min(failures)]
        return found

    def _call(self, texts: list[str], cache: VectorCache) -> EmbedCall:
        return EmbedCall(
            model=self.settings.model,
            texts=tuple(texts),
            purpose=cache.kind.purpose,
            truncate=self.settings.truncate,
        )

    def _checked(self, reply: EmbedReply, digests: list[bytes]) -> dict[bytes, bytes]:
        if len(reply.vectors) != len(digests):
            raise self._bad(f"answered {len(digests)} texts with {len(reply.vectors)} vectors")
        due = self._dimension or len(reply.vectors[0])
        made: dict[bytes, bytes] = {}
        for digest, vector in zip(digests, reply.vectors, strict=True):
            if len(vector) != due or not vector:
                raise self._wrong_length(len(vector), due)
            made[digest] = self._unit(vector)
        self._dimension = due
        return made

    def _unit(self, vector: Sequence[float]) -> bytes:
        """A vector scaled to length 1, as it is kept."""
        values = np.asarray(vector, dtype=np.float64)
        length = math.hypot(*values.tolist())  # overflows only where a number already has
        if not math.isfinite(length) or length == 0:
            raise self._bad(
                "gave a vector of zeros" if length == 0 else "gave a vector that is not finite"
            )
        return (values / length).astype("<f4").tobytes()

    def _wrong_length(self, found: int, due: int) -> ModelFailure:
        if due == self.settings.dimension:
            return self._bad(
                f"gave a vector of {found} numbers where the setting says {due}",
                "Correct the dimension, or name the model that has it (--embedding-model).",
            )
        return self._bad(f"gave a vector of {found} numbers after others of {due}")

    def _bad(self, what: str, todo: str = "") -> ModelFailure:
        return ModelFailure(
            f"{self.settings.model} {what}",
            fault=CallFault.MALFORMED,
            where="embeddings",
            todo=todo or "The server's reply cannot be used; nothing of this batch was kept.",
        )


def _cancel(calls: Iterable[Future[EmbedReply]]) -> None:
    """Send nothing more; what is on its way comes back and is kept."""
    for call in calls:
        call.cancel()


def _cache(folder: Path, settings: MeaningSettings, purpose: Purpose) -> VectorCache:
    kind = Kind(
        service=settings.service,
        model=settings.model,
        purpose=purpose,
        truncate=settings.truncate,
    )
    return VectorCache(folder, kind)


def as_matrix(vectors: Vectors) -> NDArray[np.float32]:
    """Vectors as a matrix, one a row; a view of their bytes."""
    return np.frombuffer(vectors.data, dtype="<f4").reshape(-1, vectors.dimension)
