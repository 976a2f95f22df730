"""Text from outside inside Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sovereign_registry.pipeline.markdown import escape, table


def shown(markdown: str) -> list[str]:
    """The types of all tokens of a document, inline ones included."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [inner.type for token in tokens for inner in (token, *(token.children or ()))]


def text_of(markdown: str) -> str:
    """The plain text that a document shows."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return "".join(
        inner.content for token in tokens for inner in (token.children or ()) if inner.content
    )


PLAIN = {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}


@pytest.mark.parametrize(
    "text",
    [
        "# heading", "- item", "1. item", "12) item", "---", "===", "> quote", "| a | b |",
        "<script>alert(1)</script>", "![x](y)", "[x](javascript:alert(1))", "`code`", "*a* _b_",
        "&lt;b&gt;", "~~~", "\\*x\\*", "+ plus", "<https://a.example>", "$x$ and \\(y\\)",
    ],
)  # fmt: skip
def test_nothing_becomes_markup(text: str) -> None:
    """The text is one paragraph that shows exactly these characters."""
    assert set(shown(escape(text))) <= PLAIN
    assert text_of(escape(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    """Whatever stands in it, a reader sees these characters and no markup."""
    assert set(shown(escape(text))) <= PLAIN
    assert text_of(escape(text)) == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1, max_size=4))
def test_cells_cannot_break_a_table(cells: list[str]) -> None:
    """However hostile its cells, a table keeps its rows and columns."""
    rows = [(escape(cell), "x") for cell in cells]
    types = shown(table(("A", "B"), rows))
    assert types.count("tr_open") == len(cells) + 1
    assert types.count("td_open") == 2 * len(cells)
    assert types.count("table_open") == 1
