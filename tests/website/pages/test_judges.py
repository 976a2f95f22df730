"""Lighthouse and the Nu HTML checker on pages as they are built from real records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sovereign_registry.store import Registry
from sovereign_registry.wiring.site import build_site
from tests.website.pages.odd_records import write
from tests.website.pages.states import States

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.judges import Judges, Report
    from tests.web import Serve

pytestmark = pytest.mark.judges

ADDRESS = "https://registry.example/ledger"
FULL = ("accessibility", "best-practices", "seo")
"""Categories of Lighthouse in which a page has all points."""


FAULTY = "faulty/index.html"
"""A page with two faults, put beside the others to see that the judges bite."""
FAULTS = """<!doctype html>
<html lang=en><title>A</title><h1>A</h1>
<p><b><img src=a.png></p>
"""


@pytest.fixture(scope="module")
def shipped(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry that ships, built, and the faulty page."""
    output = tmp_path_factory.mktemp("judged") / "output"
    build_site(root, output=output, siteurl=ADDRESS, jobs=1, quiet=True)
    (output / FAULTY).parent.mkdir()
    (output / FAULTY).write_text(FAULTS, encoding="utf-8")
    return output


@pytest.fixture(scope="module")
def reports(judges: Judges, root: Path, shipped: Path, serve: Serve) -> dict[str, Report]:
    """What Lighthouse says: of home, of a record, of the lists, and of the faulty page."""
    paper = next(iter(Registry(root).ids()))
    paths = ("", f"records/{paper}/", "records/", "browse/", "faulty/")
    with serve(shipped, "/ledger/") as base:
        found = judges.lighthouse([f"{base}/{path}" for path in paths])
    return dict(zip(paths, found, strict=True))


@pytest.mark.slow
@pytest.mark.browser
def test_lighthouse_gives_all_points(
    reports: dict[str, Report], record_property: Callable[[str, object], None]
) -> None:
    """100 for accessibility, best practices and search engines.

    The figure for performance depends on the machine: it is kept beside the result and printed.
    """
    for path, report in reports.items():
        if path != "faulty/":
            speed = round(100 * report["scores"]["performance"])
            record_property(f"lighthouse performance of /{path}", speed)
            print(f"Lighthouse, performance of /{path}: {speed}")  # noqa: T201 - seen with -s
            assert report["error"] == ""
            assert [one for one in report["lacking"] if one.startswith(FULL)] == []
            assert dict.fromkeys(FULL, 1) == {one: report["scores"][one] for one in FULL}


@pytest.mark.browser
def test_lighthouse_finds_a_fault(reports: dict[str, Report]) -> None:
    """An image without words costs points, so the points above mean something."""
    assert reports["faulty/"]["scores"]["accessibility"] < 1
    assert any("alt" in one for one in reports["faulty/"]["lacking"])


@pytest.mark.slow
def test_pages_are_valid_html(judges: Judges, root: Path, shipped: Path, tmp_path: Path) -> None:
    """Of the registry that ships, of every state, of odd records: no error, no warning."""
    states = States(tmp_path / "states")
    states.build(ADDRESS)
    odd = tmp_path / "odd"
    odd.mkdir()
    write(root, odd)
    said = judges.nu(shipped, states.output, odd)
    assert [one for one in said if FAULTY not in one] == []
    assert any(f"{FAULTY}:3: " in one for one in said)
