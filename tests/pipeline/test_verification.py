"""Step 5: the lexical tick, corroboration and the evidence to recompute both."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Locator
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.rules.lexical_v1 import cosine, terms
from sovereign_registry.pipeline.passages import SourcePassage
from sovereign_registry.pipeline.verification import LexicalIndex, Match

WORDS = st.sampled_from(["gear", "ratio", "hill", "load", "rider", "effort", "tyre", "falls"])
SENTENCES = st.lists(WORDS, min_size=3, max_size=9).map(" ".join)


def passage(key: str, number: int, text: str) -> SourcePassage:
    """A passage of a paper, in the order of its number."""
    return SourcePassage(
        key=key,
        text=text,
        locator=Locator(
            paper=f"{key}v1",
            kind=TextKind.SECTIONS,
            section="1",
            section_title="One",
            start=number * 1000,
            end=number * 1000 + len(text),
            sha256=text_sha256(text),
        ),
    )


def library(*papers: list[str]) -> list[SourcePassage]:
    """Passages of papers ``a``, ``b`` ... in the order of the fit."""
    return [
        passage(chr(ord("a") + place), number, text)
        for place, texts in enumerate(papers)
        for number, text in enumerate(texts)
    ]


def by_hand(claim: SourcePassage, passages: list[SourcePassage], *, other: bool) -> Decimal:
    """The best cosine by the plain recomputation, over all passages that may be compared."""
    df: dict[str, int] = {}
    for item in passages:
        for term in terms(item.text):
            df[term] = df.get(term, 0) + 1
    allowed = [
        item
        for item in passages
        if item.text != claim.text and not (other and item.key == claim.key)
    ]
    values = [
        Decimal(cosine(terms(claim.text), terms(item.text), df, len(passages))) for item in allowed
    ]
    return max(values, default=Decimal(0))


@given(st.lists(st.lists(SENTENCES, min_size=1, max_size=5), min_size=1, max_size=4))
def test_values_agree_with_the_plain_recomputation(papers: list[list[str]]) -> None:
    """Every claim's two values are those of the definition, computed another way."""
    passages = library(*papers)
    for claim, outcome in zip(passages, LexicalIndex(passages).compare(passages), strict=True):
        for match, other in ((outcome.verification, False), (outcome.corroboration, True)):
            expected = by_hand(claim, passages, other=other)
            assert abs(Decimal(match.value) - expected) <= Decimal("2e-9")


def test_the_own_passage_and_its_copies_do_not_count() -> None:
    """A sentence cannot be its own evidence, nor can the same words elsewhere."""
    passages = library(["The gear ratio falls."], ["The  GEAR ratio falls", "A hub is heavy."])
    (outcome, *_) = LexicalIndex(passages).compare(passages)
    assert outcome.verification == Match(value="0.000000000", index=-1)
    assert outcome.corroboration == Match(value="0.000000000", index=-1)


def test_corroboration_needs_a_different_paper() -> None:
    """The same paper may verify a claim, but only another may corroborate it."""
    passages = library(
        ["The gear ratio falls on a hill.", "On a hill the gear ratio falls fast."],
        ["The gear of the rider is old."],
    )
    (outcome, *_) = LexicalIndex(passages).compare(passages)
    assert passages[outcome.verification.index].key == "a"
    assert passages[outcome.corroboration.index].key == "b"
    assert Decimal(outcome.verification.value) > Decimal(outcome.corroboration.value)


def test_of_equal_passages_the_first_in_order_stands() -> None:
    """Ties are decided by paper key and place, not by chance."""
    passages = library(
        ["Gears turn wheels fast."], ["Gears turn slowly here."], ["Gears turn slowly here."]
    )
    (outcome, *_) = LexicalIndex(passages).compare(passages)
    assert outcome.verification.index == 1


@pytest.mark.parametrize(
    ("value", "margin", "tick"),
    [
        ("0.150000000", "0.000000000", "passed, close"),
        ("0.149999999", "-0.000000001", "failed, close"),
        ("0.150600000", "0.000600000", "passed"),
        ("0.400000000", "0.250000000", "passed"),
        ("0.050000000", "-0.100000000", "failed"),
    ],
)
def test_the_tick_is_decided_on_the_raw_value(value: str, margin: str, tick: str) -> None:
    """0.150 shown may pass or fail; the note says so where rounding would hide it."""
    passages = library(["Gears turn wheels fast.", "Wheels turn gears."])
    check = LexicalIndex(passages).check(passages[0], Match(value=value, index=1), "0.15")
    assert check.margin == margin
    assert check.passed == tick.startswith("passed")
    assert bool(check.note) == tick.endswith("close")
    assert check.comparator == ">="
    assert check.best
    assert check.best.locator == passages[1].locator


def test_shared_terms_are_the_heaviest_first() -> None:
    """Rare shared words weigh more than common ones; at most twelve are named."""
    passages = library(
        ["The zebra rides the bike.", "The bike of the zebra is new.", "The bike is old."]
    )
    index = LexicalIndex(passages)
    (outcome, *_) = index.compare(passages)
    check = index.check(passages[0], outcome.verification, "0.15")
    assert check.best
    assert set(check.best.shared_terms) == {"the zebra", "the bike", "the", "zebra", "bike"}
    assert check.best.shared_terms.index("zebra") < check.best.shared_terms.index("bike")


def test_a_long_passage_is_quoted_to_500_characters() -> None:
    """Shortened at a word with an ellipsis; the locator still points at all of it."""
    long = "Gears " + "turn wheels " * 60 + "fast."
    passages = library(["Gears turn wheels.", long])
    check = LexicalIndex(passages).check(passages[0], Match(value="0.2", index=1), "0.15")
    assert check.best
    assert len(check.best.quotation) <= 500
    assert check.best.quotation.endswith("…")
    assert check.best.locator.sha256 == text_sha256(long)


@pytest.mark.parametrize("texts", [[], ["? ! ."], ["a b c", "d e f"]])
def test_without_terms_nothing_passes_and_nothing_breaks(texts: list[str]) -> None:
    """No passage, or none with a word of two letters: value 0, no best passage."""
    index = LexicalIndex(library(texts))
    claim = passage("z", 0, "Gears turn wheels.")
    (outcome,) = index.compare([claim])
    check = index.check(claim, outcome.verification, "0.15")
    assert (check.passed, check.value, check.best) == (False, "0.000000000", None)


def test_blocks_do_not_change_outcomes() -> None:
    """More claims than one block holds give what each gives alone."""
    texts = [f"gear number {number} turns wheel {number % 7}" for number in range(1100)]
    passages = library(texts)
    index = LexicalIndex(passages)
    together = list(index.compare(passages))
    for place in (0, 1023, 1024, 1099):
        assert together[place] == next(iter(index.compare([passages[place]])))
