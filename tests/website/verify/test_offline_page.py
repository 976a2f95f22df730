"""The page in the bundle, and what pages tell the script: markup, policy and words."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.website.offline_page import offline_page, read_scripts
from sovereign_registry.website.views.verify_panel import SCRIPTS, data_block, verify_part
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from pathlib import Path

NASTY = "</script><script>alert(1)</script> & \"'{id}{0}"
LOGGED = msgspec.structs.replace(SITE, logged=True, log_origin="example.org/log")


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    """The page of a hostile record with hostile files."""
    view = imported.hostile()
    files = {f"records/{view.record.id}/manifest.yaml": NASTY.encode(), f"log/{NASTY}": b"\xff<"}
    scripts = read_scripts(root / "theme" / "static")
    made = offline_page(
        view, files, scripts, command=NASTY, origin=NASTY, key="k+1", entries=(3, 5)
    )
    return made.decode()


def blocks(page: str) -> dict[str, str]:
    """Attributes of each script element -> its text."""
    return dict(re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL))


def test_nothing_from_a_record_becomes_markup(page: str) -> None:
    """Two data blocks and one script, and no element that the record brought."""
    assert set(blocks(page)) == {
        ' type="application/json" id="verify-data"',
        ' type="application/json" id="record-files"',
        "",
    }
    assert "<img" not in page
    assert "alert(1)</script>" not in page


def test_only_our_scripts_and_style_may_run(page: str) -> None:
    """The policy names their digests, and allows no connection."""
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy
    assert style
    said = policy[1].replace("&#39;", "'")
    for kind, text in (("script-src", blocks(page)[""]), ("style-src", style[1])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in said
    assert said.startswith("default-src 'none'; ")
    assert "connect-src" not in said


def test_data_come_back_as_they_were_given(page: str) -> None:
    """Whatever their bytes."""
    found = blocks(page)
    data = json.loads(found[' type="application/json" id="verify-data"'])
    assert (data["origin"], data["key"], data["entries"]) == (NASTY, "k+1", [3, 5])
    assert data["root"] == ""
    files = json.loads(found[' type="application/json" id="record-files"'])
    assert base64.b64decode(files[f"log/{NASTY}"]) == b"\xff<"


def test_the_same_input_gives_the_same_page(root: Path) -> None:
    """Byte for byte, whatever the order of the files."""
    view, scripts = samples.computed(), read_scripts(root / "theme" / "static")
    files = {"b": b"2", "a": b"1"}
    made = [
        offline_page(view, dict(order), scripts, command="x", origin=None, key=None, entries=())
        for order in (files.items(), reversed(files.items()))
    ]
    assert made[0] == made[1]


def test_a_script_that_could_end_its_element_is_refused(tmp_path: Path) -> None:
    """Wherever it comes from."""
    (tmp_path / "verify").mkdir()
    for name in SCRIPTS:
        (tmp_path / "verify" / f"{name}.js").write_text("// </SCRIPT >\n", encoding="utf-8")
    with pytest.raises(ValueError, match="ends a script element"):
        read_scripts(tmp_path)


def test_no_script_makes_markup_or_code_of_text(root: Path) -> None:
    """Neither markup from strings, nor strings that run, nor an address of somebody else."""
    text = read_scripts(root / "theme" / "static")
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
    ):
        assert word not in text
    assert re.findall(r"https?://", text) == []


def test_a_data_block_cannot_be_ended() -> None:
    """No character that starts markup is left in it."""
    text = str(data_block({"a": f"{NASTY}<!-- \u2028"}))
    assert "<" not in text
    assert json.loads(text) == {"a": f"{NASTY}<!-- \u2028"}


def test_the_panel_says_where_a_record_is_logged() -> None:
    """Not at all, in part, or whole; and never how long the log is."""
    view = samples.revised()
    count = 1 + len(view.history)
    assert "Not logged" in verify_part(view, SITE).logged
    assert f"1 of {count} files" in verify_part(view, LOGGED, (4,)).logged
    whole = verify_part(view, LOGGED, range(count))
    assert whole.logged.endswith("of example.org/log.")
    data = json.loads(whole.data)
    assert data["entries"] == list(range(count))
    assert set(data) == {
        "record", "root", "origin", "key", "entries", "bundle", "bundled", "evidence",
    }  # fmt: skip


def test_the_command_names_site_and_record() -> None:
    """The site's own address, or a word for it where none is known."""
    view = samples.computed()
    here = msgspec.structs.replace(SITE, base_url="https://example.org/x")
    nowhere = msgspec.structs.replace(SITE, base_url="")
    rest = f"--record {view.record.id}"
    assert verify_part(view, here).command == (
        f"sovereign-registry verify https://example.org/x/ {rest}"
    )
    assert verify_part(view, nowhere).command == f"sovereign-registry verify ADDRESS {rest}"
