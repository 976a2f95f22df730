"""A strict reader of our own pages: balanced tags, ids, links, headings, attributes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "rect", "line", "circle", "path"})
FORBIDDEN = frozenset({"script", "style", "iframe", "object", "embed", "base", "font"})
DATA = frozenset({"application/ld+json", "application/json"})


class Outline(HTMLParser):
    """What a page holds; every fault of its markup is in ``faults``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.landmarks: list[str] = []
        self.metas: dict[str, str] = {}
        self.text: list[str] = []
        self.blocks = 0
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        given = {name: value or "" for name, value in attrs}
        if len(given) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        # A data block is no script: a browser keeps it and never runs it (HTML, "data block").
        block = tag == "script" and given.get("type") in DATA and set(given) <= {"type", "id"}
        own = (
            tag == "script"
            and set(given) - {"defer"} == {"src"}
            and re.fullmatch(r"(?:\.\./)*(?:\./|/)?[\w/-]*static/[\w./-]+\.js", given["src"])
        )
        if block:
            self.blocks += 1
        elif own:
            self.scripts.append(given["src"])
        elif tag in FORBIDDEN:
            self.faults.append(f"<{tag}> is not allowed")
        self.faults += [
            f"<{tag}> has {name}" for name in given if name.startswith("on") or name == "style"
        ]
        if tag not in VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        self.links += [given[name] for name in ("href", "src") if name in given]
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.headings.append(int(tag[1]))
        if tag in {"header", "nav", "main", "footer"}:
            self.landmarks.append(tag)
        if tag == "meta" and "content" in given:
            self.metas[given.get("name") or given.get("http-equiv", "")] = given["content"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that closes itself, as in SVG."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Every end tag closes the newest open one."""
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1] if self.open else 'nothing'}")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text.append(data)


def outline(source: str) -> Outline:
    """Read a page to its end."""
    reader = Outline()
    reader.feed(source)
    reader.close()
    if reader.open:
        reader.faults.append(f"left open: {reader.open}")
    return reader
