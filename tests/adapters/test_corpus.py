"""The bundled sample: strict reading, searching, sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sovereign_registry.adapters.abstract_reader import AbstractReader
from sovereign_registry.adapters.corpus import SUMMARY_TITLE, Corpus, bundled_folder
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.papers import Paper, Query, TextKind

if TYPE_CHECKING:
    from pathlib import Path

SHEET = """\
contract: corpus-v1
title: A small sample
licence: "CC0 1.0"
papers:
  - id: "2605.00001"
    title: Routing tokens to experts
    authors: [Ada B. See, C. Dee]
    date: "2026-05-01"
    categories: [cs.LG]
    summary: A router picks two experts for each token. Latency falls.
  - id: "2605.00002"
    title: Kitchens
    authors: [E. Eff]
    date: "2026-05-02"
    categories: []
    summary: Nothing about it.
"""
NOTE = """\
---
id: "note-load"
version: 2
title: "Load balance"
authors: ["The registry"]
date: "2026-06-01"
categories: ["cs.LG"]
licence: "CC BY 4.0"
recipe: "recipes/load.py"
---

<!-- not for
readers -->
## Abstract

Random routing **balances** the `load` of experts to 3.2 percent.

## 1 Introduction

First line
goes on. See [the paper](https://example.org/a_(b)).

- An item of *weight*.
1. Another item.

| a | b |
|---|---|
| 1 | 2 |

```
# not a heading
code
```

### 1.1 Deeper

Text with $x_1 * y_1 * z$ stays.

## 2 Empty

## References

Ada, 2026.
"""


def folder(tmp_path: Path, sheet: str = SHEET, note: str = NOTE) -> Path:
    """A corpus folder of the texts."""
    (tmp_path / "notes").mkdir(exist_ok=True)
    (tmp_path / "papers.yaml").write_text(sheet, encoding="utf-8")
    (tmp_path / "notes" / "load.md").write_text(note, encoding="utf-8")
    (tmp_path / "notes" / "load.tmpl.md").write_text("a template", encoding="utf-8")
    return tmp_path


def find(corpus: Corpus, *terms: str) -> tuple[Paper, ...]:
    """The papers that the corpus finds."""
    return corpus.search(Query(number=1, terms=terms, rule=""), 10).papers


def test_papers_and_notes_are_found_best_first(tmp_path: Path) -> None:
    """Both kinds are ranked together; the newest date is the as-of date."""
    corpus = Corpus(folder(tmp_path))
    reply = corpus.search(Query(number=1, terms=("routing", "load"), rule=""), 1)
    assert [paper.ref for paper in reply.papers] == ["note-load.v2"]
    assert (reply.total, reply.as_of, reply.complete) == (2, "2026-06-01", True)
    assert [paper.key for paper in find(corpus, "routing", "load")] == ["note-load", "2605.00001"]
    assert find(corpus, "absent") == ()
    assert corpus.label == "A small sample (2 paper summaries, 1 notes)"


def test_a_paper_gives_the_registrys_summary(tmp_path: Path) -> None:
    """The kind says that these are not the paper's words; the abstract stays empty."""
    corpus = Corpus(folder(tmp_path))
    (paper,) = find(corpus, "latency")
    text = corpus.read(paper)
    assert (paper.abstract, paper.version, paper.licence) == ("", None, "CC0 1.0")
    assert text.kind is TextKind.SUMMARY
    assert [(part.key, part.title, part.text) for part in text.sections] == [
        ("summary", SUMMARY_TITLE, "A router picks two experts for each token. Latency falls.")
    ]


def test_a_note_gives_its_sections(tmp_path: Path) -> None:
    """Numbered sections by number; markup, tables, code and comments are no sentences."""
    corpus = Corpus(folder(tmp_path))
    (paper,) = find(corpus, "balance")
    text = corpus.read(paper)
    assert text.kind is TextKind.SECTIONS
    assert [(part.key, part.title, part.text) for part in text.sections] == [
        ("abstract", "Abstract", "Random routing balances the load of experts to 3.2 percent."),
        (
            "1",
            "Introduction",
            "First line goes on. See the paper. An item of weight. Another item.",
        ),
        ("1.1", "Deeper", "Text with $x_1 * y_1 * z$ stays."),
        ("references", "References", "Ada, 2026."),
    ]
    assert paper.abstract == text.sections[0].text


def test_the_version_is_a_digest_over_all_files(tmp_path: Path) -> None:
    """One changed character anywhere is another version, and another reply digest."""
    first = Corpus(folder(tmp_path))
    second = Corpus(folder(tmp_path, note=NOTE.replace("Ada, 2026", "Bea, 2026")))
    asked = Query(number=1, terms=("routing",), rule="")
    assert first.version != second.version
    assert first.search(asked, 5).papers == second.search(asked, 5).papers
    assert first.search(asked, 5).sha256 != second.search(asked, 5).sha256


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"2605.00001"', "2605.00001", "`$.papers[0].id`"),
        ('"2605.00001"', '"2605.00002"', "2605.00002 occurs twice"),
        ('date: "2026-05-01"', "date: 2026-05-01", "`$.papers[0].date`"),
        ("title: Kitchens", "titel: Kitchens", "titel"),
        ("title: Kitchens\n", "title: Kitchens\n    title: Again\n", "'title' occurs twice"),
        ("corpus-v1", "corpus-v2", "corpus-v2"),
        ("summary: Nothing about it.", 'summary: ""', "`$.papers[1].summary`"),
        ("summary: Nothing about it.", "summary: !!python/name:os.system ''", "python/name"),
        ("authors: [E. Eff]", "authors: &a [*a]", "alias"),
        ("title: Kitchens", 'title: "a\\u202Eb"', "U+202E"),
        ("papers:", "papers: [", "not YAML"),
    ],
)
def test_a_wrong_sheet_is_one_error_with_file_and_field(
    tmp_path: Path, old: str, new: str, found: str
) -> None:
    """Strict: no guess about what was meant."""
    assert old in SHEET
    with pytest.raises(SourceFailure) as caught:
        Corpus(folder(tmp_path, sheet=SHEET.replace(old, new, 1)))
    assert "papers.yaml" in caught.value.where
    assert found in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("---\nid", "id", "front matter"),
        ('"note-load"', '"load"', "`$.id`"),
        ("version: 2", "version: 0", "`$.version`"),
        ("recipe:", "receipt:", "receipt"),
        ("### 1.1 Deeper", "### 1 Again", "section 1 occurs twice"),
        ("## 2 Empty", "## ---", "has no word"),
    ],
)
def test_a_wrong_note_is_one_error_with_file_and_field(
    tmp_path: Path, old: str, new: str, found: str
) -> None:
    """Strict front matter, unique sections."""
    assert old in NOTE
    with pytest.raises(SourceFailure) as caught:
        Corpus(folder(tmp_path, note=NOTE.replace(old, new, 1)))
    assert "load.md" in caught.value.where
    assert found in str(caught.value)


def test_a_foreign_paper_and_missing_files_are_named(tmp_path: Path) -> None:
    """No text is made up."""
    (tmp_path / "here").mkdir()
    corpus = Corpus(folder(tmp_path / "here"))
    stranger = Paper(
        key="2605.99999", version=1, title="t", authors=("a",), published="2026-01-01",
        updated="2026-01-01", categories=(), abstract="Some text.", licence="x",
    )  # fmt: skip
    with pytest.raises(SourceFailure, match=r"2605\.99999 is not in the corpus"):
        corpus.read(stranger)
    with pytest.raises(SourceFailure, match="cannot be read"):
        Corpus(tmp_path / "nowhere")
    (tmp_path / "here" / "papers.yaml").write_bytes(b"\xff")
    with pytest.raises(SourceFailure, match="not UTF-8"):
        Corpus(tmp_path / "here")


def test_the_abstract_reader_names_an_abstract_an_abstract() -> None:
    """One section, or none."""
    paper = Paper(
        key="2605.99999", version=1, title="t", authors=("a",), published="2026-01-01",
        updated="2026-01-01", categories=(), abstract="Some text.", licence="x",
    )  # fmt: skip
    text = AbstractReader().read(paper)
    assert text.kind is TextKind.ABSTRACT
    assert [(part.key, part.title, part.text) for part in text.sections] == [
        ("abstract", "Abstract", "Some text.")
    ]
    empty = Paper(
        key="2605.99999", version=1, title="t", authors=("a",), published="2026-01-01",
        updated="2026-01-01", categories=(), abstract="", licence="x",
    )  # fmt: skip
    assert AbstractReader().read(empty).sections == ()


def test_the_bundled_corpus_is_read_whole() -> None:
    """At least 60 papers and 8 notes, each with text; every note has an abstract."""
    corpus = Corpus(bundled_folder())
    found = corpus.search(Query(number=1, terms=("experts", "models", "inference"), rule=""), 500)
    texts = [corpus.read(paper) for paper in found.papers]
    assert all(text.sections for text in texts)
    notes = [text for text in texts if text.kind is TextKind.SECTIONS]
    assert len(texts) - len(notes) >= 55
    assert len(notes) >= 8
    assert all(text.sections[0].key == "abstract" for text in notes)
