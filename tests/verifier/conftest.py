"""One small site for all tests of the verifier; each changes a copy in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from sovereign_registry.contracts.history import Event
from tests.verifier.sites import IMPORTED, RETRACTED, WITH_HISTORY, World

if TYPE_CHECKING:
    from pathlib import Path


class Published(NamedTuple):
    """A site at two times."""

    world: World
    computed: str
    before: dict[str, bytes]
    """Before the newest history entry was added, sealed and logged."""
    now: dict[str, bytes]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A computed record and three imported ones, two with a history; logged in two appends."""
    folder: Path = tmp_path_factory.mktemp("published-site")
    world = World(folder)
    (computed,) = world.adopt(1)
    world.import_record(IMPORTED)
    world.import_record(WITH_HISTORY)
    world.import_record(RETRACTED)
    world.correct(WITH_HISTORY, "Another title of our own")
    world.enter(WITH_HISTORY, Event.CONCERN, "We are looking at <b>it</b>.")
    world.log()
    before = world.publish()
    world.enter(WITH_HISTORY, Event.CONCERN_LIFTED, "Nothing was found.")
    world.enter(RETRACTED, Event.RETRACTION, "It must not be relied on.")
    world.log()
    return Published(world, computed, before, world.publish())
