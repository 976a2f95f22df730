"""Every kind of tampering that a page can notice is found and named, in a real Chromium."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.fold import apply_patch
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.loading import load_manifest, load_view
from tests.verifier.sites import IMPORTED
from tests.website.verify.changes import LogChanges, RecordChanges, packed, replaced, without
from tests.website.verify.look import look

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.website.verify.changes import Files
    from tests.website.verify.conftest import Published

pytestmark = pytest.mark.browser

KINDS = [
    (kind, name)
    for kind in (RecordChanges, LogChanges)
    for name in vars(kind)
    if not name.startswith("_")
]


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_tampering_is_found_and_named(
    beside: Published, page: Page, kind: type[RecordChanges | LogChanges], name: str
) -> None:
    """By the check that it belongs to, with the file where one is at fault."""
    change: Callable[[], tuple[Files, str, str]] = getattr(kind(beside), name)
    files, title, words = change()
    assert files != beside.now
    said = look(page, files, beside.computed)
    assert said.outcomes[title] == "fails", said.text
    assert words in said.line(title)
    assert "NOT hold: do not rely on this copy" in said.status


def test_a_manifest_that_was_written_anew_is_found_by_the_log(
    beside: Published, page: Page
) -> None:
    """With every digest of it and its one entry: nothing but the log is left to tell."""
    folder = f"records/{IMPORTED}/"
    manifest, record = f"{folder}manifest.yaml", f"{folder}record.json"
    name = "0001-owner-decision.yaml"
    old, entry = beside.now[manifest], beside.now[f"{folder}history/{name}"]
    view = load_view(old, [(name, entry)])
    text = old.replace(view.record.work.title.encode(), b"Another title")
    published = load_manifest(text, manifest)
    (before,) = view.history
    after = msgspec.structs.replace(
        before,
        previous=content_sha256(published),
        record_before=content_sha256(published),
        record_after=content_sha256(apply_patch(published, before.patch, name)),
    )
    stated = json.loads(beside.now[record])
    stated["view"] = msgspec.to_builtins(load_view(text, [(name, emit(after))]))
    changed = {manifest: text, f"{folder}history/{name}": emit(after)}
    files = beside.now | changed | {record: json.dumps(stated).encode()}
    said = look(page, files, IMPORTED)
    assert said.outcomes["Manifest"] == said.outcomes["History"] == "holds"
    assert "manifest.yaml: is not what log entry" in said.line("Entries in the log")
    assert said.outcomes["Nothing newer"] == said.outcomes["What this page shows"] == "fails"


def test_what_was_changed_in_a_bundle_is_found(bundled: Published, page: Page) -> None:
    """One count of the evidence, in an archive that is whole again."""
    files = packed(
        bundled.now,
        bundled.computed,
        lambda inner: replaced(inner, "artifacts/evidence.json", '":1,', '":2,'),
    )
    said = look(page, files, bundled.computed)
    assert said.outcomes["Cosine of every claim"] == "fails"
    assert "artifacts/evidence.json: its SHA-256 is" in said.line("Cosine of every claim")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[:-30], "bundle.zip: is no zip file, or was cut"),
        (lambda data: data[:2000] + bytes(500) + data[2500:], "bundle.zip"),
        (lambda _: b"", "bundle.zip: is no zip file"),
        (None, "bundle.zip: is missing"),
    ],
)
def test_a_damaged_bundle_is_named(
    bundled: Published, page: Page, damage: Callable[[bytes], bytes] | None, words: str
) -> None:
    """Cut, overwritten, empty, or gone."""
    path = f"records/{bundled.computed}/bundle.zip"
    files = without(bundled.now, path)
    if damage is not None:
        files[path] = damage(bundled.now[path])
    said = look(page, files, bundled.computed)
    assert "fails" in said.outcomes.values()
    assert words in said.text


def test_a_bundle_of_another_record_is_found(bundled: Published, page: Page) -> None:
    """Put under this record's name."""
    other = bundled.now[f"records/{IMPORTED}/bundle.zip"]
    files = bundled.now | {f"records/{bundled.computed}/bundle.zip": other}
    said = look(page, files, bundled.computed)
    assert "record.json: belongs to another record" in said.line("Manifest")
