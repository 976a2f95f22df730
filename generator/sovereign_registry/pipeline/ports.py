"""The ports of one run, gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sovereign_registry.contracts.ports import (
        Embedder,
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
