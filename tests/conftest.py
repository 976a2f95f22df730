"""What every test may use: documents that live outside, a browser, a server on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.chromium", "tests.judges", "tests.web"]

ROOT = Path(__file__).resolve().parent.parent

# A run in CI draws the same examples each time, so a red run is red again when it is looked at.
# Without a deadline, because a busy machine is no fault of the code.
settings.register_profile(
    "local", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of outside documents that SOVEREIGN_SHARED names; skip without it."""
    named = os.environ.get("SOVEREIGN_SHARED")
    if not named:
        pytest.skip("SOVEREIGN_SHARED names no folder with the outside documents")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"SOVEREIGN_SHARED names {folder}, which is no folder")
    return folder
