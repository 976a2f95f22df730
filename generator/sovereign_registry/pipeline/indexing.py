"""Step 6: the semantic index, related records and near-duplicates.

The embedder sees the question and every paper that was read (title and text); its dimension is
recorded.  Records that the registry already holds come in through the Neighbours port, without this
record itself; what was compared is recorded by digest and is no part of the record's id.

*Same question*: the normalised question is equal.  *Near-duplicate*: the content words of the
question have a Jaccard index of at least ``near_duplicate_at`` with those of another record's
question or title.  Up to five other records that share a content word are *related*; the index's
cosine orders these and decides nothing.

Where an embedding model was asked, it takes the place of the embedder: related are the records
nearest by meaning, shared words or not, and questions that lie near enough by its cosine are
near-duplicates too (``pipeline/meaning.py``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.live import MeaningSettings
from sovereign_registry.contracts.manifest import ByMeaning, Flag, FlagKind, Index, Related
from sovereign_registry.contracts.text import jaccard, normalise
from sovereign_registry.pipeline.meaning import near_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.manifest import Reranked
    from sovereign_registry.contracts.ports import Embedder, MeaningEmbedder, Neighbours
    from sovereign_registry.pipeline.meaning import NearRecords
    from sovereign_registry.pipeline.reading import ReadPaper
    from sovereign_registry.pipeline.run import Prepared

RELATED = 5
_USE = "Orders related records by nearness; decides nothing."
_USE_BY_MEANING = (
    "Orders papers, together with the order by words, and related records by nearness, notices "
    "near-duplicate questions, and gives each claim a second signal, which decides nothing."
)


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """The index as recorded, and the flags that the registry's other records give rise to."""

    index: Index
    flags: tuple[Flag, ...]


def build_index(  # noqa: PLR0913 - one argument per input of the step
    *,
    record: str,
    question: str,
    papers: Sequence[ReadPaper],
    embedder: Embedder,
    neighbours: Neighbours,
    near_duplicate_at: str,
) -> Indexed:
    """Embed the run's texts and compare the question with every other record's."""
    texts = [
        f"{item.paper.title} {' '.join(section.text for section in item.text.sections)}"
        for item in papers
    ]
    embedder.embed([question, *texts])
    dimension = embedder.dimension
    others = list(neighbours.texts(without=record))
    close = [
        Related(record=other, relation=relation, basis=basis)
        for other, asked, title in others
        if (relation := _relation(question, asked, title, near_duplicate_at))
        for basis in (_basis(question, asked, title),)
    ]
    taken = {item.record for item in close}
    index = Index(
        origin=Origin.COMPUTED,
        model=f"{embedder.name} {embedder.version}",
        dimension=dimension,
        use=_USE,
        compared_sha256=neighbours.sha256,
        related=(*close, *_related(question, texts, others, taken, embedder)),
    )
    return Indexed(index=index, flags=tuple(_flag(item) for item in close))


@dataclass(frozen=True, kw_only=True)
class MeaningUse:
    """What the embedding model did in the steps before this one."""

    reranked: tuple[Reranked, ...]
    candidates: int
    passages: int


def index_by_meaning(
    prepared: Prepared, meaning: MeaningEmbedder, neighbours: Neighbours, use: MeaningUse
) -> Indexed:
    """Compare the question with every other record's, by shared words and by meaning.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    found = near_records(prepared.id, prepared.question, neighbours, meaning)
    close = close_records(prepared, neighbours, found)
    taken = {item.record for item in close}
    related = [
        Related(
            record=one.key,
            relation="related",
            basis=(
                f"Its question, title and abstract lie at cosine {one.value} from this question, "
                f"by {found.model}."
            ),
        )
        for one in found.near
        if one.key not in taken
    ]
    index = Index(
        origin=Origin.COMPUTED,
        model=found.model,
        dimension=meaning.dimension,
        use=_USE_BY_MEANING,
        compared_sha256=neighbours.sha256,
        related=(*close, *related[:RELATED]),
        meaning=ByMeaning(
            reranked=use.reranked,
            candidates=use.candidates,
            compared=found.compared,
            compared_sha256=found.sha256,
            exact=found.exact,
            passages=use.passages,
        ),
    )
    return Indexed(index=index, flags=tuple(_flag(item) for item in close))


def close_records(
    prepared: Prepared, neighbours: Neighbours, found: NearRecords | None
) -> tuple[Related, ...]:
    """Same questions and near-duplicates among the other records, ordered by id.

    Args:
        prepared: The run, whose own id is left out.
        neighbours: What the registry holds.
        found: The records nearest by meaning; None where no model was asked.
    """
    question, config = prepared.question, prepared.config
    close = []
    for other, asked, title in neighbours.texts(without=prepared.id):
        relation = _relation(question, asked, title, config.near_duplicate_at)
        basis = _basis(question, asked, title)
        if relation is None and found is not None and isinstance(config.meaning, MeaningSettings):
            value, near_at = found.questions.get(other), config.meaning.near_at
            if value is not None and Decimal(value) >= Decimal(near_at):
                relation = "near-duplicate"
                basis = (
                    f"Its question lies at cosine {value} from this one by {found.model}, where "
                    f"{near_at} counts as near."
                )
        if relation:
            close.append(Related(record=other, relation=relation, basis=basis))
    return tuple(close)


def _relation(
    question: str, asked: str, title: str, at: str
) -> Literal["same question", "near-duplicate"] | None:
    if normalise(asked) == normalise(question):
        return "same question"
    near = any(
        union > 0 and Decimal(shared) >= Decimal(at) * union
        for shared, union in (jaccard(question, asked), jaccard(question, title))
    )
    return "near-duplicate" if near else None


def _basis(question: str, asked: str, title: str) -> str:
    if normalise(asked) == normalise(question):
        return "The normalised questions are equal; the inputs differ."
    pairs = [(jaccard(question, asked), "question"), (jaccard(question, title), "title")]
    (shared, union), what = max(pairs, key=lambda pair: pair[0][0] / (pair[0][1] or 1))
    return f"Its {what} shares {shared} of {union} content words with this question."


def _flag(related: Related) -> Flag:
    same = related.relation == "same question"
    message = (
        f"The same question was answered before, from other inputs, by record {related.record}."
        if same
        else f"Record {related.record} is nearly the same. {related.basis}"
    )
    return Flag(
        kind=FlagKind.SAME_QUESTION if same else FlagKind.NEAR_DUPLICATE,
        message=message,
        about=(related.record,),
        unresolved=not same,
    )


def _related(
    question: str,
    texts: Sequence[str],
    others: Sequence[tuple[str, str, str]],
    taken: set[str],
    embedder: Embedder,
) -> tuple[Related, ...]:
    open_ones = [
        (record, asked)
        for record, asked, _ in others
        if record not in taken and jaccard(question, asked)[0]
    ]
    if not open_ones:
        return ()
    # One space for all: vectors of two calls cannot be compared.
    vectors = embedder.embed([question, *(asked for _, asked in open_ones), *texts])
    near = sorted(
        (-round(_cosine(vectors[0], vectors[place]), 6), record, asked)
        for place, (record, asked) in enumerate(open_ones, start=1)
    )
    return tuple(
        Related(
            record=record,
            relation="related",
            basis=(
                f"Its question shares {jaccard(question, asked)[0]} content words with this one; "
                f"cosine in the index {0.0 - minus:.6f}."
            ),
        )
        for minus, record, asked in near[:RELATED]
    )


def _cosine(left: Sequence[float], right: Sequence[float]) -> float:
    norm = math.hypot(*left) * math.hypot(*right)
    product = math.fsum(one * other for one, other in zip(left, right, strict=True))
    return product / norm if norm else 0.0
