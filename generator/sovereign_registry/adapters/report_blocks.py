"""Parses a report's Markdown into blocks of plain strings, which the page template prints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import msgspec
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from sovereign_registry.contracts.text import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONG_WORD = re.compile(r"\S{60,}")
_PIECE = re.compile(r"(\S{30})(?=\S)")
_WIDE_CELL = 26
_MAX_SHARE = 8
_MAX_DEPTH = 6


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stretch of text in one style."""

    kind: Literal["text", "code", "break"] = "text"
    text: str = ""
    bold: bool = False
    italic: bool = False
    url: str = ""


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table cell; a record of its own, so that rows can be flattened without their runs."""

    runs: tuple[Run, ...]


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A block of the page; which fields count depends on its kind."""

    kind: Literal["heading", "paragraph", "lead", "banner", "list", "table", "code", "rule"]
    level: int = 1
    runs: tuple[Run, ...] = ()
    ordered: bool = False
    start: int = 1
    items: tuple[tuple[Block, ...], ...] = ()
    head: tuple[tuple[Run, ...], ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    align: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    """Shares of the page's width per column; 0 lets a column be as narrow as its text."""
    text: str = ""


def parse_report(markdown: str) -> tuple[Block, ...]:
    """Parse CommonMark with tables; HTML is text, images are their description.

    What stands between the title and the first section is set as the lead; a paragraph there that
    is emphasised as a whole, and any quotation, is the banner.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    root = SyntaxTreeNode(parser.parse(_shown(markdown, keep="\n\t")))
    blocks: list[Block] = []
    leading = True
    for block in _blocks(root.children, 0):
        leading = leading and not (block.kind == "heading" and block.level > 1)
        blocks.append(_as_lead(block) if leading else block)
    return tuple(blocks)


def _as_lead(block: Block) -> Block:
    if block.kind != "paragraph":
        return block
    emphasised = block.runs and all(run.bold or run.italic for run in block.runs)
    return msgspec.structs.replace(block, kind="banner" if emphasised else "lead")


def _blocks(nodes: list[SyntaxTreeNode], depth: int) -> Iterator[Block]:
    for node in nodes:
        if node.type == "heading":
            yield Block(kind="heading", level=min(int(node.tag[1]), 3), runs=_inline(node))
        elif node.type == "paragraph":
            yield Block(kind="paragraph", runs=_inline(node))
        elif node.type == "blockquote":
            for inner in _blocks(node.children, depth + 1):
                quoted = inner.kind == "paragraph"
                yield msgspec.structs.replace(inner, kind="banner") if quoted else inner
        elif node.type in {"bullet_list", "ordered_list"}:
            yield from _list(node, depth)
        elif node.type == "table":
            yield _table(node)
        elif node.type in {"fence", "code_block"}:
            yield Block(kind="code", text=node.content.rstrip("\n"))
        elif node.type == "hr":
            yield Block(kind="rule")


def _list(node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
    if depth >= _MAX_DEPTH:  # deeper than a page can indent: go on without bullets
        for item in node.children:
            yield from _blocks(item.children, depth)
        return
    yield Block(
        kind="list",
        ordered=node.type == "ordered_list",
        start=int(node.attrs.get("start", 1)),
        items=tuple(tuple(_blocks(item.children, depth + 1)) for item in node.children),
    )


def _table(node: SyntaxTreeNode) -> Block:
    lines = [row for part in node.children for row in part.children]
    cells = [list(row.children) for row in lines]
    styles = [str(cell.attrs.get("style", "")) for cell in cells[0]]
    texts = [[_inline(cell) for cell in row] for row in cells]
    longest = [
        max(sum(len(run.text) for run in row[column]) for row in texts)
        for column in range(len(styles))
    ]
    widths = tuple(0 if n <= _WIDE_CELL else min(_MAX_SHARE, n // _WIDE_CELL) for n in longest)
    return Block(
        kind="table",
        align=tuple(style.removeprefix("text-align:") or "left" for style in styles),
        widths=widths,
        head=tuple(texts[0]),
        rows=tuple(tuple(Cell(runs=runs) for runs in row) for row in texts[1:]),
    )


def _inline(node: SyntaxTreeNode) -> tuple[Run, ...]:
    return tuple(
        run for child in node.children if child.type == "inline" for run in _runs(child, Run())
    )


def _runs(node: SyntaxTreeNode, style: Run) -> Iterator[Run]:
    for child in node.children:
        if child.type in {"text", "code_inline"}:
            kind: Literal["text", "code"] = "text" if child.type == "text" else "code"
            if child.content:  # the parser leaves empty ones around emphasis
                yield msgspec.structs.replace(style, kind=kind, text=_breakable(child.content))
        elif child.type == "softbreak":
            yield msgspec.structs.replace(style, text=" ")
        elif child.type == "hardbreak":
            yield Run(kind="break")
        elif child.type == "strong":
            yield from _runs(child, msgspec.structs.replace(style, bold=True))
        elif child.type == "em":
            yield from _runs(child, msgspec.structs.replace(style, italic=True))
        elif child.type == "link":
            url = _web_address(str(child.attrs.get("href", "")))
            yield from _runs(child, msgspec.structs.replace(style, url=url))
        else:
            yield from _runs(child, style)


def _web_address(href: str) -> str:
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    return href if parts.scheme in {"http", "https"} and parts.netloc else ""


def _shown(text: str, keep: str = "") -> str:
    """Replace what cannot or must not be printed by U+FFFD."""
    return FORBIDDEN.sub(lambda match: match.group() if match.group() in keep else "\ufffd", text)


def _breakable(text: str) -> str:
    """Let a word that is longer than a line break, by zero-width spaces."""
    return _LONG_WORD.sub(lambda match: _PIECE.sub("\\1\u200b", match.group()), text)
