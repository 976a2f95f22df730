"""What a record's page and its other files weigh, unpacked, since hosts count them so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from benchmarks.synthetic import synthetic_manifest, write_registry
from sovereign_registry.contracts.registry import Publish
from sovereign_registry.website.options import Options
from sovereign_registry.website.rendering import Renderer, make_environment
from sovereign_registry.website.session import Session
from sovereign_registry.website.theme import bundled
from sovereign_registry.website.views import record
from tests.website.views import samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from pathlib import Path

HEAVIEST = 50_000
"""Bytes of the page of an ordinary record: ten claims, twelve sources, one round of review."""


def test_an_ordinary_record_has_a_small_page(root: Path) -> None:
    """With what a registry publishes by default."""
    site = msgspec.structs.replace(SITE, publish=Publish())
    renderer = Renderer(make_environment([str(root / "theme" / "templates")]), site, {})
    for number in range(4):
        view = samples.view(synthetic_manifest(number))
        path = f"records/{view.record.id}/index.html"
        page = renderer.render("record.html", path, record.context(view, site))
        assert len(page) <= HEAVIEST


MOST_BYTES, MOST_FILES = 80_000, 12
"""Of a record, on average, with what a registry publishes by default: 10,000 fit into 1 GB."""


def test_an_ordinary_record_takes_little_room(tmp_path: Path) -> None:
    """Page, history, bundle and all else that stands in its folder."""
    records = 100
    write_registry(tmp_path, records)
    session = Session(Options(root=tmp_path, output=tmp_path / "out", theme=bundled("theme")))
    with session.lock():
        report = session.run()
    assert report.records == records
    assert report.record_bytes / records <= MOST_BYTES
    assert report.record_files / records <= MOST_FILES
