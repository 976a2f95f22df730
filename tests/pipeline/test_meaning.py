"""What an embedding model adds to steps 2, 5 and 6, and what it must leave alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.canonical import canonical_json
from sovereign_registry.contracts.live import MeaningSettings
from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.rules.fusion_v1 import fused_score
from sovereign_registry.contracts.text import normalise
from sovereign_registry.pipeline.conduct import compare_again, complete, prepare
from sovereign_registry.pipeline.meaning import rerank
from sovereign_registry.pipeline.retrieval import Fused
from sovereign_registry.pipeline.with_meaning import near_questions
from sovereign_registry.store.recompute import recompute
from tests.meaning import DIMENSION, HashedMeaning
from tests.world import CONFIG, QUESTION, FakeNeighbours, FakeReader, Listener, paper, world

if TYPE_CHECKING:
    from sovereign_registry.contracts.config import RunConfig
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.pipeline.ports import Ports

OTHER = "sr-2603-00000001"
NEARER = "sr-2603-00000002"


def _config(**changes: object) -> RunConfig:
    settings = msgspec.structs.replace(
        MeaningSettings(service="nim", model="test/embed-1b"),
        **changes,
    )
    return msgspec.structs.replace(CONFIG, meaning=settings, embedder="nim")


def _manifest(ports: Ports, config: RunConfig) -> Manifest:
    return complete(prepare(QUESTION, ports, config, None), ports).manifest


def test_without_a_model_nothing_of_it_stands_in_the_record() -> None:
    """A default run has neither settings, signals nor an order by meaning in its bytes."""
    data = canonical_json(_manifest(world(), CONFIG))

    assert b'"meaning":{' not in data
    assert b'"semantic"' not in data


def test_papers_are_read_in_the_merged_order() -> None:
    """Each place follows from the two ranks, and the sources stand in that order."""
    ports = world(meaning=HashedMeaning())
    manifest = _manifest(ports, _config())
    used = manifest.index.meaning

    assert used
    assert [place.paper for place in used.reranked] == [one.ref for one in manifest.sources]
    assert used.candidates == manifest.retrieval.retrieved
    for place in used.reranked:
        assert place.score == fused_score((place.lexical_rank, place.meaning_rank))
    keys = [(-Decimal(place.score), place.paper) for place in used.reranked]
    assert keys == sorted(keys)


def test_a_paper_that_only_meaning_finds_near_is_read_earlier() -> None:
    """First by meaning and last by words ends before last by both."""
    far = [0.0, 1.0]
    meaning = HashedMeaning(given={QUESTION: [1.0], "Unlike words\nNothing shared.": [1.0]})
    lexical = [
        Fused(paper=paper(f"note-{name}", name, text), score="0.010000000")
        for name, text in (("a", "Aaa."), ("b", "Bbb."), ("Unlike words", "Nothing shared."))
        for name, text in [(name, text)]
        if name != "Unlike words"
    ]
    lexical.append(Fused(paper=paper("note-z", "Unlike words", "Nothing shared."), score="0.001"))
    meaning.given = {**meaning.given, "a\nAaa.": [0.5, 0.5], "b\nBbb.": far}

    merged = rerank(QUESTION, lexical, FakeReader(), meaning)

    assert [item.paper.key for item in merged.papers] == ["note-a", "note-z", "note-b"]
    assert [place.meaning_rank for place in merged.places] == [2, 1, 3]


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 8)),
        min_size=1,
        max_size=12,
        unique_by=lambda pair: pair[0],
    )
)
def test_the_merge_is_a_permutation_and_settles_ties_by_key(pairs: list[tuple[int, int]]) -> None:
    """Whatever the two orders are: all papers once, by score, equal scores by key."""
    lexical = [
        Fused(paper=paper(f"note-{number}", f"t{number}", "x"), score="0.01") for number, _ in pairs
    ]
    near = {f"t{number}\nx": [1.0, level / 10] for number, level in pairs}
    merged = rerank(QUESTION, lexical, FakeReader(), HashedMeaning(given={QUESTION: [1.0], **near}))

    assert sorted(i.paper.key for i in merged.papers) == sorted(i.paper.key for i in lexical)
    order = [
        (-Decimal(place.score), item.paper.key)
        for item, place in zip(merged.papers, merged.places, strict=True)
    ]
    assert order == sorted(order)
    by_meaning = sorted(merged.places, key=lambda place: place.meaning_rank)
    values = [Decimal(place.value) for place in by_meaning]
    assert values == sorted(values, reverse=True)


def test_every_claim_has_a_second_signal_from_another_passage() -> None:
    """Its own sentence and copies of it are left out, and the lexical test is as without it."""
    meaning = HashedMeaning()
    manifest = _manifest(world(meaning=meaning), _config())

    assert manifest.claims
    used = manifest.index.meaning
    assert used
    assert used.passages == sum(source.passages for source in manifest.sources)
    for claim in manifest.claims:
        signal = claim.semantic
        assert signal
        assert signal.best is not None
        assert signal.best != claim.locator
        assert normalise(signal.quotation) != normalise(claim.text)
        assert signal.model == "test/embed-1b over NIM" == manifest.index.model
        assert ("query", claim.text) in meaning.asked
    assert manifest.index.dimension == DIMENSION


def test_the_second_signal_decides_nothing() -> None:
    """Another model's values change no tick, level, score, guard, tier or flag."""
    one = _manifest(world(meaning=HashedMeaning()), _config())
    contrary = HashedMeaning()
    lexically_same = {claim.text: [1.0] for claim in one.claims}
    contrary.given = lexically_same
    other = _manifest(world(meaning=contrary), _config())

    assert [claim.semantic for claim in one.claims] != [claim.semantic for claim in other.claims]
    plain = [
        msgspec.structs.replace(
            found, claims=tuple(msgspec.structs.replace(c, semantic=msgspec.UNSET) for c in claims)
        )
        for found, claims in ((one, one.claims), (other, other.claims))
    ]
    assert plain[0].claims == plain[1].claims
    assert (one.review, one.assessment, one.flags) == (other.review, other.assessment, other.flags)


def test_more_passages_than_the_setting_allows_give_no_signal() -> None:
    """Nothing is embedded for it, the record says 0, and the user is told why."""
    listener = Listener()
    meaning = HashedMeaning()
    manifest = _manifest(world(meaning=meaning, progress=listener), _config(max_passages=3))

    assert not any(claim.semantic for claim in manifest.claims)
    used = manifest.index.meaning
    assert used
    assert used.passages == 0
    assert any("no second signal" in note for note in listener.notes)
    assert recompute(manifest, None) == [
        "claims: the evidence that they are recomputed from is not among the files"
    ]


def test_related_records_need_no_shared_word() -> None:
    """The nearest by meaning come first; the basis names cosine and model."""
    asked = "What do pedals weigh?"
    held = ((OTHER, asked, asked), (NEARER, "Unlike anything", "Unlike anything"))
    meaning = HashedMeaning(given={QUESTION: [1.0], "Unlike anything\nUnlike anything": [1.0, 0.5]})
    manifest = _manifest(world(meaning=meaning, neighbours=FakeNeighbours(held)), _config())

    related = manifest.index.related
    assert [one.record for one in related] == [NEARER, OTHER]
    assert {one.relation for one in related} == {"related"}
    assert "cosine 0.894427 from this question, by test/embed-1b over NIM" in related[0].basis
    assert manifest.index.meaning
    assert manifest.index.meaning.compared == 2


@pytest.mark.parametrize(("near_at", "found"), [("0.8", True), ("0.800001", False)])
def test_a_question_near_by_meaning_is_a_near_duplicate(near_at: str, *, found: bool) -> None:
    """From the threshold on, inclusive; the flag is unresolved and names figure and model."""
    asked = "Unlike anything"
    ports = world(
        meaning=HashedMeaning(given={QUESTION: [1.0], asked: [4.0, 3.0]}),
        neighbours=FakeNeighbours(((OTHER, asked, asked),)),
    )
    config = _config(near_at=near_at)
    prepared = prepare(QUESTION, ports, config, None)

    close = near_questions(prepared, ports)
    manifest = complete(prepared, ports).manifest

    assert [one.relation for one in close] == (["near-duplicate"] if found else [])
    flags = [flag for flag in manifest.flags if flag.kind is FlagKind.NEAR_DUPLICATE]
    assert len(flags) == len(close)
    if found:
        assert close[0].basis == (
            "Its question lies at cosine 0.800000 from this one by test/embed-1b over NIM, where "
            "0.8 counts as near."
        )
        assert flags[0].unresolved


def test_near_questions_are_noticed_by_words_without_a_model() -> None:
    """The lexical rule needs no server; the own record is left out."""
    ports = world(neighbours=FakeNeighbours(((OTHER, QUESTION.upper(), "A title"),)))
    prepared = prepare(QUESTION, ports, CONFIG, None)

    assert [one.relation for one in near_questions(prepared, ports)] == ["same question"]
    own = world(neighbours=FakeNeighbours(((prepared.id, QUESTION, QUESTION),)))
    assert near_questions(prepared, own) == ()


def test_the_model_and_its_settings_are_part_of_the_id() -> None:
    """Another model, truncation or threshold is another record."""
    meaning = HashedMeaning()
    configs = (
        CONFIG,
        _config(),
        _config(truncate="START"),
        _config(near_at="0.8"),
        _config(model="test/other"),
    )
    ids = {
        prepare(QUESTION, world(meaning=meaning if config.meaning else None), config, None).id
        for config in configs
    }

    assert len(ids) == len(configs)
    tools = prepare(QUESTION, world(meaning=meaning), _config(), None).tools
    named = [tool for tool in tools if tool.name == "test/embed-1b"]
    assert [tool.version for tool in named] == ["over NIM"]


def test_a_registry_that_grew_is_compared_again_at_the_cost_of_one_step() -> None:
    """The places and signals of the run stay; the comparison is that of a fresh run."""
    meaning = HashedMeaning()
    ports = world(meaning=meaning)
    prepared = prepare(QUESTION, ports, _config(), None)
    run = complete(prepared, ports)
    held = FakeNeighbours(((OTHER, "What do pedals weigh?", "What do pedals weigh?"),))
    grown = world(meaning=meaning, neighbours=held)

    again = compare_again(prepared, run, grown)

    assert again is not None
    assert again.manifest == complete(prepared, grown).manifest
    assert again.manifest != run.manifest


def test_a_record_with_an_order_by_meaning_recomputes() -> None:
    """Fused scores of the merge follow from the ranks; a changed one is a fault."""
    manifest = _manifest(world(meaning=HashedMeaning()), _config())
    faults = recompute(manifest, None)
    assert faults == ["claims: the evidence that they are recomputed from is not among the files"]

    used = manifest.index.meaning
    assert used
    swapped = msgspec.structs.replace(used, reranked=used.reranked[::-1])
    index = msgspec.structs.replace(manifest.index, meaning=swapped)
    found = recompute(msgspec.structs.replace(manifest, index=index), None)
    assert any(line.startswith("index.meaning") for line in found)
