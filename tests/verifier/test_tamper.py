"""Every kind of published file, changed in every way: nothing goes unnoticed or unnamed."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.log.note import PrivateKey, sign
from sovereign_registry.contracts.log.seal import DIGESTS, SEAL, seal_of
from sovereign_registry.verifier.findings import Check
from tests.verifier.sites import WITH_HISTORY, faults, look, without_seal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.verifier.conftest import Published

MUTATIONS = 20
KINDS = {
    "manifest": r"records/[^/]+/manifest\.yaml",
    "history entry": r"records/[^/]+/history/\d{4}-.+\.yaml",
    "evidence": r"records/[^/]+/artifacts/evidence\.json",
    "report": r"records/[^/]+/artifacts/report\.(md|pdf)",
    "judged text": r"records/[^/]+/artifacts/judged-.+\.md",
    "record page": r"records/sr-[^/]+/index\.html",
    "history page": r"records/[^/]+/history/index\.html",
    "record.json": r"records/[^/]+/record\.json",
    "correction record": r"records/[^/]+/correction-record\.json",
    "source provenance": r"records/[^/]+/source-provenance\.json",
    "bundle": r"records/[^/]+/bundle\.zip",
    "citation": r"records/[^/]+/cite\..+",
    "provenance": r"records/[^/]+/prov\.json",
    "crate": r"records/[^/]+/ro-crate-metadata\.json",
    "history feed": r"records/[^/]+/history\.atom",
    "list": r"(records/)?index\.html",
    "page of a list": r"(browse|sources|records/(page|oldest))/(.+/)?index\.html",
    "search": r"search/.+\.json",
    "guide": r"llms\.txt|opensearch\.xml",
    "corrections page": r"corrections/(.+/)?index\.html",
    "records.json": r"records\.json",
    "feed": r"(feed|corrections)\.atom",
    "sitemap": r"sitemap.*\.xml",
    "robots": r"robots\.txt",
    "schema": r"contracts/.+\.schema\.json",
    "contract page": r"contracts/(.+/)?index\.html",
    "prose page": r"(verify|about|limits|methodology)/index\.html",
    "not found": r"404\.html",
    "static": r"static/.+",
    "digest list": r"digests\.txt",
    "seal": r"seal",
    "log checkpoint": r"log/checkpoint",
    "log kept checkpoint": r"log/checkpoints/\d+",
    "log keys": r"log/keys\.yaml",
    "log entries": r"log/tile/entries/.+",
    "log tile": r"log/tile/\d.+",
    "log heads shard": r"log/heads/\d+/[0-9a-f]+\.json",
    "log heads entry": r"log/heads/\d+/entry\.json",
    "log heads tile": r"log/heads/\d+/tile/.+",
}
UNTOUCHED = {".nojekyll"}
"""It is empty, so that only dropping or filling it changes it: see its own test."""


def paths(files: Mapping[str, bytes], kind: str) -> list[str]:
    """The files of a kind, sorted."""
    return sorted(path for path in files if re.fullmatch(KINDS[kind], path))


def flip(data: bytes, dice: random.Random, _: bytes) -> bytes:
    """One bit."""
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


def digit(data: bytes, dice: random.Random, other: bytes) -> bytes:
    """One digit or letter becomes another, so that the form stays."""
    found = [match.start() for match in re.finditer(rb"[0-9a-f]", data)]
    if not found:
        return flip(data, dice, other)
    at = dice.choice(found)
    new = dice.choice([one for one in b"0123456789abcdef" if one != data[at]])
    return data[:at] + bytes([new]) + data[at + 1 :]


def truncate(data: bytes, dice: random.Random, _: bytes) -> bytes:
    """The end is cut off."""
    return data[: dice.randrange(len(data))]


def reorder(data: bytes, dice: random.Random, other: bytes) -> bytes:
    """Two lines change places; of a file of one line, two halves."""
    lines = data.splitlines(keepends=True)
    for _ in range(20):
        a, b = dice.randrange(len(lines)), dice.randrange(len(lines))
        if lines[a] != lines[b]:
            lines[a], lines[b] = lines[b], lines[a]
            return b"".join(lines)
    at = dice.randrange(1, len(data)) if len(data) > 1 else 0
    swapped = data[at:] + data[:at]
    return swapped if swapped != data else flip(data, dice, other)


def double(data: bytes, dice: random.Random, _: bytes) -> bytes:
    """A part stands twice."""
    at = dice.randrange(len(data))
    return data + data[at:]


def drop_line(data: bytes, dice: random.Random, other: bytes) -> bytes:
    """One line is gone."""
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return truncate(data, dice, other)
    del lines[dice.randrange(len(lines))]
    return b"".join(lines)


def append(data: bytes, dice: random.Random, _: bytes) -> bytes:
    """Something is added."""
    return data + dice.choice([b"\n", b" ", b"0", b"# more\n"])


def swap(data: bytes, dice: random.Random, other: bytes) -> bytes:
    """Another file of the site stands in its place."""
    return other if other != data else flip(data, dice, other)


WAYS: list[Callable[[bytes, random.Random, bytes], bytes]] = [
    flip,
    digit,
    truncate,
    reorder,
    double,
    drop_line,
    append,
    swap,
]


def mutations(files: Mapping[str, bytes], kind: str) -> list[tuple[str, str, bytes | None]]:
    """(what was done, path, new bytes or None where the file is gone); at least 20."""
    dice = random.Random(f"tamper {kind}")  # noqa: S311 - chosen, not secret
    found: list[tuple[str, str, bytes | None]] = []
    places = paths(files, kind)
    found += [("drop", path, None) for path in places[:2]]
    while len(found) < MUTATIONS + 2:
        path = places[len(found) % len(places)]
        way = WAYS[len(found) % len(WAYS)]
        data = files[path]
        new = way(data, dice, files[dice.choice(sorted(files))])
        if new != data:
            found.append((way.__name__, path, new))
    return found


def changed(files: Mapping[str, bytes], path: str, new: bytes | None) -> dict[str, bytes]:
    """The site with one file changed or gone."""
    site = dict(files)
    if new is None:
        del site[path]
    else:
        site[path] = new
    return site


def test_the_kinds_are_all_that_is_published(published: Published) -> None:
    """No file escapes the harness."""
    known = {path for kind in KINDS for path in paths(published.now, kind)}
    rest = {path for path in published.now.keys() - known if not path.endswith("/index.html")}
    assert UNTOUCHED == rest
    assert all(paths(published.now, kind) for kind in KINDS)


def test_an_untouched_site_has_no_fault(published: Published) -> None:
    """Neither now nor as it was before, with the older checkpoint or without."""
    old = published.before["log/checkpoint"]
    assert "" == faults(look(published.before))
    report = look(published.now, old)
    assert "" == faults(report)
    assert {Check.NUMBERS} == {found.check for found in report.open}
    assert "not recomputable: evidence not carried" in report.open[0].what


@pytest.mark.parametrize("kind", KINDS)
def test_every_change_is_found_and_names_its_file(published: Published, kind: str) -> None:
    """At least 20 changes a kind; a dropped seal leaves the list unsigned, which is said."""
    for way, path, new in mutations(published.now, kind):
        report = look(changed(published.now, path, new))
        named = [found.where for found in report.faults]
        if path == SEAL and new is None:
            named = [found.where for found in report.open if found.check is Check.SEAL]
        found = any(re.split(r"[: ]", where)[0] == path for where in named)
        assert found, f"{way} of {path}: {faults(report) or 'nothing found'}"


OWN = [
    "manifest",
    "history entry",
    "evidence",
    "report",
    "judged text",
    "record.json",
    "correction record",
    "source provenance",
    "bundle",
    "records.json",
    "schema",
]


@pytest.mark.parametrize("kind", OWN)
def test_what_manifests_give_is_found_without_any_list(published: Published, kind: str) -> None:
    """Somebody without the key can write the digest list anew, and is found all the same."""
    for way, path, new in mutations(published.now, kind)[:12]:
        report = look(without_seal(changed(published.now, path, new)))
        folder = path.rpartition("/")[0] or path
        assert folder in faults(report), f"{way} of {path}: {faults(report) or 'nothing found'}"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("records/sr-2605-0000000c/index.html", b"Retracted", b"Current"),
        ("records/sr-2605-0000000b/index.html", b"version 5", b"version 4"),
        ("records/index.html", b"Retracted", b""),
        ("feed.atom", b"RETRACTED", b"CURRENT"),
        ("feed.atom", b"Another title", b"A title"),
        ("sitemap.xml", b"<lastmod>2026-06-10", b"<lastmod>2026-06-11"),
        ("corrections.atom", b"It must not", b"It must"),
        ("records/sr-2605-0000000c/cite.bib", b"Retracted", b"Current"),
        ("records/sr-2605-0000000c/cite.csl.json", b"Retracted", b"Current"),
        ("records/sr-2605-0000000c/prov.json", b"RETRACTED", b"CURRENT"),
        ("records/sr-2605-0000000c/ro-crate-metadata.json", b"Retracted", b"Current"),
        ("records/sr-2605-0000000c/history.atom", b"It must not", b"It must"),
        ("records/sr-2605-0000000c/history/index.html", b"It must not", b"It must"),
    ],
)
def test_a_state_that_is_hidden_is_found_without_any_list(
    published: Published, path: str, old: bytes, new: bytes
) -> None:
    """Pages, feeds and exports are compared with what the manifests fold to."""
    data = published.now[path]
    assert old in data
    report = look(without_seal(changed(published.now, path, data.replace(old, new))))
    assert path in faults(report)


def test_one_tick_flipped_in_one_page_is_found(published: Published) -> None:
    """The digest list covers every word of a page."""
    path = f"records/{published.computed}/index.html"
    data = published.now[path]
    assert b"\xe2\x9c\x93" in data
    report = look(changed(published.now, path, data.replace(b"\xe2\x9c\x93", b"\xe2\x9c\x97", 1)))
    assert [path] == [found.where for found in report.faults]


def test_an_empty_file_that_is_dropped_or_filled_is_found(published: Published) -> None:
    """Even where nothing is in it."""
    for new in (None, b"x"):
        assert ".nojekyll" in faults(look(changed(published.now, ".nojekyll", new)))


def test_a_file_that_was_slipped_in_is_found(published: Published) -> None:
    """In every folder, the log's among them."""
    for path in ("extra.html", f"records/{WITH_HISTORY}/artifacts/x.md", "log/tile/1/000.p/1"):
        assert path in faults(look(changed(published.now, path, b"hello")))


def test_a_seal_by_another_key_is_found(published: Published) -> None:
    """Whoever has no key of the log cannot sign its site."""
    site = without_seal(changed(published.now, "about/index.html", b"<html>forged</html>"))
    text = seal_of("example.org/registry/log", 11, site[DIGESTS]).text()
    site[SEAL] = sign(text, PrivateKey("example.org/registry/log", bytes(32))).encode()
    assert [SEAL] == [found.where for found in look(site).faults]


def test_an_old_seal_with_its_old_list_is_found(published: Published) -> None:
    """It stands beside a log that went on."""
    site = published.now | {name: published.before[name] for name in (DIGESTS, SEAL)}
    assert SEAL in {found.where for found in look(site).faults}


def test_the_newest_entry_dropped_alone_is_found(published: Published) -> None:
    """Although the chain that is left folds: the log names it."""
    newest = f"records/{WITH_HISTORY}/history/0004-state-change.yaml"
    found = faults(look(without_seal(changed(published.now, newest, None))))
    assert f"LOGGED records/{WITH_HISTORY}/history/0004" in found
    assert "NEWEST" in found


def test_the_newest_entry_dropped_with_its_checkpoint_is_found(published: Published) -> None:
    """The whole site rolled back, seal and all, is found by whoever kept the newer checkpoint."""
    kept = published.now["log/checkpoint"]
    assert "" == faults(look(published.before))
    report = look(published.before, kept)
    assert ["log/checkpoint"] == [found.where for found in report.faults]
    assert "rolled back" in report.faults[0].what


def test_a_log_that_is_gone_is_found_by_a_kept_checkpoint_or_a_seal(published: Published) -> None:
    """Bundles that prove their records against it tell as well; without them nothing can."""
    site = {path: data for path, data in published.now.items() if not path.startswith("log/")}
    named = [found.where for found in look(site).faults]
    assert SEAL in named
    assert 4 == sum(where.endswith("/bundle.zip") for where in named)
    bare = without_seal(site)
    report = look(bare)
    assert {Check.BUNDLES} == {found.check for found in report.faults}
    assert {Check.LOG, Check.SEAL, Check.NUMBERS} == {found.check for found in report.open}
    assert "log/checkpoint" in faults(look(bare, published.now["log/checkpoint"]))


def test_a_checkpoint_of_another_registry_is_refused(published: Published) -> None:
    """It is not signed by a key of this log."""
    forged = sign("other.org/log\n3\n" + "A" * 43 + "=\n", PrivateKey("other.org/log", bytes(32)))
    assert "kept-checkpoint" in faults(look(published.now, forged.encode()))
