"""What a record says of how much of its question each source holds, as far as a reader can tell.

The sources' texts are not published, so that the words themselves cannot be counted again.  What
can be told: the share follows from the words, they are words of the question, and none is left out
that the source's title or a published quotation of it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.numbers import share
from sovereign_registry.contracts.text import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.manifest import Manifest, Source


def coverage_faults(record: Manifest) -> Iterator[str]:
    """One line for every source whose covered words or coverage cannot be right."""
    due = record.question.content_words
    for source in _counted(record):
        name = f"sources {source.ref}"
        if source.covered_words != tuple(word for word in due if word in source.covered_words):
            yield f"{name}: covered_words are not words of the question, each once and in its order"
        elif source.coverage != share(len(source.covered_words), len(due)):
            again = share(len(source.covered_words), len(due))
            yield f"{name}: coverage {source.coverage} where {again} of the words are covered"
        shown = _published_words(record, source)
        for word in due:
            if word in shown and word not in source.covered_words:
                yield f"{name}: covered_words leaves out {word!r}, which title or quotation holds"


def not_counted_again(record: Manifest) -> str:
    """What cannot be recomputed of it, in words; empty where nothing was counted."""
    counted = len(_counted(record))
    if not counted:
        return ""
    return (
        f"not recomputable: which words of the question each of {counted} sources holds "
        "(covered_words): the sources' texts are not published"
    )


def _counted(record: Manifest) -> tuple[Source, ...]:
    """The sources in whose texts this registry counted."""
    return tuple(
        one for one in record.sources if one.origin is Origin.COMPUTED and one.coverage is not None
    )


def _published_words(record: Manifest, source: Source) -> frozenset[str]:
    """The words of its title and of every passage of it that the record quotes."""
    found = set(words(source.title or ""))
    for claim in record.claims:
        for test in (claim.verification, claim.corroboration):
            if test is not None and test.best and test.best.locator.paper == source.ref:
                found.update(words(test.best.quotation))
    return frozenset(found)
