"""Sentences of scientific prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.splitter import SentencexSplitter

SPLITTER = SentencexSplitter()


def split(text: str) -> list[str]:
    """The sentences as texts."""
    return [text[start:end] for start, end in SPLITTER.spans(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Jing et al. show gains.", "See Fig. 3 for details.", "Next one."],
        ["We follow Smith et al. [3] here.", "Then Lee et al. (2020) agree.", "Done."],
        ["More came from Ada et al.", "They show it."],
        ["Eq. (2) gives 0.15 as the bound, i.e., the floor.", "It holds."],
        ["This holds, e.g. for MoE vs. dense models.", "It is so, i.e. Gains are kept."],
        ["Figs. 2 and 3, Tab. 1 and Sec. 4.2 show it.", "App. B and No. 5 too."],
        ["The map $x_1. y$ is smooth.", "We get $p < 0.05. Then$ nothing.", "End."],
        ["It holds by \\(a. B\\) alone.", "It costs $5 and $6.", "That is all."],
        ["J. K. Rowling and A. Turing met.", "We use method A.", "Then we use B."],
        ["Each lemon holds vitamin D.", "Another holds none.", "(K. Xu, J. Ba) wrote it."],
        ["Speedup is 7.6x.", "Loss is 0.15.", "1.5B parameters suffice."],
        ["We cite 2601.15021v1.", "See https://example.org/a.b?c=d.", "It helps."],
        ["It's fine.", "The experts' load grows.", 'He said "stop."', "Then it's over."],
        ["(A sentence in brackets.)", "``Quoted words.''", "[Another.]", "More."],
        ["vLLM is fast.", "iPhones are not.", "Is it?", "Yes!"],
        ["We report top-1 acc. of 3 models.", "Approx. 3.5 GB are used.", "Training took 5 min.",
         "The rest was idle."],
        ["Die Größe ist egal.", "Señor ☃ 😀 agrees.", "So be it."],
    ],
)  # fmt: skip
def test_sentences_of_papers_are_kept_whole(sentences: list[str]) -> None:
    """Abbreviations, decimals, math, initials, quotes, addresses and ids do not split."""
    assert split(" ".join(sentences)) == sentences


def test_line_ends_do_not_split_but_empty_lines_do() -> None:
    """A paragraph ends a sentence even without a stop."""
    text = "Line one is\nbroken here. Line two\n\nNew paragraph\n\nand the last"
    assert split(text) == ["Line one is\nbroken here.", "Line two", "New paragraph", "and the last"]


def test_nothing_but_marks_gives_no_sentence() -> None:
    """White space and marks alone are no sentences."""
    assert split("") == split("  \n ") == split("... !? --") == []


FRAGMENTS = st.sampled_from(
    ["et al.", "Fig.", "Eq. (2)", "$x. y$", "$", '"', "'", "“", "(", ")", "[3]", "J.", "A. B.",
     "1.5", "e.g.,", "i.e.", "\n\n", "\n", "We run.", "It holds!", "x", "https://a.b/c.d", "...",
     "é", "😀", "\u0301", "2601.15021v1.", "``", "''", "vs.", "No.", "- ", "中文。"]
)  # fmt: skip


@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=12)), max_size=25).map(" ".join))
def test_spans_are_ordered_trimmed_and_lose_no_word(text: str) -> None:
    """Spans map to the text, do not overlap, and together hold every letter and digit."""
    spans = SPLITTER.spans(text)
    position = 0
    for start, end in spans:
        assert position <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        position = end
    kept = "".join(text[start:end] for start, end in spans)
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


def test_splitting_is_fast_enough_for_long_texts() -> None:
    """A text of 200,000 characters, hostile or not, takes seconds at most."""
    for text in ("$a. " * 50_000, "et al. " * 28_000, "(" * 200_000, "We run it. " * 18_000):
        assert len(SPLITTER.spans(text)) >= 0


def test_name_and_version_are_recorded() -> None:
    """Library version and version of the rules."""
    assert SPLITTER.name == "sentencex"
    assert SPLITTER.version.endswith("+rules-1")
