"""What an embedding model adds to steps 2, 5 and 6: it orders and shows, and no more.

*Step 2.*  The papers in reading order get a second order, by the cosine of the question (embedded
as a query) with title and abstract (as a passage); where a paper has no abstract, with the head of
what can be read.  The two orders are merged by reciprocal rank fusion (Cormack, Clarke and
Buettcher, SIGIR 2009): ``1 / (60 + rank)`` summed over both, best first, ties by paper key.

*Step 5.*  Each claim, as a query, is compared with every passage, its own and copies of it left out
as in the lexical test.  The largest cosine and its passage stand beside the lexical value; no tick,
level, score or guard reads them.

*Step 6.*  Other records are ordered by the cosine of the question with their question, title and
abstract.  The ``CANDIDATES`` nearest are compared once more, question with question and both as
queries: from ``near_at`` on they are near-duplicates, as they are by shared words.

Every cosine is quantised half-even to six decimals before anything is ordered by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.claims import SemanticSignal
from sovereign_registry.contracts.manifest import Reranked
from sovereign_registry.contracts.numbers import quantise_six
from sovereign_registry.contracts.rules.fusion_v1 import fused_score
from sovereign_registry.contracts.text import normalise, shorten
from sovereign_registry.pipeline.hostile import scrub_paper, scrub_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.ports import MeaningEmbedder, Neighbours, SectionReader
    from sovereign_registry.contracts.vectors import Near, Vectors
    from sovereign_registry.pipeline.passages import SourcePassage
    from sovereign_registry.pipeline.retrieval import Fused

CANDIDATES = 20
"""Nearest records whose questions are compared with the question."""
HEAD = 4_000
"""Characters of a paper without an abstract that stand for it."""
QUOTATION = 300
"""Characters of the quoted passage; the record names its place, and a reader its source."""


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """The papers in the merged order, with their places in both."""

    papers: tuple[Fused, ...]
    places: tuple[Reranked, ...]
    """Of the same papers, in the same order."""


@dataclass(frozen=True, kw_only=True)
class Signals:
    """The claims with their second signal, and how many passages they were compared with."""

    claims: tuple[Claim, ...]
    passages: int


@dataclass(frozen=True, kw_only=True)
class NearRecords:
    """Other records by nearness."""

    model: str
    compared: int
    sha256: str
    """Digest of the texts that were compared."""
    exact: bool
    near: tuple[Near, ...]
    """By question, title and abstract, nearest first."""
    questions: dict[str, str]
    """Record id to the cosine of the two questions, for every record of ``near``."""


def model_name(meaning: MeaningEmbedder) -> str:
    """The model as records name it."""
    return f"{meaning.name} {meaning.version}"


def cosines(left: Vectors, right: Vectors) -> NDArray[np.float64]:
    """All cosines of two sets of unit vectors, ``left.count`` rows, ``right.count`` columns."""
    rows = np.frombuffer(left.data, dtype="<f4").reshape(-1, left.dimension)
    columns = np.frombuffer(right.data, dtype="<f4").reshape(-1, right.dimension)
    product: NDArray[np.float64] = rows.astype(np.float64) @ columns.astype(np.float64).T
    return product


def rerank(
    question: str, lexical: Sequence[Fused], reader: SectionReader, meaning: MeaningEmbedder
) -> Ordered:
    """Merge the lexical order of papers with their order by meaning.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    if not lexical:
        return Ordered(papers=(), places=())
    texts = [_text_of(item, reader) for item in lexical]
    found = cosines(meaning.queries([question]), meaning.passages(texts))[0]
    values = [quantise_six(float(value)) for value in found]
    by_meaning = sorted(
        range(len(values)), key=lambda at: (-Decimal(values[at]), lexical[at].paper.key)
    )
    rank_of = {at: rank for rank, at in enumerate(by_meaning, start=1)}
    places = [
        Reranked(
            paper=item.paper.ref,
            lexical_rank=at + 1,
            meaning_rank=rank_of[at],
            value=values[at],
            score=fused_score((at + 1, rank_of[at])),
        )
        for at, item in enumerate(lexical)
    ]
    merged = sorted(
        zip(lexical, places, strict=True),
        key=lambda pair: (-Decimal(pair[1].score), pair[0].paper.key),
    )
    return Ordered(
        papers=tuple(item for item, _ in merged), places=tuple(place for _, place in merged)
    )


def _text_of(item: Fused, reader: SectionReader) -> str:
    paper, _ = scrub_paper(item.paper)
    body = paper.abstract
    if not body:
        text, _ = scrub_text(reader.read(item.paper))
        body = shorten(" ".join(section.text for section in text.sections), HEAD)
    return f"{paper.title}\n{body}".strip() or paper.key


def add_signals(
    claims: Sequence[Claim],
    passages: Sequence[SourcePassage],
    meaning: MeaningEmbedder,
    most: int,
) -> Signals:
    """Give each claim its second signal; none where there are more than ``most`` passages.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    if not claims or not passages or len(passages) > most:
        return Signals(claims=tuple(claims), passages=0)
    table = cosines(
        meaning.queries([claim.text for claim in claims]),
        meaning.passages([passage.text for passage in passages]),
    )
    same = [normalise(passage.text) for passage in passages]
    return Signals(
        claims=tuple(
            msgspec.structs.replace(
                claim, semantic=_signal(claim, passages, same, row, model_name(meaning))
            )
            for claim, row in zip(claims, table, strict=True)
        ),
        passages=len(passages),
    )


def _signal(
    claim: Claim,
    passages: Sequence[SourcePassage],
    same: Sequence[str],
    row: NDArray[np.float64],
    model: str,
) -> SemanticSignal:
    own = normalise(claim.text)
    values = [
        (quantise_six(float(row[at])), at)
        for at, passage in enumerate(passages)
        if same[at] != own and passage.locator != claim.locator
    ]
    if not values:
        return SemanticSignal(value=None, model=model, best=None, quotation="")
    value, at = min(values, key=lambda pair: (-Decimal(pair[0]), pair[1]))
    return SemanticSignal(
        value=value,
        model=model,
        best=passages[at].locator,
        quotation=shorten(passages[at].text, QUOTATION),
    )


def near_records(
    record: str, question: str, neighbours: Neighbours, meaning: MeaningEmbedder
) -> NearRecords:
    """The other records that lie nearest to the question, and how near their questions are to it.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    items = tuple(neighbours.passages(without=record))
    found = meaning.nearest(question, items, CANDIDATES)
    asked = {other: text for other, text, _ in neighbours.texts(without=record)}
    near = tuple(one for one in found.near if asked.get(one.key, "").strip())
    questions: dict[str, str] = {}
    if near:
        vectors = meaning.queries([question, *(asked[one.key] for one in near)])
        row = cosines(vectors, vectors)[0]
        questions = {
            one.key: quantise_six(float(value)) for one, value in zip(near, row[1:], strict=True)
        }
    return NearRecords(
        model=model_name(meaning),
        compared=len(items),
        sha256=content_sha256(items),
        exact=found.exact,
        near=near,
        questions=questions,
    )
