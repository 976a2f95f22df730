"""Text of strangers is marked so that none of it can pass for ours."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.reviewing.marking import MARKERS, leaks, marks_for

PURPOSE = ("record", "0", "SKEPTIC", "digest")


@given(st.text(max_size=300))
def test_every_gap_between_words_is_marked(text: str) -> None:
    """No white space but line ends is left, each of them between marks; nothing else changes."""
    marks = marks_for(PURPOSE, [text])
    assert marks.marker not in text
    shown = marks.mark(text)
    assert not re.search(r"[^\S\n]", shown)
    assert all(part.startswith(marks.marker) for part in shown.split("\n")[1:])
    assert re.sub(r"\s", "", text) == re.sub(r"\s", "", marks.unmark(shown))


@given(st.text(alphabet=MARKERS + " a", max_size=60))
def test_the_mark_is_none_of_the_texts(text: str) -> None:
    """A text that uses the usual marks gets another one."""
    assert marks_for(PURPOSE, [text, MARKERS]).marker not in text + MARKERS


def test_tokens_are_the_runs_own() -> None:
    """The same purpose gives the same tokens; another digest, seed or role gives others."""
    one = marks_for(PURPOSE, ["text"])
    assert one == marks_for(PURPOSE, ["text"])
    others = [
        marks_for((*PURPOSE[:place], "else", *PURPOSE[place + 1 :]), ["text"])
        for place in range(len(PURPOSE))
    ]
    tokens = {mark.token for mark in (one, *others)} | {mark.canary for mark in (one, *others)}
    assert len(tokens) == 2 * (len(PURPOSE) + 1)


def test_a_text_that_holds_a_token_gets_another_one() -> None:
    """Whoever could guess a token would still not close the block."""
    first = marks_for(PURPOSE, ["text"])
    second = marks_for(PURPOSE, [f"text {first.token}>>"])
    assert second.token != first.token
    assert f"{second.token}>>" not in second.mark(f"text {first.token}>>")


def test_a_leak_is_found_however_it_is_written() -> None:
    """Case, spaces and punctuation between its characters hide nothing."""
    secret = "0a1b2c3d4e5f6071"  # noqa: S105 - a token of this test
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in secret)
    for said in (secret, secret.upper(), "-".join(secret), " ".join(secret), wide):
        assert leaks(said, [secret])
    assert not leaks(secret[:-1], [secret])
