"""Any bit of any file that the check reads is found; and it reads kilobytes, never the log."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.log.checkpoint import Checkpoint
from sovereign_registry.contracts.log.entries import ManifestLogged, encode_entry
from sovereign_registry.contracts.log.heads import HeadsBuilder
from sovereign_registry.contracts.log.merkle import Tree, leaf_hash
from sovereign_registry.contracts.log.note import sign
from sovereign_registry.contracts.log.tiles import tree_files
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.log_records import record_entries
from tests.contracts.log.test_keys import FIRST, ORIGIN, A
from tests.website.verify.scripts import b64, run
from tests.website.verify.test_shipped import files_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from sovereign_registry.contracts.log.entries import LogEntry

pytestmark = pytest.mark.browser

SIZE = 1200
PLACES = (3, 300, 900)
"""In three tiles; the record's own entries stand there."""
CHECK = """const page = { ...given.page, evidence: true };
const read = new Map();
async function look(files) {
  const known = lib.embedded(files, new lib.Meter());
  const find = async (path) => {
    const bytes = await known(path);
    if (bytes) read.set(path, bytes.length);
    return bytes;
  };
  const lines = await new lib.RecordCheck(page, find, null).run(() => {});
  return lines.map((line) => line.outcome);
}
const untouched = await look(given.files);
const sizes = Object.fromEntries(read);
const missed = [];
for (const [path, place, bit] of given.flips) {
  const data = bytes(given.files[path]);
  data[place] ^= 1 << bit;
  const text = btoa(Array.from(data, (one) => String.fromCharCode(one)).join(""));
  const found = await look({ ...given.files, [path]: text });
  if (!found.includes("fails")) missed.push([path, place, bit]);
}
return { untouched, sizes, missed };"""


def long_log(own: tuple[LogEntry, ...]) -> dict[str, bytes]:
    """The files of a log of ``SIZE`` entries, all but three of them of made-up records."""
    entries: list[LogEntry] = []
    builder = HeadsBuilder()
    for number in range(SIZE - 1):
        digest = text_sha256(str(number))
        entries.append(
            own[PLACES.index(number)]
            if number in PLACES
            else ManifestLogged(
                id=f"sr-2605-{number:08d}",
                content_sha256=digest,
                file_sha256=digest,
                time="2026-05-01T00:00:00Z",
            )
        )
        builder.add(entries[-1])
    index = builder.index()
    data = [encode_entry(entry) for entry in (*entries, index.entry)]
    tree = Tree([leaf_hash(entry) for entry in data])
    files = {f"log/{path}": one for path, one in tree_files(tree, data, SIZE).items()}
    files |= {f"log/heads/{SIZE}/{path}": one for path, one in index.files().items()}
    checkpoint = Checkpoint(origin=ORIGIN, size=SIZE, root=tree.root())
    files["log/checkpoint"] = sign(checkpoint.text(), A).encode()
    files["log/keys.yaml"] = emit(FIRST)
    return files


@pytest.fixture(scope="module")
def given(root: Path) -> dict[str, Any]:
    """A shipped record with two history entries in a log of several tiles."""
    registry = Registry(root)
    record_id = next(
        one
        for one in registry.ids()
        if len(registry.read(one).history) == len(PLACES) - 1
        and registry.read(one).record.origin == "computed"
    )
    log = long_log(record_entries(registry, record_id))
    files = files_of(registry, record_id) | {path: b64(data) for path, data in log.items()}
    page = {"record": record_id, "origin": ORIGIN, "key": str(A.public), "entries": PLACES}
    return {"page": page, "files": files, "flips": []}


def test_it_reads_kilobytes_and_never_the_log(scripts: Page, given: dict[str, Any]) -> None:
    """Only tiles on the paths, and no bundle of entries."""
    found = run(scripts, CHECK, given)
    assert found["untouched"] == ["holds"] * 6 + ["unknown"]
    log = {path: size for path, size in found["sizes"].items() if path.startswith("log/")}
    assert sum(log.values()) < 60_000
    assert not any("entries" in path for path in log)
    assert {path for path in log if path.startswith("log/tile/0/")} == {
        "log/tile/0/000", "log/tile/0/001", "log/tile/0/003", "log/tile/0/004.p/176",
    }  # fmt: skip


def test_every_flipped_bit_is_found(scripts: Page, given: dict[str, Any]) -> None:
    """Several in each file that is read: of ``record.json``, in what the page shows of it."""
    read = run(scripts, CHECK, given)["sizes"]
    draw = random.Random(11)  # noqa: S311 - a sample, no secret
    flips = []
    for path, size in read.items():
        length = size // 2 if path.endswith("record.json") else size
        flips += [(path, draw.randrange(20, length), draw.randrange(8)) for _ in range(6)]
    found = run(scripts, CHECK, given | {"flips": flips})
    assert found["missed"] == []
    assert len(flips) >= 6 * 14
