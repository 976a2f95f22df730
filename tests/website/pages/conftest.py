"""The sample site, built once per test process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.website.pages.site import build

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def sample_site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the sample site."""
    folder = tmp_path_factory.mktemp("site")
    build(root, folder)
    return folder
