"""Feed and sitemap, written out: every value is escaped, no time but the records' own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from markupsafe import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sovereign_registry.website.model import Row, SiteInfo

FEED_LENGTH = 50
"""Entries of the feed."""

NAMESPACE = uuid.UUID("5b6f6a1e-7a55-5c0e-9a4d-1f0c6d1d2b10")
"""Namespace of this software's name-based UUIDs (RFC 9562, version 5)."""

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
        f"Tier: {row.tier}."
    )


def atom(rows: Sequence[Row], site: SiteInfo) -> bytes:
    """The Atom feed (RFC 4287) of the newest records."""
    home = f"{site.base_url}/" if site.base_url else "./"
    newest = max((row.updated for row in rows), default="1970-01-01")
    lines = [
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(site.language)}">',
        f"<title>{escape(site.title)}</title>",
        f"<id>{permanent_id(f'feed {site.publisher}')}</id>",
        f"<updated>{_time(newest)}</updated>",
        f"<author><name>{escape(site.publisher)}</name></author>",
        f'<link rel="alternate" type="text/html" href="{escape(home)}"/>',
        f'<link rel="self" type="application/atom+xml" href="{escape(home)}feed.atom"/>',
        f"<rights>{escape(site.records_licence)}</rights>",
    ]
    for row in rows:
        marked = row.title if row.record_state == "CURRENT" else f"{row.record_state}: {row.title}"
        lines += [
            "<entry>",
            f"<title>{escape(marked)}</title>",
            f"<id>{permanent_id(f'record {row.id}')}</id>",
            f"<published>{_time(row.published)}</published>",
            f"<updated>{_time(row.updated)}</updated>",
            f'<link rel="alternate" type="text/html" href="{escape(home)}{row.path}"/>',
            f"<summary>{escape(_status(row))}</summary>",
            "</entry>",
        ]
    return (_XML + "\n".join(lines) + "\n</feed>\n").encode()


def _page_address(path: str) -> str:
    return path.removesuffix("index.html")


def sitemap(rows: Iterable[Row], prose: list[str], site: SiteInfo, number: int) -> bytes:
    """One sitemap: the records, and in the first one the other pages."""
    lines = [f'<urlset xmlns="{_SITEMAP}">']
    if number == 1:
        lines += [
            f"<url><loc>{escape(site.address(path))}</loc></url>"
            for path in ("", "records/", "contracts/", *map(_page_address, prose))
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
