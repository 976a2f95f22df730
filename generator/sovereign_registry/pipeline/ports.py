"""The ports of one run, gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sovereign_registry.contracts.ports import (
        ClaimExtractor,
        Embedder,
        InstructionProbe,
        MeaningEmbedder,
        Neighbours,
        PaperSearch,
        Progress,
        ReportPrinter,
        Reviewer,
        SectionReader,
        SentenceSplitter,
    )


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Everything that a run needs from the world."""

    search: PaperSearch
    reader: SectionReader
    splitter: SentenceSplitter
    embedder: Embedder
    reviewer: Reviewer
    printer: ReportPrinter | None
    """None: the report is not printed as PDF."""
    neighbours: Neighbours
    progress: Progress
    control: Reviewer | None = None
    """The deterministic panel beside a panel of models; None where it is the panel."""
    extractor: ClaimExtractor | None = None
    """None: claims are chosen by the published score."""
    meaning: MeaningEmbedder | None = None
    """None: nothing is ordered or compared by an embedding model."""
    texts: SectionReader | None = None
    """Reads the papers that were chosen, in full; None: ``reader`` reads them."""
    probe: InstructionProbe | None = None
    """What tries a panel of models; None where the rubric is the panel."""
