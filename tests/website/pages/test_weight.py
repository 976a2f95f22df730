"""What a record's page weighs before compression, since hosts count it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from benchmarks.synthetic import synthetic_manifest
from sovereign_registry.contracts.registry import Publish
from sovereign_registry.website.rendering import Renderer, make_environment
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
