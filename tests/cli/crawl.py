"""A crawler of our own: every link of a served site, followed as a browser would, over HTTP."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from http.client import HTTPConnection
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from zipfile import ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterator

LINKS = {"href", "src", "srcset", "action", "data", "poster", "cite"}
TEXT = (".html", ".xml", ".atom", ".json", ".txt", ".bib", ".ris", ".webmanifest")
"""Files in which the site's own address may stand anywhere."""


class Reply(NamedTuple):
    """What the server said."""

    status: int
    kind: str
    body: bytes


class Page(HTMLParser):
    """The links of a page, and the places in it that a link can name."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag's links and its name."""
        given = {name: value or "" for name, value in attrs}
        self.links += [value for name, value in given.items() if name in LINKS]
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        assert tag != "base", "a base would change what every link means"


class Crawl:
    """What a reader can reach of a site.

    Args:
        base: The site's address without a slash at its end.

    Attributes:
        faults: Each link that leads nowhere: where it stands, what it says, what is wrong.
        seen: Every address of the site that was asked for, without fragment, and its reply.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        parts = urlsplit(base)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        self.seen: dict[str, Reply] = {}
        self.faults: list[str] = []
        self._pages: dict[str, Page] = {}

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def get(self, address: str) -> Reply:
        """Ask for an address once."""
        known = self.seen.get(address)
        if known is None:
            parts = urlsplit(address)
            path = parts.path or "/"
            self._connection.request("GET", f"{path}?{parts.query}" if parts.query else path)
            reply = self._connection.getresponse()
            kind = reply.headers.get_content_type()
            known = self.seen[address] = Reply(reply.status, kind, reply.read())
        return known

    def page(self, address: str) -> Page:
        """A page that was asked for, read."""
        if address not in self._pages:
            self._pages[address] = Page(self.get(address).body.decode("utf-8"))
        return self._pages[address]

    def _places(self, address: str) -> set[str]:
        """What a fragment can name: a place of a page, or a file in an archive."""
        reply = self.get(address)
        if reply.kind == "application/zip":
            with ZipFile(BytesIO(reply.body)) as archive:
                return set(archive.namelist())
        return self.page(address).places if reply.kind == "text/html" else set()

    def run(self, *starts: str) -> None:
        """Follow every link from these addresses on, within the site."""
        todo = list(starts)
        done: set[str] = set()
        while todo:
            at = todo.pop()
            if at in done:
                continue
            done.add(at)
            for said in self._links(at):
                target, fragment = urldefrag(urljoin(at, said))
                if not self._inside(target, at, said):
                    continue
                reply = self.get(target)
                if reply.status != 200 and target != at:  # the page for what is missing may
                    self.faults.append(f"{at}: {said!r}: {reply.status}")
                elif fragment and unquote(fragment) not in self._places(target):
                    self.faults.append(f"{at}: {said!r}: no such place")
                todo.append(target)

    def _inside(self, target: str, at: str, said: str) -> bool:
        """Whether a target lies in the site; one beside it on this host is a fault."""
        if target == self.base or target.startswith(f"{self.base}/"):
            return True
        if urlsplit(target).netloc == urlsplit(self.base).netloc:
            self.faults.append(f"{at}: {said!r}: leaves the site")
        return False

    def _links(self, at: str) -> Iterator[str]:
        reply = self.get(at)
        if reply.kind == "text/html":
            yield from self.page(at).links
        if urlsplit(at).path.endswith(TEXT) or reply.kind == "text/html":
            text = unescape(reply.body.decode("utf-8"))
            if at.endswith(".atom"):
                yield from re.findall(r'href="([^"]+)"', text)
            own = re.escape(self.base) + r"(?:/[^\s\"'<>)}\\,]*)?"
            yield from (found.rstrip(".;") for found in re.findall(own, text))
