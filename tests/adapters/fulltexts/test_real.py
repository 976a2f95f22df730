"""Real papers: the sections of parsed papers set as LaTeX again, and printed, and read back.

The papers lie outside (``SOVEREIGN_SHARED``); their siblings on documents of our own are the other
files of this folder.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import typst

from sovereign_registry.adapters.fulltexts import latex, pdf
from sovereign_registry.adapters.fulltexts.parsed import Unreadable
from sovereign_registry.adapters.splitter import SentencexSplitter
from sovereign_registry.contracts.texts import FindingKind

if TYPE_CHECKING:
    from pathlib import Path

PAPERS = 49
LEAST = 2_000
"""Bytes of a source that is worth splitting; one of the papers has ten words."""
_HELD = re.compile(r"\{\{(\w+):([0-9a-f-]+)\}\}")
_ESCAPED = str.maketrans({one: f"\\{one}" for one in "#%&_"})
_COMMAND = {"section": "section", "subsection": "subsection", "subsubsection": "subsubsection"}


@pytest.fixture(scope="module")
def papers(shared: Path) -> list[dict[str, Any]]:
    """The parsed papers."""
    file = shared / "realdata" / "fulltext" / "unarxive_arXiv_src_2212_086.jsonl"
    if not file.is_file():
        pytest.skip("the folder that SOVEREIGN_SHARED names holds no full texts")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def runs(paper: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """(title, kind, paragraphs) of the sections in reading order, with references resolved."""
    found: list[tuple[str, str, list[str]]] = []

    def put(match: re.Match[str]) -> str:
        kind, name = match.groups()
        tex = str(paper["ref_entries"].get(name, {}).get("latex", "")).strip()
        if kind == "formula" and tex.count("{") == tex.count("}") and "$" not in tex:
            return f"\x01{tex}\x02" if tex and "@" not in tex else ""
        return "1" if kind in {"section", "figure", "table"} else ""

    for part in paper["body_text"]:
        if part["content_type"] != "paragraph":
            continue
        title = part["section"] or "Untitled"
        if not found or found[-1][0] != title:
            found.append((title, part.get("sec_type") or "section", []))
        found[-1][2].append(_HELD.sub(put, part["text"]))
    return found


def as_latex(paper: dict[str, Any]) -> tuple[bytes, list[str]]:
    """A source of the paper, and the titles of its sections."""
    lines = [r"\documentclass{article}\begin{document}"]
    titles = []
    for title, kind, paragraphs in runs(paper):
        plain = " ".join(re.sub(r"[^\w ,:'-]", "", title).split()) or "Untitled"
        titles.append(plain)
        lines.append(rf"\{_COMMAND.get(kind, 'section')}{{{plain.translate(_ESCAPED)}}}")
        for text in paragraphs:
            prose = re.split("\x01(.*?)\x02", text, flags=re.DOTALL)
            prose[::2] = [re.sub(r"[\\{}$^~]", " ", one).translate(_ESCAPED) for one in prose[::2]]
            prose[1::2] = [f"${one}$" for one in prose[1::2]]
            lines += ["", "".join(prose)]
    return "\n".join([*lines, r"\end{document}"]).encode(), titles


def as_typst(paper: dict[str, Any]) -> tuple[str, list[str]]:
    """A Typst source of the paper without its formulas, and the titles of its sections."""
    lines = ['#set heading(numbering: "1.1")', "#set page(columns: 2)", "#set par(justify: true)"]
    titles = []
    for title, _, paragraphs in runs(paper):
        plain = " ".join(re.sub(r"[^\w ,-]", "", title).split()) or "Untitled"
        titles.append(plain)
        lines.append(f"#heading({json.dumps(plain)})")
        for text in paragraphs:
            words = " ".join(re.sub("\x01.*?\x02", "x", text, flags=re.DOTALL).split())
            lines.append(f"#par(text({json.dumps(words, ensure_ascii=False)}))")
    return "\n".join(lines), titles


def test_real_sections_survive_as_latex(papers: list[dict[str, Any]]) -> None:
    """Every section is found, in order, and nothing is taken for hidden text."""
    assert len(papers) == PAPERS
    wanted = kept = 0
    for paper in papers[:15]:
        source, titles = as_latex(paper)
        try:
            found = latex.read(source)
        except Unreadable as error:
            assert "words of running text" in str(error)  # noqa: PT017 - one paper has ten words
            continue
        names = [" ".join(section.title.split()) for section in found.sections]
        wanted += len(titles)
        kept += sum(title in names for title in titles)
        assert not [one for one in found.findings if one.kind is FindingKind.CONCEALED]
    assert kept >= 0.98 * wanted


def test_real_sentences_do_not_break_inside_formulas(papers: list[dict[str, Any]]) -> None:
    """Of the passages of real papers, next to none cuts a formula in two."""
    splitter = SentencexSplitter()
    broken = total = 0
    for paper in papers[:10]:
        source, _ = as_latex(paper)
        for section in latex.read(source).sections if len(source) > LEAST else ():
            for start, end in splitter.spans(section.text):
                total += 1
                broken += section.text[start:end].count("$") % 2
    assert total > 1_000
    assert broken <= 0.005 * total


def test_real_sections_survive_in_print(papers: list[dict[str, Any]]) -> None:
    """Two columns, headings by the outline; short papers may be refused, none fails."""
    wanted = kept = refused = 0
    for paper in papers[:4]:
        source, titles = as_typst(paper)
        try:
            found = pdf.read(bytes(typst.compile(source.encode())))
        except Unreadable:
            refused += 1
            continue
        names = [section.title for section in found.sections]
        wanted += len(titles)
        kept += sum(title in names for title in titles)
        assert not [one for one in found.findings if one.kind is FindingKind.CONCEALED]
    assert refused == 0
    assert kept >= 0.9 * wanted
