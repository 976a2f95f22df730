"""Reads the pages that arXiv makes with LaTeXML: sections, tables, captions and footnotes.

The text of every formula is its ``alttext``: the characters inside the element are its parts three
times over.  What nobody sees who looks at the page is left out and noted.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from lxml import etree

from sovereign_registry.adapters.fulltexts import html_tables, limits
from sovereign_registry.adapters.fulltexts.html_page import article_of, parse
from sovereign_registry.adapters.fulltexts.html_style import (
    concealed_by,
    declarations,
    has_ground,
    matches,
    rules_of,
)
from sovereign_registry.adapters.fulltexts.mathtext import math_text
from sovereign_registry.adapters.fulltexts.parsed import (
    Findings,
    Found,
    Sections,
    Unreadable,
    require_prose,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_NO_TEXT = frozenset(
    {
        "annotation", "annotation-xml", "audio", "button", "canvas", "embed", "footer", "form",
        "head", "header", "iframe", "input", "nav", "object", "picture", "script", "select",
        "style", "svg", "textarea", "video",
    }
)  # fmt: skip
_LEFT_OUT = frozenset(
    {
        "ltx_authors", "ltx_bibliography", "ltx_biblist", "ltx_classification", "ltx_dates",
        "ltx_ERROR", "ltx_index", "ltx_keywords", "ltx_note_mark", "ltx_page_footer",
        "ltx_page_header", "ltx_pagination", "ltx_rdf", "ltx_tag", "ltx_title_document", "ltx_TOC",
    }
)  # fmt: skip
_FLOATS = {"ltx_table": "table", "ltx_figure": "figure", "ltx_float": "listing"}
_EQUATIONS = frozenset({"ltx_equation", "ltx_equationgroup", "ltx_eqn_table"})
_PARAGRAPHS = frozenset({"ltx_enumerate", "ltx_itemize", "ltx_para", "ltx_theorem"})
_BLOCKS = frozenset({"blockquote", "dd", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li"})
_SPACED = frozenset({"br", "div", "p", "td", "th", "tr"})
_NUMBER = re.compile(
    r"(?:^|\s)([A-Z]|[A-Z]?\d+(?:\.\d+)*|[A-Z](?:\.\d+)+|[IVX]+(?:[.-][A-Z\d]+)*)\.?$"
)
_FLOAT_NUMBER = re.compile(r"((?:[A-Z]\.)?[A-Z]?\d+(?:\.\d+)*|[A-Z])$")
_PLAIN_WORD = re.compile(r"[A-Za-z]{4,}")
_TEX_COMMAND = re.compile(
    r"\\(?:begin|end|color|definecolor|[hv]space|label|ref|mathcolor|textcolor)\*?"
    r"(?:\s*\[[^\]]*\])?(?:\s*\{[^{}]*\})*"
    r"|\\[a-zA-Z]+"
)
_INVISIBLE = re.compile(r"[\s\u2061-\u2064\u200b]+")
"""Blanks, and the operators of MathML that nobody sees."""
_HIDDEN_WORDS = 5


def classes(element: _Element) -> frozenset[str]:
    """The classes of an element."""
    return frozenset((element.get("class") or "").split())


def read(body: bytes) -> Found:
    """Read a page.

    Raises:
        Unreadable: it is no page of a paper, is not whole, or exceeds a limit.
    """
    root = parse(body)
    reader = _Page(root)
    reader.read(article_of(root, body))
    sections = reader.sections.listed()
    require_prose(sections)
    return Found(
        sections=sections,
        findings=reader.findings.listed(),
        concealed=tuple(reader.findings.concealed),
    )


class _Page:
    """Walks an article once."""

    def __init__(self, root: _Element) -> None:
        self.sections = Sections()
        self.findings = Findings()
        self._rules = [rule for sheet in root.iter("style") for rule in rules_of(sheet.text or "")]
        self._buffer: list[str] = []
        self._place: int | None = None
        self._notes: list[str] = []
        self._unnumbered = 0

    def read(self, article: _Element) -> None:
        """Read an article into sections."""
        self._children(article, 0, on_paper=True)
        self._flush()
        if self._notes:
            place = self.sections.open("footnotes", "Footnotes")
            for note in self._notes:
                self.sections.add(place, note)

    def _flush(self) -> None:
        text = "".join(self._buffer)
        self._buffer = []
        if not text.strip():
            return
        if self._place is None:
            self._place = self.sections.open("front", "Before the first section")
        self.sections.add(self._place, text)

    def _children(self, element: _Element, depth: int, *, on_paper: bool) -> None:
        self._buffer.append(element.text or "")
        for child in element:
            self._visit(child, depth + 1, on_paper=on_paper)
            self._buffer.append(child.tail or "")

    def _visit(self, element: _Element, depth: int, *, on_paper: bool) -> None:
        if depth > limits.NESTING:
            raise Unreadable("the page is nested too deeply")
        if not isinstance(element.tag, str):
            if element.tag is etree.Comment:
                self.findings.comment(element.text or "")
            return
        if element.tag in _NO_TEXT or classes(element) & _LEFT_OUT:
            self._look(element, on_paper=on_paper)
            return
        style = self._style(element)
        hidden = self._concealed(element, style, on_paper=on_paper)
        if hidden:
            self.findings.hide(hidden, _all_text(element))
            return
        self._content(element, depth, on_paper=on_paper and not has_ground(style))

    def _content(self, element: _Element, depth: int, *, on_paper: bool) -> None:
        held = classes(element)
        tag = element.tag
        if tag == "math":
            self._buffer.append(self._math(element))
        elif tag == "section" or held & {"ltx_abstract", "ltx_acknowledgements"}:
            self._section(element, depth, on_paper=on_paper)
        elif kind := next((_FLOATS[name] for name in _FLOATS if name in held), ""):
            self._float(element, kind, on_paper=on_paper)
        elif held & _EQUATIONS:
            self._equations(element)
        elif "ltx_tabular" in held:
            place = self.sections.open("table-x", "Table without a caption")
            self._table(element, place, on_paper=on_paper)
        elif "ltx_listing" in held:
            self.findings.unread("a listing of code", _all_text(element))
        elif "ltx_note" in held:
            self._note(element, depth, on_paper=on_paper)
        elif tag in {"sup", "sub"}:
            self._raised(element, depth, on_paper=on_paper)
        elif self._is_block(element):
            self._block(element, depth, on_paper=on_paper)
        else:
            space = " " if tag in _SPACED else ""
            self._buffer.append(space)
            self._children(element, depth, on_paper=on_paper)
            self._buffer.append(space)

    @staticmethod
    def _is_block(element: _Element) -> bool:
        if classes(element) & _PARAGRAPHS or element.tag in _BLOCKS:
            return True
        # The paragraphs beside a displayed formula are one: they stand in one ltx_para.
        return bool(element.tag == "p") and "ltx_para" not in classes(element.getparent())

    def _block(self, element: _Element, depth: int, *, on_paper: bool) -> None:
        self._flush()
        self._children(element, depth, on_paper=on_paper)
        self._flush()

    def _section(self, element: _Element, depth: int, *, on_paper: bool) -> None:
        self._flush()
        outer = self._place
        title = next((child for child in element if "ltx_title" in classes(child)), None)
        number, words = ("", "") if title is None else self._title(title, on_paper=on_paper)
        if "ltx_abstract" in classes(element):
            number, words = "abstract", words or "Abstract"
        if not number:
            self._unnumbered += 1
            number = f"unnumbered-{self._unnumbered}"
        self._place = self.sections.open(number, words or "Without a title")
        self._buffer.append(element.text or "")
        for child in element:
            if child is not title:
                self._visit(child, depth + 1, on_paper=on_paper)
            self._buffer.append(child.tail or "")
        self._flush()
        self._place = outer if outer is not None else self._place

    def _title(self, title: _Element, *, on_paper: bool) -> tuple[str, str]:
        """Number and words of a heading; no words where nobody sees them."""
        tags = [child for child in title.iter() if "ltx_tag" in classes(child)]
        label = " ".join(" ".join(_all_text(tag) for tag in tags).split())
        match = _NUMBER.search(label)
        if hidden := self._concealed(title, self._style(title), on_paper=on_paper):
            self.findings.hide(hidden, _all_text(title))
            return (match[1] if match else "", "")
        return (match[1] if match else "", self._inline(title, on_paper=on_paper))

    def _inline(self, element: _Element, *, on_paper: bool) -> str:
        """The text of an element by itself, on one line."""
        kept, self._buffer = self._buffer, []
        place, self._place = self._place, None
        outer, self.sections = self.sections, Sections()
        self._children(element, 0, on_paper=on_paper)
        self._flush()
        inner, self.sections = self.sections.listed(), outer
        self._buffer, self._place = kept, place
        return " ".join(" ".join(section.text for section in inner).split())

    def _float(self, element: _Element, kind: str, *, on_paper: bool) -> None:
        kept, self._buffer = self._buffer, []
        captions = list(element.iter("figcaption"))
        label = ""
        if captions:
            tags = [child for child in captions[-1].iter() if "ltx_tag" in classes(child)]
            label = " ".join(" ".join(_all_text(tag) for tag in tags).split()).rstrip(":. ")
        match = _FLOAT_NUMBER.search(label)
        key = f"{kind}-{match[1]}" if match else f"{kind}-x"
        place = self.sections.open(key, label or f"{kind.capitalize()} without a number")
        for caption in captions:
            hidden = self._concealed(caption, self._style(caption), on_paper=on_paper)
            if hidden:
                self.findings.hide(hidden, _all_text(caption))
            else:
                self.sections.add(place, self._inline(caption, on_paper=on_paper))
        for table in element.iter("table"):
            if "ltx_tabular" in classes(table) and not _inside_table(table, element):
                self._table(table, place, on_paper=on_paper)
        self._look(element, on_paper=on_paper, without=("figcaption", "table"))
        self._buffer = kept

    def _table(self, table: _Element, place: int, *, on_paper: bool) -> None:
        def text_of(cell: _Element) -> str:
            held = (cell, *cell.iterancestors("tr", "tbody", "thead", "table"))
            bare = not any(has_ground(self._style(element)) for element in held)
            hidden = self._concealed(cell, self._style(cell), on_paper=on_paper and bare)
            if hidden:
                self.findings.hide(hidden, _all_text(cell))
            return "" if hidden else self._inline(cell, on_paper=on_paper and bare)

        for row in html_tables.rows(table, text_of):
            self.sections.add(place, row)

    def _equations(self, element: _Element) -> None:
        for math in element.iter("math"):
            self._buffer.append(f" {self._math(math)} ")

    def _note(self, element: _Element, depth: int, *, on_paper: bool) -> None:
        contents = [child for child in element.iter() if "ltx_note_content" in classes(child)] or [
            element
        ]
        if classes(element) & {"ltx_role_footnote", "ltx_role_footnotetext"}:
            if depth and (text := self._inline(contents[0], on_paper=on_paper)):
                self._notes.append(text)
        else:
            self._look(element, on_paper=on_paper)

    def _raised(self, element: _Element, depth: int, *, on_paper: bool) -> None:
        text = (element.text or "").strip()
        if element.tag == "sup" and re.match(r"[-\u2212+]?\d", text):
            self._buffer.append("^")
        self._children(element, depth, on_paper=on_paper)

    def _math(self, element: _Element) -> str:
        tex = element.get("alttext") or _annotation(element)
        shown = unicodedata.normalize("NFKC", "".join(_shown_math(element))).lower()
        shown = _INVISIBLE.sub("", shown)
        words = _PLAIN_WORD.findall(_TEX_COMMAND.sub(" ", tex))
        unseen = [word for word in words if word.lower() not in shown]
        if len(unseen) >= _HIDDEN_WORDS:
            self.findings.hide("words of a formula's text that its picture lacks", " ".join(words))
            return ""
        return math_text(tex)

    def _look(self, element: _Element, *, on_paper: bool, without: tuple[str, ...] = ()) -> None:
        """Look for concealed text in what is not read itself."""
        if element.tag in {"script", "style", "head"}:
            return
        for child in element.iter():
            if without and next(child.iterancestors(*without), None) is not None:
                continue
            if child.tag is etree.Comment:
                self.findings.comment(child.text or "")
            elif isinstance(child.tag, str) and child.tag not in {"script", "style"}:
                hidden = self._concealed(child, self._style(child), on_paper=on_paper)
                parent = child.getparent()
                if hidden and (parent is None or not self._inherits(parent, on_paper=on_paper)):
                    self.findings.hide(hidden, _all_text(child))

    def _inherits(self, element: _Element, *, on_paper: bool) -> bool:
        return bool(self._concealed(element, self._style(element), on_paper=on_paper))

    def _style(self, element: _Element) -> dict[str, str]:
        style: dict[str, str] = {}
        for selector, found in self._rules:
            if matches(element, selector):
                style.update(found)
        if inline := element.get("style"):
            style.update(declarations(inline))
        return style

    def _concealed(self, element: _Element, style: dict[str, str], *, on_paper: bool) -> str:
        if element.tag in {"template", "noscript"} or element.get("hidden") is not None:
            return "an element that no browser shows"
        if element.get("aria-hidden") == "true" and element.tag not in {"math", "svg"}:
            return "text kept from screen readers"
        ground = on_paper and not has_ground(style)
        return concealed_by(style, on_paper=ground) if style else ""


def _inside_table(table: _Element, stop: _Element) -> bool:
    for parent in table.iterancestors():
        if parent is stop:
            return False
        if "ltx_tabular" in classes(parent):
            return True
    return False


def _all_text(element: _Element) -> str:
    return " ".join(
        text for text in element.itertext(with_tail=False) if isinstance(text, str) and text.strip()
    )


def _annotation(element: _Element) -> str:
    """The TeX of a formula without ``alttext``; else the characters that its picture shows."""
    for child in element.iter("annotation"):
        if child.get("encoding") == "application/x-tex":
            return child.text or ""
    return "".join(_shown_math(element))


def _shown_math(element: _Element) -> list[str]:
    """The characters that a formula's picture shows."""
    shown = []
    for child in element.iter("mi", "mo", "mn", "mtext", "ms"):
        if not any(
            parent.tag in {"annotation-xml", "mphantom"} for parent in child.iterancestors()
        ):
            shown.extend(child.itertext())
    return shown


def warm_up() -> None:
    """Read a small page, so that whatever is loaded late is loaded now."""
    prose = "A sentence with a few words in it. " * 5
    read(f"<article class='ltx_document'><p>{prose}</p></article>".encode())
