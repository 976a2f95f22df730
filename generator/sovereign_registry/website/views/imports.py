"""What a page says differently of an imported record: whose words and values stand where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.rules import tiers_v1
from sovereign_registry.contracts.text import collapse
from sovereign_registry.website.views import own_texts, scales

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.manifest import Manifest, Statement


def _declared(record: Manifest) -> bool:
    return record.origin is Origin.DECLARED


def _on_page(record: Manifest, *labels: str) -> str:
    """What the imported page states under the first of these labels that it has; else empty."""
    stated = {one.label: one.value for one in record.provenance.declared if one.document == "page"}
    return next((stated[label] for label in labels if label in stated), "")


def abstract_scope(record: Manifest) -> str:
    """Who wrote the abstract and what it reports."""
    if _declared(record):
        return "Another system wrote this; it stands here as the imported document has it."
    if own_texts.has_notes(record):
        return (
            "Written by software about the sources below. It reports what was found in them; "
            "technical notes among them report simulations that this registry ran itself."
        )
    return (
        "Written by software about the sources below. It reports what was found in them and no "
        "experiment of its own."
    )


def question_scope(record: Manifest) -> str:
    """How the question relates to what follows, and where draft and page word it differently."""
    if not _declared(record):
        what = "The title above is the" if record.question.text == record.work.title else "The"
        return f"{what} question as it was asked, whole. Everything below was derived from it."
    page = _on_page(record, "Research Question")
    text = record.question.text
    if not page:
        return "The question as the imported draft states it."
    if collapse(page) == collapse(text):
        return "The question as the imported draft and its page state it."
    return (
        "The question as the imported draft states it. Its page words it differently, and that is "
        f"kept below as declared: “{page}”"
    )


def statement_note(record: Manifest, statement: Statement) -> str:
    """What a reader must know where a statement seems to contradict the page that prints it."""
    if statement.document == "page" and record.claims and statement.label in _SCOPES_OF_CLAIMS:
        return (
            "The imported page says this of itself. The claims on this page come from the imported "
            "draft, which lists them."
        )
    return ""


_SCOPES_OF_CLAIMS = ("Verification Level: scope",)
"""Where an imported page says which of its claims it shows."""


def open_flags(record: Manifest) -> tuple[str, ...]:
    """The unresolved flags beside a tier: those that the rule read, of an import all there are."""
    if record.assessment.tier.origin is not Origin.DECLARED:
        return record.assessment.tier.unresolved_flags
    return tuple(sorted({flag.kind.value for flag in record.flags if flag.unresolved}))


def tier_note(record: Manifest, rule: str) -> str:
    """What the tier was given for; of a declared one, what our rule would give."""
    found = record.assessment.tier
    if found.origin is not Origin.DECLARED:
        return f"Given for: {rule}"
    here = tiers_v1.assess_tier(
        score=found.review_score,
        verified=found.verified_claim_count,
        artifact_types=found.artifact_types,
        reproducibility=found.reproducibility_level,
        flags=record.flags,
        counts_computed=False,
    )
    gives = "the same" if here.tier is found.tier else scales.tier_label(here.tier)
    return (
        f"Declared by the document. For the declared inputs our rule {here.rules} would give "
        f"{gives}. Here the word is given for: {rule}"
    )


def correction_scope(record: Manifest) -> Iterator[str]:
    """Whose values the correction record of an import holds, and what its page states."""
    if not _declared(record):
        return
    state = _on_page(record, "Correction Record: Status")
    count = _on_page(record, "Correction count")
    stated = f" The imported page states of its own: {state}, correction count {count}."
    yield (
        "State, count and contracts here are this registry's own, of its record of the import."
        + (stated if state and count else "")
    )
