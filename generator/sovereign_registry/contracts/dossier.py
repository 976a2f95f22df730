"""What a reviewer is shown: the question, the report's text and the claims with their evidence."""

from __future__ import annotations

import msgspec

from sovereign_registry.contracts.claims import Claim


class Dossier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One round's dossier; the same for all three roles."""

    question: str
    report: str
    """The report's Markdown text as judged in this round."""
    claims: tuple[Claim, ...]
    """The claims that the report retains."""
    question_words: int
    """How many content words the question has."""
    covered_words: int
    """How many of them the titles and texts of the sources behind the claims hold."""
    papers: int
    """How many papers were retrieved."""
    references: int
    """How many papers the report cites."""
    uncertainties: int
    """How many uncertainties of this run the report discloses."""
