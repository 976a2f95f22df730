"""Preview images: one for each state and tier, named by the pages, and only where that is asked."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from lxml import html

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules.states_v1 import shown_tier
from sovereign_registry.verifier.previews import preview_faults
from sovereign_registry.website.views import previews
from tests.website.pages.states import PATHS, States, record_id

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "https://registry.example/ledger"
LARGEST = 15_000
"""Bytes of one image."""
NAMES = {
    previews.file_name(state, shown_tier(state, GateStatus.UNVERIFIED, tier))
    for state in RecordState
    for tier in Tier
}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> States:
    """A registry with one record in every state, at a known address."""
    made = States(tmp_path_factory.mktemp("previews"))
    made.build(ADDRESS)
    return made


def named(states: States, path: str) -> dict[str, str]:
    """What a page says to other sites: property -> content."""
    page = html.fromstring(states.text(path))
    return {one.get("property"): one.get("content") for one in page.xpath("//meta[@property]")}


def test_the_theme_has_one_image_for_each_and_no_other(root: Path) -> None:
    """Of at most 15 kB each."""
    files = {path.name: path for path in (root / "theme" / "static" / "previews").iterdir()}
    assert {previews.REGISTRY, *NAMES} == set(files)
    assert max(path.stat().st_size for path in files.values()) <= LARGEST


def test_images_have_the_size_that_pages_state(root: Path) -> None:
    """Each is a whole PNG of 1,000 by 525 in a palette; its check sums hold."""
    for path in (root / "theme" / "static" / "previews").iterdir():
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        at, seen = 8, []
        while at < len(data):
            (size,) = struct.unpack_from(">L", data, at)
            kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
            assert struct.unpack_from(">L", data, at + 8 + size) == (zlib.crc32(kind + body),)
            seen.append((kind, body))
            at += 12 + size
        assert [kind for kind, _ in seen] == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
        assert struct.unpack(">2L5B", seen[0][1]) == (1000, 525, 4, 3, 0, 0, 0)
        assert len(zlib.decompress(seen[2][1])) == 525 * 501


@pytest.mark.parametrize("state", PATHS)
def test_a_record_names_the_image_of_its_state(states: States, state: RecordState) -> None:
    """By its whole address, with words for who does not see it; the file is there."""
    said = named(states, f"records/{record_id(state)}/index.html")
    image = said["og:image"].removeprefix(f"{ADDRESS}/")
    assert image.startswith(f"static/previews/{state.value.lower().replace('_', '-')}-")
    assert (states.output / image).is_file()
    word = state.value.replace("_", " ").capitalize()
    assert f"state: {word}" in said["og:image:alt"]
    assert {"og:title", "og:description", "og:type"} <= set(said)


def test_every_other_page_names_the_image_of_the_registry(states: States) -> None:
    """With a title and a description of its own."""
    said = named(states, "records/index.html")
    assert said["og:image"] == f"{ADDRESS}/static/previews/registry.png"
    assert said["og:title"].startswith("All records")
    assert said["og:type"] == "website"


@pytest.mark.parametrize(
    ("address", "publish"), [("", ""), (ADDRESS, "  previews: false\n")], ids=["nowhere", "off"]
)
def test_no_image_where_none_can_be_named(tmp_path: Path, address: str, publish: str) -> None:
    """Without an address, or switched off: no tag, and no file."""
    made = States(tmp_path / "registry")
    settings = made.root / "manifests" / "registry.yaml"
    settings.write_text(settings.read_text("utf-8") + publish, encoding="utf-8")
    made.build(address)
    assert not (made.output / "static" / "previews").exists()
    assert "og:image" not in named(made, "index.html")


def test_the_verifier_finds_the_image_of_another_state(states: States) -> None:
    """A retracted record that is announced as current is a fault; another image is no business."""
    page = states.text(f"records/{record_id(RecordState.RETRACTED)}/index.html").encode()
    asked = (RecordState.RETRACTED, Tier.NOT_TIERED)
    assert [] == list(preview_faults(page, *asked))
    (fault,) = preview_faults(page.replace(b"/retracted-", b"/current-"), *asked)
    assert "'current-not-tiered'" in fault
    assert [] == list(preview_faults(page.replace(b"/previews/", b"/mine/"), *asked))
