"""The quick look at bytes and the pattern over text agree on what is forbidden."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.text import FORBIDDEN, clean_utf8


def _forbidden(text: str) -> bool:
    return FORBIDDEN.search(text.replace("\n", "")) is not None


def test_agrees_on_every_character() -> None:
    """Each single character but the line feed is judged as ``FORBIDDEN`` judges it."""
    differing = [
        code
        for code in range(sys.maxunicode + 1)
        if not 0xD800 <= code <= 0xDFFF
        and clean_utf8(f"a{chr(code)}b".encode()) == _forbidden(chr(code))
    ]
    assert differing == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_agrees_on_texts(text: str) -> None:
    """Whole texts too."""
    assert clean_utf8(text.encode()) == (not _forbidden(text))
