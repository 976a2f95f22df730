"""Steps 2, 5 and 6 with or without an embedding model; without one, exactly as without this file.

Also what is asked before anything is paid for: whether the registry holds the question already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.live import MeaningSettings
from sovereign_registry.pipeline.indexing import (
    MeaningUse,
    build_index,
    close_records,
    index_by_meaning,
)
from sovereign_registry.pipeline.meaning import add_signals, near_records, rerank
from sovereign_registry.pipeline.reading import reading_order
from sovereign_registry.pipeline.uncertainties import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.manifest import Related, Reranked
    from sovereign_registry.pipeline.indexing import Indexed
    from sovereign_registry.pipeline.passages import SourcePassage
    from sovereign_registry.pipeline.ports import Ports
    from sovereign_registry.pipeline.reading import ReadPaper
    from sovereign_registry.pipeline.retrieval import Fused
    from sovereign_registry.pipeline.run import Prepared


def near_questions(prepared: Prepared, ports: Ports) -> tuple[Related, ...]:
    """The records that answer the question already or nearly so, ordered by id.

    By shared words always; by meaning too where an embedding model is asked, which costs the
    embedding of the question and of the records that were not embedded before.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    found = None
    if ports.meaning:
        found = near_records(prepared.id, prepared.question, ports.neighbours, ports.meaning)
    return close_records(prepared, ports.neighbours, found)


def order_papers(
    prepared: Prepared, ports: Ports
) -> tuple[tuple[Fused, ...], tuple[Reranked, ...]]:
    """Step 2: the papers to read, best first, and their places where a model ordered them too.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    most = prepared.config.max_papers
    lexical = reading_order(prepared.fused, prepared.question_words, ports.reader)
    if ports.meaning is None:
        return lexical[:most], ()
    merged = rerank(prepared.question, lexical, ports.reader, ports.meaning)
    read = {item.paper.key for item in merged.papers[:most]}
    new = len(read - {item.paper.key for item in lexical[:most]})
    ports.progress.note(
        f"also by meaning ({ports.meaning.name}): {new} of {counted(len(read), 'paper')} "
        "would not be read by words alone"
    )
    return merged.papers[:most], merged.places[:most]


def second_signals(
    prepared: Prepared, claims: Sequence[Claim], passages: Sequence[SourcePassage], ports: Ports
) -> tuple[tuple[Claim, ...], int]:
    """Step 5: the claims with the model's second signal, and how many passages it compared.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    settings = prepared.config.meaning
    if ports.meaning is None or not isinstance(settings, MeaningSettings):
        return tuple(claims), 0
    signals = add_signals(claims, passages, ports.meaning, settings.max_passages)
    if signals.passages:
        ports.progress.note(f"second signal by {ports.meaning.name}, shown beside; decides nothing")
    elif claims:
        ports.progress.note(
            f"no second signal: {len(passages)} passages, the setting allows "
            f"{settings.max_passages}"
        )
    return signals.claims, signals.passages


def index_records(
    prepared: Prepared,
    papers: Sequence[ReadPaper],
    ports: Ports,
    places: tuple[Reranked, ...] = (),
    embedded: int = 0,
) -> Indexed:
    """Step 6: the index and what the registry's other records give rise to.

    Args:
        prepared: The run so far.
        papers: What was read.
        ports: The world.
        places: The papers' places, where a model ordered them.
        embedded: How many passages the model compared claims with.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    if ports.meaning is None:
        return build_index(
            record=prepared.id,
            question=prepared.question,
            papers=papers,
            embedder=ports.embedder,
            neighbours=ports.neighbours,
            near_duplicate_at=prepared.config.near_duplicate_at,
        )
    use = MeaningUse(reranked=places, candidates=len(prepared.fused), passages=embedded)
    return index_by_meaning(prepared, ports.meaning, ports.neighbours, use)


def index_again(
    prepared: Prepared, papers: Sequence[ReadPaper], before: Indexed, ports: Ports
) -> Indexed:
    """Step 6 once more, because the registry holds other records by now.

    Raises:
        ModelFailure: the model gave no usable vectors.
    """
    used = before.index.meaning
    if not used:
        return index_records(prepared, papers, ports)
    return index_records(prepared, papers, ports, used.reranked, used.passages)
