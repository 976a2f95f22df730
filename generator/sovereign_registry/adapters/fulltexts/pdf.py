"""Reads PDFs by ``pypdf``: sections by the outline or by the form of headings."""

from __future__ import annotations

import contextlib
import io
from encodings.aliases import aliases
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader, apply_configuration
from pypdf.errors import LimitReachedError, PyPdfError

from sovereign_registry.adapters.fulltexts import limits, pdf_lines
from sovereign_registry.adapters.fulltexts.parsed import (
    Findings,
    Found,
    Sections,
    Unreadable,
    require_prose,
)
from sovereign_registry.adapters.fulltexts.pdf_unseen import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = 1024
_LEAST_HEADINGS = 2
_DEEPEST = 3


def read(body: bytes) -> Found:
    """Read a PDF.

    Raises:
        Unreadable: it is no PDF, encrypted, broken, without a visible text, or exceeds a limit.
    """
    if b"%PDF-" not in body[:_HEAD]:
        raise Unreadable("the file is no PDF")
    findings = Findings()
    sections = Sections()
    size = limits.PDF_STREAM_BYTES
    with apply_configuration(
        maximum_declared_stream_length=size,
        array_based_stream_maximum_output_length=size,
        lzw_maximum_output_length=size,
        run_length_maximum_output_length=size,
        zlib_maximum_output_length=size,
        stream_parsing_work_maximum_count=limits.PDF_OPERATIONS,
        outline_maximum_entries=limits.PDF_OUTLINE,
        jbig2dec_binary=None,
    ):
        try:
            pages, outline = _contents(body, findings)
        except LimitReachedError as error:
            raise Unreadable("a part of the PDF unpacks to more than it may") from error
        except NotImplementedError as error:
            raise Unreadable("the PDF is made in a way that the parser does not know") from error
        except PyPdfError as error:
            raise Unreadable(f"the PDF is broken ({type(error).__name__})") from error
    lines = pdf_lines.clean_pages(pages)
    flat = [line for page in lines for line in page]
    headings = pdf_lines.by_outline(lines, outline)
    if len(headings) < _LEAST_HEADINGS:
        headings = pdf_lines.by_form(flat)
    if min(headings, default=0) > len(flat) // 2:
        headings = {}  # a lone heading near the end, with the text before it
    pdf_lines.fill(flat, headings, sections, findings)
    found = sections.listed()
    require_prose(found)
    return Found(sections=found, findings=findings.listed(), concealed=tuple(findings.concealed))


def _contents(body: bytes, findings: Findings) -> tuple[list[str], list[tuple[str, int]]]:
    reader = PdfReader(io.BytesIO(body), strict=False)
    if reader.is_encrypted:
        raise Unreadable("the PDF is encrypted")
    if len(reader.pages) > limits.PDF_PAGES:
        raise Unreadable(f"the PDF has more than {limits.PDF_PAGES} pages")
    pages = [_page(page, findings) for page in reader.pages]
    return pages, list(_outline(reader, reader.outline, 0))


def _page(page: Any, findings: Findings) -> str:  # noqa: ANN401 - pypdf's PageObject
    """The visible text of a page; the rest is noted."""
    text, reasons = _extract(page, "all")
    if not reasons:
        return text
    unseen, _ = _extract(page, "unseen")
    findings.hide(", ".join(sorted(reasons)), unseen)
    text, _ = _extract(page, "seen")
    return text


def _extract(page: Any, keep: str) -> tuple[str, dict[str, int]]:  # noqa: ANN401 - same
    watcher = Watcher(page, keep)
    text = page.extract_text(
        visitor_operand_before=watcher.before, visitor_operand_after=watcher.after
    )
    return str(text), watcher.reasons


def _outline(reader: PdfReader, entries: Any, depth: int) -> Iterator[tuple[str, int]]:  # noqa: ANN401 - nested lists
    """(title, page) of the outline's entries, three levels deep."""
    for entry in entries:
        if isinstance(entry, list):
            if depth + 1 < _DEEPEST:
                yield from _outline(reader, entry, depth + 1)
            continue
        page = reader.get_destination_page_number(entry)
        if page is not None and page >= 0 and entry.title:
            yield str(entry.title)[: limits.TITLE_CHARACTERS], page


_SAMPLE = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R
/Resources<</Font<</F 5 0 R>>>>>> endobj
4 0 obj <</Length 38>> stream
BT /F 12 Tf 20 100 Td (A few words) Tj ET
endstream endobj
5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj
trailer <</Root 1 0 R/Size 6>>
startxref
0
%%EOF
"""


def warm_up() -> None:
    """Read a small PDF, so that whatever is loaded late is loaded now, all codecs among it."""
    for codec in sorted({*aliases.values(), "charmap", "unicode_escape", "utf_8_sig"}):
        with contextlib.suppress(ImportError):  # a codec of another system
            import_module(f"encodings.{codec}")
    _contents(_SAMPLE, Findings())
