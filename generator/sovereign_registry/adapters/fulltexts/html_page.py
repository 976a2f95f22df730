"""A page as a tree, and whether it is a whole paper made by LaTeXML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree
from lxml import html as lxml_html

from sovereign_registry.adapters.fulltexts.parsed import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_FATAL = b"Conversion to HTML had a Fatal error"
_TOC_TARGET = re.compile(r"#((?:S|A)\d+)$")


def article_of(root: _Element, body: bytes) -> _Element:
    """The article of a page.

    Raises:
        Unreadable: there is none, its conversion failed, or sections of it are missing.
    """
    articles = root.xpath("//article[contains(concat(' ', @class, ' '), ' ltx_document ')]")
    if not articles:
        raise Unreadable("no article made by LaTeXML on the page")
    if _FATAL in body:
        raise Unreadable("arXiv's conversion to HTML had a fatal error")
    _require_whole(root)
    return articles[0]


def parse(body: bytes) -> _Element:
    """The tree of a page.

    Raises:
        Unreadable: it is not UTF-8, cannot be parsed, or is nested too deeply.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("the page is not UTF-8") from error
    if "\0" in text:
        raise Unreadable("the page holds a NUL character")
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root = lxml_html.document_fromstring(body, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("the page cannot be parsed") from error
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise Unreadable("the page is nested too deeply")
    return root


def _require_whole(root: _Element) -> None:
    """Sections that the table of contents names must be there: arXiv's pages sometimes lack some.

    Raises:
        Unreadable: a section is missing.
    """
    named = {
        match[1]
        for link in root.xpath("//nav[contains(@class, 'ltx_TOC')]//a[@href]")
        if (match := _TOC_TARGET.search(link.get("href") or ""))
    }
    held = {section.get("id") for section in root.xpath("//section[@id]")}
    if missing := sorted(named - held):
        raise Unreadable(
            f"{len(missing)} of {len(named)} sections of its table of contents are missing"
        )
