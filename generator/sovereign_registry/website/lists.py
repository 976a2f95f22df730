"""Everything that stands beside the records: lists, feeds, contracts, assets; one slice each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.tombstone import Tombstone
from sovereign_registry.website import change_lists, facets, guides, papers
from sovereign_registry.website.desk import Desk
from sovereign_registry.website.feeds import FEED_LENGTH, atom, robots, sitemap, sitemap_index
from sovereign_registry.website.model import PageSpec, Row, TrailEntry
from sovereign_registry.website.rows import newest_changes, newest_first, trail_of_stone
from sovereign_registry.website.search_index import SearchIndex, block_json, index_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from sovereign_registry.website.desk import Context
    from sovereign_registry.website.details import Shelf
    from sovereign_registry.website.model import SiteInfo
    from sovereign_registry.website.rendering import Renderer
    from sovereign_registry.website.state import RecordState

SITEMAP_LENGTH = 40_000
"""Addresses of one sitemap file; the protocol allows 50,000 (sitemaps.org)."""
LATEST_CHANGES = 3
"""Corrections and changes of state on the first page."""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All that lists are made of."""

    rows: tuple[Row, ...]
    """Newest first."""
    changes: tuple[TrailEntry, ...] = ()
    """All corrections and changes of state, newest first."""
    stones: tuple[Tombstone, ...] = ()
    """All removed records."""
    papers: Mapping[str, tuple[str, ...]] = {}
    """Record id -> keys of the papers that it leans on."""
    details: Mapping[str, bytes] = {}
    """Record id -> digest of its details."""
    digests: Mapping[str, bytes] = {}
    """Record id -> digest of its sources."""
    prose: tuple[str, ...] = ()
    """Output paths of the prose pages, sorted."""
    shelves: frozenset[str] | None = None
    """The shelves of papers that have to be planned; None: all of them, and their index."""


def catalogue(
    records: Sequence[RecordState],
    stones: Sequence[Tombstone],
    prose: Sequence[str],
    shelves: frozenset[str] | None = None,
) -> Catalogue:
    """Bring what is known of all records into the order of the lists; see ``Catalogue``."""
    trail = [entry for record in records for entry in record.trail]
    return Catalogue(
        rows=newest_first(record.row for record in records),
        changes=newest_changes([*trail, *map(trail_of_stone, stones)]),
        stones=tuple(stones),
        papers={record.id: record.papers for record in records},
        details={record.id: record.details for record in records},
        digests={record.id: record.digest for record in records},
        prose=tuple(sorted(prose)),
        shelves=shelves,
    )


def open_desk(known: Catalogue, site: SiteInfo, views: str, shelf: Shelf, memo: Path) -> Desk:
    """What the builders of one build may read.

    Args:
        known: What the lists are made of.
        site: What is said about the site.
        views: The package that says what pages show.
        shelf: The records' details.
        memo: A file that remembers how the search words were split.
    """
    return Desk(
        site=site,
        views=views,
        shelf=shelf,
        digests=known.details,
        search=SearchIndex(known.rows, shelf, known.details, memo),
    )


def plan(known: Catalogue, site: SiteInfo, search: SearchIndex | None = None) -> Iterator[PageSpec]:
    """Every page outside the records.

    Args:
        known: What the lists are made of.
        site: What is said about the site.
        search: The search index, where there is to be one.
    """
    rows, stones = known.rows, known.stones
    yield PageSpec(
        path="index.html",
        builder="home",
        template="home.html",
        rows=rows,
        entries=known.changes[:LATEST_CHANGES],
        counts=change_lists.by_month(known.changes),
        number=len(stones),
    )
    yield from facets.plan(rows, stones)
    yield from papers.plan(rows, known.papers, known.details, known.shelves)
    if search is not None:
        yield from search.plan()
    yield PageSpec(path="404.html", builder="not_found", template="404.html")
    yield from _contracts(known)
    yield from change_lists.plan(known.changes, stones)
    yield PageSpec(path="records.json", builder="index", rows=rows, stones=stones)
    yield PageSpec(path="feed.atom", builder="feed", rows=rows[:FEED_LENGTH], stones=stones)
    yield PageSpec(path=".nojekyll", builder="nothing")
    yield from guides.plan(site)
    if site.base_url:
        yield PageSpec(path="robots.txt", builder="robots")
        yield from _sitemaps(rows, known.prose)


def _contracts(known: Catalogue) -> Iterator[PageSpec]:
    yield PageSpec(path="contracts/index.html", builder="contracts", template="contracts.html")
    for name in _schemas().TYPES:
        example = guides.example_of(name, known.rows, known.stones)
        path = f"contracts/{name}/index.html"
        yield PageSpec(
            path=path,
            builder="contract",
            template="contract.html",
            name=name,
            rows=(example,) if example is not None else (),
            stones=known.stones[:1] if name == guides.TOMBSTONE else (),
            depends=known.digests.get(example.id, b"") if example is not None else b"",
        )
        yield PageSpec(path=f"contracts/{name}.schema.json", builder="schema", name=name)


def _sitemaps(rows: tuple[Row, ...], prose: Sequence[str]) -> Iterator[PageSpec]:
    names = "\n".join(sorted(prose))
    shards = max(1, -(-len(rows) // SITEMAP_LENGTH))
    if shards == 1:
        yield PageSpec(path="sitemap.xml", builder="sitemap", rows=rows, name=names)
        return
    yield PageSpec(path="sitemap.xml", builder="sitemap_index", total=shards)
    for number in range(1, shards + 1):
        yield PageSpec(
            path=f"sitemap-{number}.xml",
            builder="sitemap",
            rows=rows[(number - 1) * SITEMAP_LENGTH : number * SITEMAP_LENGTH],
            number=number,
            name=names if number == 1 else "",
        )


def assets(files: dict[str, str]) -> Iterator[PageSpec]:
    """The theme's files; output path -> file."""
    for path, source in sorted(files.items()):
        yield PageSpec(path=path, builder="asset", name=source)


class ListMaker:
    """Makes what ``plan`` plans.

    Args:
        renderer: For the pages that have a template.
        desk: What builders may read; by default the site and these views alone.
        views: The package that says what pages show.
    """

    def __init__(self, renderer: Renderer, views: str, desk: Desk | None = None) -> None:
        self.renderer = renderer
        self.desk = desk or Desk(site=renderer.site, views=views)

    def make(self, spec: PageSpec) -> bytes:
        """The bytes of one page.

        Raises:
            BuildFailed: the template is missing or fails.
        """
        made = BUILDERS[spec.builder](spec, self.desk)
        if isinstance(made, bytes):
            return made
        return self.renderer.render(spec.template, spec.path, made)


def _schemas() -> ModuleType:
    """The contracts' schemas; workers, who never make one, do not pay for the import."""
    return import_module("sovereign_registry.contracts.schemas")


def _home(spec: PageSpec, desk: Desk) -> Context:
    return desk.view("home", "home", spec.rows, spec.entries, spec.counts, spec.number, desk.site)


def _browse(spec: PageSpec, desk: Desk) -> Context:
    return desk.view("lists", "browse", spec, desk.site)


def _facets(spec: PageSpec, desk: Desk) -> Context:
    return desk.view("lists", "facets", spec.counts, spec.number, desk.site)


def _papers(spec: PageSpec, desk: Desk) -> Context:
    return desk.view("papers", "index", spec, desk.details)


def _shelf(spec: PageSpec, desk: Desk) -> Context:
    return desk.view("papers", "shelf", spec, desk.details)


def _paper(spec: PageSpec, desk: Desk) -> Context:
    return desk.view("papers", "paper", spec, desk.details)


def _search(_: PageSpec, desk: Desk) -> Context:
    return desk.view("search", "search", desk.site)


def _search_head(spec: PageSpec, _: Desk) -> bytes:
    last = [number for _, number in spec.counts]
    return index_json(spec.number, spec.name.split("\n") if spec.number else [], last)


def _search_terms(spec: PageSpec, desk: Desk) -> bytes:
    if desk.search is None:
        raise LookupError(spec.path)
    return desk.search.terms(spec.name)


def _search_block(spec: PageSpec, _: Desk) -> bytes:
    return block_json(spec.rows)


def _not_found(_: PageSpec, desk: Desk) -> Context:
    return desk.view("errors", "not_found", desk.site)


def _index_of_contracts(_: PageSpec, desk: Desk) -> Context:
    return desk.view("contracts", "index", desk.site)


def _contract(spec: PageSpec, desk: Desk) -> Context:
    example = partial(guides.example, spec, desk)
    schema = _schemas().json_schema(spec.name)
    return desk.view("contracts", "contract", spec.name, schema, desk.site, example)


def _schema(spec: PageSpec, _: Desk) -> bytes:
    return (
        msgspec.json.format(msgspec.json.encode(_schemas().json_schema(spec.name)), indent=2)
        + b"\n"
    )


def _index(spec: PageSpec, desk: Desk) -> bytes:
    """The slim index for machines, one record a line."""
    site = desk.site
    head = msgspec.json.encode({"title": site.title, "publisher": site.publisher})
    lines = b",\n".join(msgspec.json.encode(row) for row in spec.rows)
    removed = b",\n".join(map(change_lists.stone_line, spec.stones))
    return b"".join([head[:-1], b',"records":[\n', lines, b'\n],"removed":[\n', removed, b"\n]}\n"])


def _feed(spec: PageSpec, desk: Desk) -> bytes:
    return atom(spec.rows, desk.site, spec.stones)


def _sitemap(spec: PageSpec, desk: Desk) -> bytes:
    return sitemap(spec.rows, spec.name.split("\n") if spec.name else [], desk.site, spec.number)


def _sitemap_index(spec: PageSpec, desk: Desk) -> bytes:
    return sitemap_index(spec.total, desk.site)


def _robots(_: PageSpec, desk: Desk) -> bytes:
    return robots(desk.site)


def _nothing(_: PageSpec, __: Desk) -> bytes:
    return b""


def _asset(spec: PageSpec, _: Desk) -> bytes:
    return Path(spec.name).read_bytes()


BUILDERS: dict[str, Callable[[PageSpec, Desk], bytes | Context]] = {
    "home": _home,
    "browse": _browse,
    "facets": _facets,
    "papers": _papers,
    "shelf": _shelf,
    "paper": _paper,
    "search": _search,
    "search_head": _search_head,
    "search_terms": _search_terms,
    "search_block": _search_block,
    "not_found": _not_found,
    "contracts": _index_of_contracts,
    "contract": _contract,
    "schema": _schema,
    "index": _index,
    "feed": _feed,
    "sitemap": _sitemap,
    "sitemap_index": _sitemap_index,
    "robots": _robots,
    "nothing": _nothing,
    "asset": _asset,
    **change_lists.BUILDERS,
    **guides.BUILDERS,
}
"""Name in a ``PageSpec`` -> function of its slice: bytes, or the context of its template."""

LINED = frozenset({"browse", "shelf", "paper", "search_block", "contract"})
"""Builders that show of a row its line alone; the others are keyed by the whole row."""


def line_digest(row: Row) -> bytes:
    """Digest of what a list shows of a record."""
    shown = (
        row.id,
        row.title,
        row.title_cut,
        row.published,
        row.score,
        row.verdict,
        row.tier,
        row.paper_level,
        row.gate,
        row.record_state,
        row.claims,
        row.verified,
        row.origin,
    )
    return hashlib.blake2b(msgspec.msgpack.encode(shown), digest_size=16).digest()


class Slices:
    """Digests of exactly what pages show.

    Args:
        records: All records of the build.
    """

    def __init__(self, records: Sequence[RecordState]) -> None:
        self._rows = {record.id: record.row_digest for record in records}
        self._lines = {record.id: line_digest(record.row) for record in records}

    def digest(self, spec: PageSpec) -> bytes:
        """The digest of one page's slice."""
        hasher = hashlib.blake2b(spec.depends, digest_size=16)
        hasher.update(
            f"{spec.path}\0{spec.builder}\0{spec.number}\0{spec.total}\0{len(spec.rows)}\0".encode()
        )
        if spec.builder == "asset":
            hasher.update(Path(spec.name).read_bytes())
        else:
            hasher.update(spec.name.encode())
        digests = self._lines if spec.builder in LINED else self._rows
        hasher.update(b"".join([digests[row.id] for row in spec.rows]))
        if spec.entries or spec.stones or spec.counts:
            hasher.update(msgspec.msgpack.encode((spec.entries, spec.stones, spec.counts)))
        return hasher.digest()
