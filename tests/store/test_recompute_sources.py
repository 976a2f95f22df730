"""What is said of the question's words in each source is checked as far as it is published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.numbers import share
from sovereign_registry.store import Registry
from sovereign_registry.store.loading import load_manifest
from sovereign_registry.store.newer_rules import newer_level
from sovereign_registry.store.recompute_sources import coverage_faults, not_counted_again
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = Registry(ROOT)
COMPUTED = [
    record
    for name in SHIPPED.ids()
    if (record := load_manifest(SHIPPED.raw(name)[0], name)).origin is Origin.COMPUTED
]
RECORD = COMPUTED[0]


@pytest.mark.parametrize("record", COMPUTED, ids=lambda record: record.id)
def test_shipped_records_have_no_fault_and_say_what_is_open(record: Manifest) -> None:
    """Shares follow, and no word of a title or a quotation is left out."""
    assert list(coverage_faults(record)) == []
    assert "not recomputable: which words of the question" in not_counted_again(record)


def changed(**fields: object) -> list[str]:
    """The faults of a record whose first source with two covered words says something else."""
    place = next(n for n, one in enumerate(RECORD.sources) if len(one.covered_words) > 1)
    source = msgspec.structs.replace(RECORD.sources[place], **fields)
    sources = (*RECORD.sources[:place], source, *RECORD.sources[place + 1 :])
    return list(coverage_faults(msgspec.structs.replace(RECORD, sources=sources)))


def test_a_share_that_does_not_follow_is_a_fault() -> None:
    """The coverage is that of the words that are named."""
    (said,) = changed(coverage="0.999999999")
    assert "coverage 0.999999999 where" in said


def test_words_that_are_none_of_the_question_are_a_fault() -> None:
    """Nor may one stand twice, or in another order."""
    words = RECORD.question.content_words
    for wrong in (("zebra",), (words[0], words[0]), tuple(reversed(words))):
        assert any("are not words of the question" in one for one in changed(covered_words=wrong))


def test_a_word_that_the_title_holds_cannot_be_left_out() -> None:
    """What is published of a source is a lower bound."""
    word, total = RECORD.question.content_words[0], len(RECORD.question.content_words)
    said = changed(title=f"About {word}", covered_words=(), coverage=share(0, total))
    assert any(f"leaves out {word!r}, which title or quotation holds" in one for one in said)


def test_an_imported_record_counted_nothing() -> None:
    """So nothing is open about its sources."""
    assert not_counted_again(bare_manifest()) == ""
    assert list(coverage_faults(bare_manifest())) == []


def test_what_a_newer_rule_would_say_is_told() -> None:
    """Of the shipped records, those of which a claim was corrected, and no other."""
    told = {name: newer_level(SHIPPED.read(name).record) for name in SHIPPED.ids()}
    named = {name for name, text in told.items() if text}
    corrected = {
        name
        for name in SHIPPED.ids()
        if any(
            field.startswith("/claims/") and field.endswith("/text")
            for entry in SHIPPED.read(name).history
            for field in entry.affected_fields
        )
    }
    assert named == corrected
    assert all("Level 1 instead of 2" in told[name] for name in named)
