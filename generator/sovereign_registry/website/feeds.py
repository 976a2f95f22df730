"""Feeds and sitemap, written out: every value is escaped, no time but the records' own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import msgspec
from markupsafe import escape

from sovereign_registry.contracts.assessment import Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.website.model import Row, SiteInfo

FEED_LENGTH = 50
"""Entries of the feed."""

NAMESPACE = uuid.UUID("5b6f6a1e-7a55-5c0e-9a4d-1f0c6d1d2b10")
"""Namespace of this software's name-based UUIDs (RFC 9562, version 5)."""

MAIN_PAGES = (
    "",
    "records/",
    "browse/",
    "sources/",
    "corrections/",
    "corrections-policy/states/",
    "contracts/",
)
"""Pages besides records and prose that the sitemap names; the search page asks not to be listed."""

_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def permanent_id(name: str) -> str:
    """An id that depends on a name only, not on the site's address."""
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, name)}"


def _time(date: str) -> str:
    return f"{date}T00:00:00Z"


def _status(row: Row) -> str:
    score = f", score {row.score} of 10" if row.score is not None else ""
    return (
        f"{row.question} — Record state: {row.record_state}. Gate 2: {row.gate}. "
        f"Tribunal: {row.verdict}{score}. Verification Level {row.paper_level} of 7. "
        + ("Not tiered." if row.tier is Tier.NOT_TIERED else f"Tier: {row.tier}.")
    )


class FeedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a feed; every text is plain."""

    id: str
    """What makes its id; never the site's address."""
    title: str
    published: str
    updated: str
    path: str
    """Path of its page within the site, with a fragment where there is one."""
    summary: str


def feed(path: str, name: str, title: str, entries: Sequence[FeedEntry], site: SiteInfo) -> bytes:
    """An Atom feed (RFC 4287).

    Args:
        path: Where it stands in the site; its page is the folder that it stands in.
        name: What makes its id.
        title: Its title.
        entries: Its entries, in order.
        site: What is said about the site.
    """
    home = f"{site.base_url}/" if site.base_url else "../" * path.count("/") or "./"
    folder = path[: path.rfind("/") + 1]
    newest = max((entry.updated for entry in entries), default="1970-01-01T00:00:00Z")
    lines = [
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(site.language)}">',
        f"<title>{escape(title)}</title>",
        f"<id>{permanent_id(name)}</id>",
        f"<updated>{newest}</updated>",
        f"<author><name>{escape(site.publisher)}</name></author>",
        f'<link rel="alternate" type="text/html" href="{escape(home)}{folder}"/>',
        f'<link rel="self" type="application/atom+xml" href="{escape(home)}{path}"/>',
        f"<rights>{escape(site.records_licence)}</rights>",
    ]
    for entry in entries:
        lines += [
            "<entry>",
            f"<title>{escape(entry.title)}</title>",
            f"<id>{permanent_id(entry.id)}</id>",
            f"<published>{entry.published}</published>",
            f"<updated>{entry.updated}</updated>",
            f'<link rel="alternate" type="text/html" href="{escape(home)}{entry.path}"/>',
            f"<summary>{escape(entry.summary)}</summary>",
            "</entry>",
        ]
    return (_XML + "\n".join(lines) + "\n</feed>\n").encode()


def marked(title: str, state: str) -> str:
    """A title behind its record's state, where that is not CURRENT."""
    return title if state == "CURRENT" else f"{state.replace('_', ' ')}: {title}"


def atom(rows: Sequence[Row], site: SiteInfo, stones: Sequence[Tombstone] = ()) -> bytes:
    """The Atom feed of the newest records, and of the records whose text was removed."""
    removed = [
        FeedEntry(
            id=f"record {stone.record}",
            title=marked(stone.record, stone.record_state),
            published=stone.at,
            updated=stone.at,
            path=f"records/{stone.record}/",
            summary=f"The text of this record was removed: {stone.note} ({stone.legal_reference})",
        )
        for stone in stones
    ]
    found = [
        FeedEntry(
            id=f"record {row.id}",
            title=marked(row.title, row.record_state),
            published=_time(row.published),
            updated=row.updated,
            path=row.path,
            summary=_status(row),
        )
        for row in rows
    ]
    return feed("feed.atom", f"feed {site.publisher}", site.title, [*removed, *found], site)


def _page_address(path: str) -> str:
    return path.removesuffix("index.html")


def sitemap(rows: Iterable[Row], prose: list[str], site: SiteInfo, number: int) -> bytes:
    """One sitemap: the records, and in the first one the other pages."""
    lines = [f'<urlset xmlns="{_SITEMAP}">']
    if number == 1:
        lines += [
            f"<url><loc>{escape(site.address(path))}</loc></url>"
            for path in (*MAIN_PAGES, *map(_page_address, prose))
        ]
    lines += [
        f"<url><loc>{escape(site.address(row.path))}</loc><lastmod>{row.updated}</lastmod></url>"
        for row in rows
    ]
    return (_XML + "\n".join(lines) + "\n</urlset>\n").encode()


def sitemap_index(shards: int, site: SiteInfo) -> bytes:
    """The index of several sitemaps."""
    lines = [f'<sitemapindex xmlns="{_SITEMAP}">']
    lines += [
        f"<sitemap><loc>{escape(site.address(f'sitemap-{number}.xml'))}</loc></sitemap>"
        for number in range(1, shards + 1)
    ]
    return (_XML + "\n".join(lines) + "\n</sitemapindex>\n").encode()


def robots(site: SiteInfo) -> bytes:
    """Everything may be read; the sitemap is named."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site.address('sitemap.xml')}\n".encode()
