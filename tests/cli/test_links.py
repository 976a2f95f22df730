"""A published site is whole wherever it stands: at a domain's root or under a path of it."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import pytest

from sovereign_registry.contracts.history import Event
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from tests.cli.console import call
from tests.cli.crawl import Crawl
from tests.cli.histories import BY, correct_title, done, enter
from tests.samples import bare_manifest
from tests.web import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REMOVED = "sr-2605-00000009"
OLD_ADDRESSES = (f"records/{REMOVED}/history/",)
"""Where links from outside may still lead; the site itself has none to them."""
DATA = ("record.json", "bundle.zip")
"""Where a record stands for machines: beside its page, in its bundle, or both."""
PREFIXES = ("/", "/registry/", "/a-publisher/registry/")


def publish_every_kind(root: Path, strong: str, weak: str, key: Path) -> None:
    """Corrected, superseded and removed records, and a log of them."""
    registry = Registry(root)
    with registry.lock():
        registry.publish(emit(msgspec.structs.replace(bare_manifest(), id=REMOVED)), {})
    correct_title(root, strong, "A better title")
    enter(root, weak, Event.SUPERSESSION, superseded_by=strong)
    done(root, "remove", REMOVED, "--legal", "Order 1", *BY)
    key.parent.mkdir()
    done(root, "keys", "new", "--key", str(key), "--reason", "The first key.")
    done(root, "log", "append", "--key", str(key))


@pytest.fixture(scope="module")
def every_kind(published: tuple[Path, str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a record of every kind."""
    root, strong, weak = published
    folder = tmp_path_factory.mktemp("links")
    root = shutil.copytree(root, folder / "registry")
    publish_every_kind(root, strong, weak, folder / "keys" / "log.key")
    return root


@pytest.fixture(scope="module", params=PREFIXES)
def crawl(
    every_kind: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Crawl, Path]]:
    """The site under one prefix, crawled from its first page, its 404 page and its lists."""
    site = tmp_path_factory.mktemp("site") / "output"
    site.mkdir()
    with serving(site, request.param) as base:
        done(every_kind, "build", "--output", str(site), "--siteurl", base, "--quiet")
        with closing(Crawl(base)) as found:
            lost = f"{base}/no/such/page/"
            assert found.get(lost).status == 404
            alone = [f"{base}/{path}" for path in ("robots.txt", "sitemap.xml", *OLD_ADDRESSES)]
            found.run(f"{base}/", lost, *alone)
            yield found, site


def test_every_link_leads_somewhere_within_the_site(crawl: tuple[Crawl, Path]) -> None:
    """On pages, in feeds, in the sitemap and in every file for machines; fragments too."""
    found, _ = crawl
    assert "" == "\n".join(found.faults)


def test_every_page_can_be_reached(crawl: tuple[Crawl, Path]) -> None:
    """Nearly no page is made that no link leads to, and none is skipped by this test."""
    found, site = crawl
    pages = {
        f"{found.base}/{path.relative_to(site).as_posix().removesuffix('index.html')}"
        for path in site.rglob("*.html")
    }
    assert len(pages) > 20
    assert pages - found.seen.keys() - {f"{found.base}/404.html"} == set()


def test_the_page_for_what_is_missing_works_at_any_depth(crawl: tuple[Crawl, Path]) -> None:
    """Its style and its links are found from a path several folders down."""
    found, _ = crawl
    links = found.page(f"{found.base}/no/such/page/").links
    from_the_root = f"{urlsplit(found.base).path}/"
    assert any(link.startswith(f"{from_the_root}static/") for link in links)
    assert [link for link in links if not link.startswith((from_the_root, found.base, "#"))] == []


def test_the_index_for_machines_names_files_that_are_there(crawl: tuple[Crawl, Path]) -> None:
    """Every record and every removed one has its page and its data."""
    found, _ = crawl
    index = json.loads(found.get(f"{found.base}/records.json").body)
    ids = [row["id"] for row in (*index["records"], *index["removed"])]
    assert len(ids) == 3
    for one in ids:
        assert found.get(f"{found.base}/records/{one}/").status == 200
        data = [found.get(f"{found.base}/records/{one}/{name}") for name in DATA]
        assert 200 in [reply.status for reply in data]


def test_ids_in_feeds_outlive_the_address(every_kind: Path, tmp_path: Path) -> None:
    """A new domain or path changes links only: no reader sees an entry twice."""
    ids = []
    for address in ("https://example.org", "https://elsewhere.example/a/b"):
        site = tmp_path / address.rpartition("/")[2]
        done(every_kind, "build", "--output", str(site), "--siteurl", address, "--quiet")
        feeds = sorted(site.rglob("*.atom"))
        assert len(feeds) >= 3
        texts = {feed.relative_to(site).as_posix(): feed.read_text("utf-8") for feed in feeds}
        ids.append({name: re.findall("<id>(.+?)</id>", text) for name, text in texts.items()})
    assert ids[0] == ids[1]
    every = [one for found in ids[0].values() for one in found]
    assert all(one.startswith("urn:uuid:") for one in every)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_trailing_slash_of_the_address_changes_nothing(
    every_kind: Path, tmp_path: Path, slash: str
) -> None:
    """The same bytes, from an option or from the environment."""
    address = "https://example.org/registry"
    lists = []
    ways: tuple[tuple[str, tuple[str, ...], dict[str, str]], ...] = (
        ("option", ("--siteurl", address + slash), {}),
        ("variable", (), {"SITEURL": address + slash}),
    )
    for name, options, named in ways:
        site = tmp_path / name
        where = ("--registry", str(every_kind), "--output", str(site))
        finished = call("build", *where, "--quiet", *options, **named)
        assert finished.returncode == 0, finished.stderr
        lists.append((site / "digests.txt").read_bytes())
    assert lists[0] == lists[1]
    assert b"https" not in lists[0]
    assert f"{address}/sitemap.xml" in (tmp_path / "option" / "robots.txt").read_text("utf-8")
