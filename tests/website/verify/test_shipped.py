"""The scripts find every record that ships with the software in order, and every changed value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.store import Registry
from sovereign_registry.website.exports import RECORD_FILES
from tests.website.verify.scripts import b64, run
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CHECK = """const found = {};
for (const [record, files] of Object.entries(given)) {
  const page = { record, origin: null, entries: [], evidence: true };
  const find = lib.embedded(files, new lib.Meter());
  const lines = await new lib.RecordCheck(page, find, null).run(() => {});
  found[record] = lines.map(({ title, outcome, what }) => [title, outcome, what]);
}
return found;"""
EACH_VALUE = """const page = { record: given.record, origin: null, entries: [], evidence: true };
const find = lib.embedded(given.files, new lib.Meter());
const check = new lib.RecordCheck(page, find, null);
await check.manifestCheck();
const evidence = lib.parseJson(await find(given.evidence), "evidence");
const untouched = await lib.recomputeClaims(check.manifest.value, evidence);
const missed = [];
for (const [at, claim] of evidence.claims.entries()) {
  for (const counts of [claim.counts, claim.verification?.counts, claim.corroboration?.counts]) {
    if (!counts) continue;
    const term = Object.keys(counts)[0];
    counts[term] += 1;
    const faults = await lib.recomputeClaims(check.manifest.value, evidence);
    if (!faults.some((one) => one.startsWith(`${claim.id} `))) missed.push([at, term]);
    counts[term] -= 1;
  }
}
return [untouched, missed];"""


def files_of(registry: Registry, record_id: str) -> dict[str, str]:
    """What the check reads of one record."""
    folder = f"records/{record_id}/"
    manifest, history = registry.raw(record_id)
    files = {f"{folder}manifest.yaml": manifest}
    files |= {f"{folder}history/{name}": data for name, data in history}
    files[f"{folder}record.json"] = RECORD_FILES["record.json"](registry.read(record_id), SITE)
    evidence = registry.record_dir(record_id) / "artifacts" / "evidence.json"
    if evidence.exists():
        files[f"{folder}artifacts/evidence.json"] = evidence.read_bytes()
    return {path: b64(data) for path, data in files.items()}


def test_every_shipped_record_is_in_order(scripts: Page, root: Path) -> None:
    """Digests, histories and all values; no false alarm."""
    registry = Registry(root)
    given = {record_id: files_of(registry, record_id) for record_id in registry.ids()}
    found: dict[str, list[list[str]]] = run(scripts, CHECK, given)
    assert found.keys() == given.keys()
    for record_id, lines in found.items():
        computed = registry.read(record_id).record.origin is Origin.COMPUTED
        said = {title: outcome for title, outcome, _ in lines}
        assert said == {
            "Manifest": "holds",
            "History": "holds",
            "Signature of the log": "unknown",
            "Entries in the log": "unknown",
            "Nothing newer": "unknown",
            "Cosine of every claim": "holds" if computed else "unknown",
            "What this page shows": "unknown",
        }, lines


def test_every_changed_count_is_found(scripts: Page, root: Path) -> None:
    """One count more in any vector, even where the file's digest is left aside."""
    registry = Registry(root)
    record_id = next(
        one for one in registry.ids() if registry.read(one).record.origin is Origin.COMPUTED
    )
    given: dict[str, Any] = {
        "record": record_id,
        "files": files_of(registry, record_id),
        "evidence": f"records/{record_id}/artifacts/evidence.json",
    }
    assert run(scripts, EACH_VALUE, given) == [[], []]
