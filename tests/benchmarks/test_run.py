"""The benchmarks from end to end, on twenty records: every part runs, and the peers are peers."""

from __future__ import annotations

import json
import os
import re
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import floor
from benchmarks.__main__ import main
from benchmarks.hugo_site import HugoSite, hugo_binary
from benchmarks.lexical import passages
from benchmarks.measure import measure
from benchmarks.site import COMMAND, correct
from benchmarks.snapshot import synthetic_snapshot
from benchmarks.synthetic import synthetic_id, write_registry
from sovereign_registry.store import Registry

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = 20
needs_hugo = pytest.mark.skipif(hugo_binary() is None, reason="Hugo is not installed")


@pytest.fixture(autouse=True)
def search_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that are started find what the tests found."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))


def _run(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    out = tmp_path / "results.json"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    options = ["--runs", "1", "--work", str(scratch), "--out", str(out), *arguments]
    assert main(options) == 0
    assert not list(scratch.iterdir())
    found: dict[str, Any] = json.loads(out.read_bytes())
    return found


def _figures(results: dict[str, Any]) -> dict[str, float]:
    return {one["name"]: one["measured"] for part in results["parts"] for one in part["figures"]}


def _only(*names: str) -> list[str]:
    return [word for name in names for word in ("--only", name)]


@pytest.mark.slow
def test_the_site_is_measured_without_a_peer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cold, warm and one change; the table goes to standard output, progress does not."""
    sizes = ["--records", str(RECORDS), "--no-hugo"]

    results = _run(tmp_path, *sizes, *_only("cold", "warm", "change"))

    names = [part["name"] for part in results["parts"]]
    assert names == [
        "Cold build, 20 records",
        "Floor, 20 records",
        "Rebuild with warm caches, 20 records",
        "One record changed, 20 records",
    ]
    assert all(run["cpu"] > 0 for part in results["parts"] for run in part["costs"][0]["runs"])
    printed = capsys.readouterr()
    assert "records a second" in printed.out
    assert "run 1 of 1" in printed.err
    assert "run 1 of 1" not in printed.out


@pytest.mark.slow
def test_verification_and_snapshot_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sides find something, on inputs of our own."""
    monkeypatch.delenv("SOVEREIGN_SHARED", raising=False)
    sizes = ["--passages", "200", "--papers", "300"]

    figures = _figures(_run(tmp_path, *sizes, *_only("verification", "snapshot")))

    assert figures["claims a second, ours"] > 0
    assert figures["claims a second, one scikit-learn product"] > 0
    assert figures["papers indexed a second"] > 0
    assert figures["one query, median"] > 0


@needs_hugo
def test_hugo_makes_the_same_pages(tmp_path: Path) -> None:
    """Same record pages, from YAML and from JSON, their words ours but for a few."""
    registry, output = tmp_path / "registry", tmp_path / "output"
    write_registry(registry, RECORDS)
    site = HugoSite(registry, tmp_path / "hugo")
    site.write()
    binary = hugo_binary()
    assert binary is not None
    options = ("build", "--registry", str(registry), "--output", str(output), "--quiet")
    measure((*COMMAND, *options))
    measure(site.command(binary, site.cold))
    cold = _pages(site.output)
    measure(site.command(binary, site.warm, copies=True))

    ours = _pages(output)
    assert _names(site.output) == _names(output)
    assert len(ours) == RECORDS
    assert sorted(cold) == sorted(ours)
    assert _pages(site.output) == cold
    for name, page in ours.items():
        assert abs(len(cold[name]) / len(page) - 1) <= 0.10
        here, there = _words(page), _words(cold[name])
        assert len(set(here) ^ set(there)) <= 0.05 * len(set(here))
        assert abs(len(here) - len(there)) <= 0.05 * len(here)


@needs_hugo
def test_hugo_is_told_of_a_correction(tmp_path: Path) -> None:
    """One change reaches the page of its record on both sides."""
    write_registry(tmp_path, 4)
    site = HugoSite(tmp_path, tmp_path / "hugo")
    site.write()
    identity = synthetic_id(3)
    correct(site.registry, identity, 1)
    site.write_record(identity)
    binary = hugo_binary()
    assert binary is not None

    measure(site.command(binary, site.cold))

    page = _pages(site.output)[f"{identity}/index.html"].decode()
    assert "A correction, to measure what one change costs." in page


def test_a_correction_folds(tmp_path: Path) -> None:
    """The change that is measured is a change that the registry accepts."""
    write_registry(tmp_path, 1)
    registry, identity = Registry(tmp_path), synthetic_id(0)
    before = registry.read(identity)

    correct(registry, identity, 0)

    after = registry.read(identity)
    assert len(after.history) == len(before.history) + 1
    assert after.record.standing.correction_count == 1


def test_the_floor_writes_the_same_bytes(tmp_path: Path) -> None:
    """Empty files and deep folders included."""
    files = {"a.txt": b"one", "b/c/d.bin": bytes(range(256)), "b/empty": b""}
    for name, data in files.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    count = floor.pack(tmp_path / "site", tmp_path / "pack")
    written = floor.write(tmp_path / "pack", tmp_path / "copy")

    assert (count, written) == (3, 259)
    assert {name: (tmp_path / "copy" / name).read_bytes() for name in files} == files


def test_inputs_are_the_same_every_time(tmp_path: Path) -> None:
    """Same count, same passages and same snapshot."""
    synthetic_snapshot(tmp_path / "a", 50)
    synthetic_snapshot(tmp_path / "b", 50)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert passages(30) == passages(30)


@pytest.mark.parametrize("wrong", [["--records", "0"], ["--records", "10,x"], ["--only", "tea"]])
def test_a_wrong_option_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the usage, before anything is measured."""
    with pytest.raises(SystemExit) as ended:
        main(wrong)

    assert ended.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def _pages(output: Path) -> dict[str, bytes]:
    root = output / "records"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.glob("sr-*/index.html"))
    }


def _names(output: Path) -> list[str]:
    return sorted(
        path.relative_to(output).as_posix()
        for path in output.glob("records/sr-*/**/*")
        if path.is_file()
    )


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += re.findall(r"\w+", data)


def _words(page: bytes) -> list[str]:
    parser = _Text()
    parser.feed(page.decode())
    return parser.words
