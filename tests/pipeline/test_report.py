"""Step 9: the report and its abstract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from markdown_it import MarkdownIt

from sovereign_registry.contracts.papers import Section, SourceText, TextKind
from sovereign_registry.pipeline.conduct import complete, prepare
from sovereign_registry.pipeline.report import BANNER, KERNEL, long_date
from tests.world import CONFIG, LIBRARY, QUESTION, FakeReader, FakeSearch, library, paper, world

if TYPE_CHECKING:
    from sovereign_registry.pipeline.run import Run

HEADINGS = [
    "Abstract",
    "1 Introduction",
    "2 Methodology",
    "3 Results",
    "4 Uncertainties",
    "5 Extracted Claims",
    "References",
]
SENTENCE_END = (".", "?", "!", "”", ":")


def made(**changes: object) -> Run:
    """A run over the library."""
    ports = world(**changes)
    return complete(prepare(QUESTION, ports, CONFIG, None), ports)


def report(run: Run) -> str:
    """The run's report."""
    return dict(run.artifacts)["report.md"].decode()


def test_every_part_is_there_in_order() -> None:
    """Title, kernel, date, banner and the seven headed parts."""
    text = report(made())
    assert text.startswith(f"# {QUESTION}\n\n{KERNEL}\\\nMarch 1, 2026\\\nRecord sr-2603-")
    assert f"*{BANNER}*" in text
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS


def test_the_results_state_every_outcome() -> None:
    """Counts, score, verdict, revision_round and policy, as the manifest has them."""
    run = made()
    review, claims = run.manifest.review, run.manifest.claims
    results = report(run).split("## 3 Results")[1].split("## 4")[0]
    verified = sum(claim.verification.passed for claim in claims)
    assert f"{len(claims)} claims extracted, {verified} verified" in results
    assert f"Tribunal: {review.score}/10 → {review.verdict} (revision\\_round=0)." in results
    assert "Policy: AUTO\\_APPROVE." in results


def test_every_claim_is_in_the_table_whole() -> None:
    """One row per claim with its full text, mark and cosine beside the threshold."""
    run = made()
    html = MarkdownIt("commonmark").enable("table").render(report(run))
    for claim in run.manifest.claims:
        assert f"<td>{claim.id}: {claim.text}</td>" in html
        assert f"<td>{claim.verification.display} (≥ 0.15)</td>" in html
    assert html.count("<tr>") == len(run.manifest.claims) + 1


def test_the_abstract_is_the_reports_own() -> None:
    """No source sentence stands in it but in quotation marks with its reference; nothing is cut."""
    abstract = made().manifest.work.abstract
    quoted = re.findall(r"“([^”]*)” \(c\d+, ([^)]*)\)", abstract)
    assert quoted
    bare = re.sub(r"“[^”]*”", "", abstract)
    for _, sections in LIBRARY.values():
        for text in sections.values():
            for sentence in re.split(r"(?<=\.)\s+", " ".join(text.split())):
                assert sentence not in bare
    assert abstract.endswith(".")
    assert "…" not in abstract


def test_texts_are_complete_sentences() -> None:
    """Paragraphs and list items outside the head end as sentences do."""
    text = report(made())
    body = text.split("## Abstract")[1]
    for block in body.split("\n\n"):
        for line in block.strip().split("\n"):
            if line and not line.startswith(("#", "|")):
                assert line.endswith(SENTENCE_END), line


def test_references_name_what_was_used_and_why() -> None:
    """Authors, title, id with version, and each use; papers merely retrieved are not cited."""
    run = made()
    references = report(run).split("## References")[1]
    cited = [source for source in run.manifest.sources if "cited" in source.used_for]
    assert 0 < len(cited) < len(run.manifest.sources)
    for source in cited:
        assert source.ref in references
        assert source.title
        assert source.title in references
    assert "Tyre pressure of city bicycles" not in references
    assert references.count("Used because") == len(cited)


def test_uncertainties_are_of_this_run() -> None:
    """They name claims, words and numbers of the run, and the manifest holds the same ones."""
    run = made(reader=FakeReader(texts={}))
    text = report(run).split("## 4 Uncertainties")[1].split("## 5")[0]
    assert run.manifest.uncertainties
    for sentence in run.manifest.uncertainties:
        assert sentence.split(" ")[0] in text
    assert any("only the abstract was read" in item for item in run.manifest.uncertainties)
    assert not any("only the abstract" in item for item in made().manifest.uncertainties)


HOSTILE = [
    "Gear ratio | effort <script>alert(1)</script> of the rider falls by 15 percent on climbs.",
    "## Gear ratio and effort of the rider fall by 15 percent on climbs [x](javascript:x).",
    "Gear *ratio* `effort` of the _rider_ [x](y) falls by 15 percent on climbs & hills.",
]


@pytest.mark.parametrize("sentence", HOSTILE)
def test_hostile_source_text_stays_text(sentence: str) -> None:
    """Markup in a title, an author or a claim is shown and does nothing."""
    key = "note-hostile"
    text = SourceText(
        kind=TextKind.SECTIONS, sections=(Section(key="1", title="One", text=sentence),)
    )
    papers = (*library()[:2], paper(key, sentence, sentence, authors=(sentence,)))
    run = made(search=FakeSearch(papers=papers), reader=FakeReader(texts={key: text}))
    taken = [c for c in run.manifest.claims if c.locator and c.locator.paper.startswith(key)]
    assert [claim.text for claim in taken] == [sentence]
    html = MarkdownIt("commonmark").enable("table").render(report(run))
    assert not re.search(r"<(?:script|img|a href=\"javascript)", html)
    assert html.count("<h2>") == len(HEADINGS)
    assert html.count("<h1>") == 1
    assert html.count("<tr>") == len(run.manifest.claims) + 1
    assert html.count("<td>") == 4 * len(run.manifest.claims)


def test_dates_are_written_out() -> None:
    """In English, whatever the locale is."""
    assert long_date("2026-05-28") == "May 28, 2026"


def test_the_printer_gets_the_final_report() -> None:
    """The PDF carries title and date; without a printer there is none."""
    assert b"2026-03-01" in dict(made().artifacts)["report.pdf"]
    assert "report.pdf" not in dict(made(printer=None).artifacts)


def test_no_claim_is_said_plainly() -> None:
    """Papers without a usable sentence give a report that says so, and a rejected record."""
    empty = paper("note-empty", "Gear ratio", "Gears.")
    run = made(search=FakeSearch(papers=(empty,)), reader=FakeReader(texts={}))
    assert run.manifest.claims == ()
    assert "No claim was extracted." in report(run)
    assert run.manifest.review.verdict == "REJECT"
    assert msgspec.convert(msgspec.to_builtins(run.manifest), type(run.manifest)) == run.manifest
