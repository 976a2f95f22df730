"""Says whether the bytes that came are a whole arXiv answer; the ``arxiv`` package does not.

That package reads HTML, plain text and cut-off XML as feeds with fewer entries, or none.  Here a
reply counts as an answer only if it is well-formed XML whose root is an Atom feed with its totals
and whose every entry is a paper under ``/abs/``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

import msgspec

from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.text import seen

_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_PAPER_ID = re.compile(
    r"^/abs/(?P<key>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})v(?P<version>[1-9]\d*)$"
)
_PAPER_HOSTS = frozenset({"arxiv.org", "www.arxiv.org", "export.arxiv.org"})
_SHOWN = 120
_LATER = "arXiv may be overloaded: try again later."


class Retryable(Exception):
    """The reply cannot be used, but the same request may well be answered next time."""

    def __init__(self, what: str, *, wait: float = 0.0) -> None:
        self.what = what
        self.wait = wait
        super().__init__(what)


class Refused(SourceFailure):
    """The host answered that this will not be had, and would say so again."""

    def __init__(self, what: str, *, status: int, where: str = "", todo: str = "") -> None:
        self.status = status
        super().__init__(what, where=where, todo=todo)


class GaveUp(SourceFailure):
    """No usable answer came within the tries; later there may well be one."""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a checked feed says about itself."""

    total: int
    entries: int


def check_feed(body: bytes, url: str) -> Answer:
    """Check a reply with status 200.

    Raises:
        Retryable: the reply is empty, cut off, a rate notice, or totals without entries.
        SourceFailure: the reply is something else than a feed of papers.
    """
    text = _text(body, url)
    root = _root(text, url)
    total = _number(root, "totalResults", url)
    start = _number(root, "startIndex", url)
    _number(root, "itemsPerPage", url)
    entries = root.findall(f"{_ATOM}entry")
    for number, entry in enumerate(entries, start=1):
        _check_entry(entry, number, url)
    if not entries and total > start:
        raise Retryable(f"the feed announces {total} results and holds none")
    if entries and total < start + len(entries):
        raise SourceFailure(
            f"the feed announces {total} results and holds {len(entries)} from {start} on",
            where=url,
            todo=_LATER,
        )
    return Answer(total=total, entries=len(entries))


def paper_id(entry_id: str) -> tuple[str, int] | None:
    """(key, version) of an entry's id such as ``http://arxiv.org/abs/2601.15021v1``."""
    parts = urlsplit(entry_id.strip())
    match = _PAPER_ID.match(parts.path)
    if parts.scheme not in {"http", "https"} or parts.netloc not in _PAPER_HOSTS or not match:
        return None
    return match["key"], int(match["version"])


def error_text(body: bytes) -> str:
    """The message of an API error entry, or the beginning of whatever else the body says."""
    text = body.decode("utf-8", "replace")
    if "<!DOCTYPE" not in text:
        try:
            summary = ET.fromstring(text).findtext(f"{_ATOM}entry/{_ATOM}summary")  # noqa: S314
        except ET.ParseError:
            summary = None
        if summary:
            return _shown(summary)
    return _shown(text) if text.strip() else "an empty body"


def _text(body: bytes, url: str) -> str:
    if not body.strip():
        raise Retryable("the reply is empty")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFailure(
            f"byte {error.start} of the reply is not UTF-8", where=url, todo=_LATER
        ) from error
    if not text.lstrip().startswith("<"):
        # arXiv says "Rate exceeded." in plain text, sometimes with status 200.
        raise Retryable(f"the reply is plain text: {_shown(text)}")
    return text


def _root(text: str, url: str) -> ET.Element:
    if re.match(
        r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+)?html",
        text,
        re.IGNORECASE | re.DOTALL,
    ):
        raise SourceFailure(
            "an HTML page came in place of an Atom feed",
            where=url,
            todo=f"Open the address in a browser to see what it says. {_LATER}",
        )
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SourceFailure("the feed declares a document type", where=url, todo="Do not trust it.")
    try:
        root = ET.fromstring(text)  # noqa: S314 - no DOCTYPE, so no entity can be declared
    except ET.ParseError as error:
        raise Retryable(f"the feed is cut off or not well-formed XML ({error})") from error
    if root.tag != f"{_ATOM}feed":
        raise SourceFailure(
            f"the root element is {root.tag!r}, not an Atom feed", where=url, todo=_LATER
        )
    return root


def _number(root: ET.Element, name: str, url: str) -> int:
    text = (root.findtext(f"{_OPENSEARCH}{name}") or "").strip()
    if not re.fullmatch(r"\d{1,9}", text):
        raise SourceFailure(
            f"the feed has no opensearch:{name} with a number (found {text!r})",
            where=url,
            todo="Check that the address is arXiv's API.",
        )
    return int(text)


def _check_entry(entry: ET.Element, number: int, url: str) -> None:
    entry_id = (entry.findtext(f"{_ATOM}id") or "").strip()
    if "/api/errors" in entry_id:
        summary = _shown(entry.findtext(f"{_ATOM}summary") or "no message")
        raise SourceFailure(
            f"arXiv answered with an error: {summary}", where=url, todo="Reword the question."
        )
    if paper_id(entry_id) is None:
        raise SourceFailure(
            f"entry {number} has the id {_shown(entry_id)!r}, no paper under arxiv.org/abs/",
            where=url,
            todo="Check that the address is arXiv's API.",
        )
    for name in ("title", "published", "updated", "author"):
        found = entry.find(f"{_ATOM}{name}")
        if found is None or not seen("".join(found.itertext())).strip():
            raise SourceFailure(
                f"entry {number} ({entry_id}) has no {name}", where=url, todo=_LATER
            )


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    flat = "".join(character if character.isprintable() else "?" for character in flat)
    return flat if len(flat) <= _SHOWN else flat[:_SHOWN] + "…"
