"""The printed report: same bytes, literal text, nothing runs."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.adapters.report_blocks import Block, Run, parse_report
from sovereign_registry.adapters.typst_pdf import TypstPrinter

REPORT = """\
# A question about experts

Research Kernel

*Autonomous draft - Owner review required before publication*

## Abstract

See <https://arxiv.org/abs/2605.00001v1> and [bad](javascript:alert(1)).

## 5 Extracted Claims

| Claim | Verified | Confidence |
|:--|:-:|--:|
| A router picks two of eight experts for each token of the text. | ✓ | 0.153 |
| Pipes \\| and *stars* stay. | ✗ | 0.021 |

- one
- two
"""


def words_of(markdown: str) -> str:
    """All text of the parsed blocks."""

    def walk(blocks: tuple[Block, ...]) -> str:
        out = ""
        for block in blocks:
            runs = [*block.runs, *(run for cell in block.head for run in cell)]
            runs += [run for line in block.rows for cell in line for run in cell.runs]
            out += "".join(run.text for run in runs) + block.text
            out += "".join(walk(item) for item in block.items)
        return out

    return walk(parse_report(markdown))


def test_a_report_is_a_tagged_pdf_with_title_date_and_pages() -> None:
    """The document says its title, its date and its language, and has a structure tree."""
    pdf = TypstPrinter().pdf(REPORT, title="A question about experts", date="2026-05-06")
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/CreationDate(D:20260506" in pdf
    assert b"/Title(A question about experts)" in pdf
    assert b"/StructTreeRoot" in pdf
    assert b"/Lang(en)" in pdf
    assert b"https://arxiv.org/abs/2605.00001v1" in pdf
    assert b"javascript" not in pdf


def test_other_processes_print_the_same_bytes() -> None:
    """Neither hash seed, time zone, folder nor moment changes a byte."""
    code = (
        "import sys, hashlib\n"
        "from sovereign_registry.adapters.typst_pdf import TypstPrinter\n"
        "pdf = TypstPrinter().pdf(sys.argv[1], title='T', date='2026-05-06')\n"
        "print(hashlib.sha256(pdf).hexdigest())\n"
    )
    here = hashlib.sha256(TypstPrinter().pdf(REPORT, title="T", date="2026-05-06")).hexdigest()
    for seed, zone in (("0", "UTC"), ("9", "Asia/Tokyo")):
        done = subprocess.run(
            [sys.executable, "-c", code, REPORT],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": seed},
            cwd="/",
            capture_output=True,
            check=True,
            text=True,
        )
        assert done.stdout.strip() == here


def test_the_lead_the_banner_and_the_table_are_recognised() -> None:
    """What stands before the first section is the lead; emphasised as a whole, the banner."""
    kinds = [block.kind for block in parse_report(REPORT)]
    assert kinds == [
        "heading", "lead", "banner", "heading", "paragraph", "heading", "table", "list",
    ]  # fmt: skip
    table = parse_report(REPORT)[6]
    assert table.align == ("left", "center", "right")
    assert table.widths[0] > 0 == table.widths[1] == table.widths[2]
    assert table.rows[1][0].runs[0] == Run(text="Pipes | and ")


@pytest.mark.parametrize(
    "hostile",
    [
        '#panic("run")',
        '#read("/etc/passwd")',
        '#import "@preview/cetz:0.3.0"',
        "$sum_(x) #panic()$ `#panic()` ```\n#panic()\n```",
        '"; #panic() //',
        "= Heading @ref <label> *b* _e_ ~ -- --- /* comment",
        "<script>alert(1)</script> &lt; &#35;panic()",
        "\\#\\$\\@ \\u{41} \\",
        "a\x00b\u202ec\ud800d\ufeff",
        "w" * 5000,
        "> " * 60 + "deep",
        "- " * 60 + "deep",
        "![alt](file:///etc/passwd) [x](file:///etc/passwd) [y](http://[bad)",
        "| a |\n|---|\n| b | c | d |",
        "中文 العربية עברית 😀 \u0301",
    ],
)
def test_hostile_text_is_printed_and_does_nothing(hostile: str) -> None:
    """Typst code, markup, paths and control characters are text; the page is always made."""
    pdf = TypstPrinter().pdf(f"# T\n\n## S\n\n{hostile}\n", title=hostile, date="2026-05-06")
    assert pdf.startswith(b"%PDF")
    assert b"root:" not in b"".join(_streams(pdf))


def _streams(pdf: bytes) -> list[bytes]:
    """The unpacked streams of a PDF."""
    found = []
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(match.group(1)))
        except zlib.error:
            found.append(match.group(1))
    return found


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/a", True),
        ("http://example.org", True),
        ("ftp://example.org/a", False),
        ("mailto:a@example.org", False),
        ("../secret", False),
        ("//example.org/a", False),
        ("http:///a", False),
    ],
)
def test_only_web_addresses_become_links(address: str, kept: bool) -> None:  # noqa: FBT001
    """The text of any other link stays, without its target."""
    (block,) = parse_report(f"[the text]({address})")
    assert block.runs == (Run(text="the text", url=address if kept else ""),)


def test_text_stands_literally_in_the_blocks() -> None:
    """What looks like Typst is kept character for character."""
    text = 'cost #1 is $x_1$ @ref <label> // not "code" = ~ #panic()'
    assert text in words_of(text)


@settings(max_examples=40)
@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_compiles(body: str, title: str) -> None:
    """No text breaks the page."""
    assert TypstPrinter().pdf(body, title=title, date="2026-05-06").startswith(b"%PDF")
