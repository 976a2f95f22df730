"""Rows of a table as lines of text, each cell with the words of its column's head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.adapters.fulltexts import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lxml.etree import _Element

_MOST_ROWS = 500


def rows(table: _Element, text_of: Callable[[_Element], str]) -> Iterator[str]:
    """The rows of a page's table; more than 500 rows are left out."""
    heads: list[str] = []
    for number, row in enumerate(table.iter("tr")):
        if number >= _MOST_ROWS:
            return
        cells = [child for child in row if child.tag in {"td", "th"}]
        texts = [text_of(cell)[: limits.TITLE_CHARACTERS] for cell in cells]
        is_head = bool(cells) and all("ltx_th_column" in (c.get("class") or "") for c in cells)
        line = row_line([] if is_head else heads, texts)
        if is_head:
            heads = texts
        if line:
            yield line


def row_line(heads: Sequence[str], cells: Sequence[str]) -> str:
    """One row; cells are named where the head has as many."""
    if len(heads) == len(cells):
        named = [
            f"{head}: {cell}" if head and cell else cell
            for head, cell in zip(heads, cells, strict=True)
        ]
        return "; ".join(part for part in named if part)
    return " | ".join(cell for cell in cells if cell)
