"""Published records that tests of the command line start from."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.store import Queue, Registry
from tests.cli.console import QUESTION, WEAK_QUESTION, call, new_registry
from tests.cli.histories import NOW

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A registry with a strong and a weak published record; tests work on copies."""
    root = new_registry(tmp_path_factory.mktemp("published"))
    ids = []
    for question in (QUESTION, WEAK_QUESTION):
        done = call("run", question, "--registry", str(root), "--quiet", "--json")
        assert 0 == done.returncode, done.stderr
        ids.append(json.loads(done.stdout)["id"])
    queue = Queue(Registry(root))
    with queue.registry.lock():
        queue.approve(ids[1], at=NOW, role="owner", note="Kept for tests.")
    return root, ids[0], ids[1]


@pytest.fixture
def registry(published: tuple[Path, str, str], tmp_path: Path) -> tuple[Path, str, str]:
    """A copy of the registry with its two ids."""
    root, strong, weak = published
    return shutil.copytree(root, tmp_path / "registry"), strong, weak
