"""Every kind of page: sound markup, one heading, whole links, small, nothing from outside."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from tests.website.pages.outline import Outline, outline
from tests.website.views.imported import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = (
    "manifest.yaml",
    "record.json",
    "records.json",
    "bundle.zip",
    "correction-record.json",
    "source-provenance.json",
    ".atom",
    "ro-crate-metadata.json",
    "prov.json",
    "cite.bib",
    "cite.ris",
    "cite.csl.json",
    "-owner-decision.yaml",
    "-correction.yaml",
    ".schema.json",
    "report.md",
    "report.pdf",
    "evidence.json",
)
"""Files that the build adds beside the pages."""
MADE_UP = ("records/sr-2609-00abcdef", "records/sr-2605-00000000", "records/page/")
"""Records and list pages that the samples name and the sample site does not have."""


@pytest.fixture(scope="session")
def pages(sample_site: Path) -> dict[str, Outline]:
    """Every page of the sample site, read."""
    return {
        path.relative_to(sample_site).as_posix(): outline(path.read_text(encoding="utf-8"))
        for path in sorted(sample_site.rglob("*.html"))
    }


def test_every_kind_of_page_is_there(pages: dict[str, Outline]) -> None:
    """Records, lists, contracts, prose and the page for what is missing."""
    folders = [path.split("/")[1] for path in pages if path.startswith("records/sr-")]
    assert len(set(folders)) == 5
    assert {f"records/{name}/history/index.html" for name in folders} <= set(pages)
    assert {"corrections/index.html", "corrections/type/claim/index.html"} <= set(pages)
    assert {"index.html", "records/index.html", "404.html", "contracts/index.html"} <= set(pages)
    prose = {"about", "quality-guide", "methodology", "corrections-policy", "verify", "limits"}
    assert {f"{name}/index.html" for name in prose} <= set(pages)


def test_markup_is_sound(pages: dict[str, Outline]) -> None:
    """Tags are balanced, nothing is scripted or styled in place, ids are unique."""
    faults = {path: page.faults for path, page in pages.items() if page.faults}
    assert faults == {}
    twice = {path: page.ids for path, page in pages.items() if len(set(page.ids)) != len(page.ids)}
    assert twice == {}


def test_headings_descend_one_step_at_a_time(pages: dict[str, Outline]) -> None:
    """One first heading, and no level is skipped on the way down."""
    for path, page in pages.items():
        assert page.headings.count(1) == 1, path
        assert page.headings[0] == 1, path
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert [pair for pair in steps if pair[1] > pair[0] + 1] == [], path


def test_landmarks_frame_every_page(pages: dict[str, Outline]) -> None:
    """A masthead, navigation, one main part, a footer."""
    for path, page in pages.items():
        assert {"header", "nav", "main", "footer"} <= set(page.landmarks), path
        assert page.landmarks.count("main") == 1, path


def test_the_policy_lets_nothing_in(pages: dict[str, Outline]) -> None:
    """Scripts, styles, images and data of our own only, and forms that stay on the site."""
    expected = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'self'"
    )
    assert {page.metas["Content-Security-Policy"] for page in pages.values()} == {expected}


def test_every_link_leads_somewhere(pages: dict[str, Outline], sample_site: Path) -> None:
    """Relative links meet a page of the site, fragments an id; the 404 page's are absolute."""
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or path == "404.html":
                continue
            target = (
                sample_site / path
                if not parts.path
                else (sample_site / path).parent / (unquote(parts.path))
            )
            found = target.resolve()
            found = found / "index.html" if found.is_dir() else found
            name = found.relative_to(sample_site.resolve()).as_posix()
            if name.endswith(OUTSIDE) or name.startswith(MADE_UP):
                continue
            ids = pages[name].ids if name in pages else []
            if not found.is_file() or (parts.fragment and parts.fragment not in ids):
                broken.append((path, link))
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Outline]) -> None:
    """Links may lead out to the web; every other scheme is refused."""
    for path, page in pages.items():
        schemes = {urlsplit(link).scheme for link in page.links}
        assert schemes <= {"", "https", "data"}, path


def test_hostile_text_is_shown_as_text(pages: dict[str, Outline]) -> None:
    """Markup in titles, claims, notes and names comes out as the characters that came in."""
    page = pages["records/sr-2610-hstx0000/index.html"]
    assert HOSTILE in "".join(page.text)
    assert "49" not in page.metas["citation_title"]
    assert page.metas["citation_title"] == HOSTILE
    assert not [link for link in page.links if "alert" in link]


def test_pages_stay_small(sample_site: Path) -> None:
    """Any page with its stylesheet weighs at most 50 KB compressed."""
    style = len(gzip.compress((sample_site / "static" / "style.css").read_bytes()))
    weights = {
        path.relative_to(sample_site).as_posix(): len(gzip.compress(path.read_bytes())) + style
        for path in sample_site.rglob("*.html")
    }
    assert {path: weight for path, weight in weights.items() if weight > 50_000} == {}


def test_the_draft_banner_is_on_the_page(sample_site: Path) -> None:
    """The words of the source documents stand there until the owner has decided."""
    banner = "Autonomous draft — Owner review required before publication"
    drafted = (sample_site / "records/sr-2610-4k9m2xqw/index.html").read_text(encoding="utf-8")
    decided = (sample_site / "records/sr-2610-7ztr40vc/index.html").read_text(encoding="utf-8")
    assert banner in drafted
    assert banner not in decided
