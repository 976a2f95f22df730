"""ReportPrinter by Typst (the ``typst`` package): Markdown to a tagged A4 PDF.

The report's texts reach the template as data, never as markup, so nothing in them can run or change
the page.  Only the fonts inside the package are used, the document's date is the report's, and no
package is fetched: the same input gives the same bytes, on any machine with the same lock file.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from sovereign_registry.adapters.report_blocks import parse_report
from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.contracts.text import FORBIDDEN, shorten

_TEMPLATE = Path(__file__).with_name("report.typ")
_FOOTER_LENGTH = 90


class TypstPrinter:
    """Prints reports as PDF."""

    name = "Typst"

    @property
    def version(self) -> str:
        """The version of the typesetter's package."""
        from importlib.metadata import version  # noqa: PLC0415 - reads the disk

        return version("typst")

    def pdf(self, markdown: str, *, title: str, date: str) -> bytes:
        """Return the PDF's bytes; the same input gives the same bytes.

        Args:
            markdown: The report: headings, paragraphs, lists, tables, links, emphasis.
            title: The document's title; stands in the footer too.
            date: ``YYYY-MM-DD``; becomes the document's date.

        Raises:
            BuildFailed: the report cannot be set.
        """
        import typst  # noqa: PLC0415 - 40 MB, and only needed for printing

        report = {
            "title": FORBIDDEN.sub("\ufffd", title),
            "date": date,
            "footer": shorten(FORBIDDEN.sub("\ufffd", title), _FOOTER_LENGTH),
            "blocks": msgspec.to_builtins(parse_report(markdown)),
        }
        try:
            printed = typst.compile(
                _TEMPLATE.read_bytes(),
                format="pdf",
                ignore_system_fonts=True,
                sys_inputs={"report": json.dumps(report)},
            )
        except typst.TypstError as error:
            raise BuildFailed(
                f"the report cannot be printed: {error.message}",
                where=title,
                todo="Look for unusual characters or a very deep list in the report.",
            ) from error
        if not isinstance(printed, bytes):
            raise BuildFailed("the typesetter returned no document", where=title)
        return printed
