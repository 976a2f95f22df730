"""The snapshot source: building, opening, searching, and every kind of bad line."""

from __future__ import annotations

import contextlib
import gzip
import json
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.adapters import fulltext
from sovereign_registry.adapters.snapshot import SnapshotSearch
from sovereign_registry.adapters.snapshot_rows import SnapshotFile
from sovereign_registry.contracts.canonical import canonical_json, file_sha256
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.papers import Query
from sovereign_registry.contracts.review import Policy
from sovereign_registry.contracts.text import seen
from sovereign_registry.pipeline.conduct import complete, prepare
from tests.world import CONFIG, FakeReader, world

if TYPE_CHECKING:
    from pathlib import Path


def row(key: str, title: str, abstract: str, **other: object) -> dict[str, Any]:
    """A line with arXiv's fields."""
    return {
        "id": key,
        "submitter": None,
        "authors": "Ada B. See, C. Dee and E. Eff",
        "title": title,
        "categories": "cs.LG cs.AI",
        "license": None,
        "abstract": abstract,
        "versions": [],
        "update_date": "2026-05-06",
        "authors_parsed": [],
        **other,
    }


ROWS = [
    row("2605.00003", "Cooking with gas", "Kitchens use burners. Routing is not discussed."),
    row("2605.00002", "Routing tokens\n  to experts", "  A router picks experts\nfor each token. "),
    row("2605.00001", "Routing tokens to experts", "A router picks experts for each token."),
    row(
        "hep-th/9901001",
        'Strings of M\\"uller',
        "About strings.",
        update_date="2001-02-03",
        versions=[
            {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
            {"version": "v12", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
        ],
        authors_parsed=[["Balázs", "C.", ""], ["King", "M. L.", "Jr"]],
    ),
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A snapshot file of the rows."""
    path.write_text("".join(json.dumps(line) + "\n" for line in rows), encoding="utf-8")
    return path


class Notes:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def step(self, number: int, title: str) -> None:
        """Remember a step."""
        self.texts.append(f"{number} {title}")

    def note(self, text: str) -> None:
        """Remember a note."""
        self.texts.append(text)


def query(*terms: str) -> Query:
    """A query of terms."""
    return Query(number=1, terms=terms, rule="a test")


def test_a_snapshot_is_indexed_once_and_searched(tmp_path: Path) -> None:
    """Built with progress, opened without, best paper first, ties by id."""
    path = write(tmp_path / "s.jsonl", ROWS)
    told = Notes()
    source = SnapshotSearch(path, tmp_path / "cache", told)
    assert told.texts[0] == "building the index of s.jsonl (once)"
    reply = source.search(query("routing", "experts"), 10)
    assert [paper.key for paper in reply.papers] == ["2605.00001", "2605.00002", "2605.00003"]
    assert (reply.total, reply.as_of, reply.complete) == (3, "2026-05-06", True)
    assert source.version == file_sha256(path.read_bytes())
    again = Notes()
    assert (
        SnapshotSearch(path, tmp_path / "cache", again).search(query("routing", "experts"), 10)
        == reply
    )
    assert again.texts == []


def test_fields_become_a_paper(tmp_path: Path) -> None:
    """Version, dates, parsed names, LaTeX letters; white space is collapsed."""
    papers = {
        paper.key: paper for paper in SnapshotFile(write(tmp_path / "s.jsonl", ROWS)).papers()
    }
    old = papers["hep-th/9901001"]
    assert (old.version, old.published, old.updated) == (12, "2007-04-02", "2001-02-03")
    assert old.authors == ("C. Balázs", "M. L. King Jr")
    assert old.title == "Strings of Müller"
    new = papers["2605.00002"]
    assert (new.version, new.published, new.ref) == (None, "2026-05-06", "2605.00002")
    assert new.authors == ("Ada B. See", "C. Dee", "E. Eff")
    assert new.title == "Routing tokens to experts"
    assert new.abstract == "A router picks experts for each token."
    assert new.categories == ("cs.LG", "cs.AI")


def test_gzip_gives_the_same_papers(tmp_path: Path) -> None:
    """The compressed form answers alike; its digest is that of the compressed bytes."""
    plain = write(tmp_path / "s.jsonl", ROWS)
    packed = tmp_path / "s.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    one = SnapshotSearch(plain, tmp_path / "cache").search(query("strings"), 5)
    two = SnapshotSearch(packed, tmp_path / "cache")
    assert two.search(query("strings"), 5).papers == one.papers
    assert two.version == file_sha256(packed.read_bytes())


def test_a_changed_file_gets_an_index_of_its_own(tmp_path: Path) -> None:
    """Another content, another digest, another answer."""
    path = write(tmp_path / "s.jsonl", ROWS[:1])
    first = SnapshotSearch(path, tmp_path / "cache")
    write(path, ROWS)
    second = SnapshotSearch(path, tmp_path / "cache")
    assert first.version != second.version
    assert second.search(query("strings"), 5).total == 1


BAD = [
    (b"\xff\xfe{}\n", "is not UTF-8"),
    (b'{"id": "2605.00009", "title": "caf\xe9"}\n', "is not UTF-8"),
    (b"not json\n", "not a JSON object"),
    (b'{"id": "2605.0000\n', "not a JSON object"),
    (b"[1, 2]\n", "wrong type"),
    (b'{"id": "2605.00009"}\n', "`title`"),
    (json.dumps(row("2605.00009", "t", "a", authors=["x"])).encode(), "`$.authors`"),
    (json.dumps(row("../etc/passwd", "t", "a")).encode(), "is not an arXiv id"),
    (json.dumps(row("note-mine", "t", "a")).encode(), "is not an arXiv id"),
    (json.dumps(row("2605.00009", "  ", "a")).encode(), "title is empty"),
    (json.dumps(row("2605.00009", "\u200b \u2800", "a")).encode(), "title is empty"),
    (json.dumps(row("2605.00009", "t", "x\ud800y")).encode(), "not a JSON object"),
    (json.dumps(row("2605.00009", "t", "a", update_date="yesterday")).encode(), "update_date"),
    (json.dumps(row("2605.00009", "t", "a", update_date="2026-02-30")).encode(), "calendar"),
    (json.dumps(row("2605.00009", "t", "a",
                    versions=[{"version": "1", "created": "x"}])).encode(), "form v1"),
    (json.dumps(row("2605.00009", "t", "a",
                    versions=[{"version": "v1", "created": "x"}])).encode(), "date 'x'"),
    (b'{"id": "' + b"9" * (4 * 1024 * 1024) + b'"}\n', "longer than"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "found"), BAD)
def test_a_bad_line_is_named_and_leaves_no_index(tmp_path: Path, line: bytes, found: str) -> None:
    """One clear error with file and line; nothing half-built stays."""
    path = tmp_path / "s.jsonl"
    path.write_bytes(json.dumps(ROWS[0]).encode() + b"\n\n" + line)
    with pytest.raises(SourceFailure) as caught:
        SnapshotSearch(path, tmp_path / "cache")
    assert f"{path}, line 3" in caught.value.where
    assert found in caught.value.what
    assert caught.value.todo
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".lock"]


def test_a_hidden_character_ends_no_question(tmp_path: Path) -> None:
    """Such lines are indexed and found; the record is made, flagged and left to the owner."""
    dirty = [
        row("2605.00009", "Routing\x00 a\x07 token", "A router\u200b picks an expert."),
        row("2605.00010", "Routing of tokens", "A rou\u034fter picks.", authors="A. \u2800Bee"),
    ]
    search = SnapshotSearch(write(tmp_path / "s.jsonl", [*ROWS, *dirty]), tmp_path / "cache")
    assert "2605.00009" in {one.key for one in search.search(query("routing"), 9).papers}
    ports = world(search=search, reader=FakeReader(texts={}))
    manifest = complete(
        prepare("How does routing of tokens pick experts?", ports, CONFIG, None), ports
    ).manifest
    (flag,) = (one for one in manifest.flags if one.kind is FlagKind.HIDDEN_TEXT)
    assert (flag.about, flag.unresolved) == (("2605.00009", "2605.00010"), True)
    assert manifest.review.policy is Policy.ESCALATE_TO_OWNER
    assert "Routing a token" in {one.title for one in manifest.sources}
    assert seen(text := canonical_json(manifest).decode()) == text


def test_other_bad_files_are_named(tmp_path: Path) -> None:
    """Missing, empty, a folder, cut-off gzip, an id twice."""
    cache = tmp_path / "cache"
    with pytest.raises(SourceFailure, match="No such file"):
        SnapshotSearch(tmp_path / "none.jsonl", cache)
    with pytest.raises(SourceFailure, match="directory"):
        SnapshotSearch(tmp_path, cache)
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    with pytest.raises(SourceFailure, match="holds no paper"):
        SnapshotSearch(empty, cache)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(json.dumps(ROWS[0]).encode() * 50)[:-9])
    with pytest.raises(SourceFailure, match="gzip stream is broken"):
        SnapshotSearch(cut, cache)
    with pytest.raises(SourceFailure, match="occurs twice"):
        SnapshotSearch(write(tmp_path / "twice.jsonl", [ROWS[0], ROWS[1], ROWS[0]]), cache)


def test_a_cache_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file in the folder's place is one clear error."""
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    with pytest.raises(SourceFailure, match="index cannot be written"):
        SnapshotSearch(write(tmp_path / "s.jsonl", ROWS), tmp_path / "cache")


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "empty", "text"])
def test_a_damaged_index_is_built_again(tmp_path: Path, damage: str) -> None:
    """An index that does not check is not trusted."""
    path = write(tmp_path / "s.jsonl", ROWS)
    source = SnapshotSearch(path, tmp_path / "cache")
    expected = source.search(query("experts"), 5)
    (index,) = (tmp_path / "cache").glob("*.sqlite")
    data = index.read_bytes()
    index.write_bytes(
        {
            "truncated": data[: len(data) // 2],
            "overwritten": data[:8192] + b"\0" * (len(data) - 8192),
            "empty": b"",
            "text": b"nonsense" * 1000,
        }[damage]
    )
    assert SnapshotSearch(path, tmp_path / "cache").search(query("experts"), 5) == expected


def test_an_index_that_lost_a_paper_is_built_again(tmp_path: Path) -> None:
    """A sound file with fewer papers than it says is not trusted either."""
    path = write(tmp_path / "s.jsonl", ROWS)
    expected = SnapshotSearch(path, tmp_path / "cache").search(query("experts"), 5)
    (index,) = (tmp_path / "cache").glob("*.sqlite")
    with contextlib.closing(sqlite3.connect(index)) as connection:
        connection.execute("DELETE FROM papers WHERE number = 2")
        connection.commit()
    assert SnapshotSearch(path, tmp_path / "cache").search(query("experts"), 5) == expected


def test_a_killed_build_leaves_nothing_that_is_taken_for_an_index(tmp_path: Path) -> None:
    """Killed at several moments, the next start builds a whole index and leaves no rest."""
    rows = [row(f"2605.{n:05d}", f"Title {n} routing", "words " * 200) for n in range(4000)]
    path = write(tmp_path / "s.jsonl", rows)
    code = (
        "import sys, pathlib\n"
        "from sovereign_registry.adapters.snapshot import SnapshotSearch\n"
        "print('ready', flush=True)\n"
        "SnapshotSearch(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))\n"
    )
    cache = tmp_path / "cache"
    killed = 0
    for delay in (0.02, 0.1, 0.2):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(cache)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(delay)
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            killed += 1
        child.communicate()
    assert killed
    source = SnapshotSearch(path, cache)
    assert source.search(query("routing"), 5).total == 4000
    assert sorted(file.suffix for file in cache.iterdir()) == [".lock", ".sqlite"]


def test_threads_search_at_once(tmp_path: Path) -> None:
    """Four threads get what one gets."""
    source = SnapshotSearch(write(tmp_path / "s.jsonl", ROWS), tmp_path / "cache")
    alone = source.search(query("routing"), 5)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: source.search(query("routing"), 5).sha256, range(20))) == {
            alone.sha256
        }


def test_very_common_terms_are_dropped_in_a_large_index_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rare terms stay, the common one no longer matches by itself."""
    rows = [row(f"2605.{n:05d}", "Common", f"word{n % 50}") for n in range(200)]
    source = SnapshotSearch(write(tmp_path / "s.jsonl", rows), tmp_path / "cache")
    asked = query("common", "word3", "word4")
    assert source.search(asked, 5).total == 200
    monkeypatch.setattr(fulltext, "PRUNE_ABOVE", 100)
    assert source.search(asked, 20).total == 8
    assert source.search(query("common"), 5).total == 200


QUESTIONS = (
    "sparsity ratio token level routing inference latency multi-modal reasoning MoE VLMs",
    "inference latency throughput SMoES 7B VLMs dense hard-routing MoE baselines",
    "inference throughput memory efficiency SMoES dense baselines modality routing sparsity",
    "throughput accuracy ExpertFlow token scheduling MoE vision-language AMBER expert activation",
)


def test_the_real_sample_is_indexed_and_answers_in_time(tmp_path: Path, shared: Path) -> None:
    """30,733 records: one index, each query within 100 ms, papers of the subject first."""
    folder = shared / "realdata" / "metadata"
    source = SnapshotSearch(folder / "arxiv-sample.jsonl", tmp_path)
    assert source.label == "arXiv metadata snapshot (30,733 papers, newest 2026-08-21)"
    times = []
    for text in QUESTIONS:
        for size in (4, 8):
            asked = query(*text.split()[:size])
            began = time.process_time()
            reply = source.search(asked, 20)
            times.append(time.process_time() - began)
            assert len(reply.papers) == 20
    assert statistics.median(times) < 0.1
    best = source.search(query("SMoES", "modality", "experts"), 5).papers
    assert "2604.23996" in [paper.key for paper in best]


def test_the_native_form_is_read(tmp_path: Path, shared: Path) -> None:
    """200 lines of arXiv's own file, with versions, parsed authors and wrapped lines."""
    path = shared / "realdata" / "metadata" / "kaggle-native-head.jsonl"
    papers = list(SnapshotFile(path).papers())
    assert len(papers) == 200
    assert papers[0].ref == "0704.0001v2"
    assert papers[0].authors[0] == "C. Balázs"
    assert papers[0].published == "2007-04-02"
    assert not any("\n" in paper.title + paper.abstract for paper in papers)
    assert SnapshotSearch(path, tmp_path).search(query("diphoton"), 3).papers[0].key == "0704.0001"
