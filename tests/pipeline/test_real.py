"""The pipeline with its real adapters: on the bundled corpus, and on a real snapshot."""

from __future__ import annotations

import re
import statistics
import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.adapters.abstract_reader import AbstractReader
from sovereign_registry.adapters.corpus import Corpus, bundled_folder
from sovereign_registry.adapters.lsa import LsaEmbedder
from sovereign_registry.adapters.snapshot import SnapshotSearch
from sovereign_registry.adapters.splitter import SentencexSplitter
from sovereign_registry.contracts.canonical import canonical_json
from sovereign_registry.contracts.evidence import Evidence
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.review import Policy
from sovereign_registry.contracts.rules.lexical_v1 import recompute_claims
from sovereign_registry.pipeline.conduct import complete, prepare
from sovereign_registry.pipeline.hostile import reads_like_injection, scrub
from sovereign_registry.pipeline.stems import content_words, covered, stem_set
from tests.world import CONFIG, world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.pipeline.run import Run

MEMORY = (
    "How much memory and transfer time do the expert weights of sparse mixture-of-experts models "
    "need?"
)
OFFLOADING = "How does expert offloading with prefetching change the latency of MoE inference?"
QUANTUM = "Can quantum annealing optimise the placement of experts on photonic hardware?"
CORPUS_QUESTIONS = [MEMORY, OFFLOADING, QUANTUM]
NO_SNAPSHOT = "the folder that SOVEREIGN_SHARED names holds no snapshot"
SNAPSHOT = "realdata/metadata/arxiv-sample.jsonl"


def on_corpus(question: str) -> Run:
    """A run over the bundled corpus with the embedded defaults."""
    corpus = Corpus(bundled_folder())
    ports = world(
        search=corpus, reader=corpus, splitter=SentencexSplitter(), embedder=LsaEmbedder()
    )
    return complete(prepare(question, ports, CONFIG, None), ports)


@pytest.mark.parametrize("question", CORPUS_QUESTIONS)
def test_the_bundled_corpus_gives_whole_records(question: str) -> None:
    """Each value recomputes from its evidence, and a second run gives the same bytes."""
    made = on_corpus(question)
    evidence = msgspec.json.decode(dict(made.artifacts)["evidence.json"], type=Evidence)
    assert made.manifest.claims
    assert recompute_claims(made.manifest, evidence) == []
    again = on_corpus(question)
    assert canonical_json(again.manifest) == canonical_json(made.manifest)
    assert again.artifacts == made.artifacts


def test_the_bundled_corpus_gives_different_outcomes() -> None:
    """What the notes compute is approved; what the corpus knows nothing of goes to the owner."""
    known, unknown = on_corpus(MEMORY).manifest, on_corpus(QUANTUM).manifest
    assert known.review.policy is Policy.AUTO_APPROVE
    assert known.assessment.level.paper_level == 2
    assert unknown.review.policy is Policy.ESCALATE_TO_OWNER
    assert FlagKind.OFF_TOPIC in {flag.kind for flag in unknown.flags}


@pytest.fixture(scope="session")
def snapshot(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> SnapshotSearch:
    """The real metadata sample, indexed."""
    path = shared / SNAPSHOT
    if not path.is_file():
        pytest.skip(NO_SNAPSHOT)
    return SnapshotSearch(path, tmp_path_factory.mktemp("index"))


def rows(shared: Path) -> list[dict[str, str]]:
    """All records of the real metadata sample."""
    path = shared / SNAPSHOT
    if not path.is_file():
        pytest.skip(NO_SNAPSHOT)
    with path.open("rb") as lines:
        return [msgspec.json.decode(line) for line in lines]


def drafts(shared: Path) -> list[tuple[str, list[str]]]:
    """The full question and the cited ids of every source draft."""
    found = []
    for path in sorted((shared / "seeds").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        question = re.search(r"Research goal: (.*?\?)", text)
        if question:
            found.append((question[1], re.findall(r"arxiv\.org/abs/(\d+\.\d+)", text)))
    return found


@pytest.mark.slow
def test_real_questions_find_papers_about_them(
    shared: Path, snapshot: SnapshotSearch, record_property: Callable[[str, object], None]
) -> None:
    """The five best cover half of the question or more, far above the drafts' own references.

    And each run takes at most five seconds once the index stands.
    """
    by_id = {row["id"]: f"{row['title']} {row['abstract']}" for row in rows(shared)}
    ours, theirs = [], []
    for question, cited in drafts(shared):
        ports = world(
            search=snapshot,
            reader=AbstractReader(),
            splitter=SentencexSplitter(),
            embedder=LsaEmbedder(),
        )
        started = time.perf_counter()
        manifest = complete(prepare(question, ports, CONFIG, None), ports).manifest
        assert time.perf_counter() - started <= 5
        words = content_words(question)
        ours.append([float(source.coverage or 0) for source in manifest.sources[:5]])
        theirs += [len(covered(words, stem_set([by_id[key]]))) / len(words) for key in cited]
        assert statistics.median(ours[-1]) >= 0.5
    median = statistics.median(value for row in ours for value in row)
    record_property("coverage", f"{median:.3f} against {statistics.median(theirs):.3f}")
    assert median >= 0.5
    assert median >= 1.6 * statistics.median(theirs)


@pytest.mark.slow
def test_real_abstracts_raise_next_to_no_alarm(shared: Path) -> None:
    """Of every sixth real abstract at most one in a thousand reads like an injection."""
    texts = [row["abstract"] for row in rows(shared)[::6]]
    alarms = sum(reads_like_injection(scrub(text)[0]) for text in texts)
    assert alarms <= len(texts) / 1000
