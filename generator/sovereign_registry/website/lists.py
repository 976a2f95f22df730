"""Everything that stands beside the records: lists, feeds, contracts, assets; one slice each."""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.website import change_lists
from sovereign_registry.website.feeds import FEED_LENGTH, atom, robots, sitemap, sitemap_index
from sovereign_registry.website.model import PageSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.website.model import Row, SiteInfo, TrailEntry
    from sovereign_registry.website.rendering import Renderer

PER_PAGE = 100
"""Rows of one page of the browse list."""

SITEMAP_LENGTH = 40_000
"""Addresses of one sitemap file; the protocol allows 50,000 (sitemaps.org)."""


def plan(
    rows: tuple[Row, ...],
    site: SiteInfo,
    prose: list[str],
    changes: tuple[TrailEntry, ...] = (),
    stones: tuple[Tombstone, ...] = (),
) -> Iterator[PageSpec]:
    """Every page outside the records.

    Args:
        rows: All rows, newest first.
        site: What is said about the site.
        prose: Output paths of the prose pages.
        changes: All corrections and changes of state, newest first.
        stones: All removed records.
    """
    yield PageSpec(
        path="index.html", builder="home", template="home.html", rows=rows, number=len(stones)
    )
    pages = max(1, -(-len(rows) // PER_PAGE))
    for number in range(1, pages + 1):
        yield PageSpec(
            path="records/index.html" if number == 1 else f"records/page/{number}/index.html",
            builder="browse",
            template="browse.html",
            rows=rows[(number - 1) * PER_PAGE : number * PER_PAGE],
            number=number,
            total=pages,
        )
    yield PageSpec(path="404.html", builder="not_found", template="404.html")
    yield PageSpec(path="contracts/index.html", builder="contracts", template="contracts.html")
    for name in _schemas().TYPES:
        path = f"contracts/{name}/index.html"
        yield PageSpec(path=path, builder="contract", template="contract.html", name=name)
        yield PageSpec(path=f"contracts/{name}.schema.json", builder="schema", name=name)
    yield from change_lists.plan(changes, stones)
    yield PageSpec(path="records.json", builder="index", rows=rows, stones=stones)
    yield PageSpec(path="feed.atom", builder="feed", rows=rows[:FEED_LENGTH], stones=stones)
    yield PageSpec(path=".nojekyll", builder="nothing")
    if site.base_url:
        yield PageSpec(path="robots.txt", builder="robots")
        yield from _sitemaps(rows, prose)


def _sitemaps(rows: tuple[Row, ...], prose: list[str]) -> Iterator[PageSpec]:
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
        views: The package that says what pages show.
    """

    def __init__(self, renderer: Renderer, views: str) -> None:
        self.renderer = renderer
        self.views = views

    def make(self, spec: PageSpec) -> bytes:
        """The bytes of one page.

        Raises:
            BuildFailed: the template is missing or fails.
        """
        made = BUILDERS[spec.builder](spec, self.renderer.site, self.views)
        if isinstance(made, bytes):
            return made
        return self.renderer.render(spec.template, spec.path, made)


Context = dict[str, Any]


def _schemas() -> ModuleType:
    """The contracts' schemas; workers, who never make one, do not pay for the import."""
    return import_module("sovereign_registry.contracts.schemas")


def _home(spec: PageSpec, site: SiteInfo, views: str) -> Context:
    made: Context = import_module(f"{views}.lists").home(spec.rows, site, spec.number)
    return made


def _browse(spec: PageSpec, site: SiteInfo, views: str) -> Context:
    lists = import_module(f"{views}.lists")
    made: Context = lists.browse(spec.rows, spec.number, spec.total, site)
    return made


def _not_found(_: PageSpec, site: SiteInfo, views: str) -> Context:
    made: Context = import_module(f"{views}.errors").not_found(site)
    return made


def _contracts(_: PageSpec, site: SiteInfo, views: str) -> Context:
    made: Context = import_module(f"{views}.contracts").index(site)
    return made


def _contract(spec: PageSpec, site: SiteInfo, views: str) -> Context:
    contracts = import_module(f"{views}.contracts")
    made: Context = contracts.contract(spec.name, _schemas().json_schema(spec.name), site)
    return made


def _schema(spec: PageSpec, _: SiteInfo, __: str) -> bytes:
    return (
        msgspec.json.format(msgspec.json.encode(_schemas().json_schema(spec.name)), indent=2)
        + b"\n"
    )


def _index(spec: PageSpec, site: SiteInfo, _: str) -> bytes:
    """The slim index for machines, one record a line."""
    head = msgspec.json.encode({"title": site.title, "publisher": site.publisher})
    lines = b",\n".join(msgspec.json.encode(row) for row in spec.rows)
    removed = b",\n".join(map(change_lists.stone_line, spec.stones))
    return b"".join([head[:-1], b',"records":[\n', lines, b'\n],"removed":[\n', removed, b"\n]}\n"])


def _feed(spec: PageSpec, site: SiteInfo, _: str) -> bytes:
    return atom(spec.rows, site, spec.stones)


def _sitemap(spec: PageSpec, site: SiteInfo, _: str) -> bytes:
    return sitemap(spec.rows, spec.name.split("\n") if spec.name else [], site, spec.number)


def _sitemap_index(spec: PageSpec, site: SiteInfo, _: str) -> bytes:
    return sitemap_index(spec.total, site)


def _robots(_: PageSpec, site: SiteInfo, __: str) -> bytes:
    return robots(site)


def _nothing(_: PageSpec, __: SiteInfo, ___: str) -> bytes:
    return b""


def _asset(spec: PageSpec, _: SiteInfo, __: str) -> bytes:
    return Path(spec.name).read_bytes()


BUILDERS: dict[str, Callable[[PageSpec, SiteInfo, str], bytes | Context]] = {
    "home": _home,
    "browse": _browse,
    "not_found": _not_found,
    "contracts": _contracts,
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
}
"""Name in a ``PageSpec`` -> function of its slice: bytes, or the context of its template."""


def slice_digest(spec: PageSpec, row_digests: dict[str, bytes]) -> bytes:
    """Digest of exactly what a page shows."""
    hasher = hashlib.blake2b(digest_size=16)
    hasher.update(
        f"{spec.path}\0{spec.builder}\0{spec.number}\0{spec.total}\0{len(spec.rows)}\0".encode()
    )
    if spec.builder == "asset":
        hasher.update(Path(spec.name).read_bytes())
    else:
        hasher.update(spec.name.encode())
    for row in spec.rows:
        hasher.update(row_digests[row.id])
    if spec.entries or spec.stones or spec.counts:
        hasher.update(msgspec.msgpack.encode((spec.entries, spec.stones, spec.counts)))
    return hasher.digest()
