"""Small published sites for the panel; each test changes a copy in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from sovereign_registry.contracts.history import Event
from tests.verifier.sites import IMPORTED, REGISTRY, WITH_HISTORY, World
from tests.website.verify.scripts import open_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

BESIDE = """publish:
  beside:
    - "manifest"
    - "data"
    - "evidence"
"""
BUNDLED = """publish:
  offline_page: true
"""


class Published(NamedTuple):
    """A site at two times."""

    world: World
    computed: str
    before: dict[str, bytes]
    """Before the newest history entry was added and logged."""
    now: dict[str, bytes]


def publish(folder: Path, options: str, *, logged: bool = True) -> Published:
    """A computed record with a history and two imported ones, logged in two appends."""
    world = World(folder)
    text = REGISTRY + options
    (world.root / "manifests" / "registry.yaml").write_text(text, encoding="utf-8")
    (computed,) = world.adopt(1)
    world.import_record(IMPORTED)
    world.import_record(WITH_HISTORY)
    world.correct(computed, "Another title of our own, with </script> & more")
    world.enter(computed, Event.CONCERN, "We are looking at <b>it</b>.")
    world.enter(WITH_HISTORY, Event.RETRACTION, "It must not be relied on.")
    if logged:
        world.log()
    before = world.publish(seal=logged)
    world.enter(computed, Event.CONCERN_LIFTED, "Nothing was found.")
    if logged:
        world.log()
    return Published(world, computed, before, world.publish(seal=logged))


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Every file that the panel reads stands beside the page."""
    return publish(tmp_path_factory.mktemp("beside"), BESIDE)


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """As a registry publishes by default, and with the offline page in every bundle."""
    return publish(tmp_path_factory.mktemp("bundled"), BUNDLED)


@pytest.fixture(scope="session")
def unlogged(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Without a log."""
    return publish(tmp_path_factory.mktemp("unlogged"), BESIDE, logged=False)


@pytest.fixture(scope="module")
def scripts(browser: Browser, root: Path) -> Iterator[Page]:
    """One empty page with the panel's scripts, for all tests of a module."""
    page = open_scripts(browser.new_page(), root)
    yield page
    page.close()
