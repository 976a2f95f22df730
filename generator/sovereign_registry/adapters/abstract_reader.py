"""Reads a paper's abstract, which is all the text that a metadata source carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.papers import Section, SourceText, TextKind

if TYPE_CHECKING:
    from sovereign_registry.contracts.papers import Paper


class AbstractReader:
    """SectionReader whose one section is the abstract, and is named so."""

    name = "abstract reader"
    version = "1"

    def read(self, paper: Paper) -> SourceText:
        """Return the abstract as a section; a paper without one has no sections."""
        sections = (
            (Section(key="abstract", title="Abstract", text=paper.abstract),)
            if paper.abstract
            else ()
        )
        return SourceText(kind=TextKind.ABSTRACT, sections=sections)
