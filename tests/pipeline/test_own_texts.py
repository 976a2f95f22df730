"""Claims from the registry's own texts: the flag, and the words of the report."""

from __future__ import annotations

import msgspec
import pytest

from sovereign_registry.contracts.manifest import FlagKind, Manifest
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.contracts.review import Policy
from sovereign_registry.pipeline.conduct import complete, prepare
from sovereign_registry.pipeline.own_texts import own_texts, own_words
from tests.world import CONFIG, QUESTION, FakeReader, FakeSearch, library, library_texts, world

KEYS = {"note-gears": "2601.00001", "note-load": "2601.00002", "note-hub": "2601.00003"}
OWN = "repeats results of technical notes that this registry wrote"
NO_EXPERIMENT = "reports no experiment of its own"


def made(kind: TextKind, keys: dict[str, str]) -> tuple[Manifest, str]:
    """A run over the library with some notes turned into papers; its manifest and report."""
    papers = [
        msgspec.structs.replace(item, key=keys.get(item.key, item.key))
        for item in library()
        if item.key != "note-tyres"
    ]
    texts = {keys.get(key, key): text for key, text in library_texts(kind).items()}
    ports = world(search=FakeSearch(papers=papers), reader=FakeReader(texts=texts))
    run = complete(prepare(QUESTION, ports, CONFIG, None), ports)
    return run.manifest, dict(run.artifacts)["report.md"].decode()


def test_claims_from_notes_are_flagged_and_informed_of() -> None:
    """The flag names every claim, decides nothing, and stands once among the uncertainties."""
    manifest, report = made(TextKind.SECTIONS, {})
    flag = next(flag for flag in manifest.flags if flag.kind is FlagKind.OWN_TEXTS)
    total = len(manifest.claims)
    assert flag.about == tuple(claim.id for claim in manifest.claims)
    assert not flag.unresolved
    assert flag.message.startswith(f"{total} of {total} claims come from technical notes")
    assert "none comes from a paper's own text" in flag.message
    assert "not independent" in flag.message
    assert manifest.uncertainties.count(flag.message) == 1
    assert not any("warning" in s and flag.message in s for s in manifest.uncertainties)
    assert manifest.review.policy is Policy.AUTO_APPROVE
    assert OWN in report
    assert OWN in manifest.limitations[0]
    assert NO_EXPERIMENT not in f"{report}{manifest.limitations}"


def test_notes_are_sources_and_no_papers() -> None:
    """Where a note is among what was found, nothing counted is called a paper."""
    _, report = made(TextKind.SECTIONS, {})
    assert "It rests on 3 sources found" in report
    assert "3 sources retrieved, 3 read, 3 cited." in report
    assert "corroborated by a different source." in report
    assert "A technical note that this registry wrote, read as" in report
    own = [line for line in report.split("\n") if "paper" in line]
    assert all("a paper's own text" in line for line in own)


def test_papers_stay_papers() -> None:
    """Claims from papers' own text raise no flag, and the old words stand."""
    manifest, report = made(TextKind.ABSTRACT, KEYS)
    assert FlagKind.OWN_TEXTS not in {flag.kind for flag in manifest.flags}
    assert "It rests on 3 papers found" in report
    assert f"from abstracts of papers and {NO_EXPERIMENT}." in report
    assert NO_EXPERIMENT in manifest.limitations[0]
    assert OWN not in report


def test_summaries_are_the_registrys_own_words() -> None:
    """A registry summary is no published text; the papers it is about are still papers."""
    manifest, report = made(TextKind.SUMMARY, KEYS)
    flag = next(flag for flag in manifest.flags if flag.kind is FlagKind.OWN_TEXTS)
    assert "come from summaries of papers that this registry wrote; none comes" in flag.message
    assert "written by software from summaries of papers that this registry wrote" in report
    assert "published text" not in report
    assert "3 papers retrieved" in report


def test_a_mixture_is_counted() -> None:
    """Claims from a note and from papers: how many of each."""
    keys = {"note-gears": "2601.00001", "note-hub": "2601.00003"}
    manifest, report = made(TextKind.SECTIONS, keys)
    notes = [c for c in manifest.claims if c.locator and c.locator.paper.startswith("note-")]
    flag = next(flag for flag in manifest.flags if flag.kind is FlagKind.OWN_TEXTS)
    assert 0 < len(notes) < len(manifest.claims)
    assert flag.about == tuple(claim.id for claim in notes)
    rest = len(manifest.claims) - len(notes)
    assert flag.message.startswith(f"{len(notes)} of {len(manifest.claims)} claims")
    assert f"; {rest} {'comes' if rest == 1 else 'come'} from a paper's own text" in flag.message
    assert f"{OWN}; it also restates the text of papers." in report


@pytest.mark.parametrize("count", [1, 2])
def test_the_sentence_agrees_in_number(count: int) -> None:
    """One claim comes, two come."""
    claims = made(TextKind.SECTIONS, {})[0].claims[:count]
    (sentence,) = own_words(claims)
    assert sentence.startswith(f"{count} of {count} claims {'comes' if count == 1 else 'come'}")
    assert own_texts(()) == ()


def test_the_table_says_what_its_columns_measure() -> None:
    """The mark is lexical, and the confidence is a cosine."""
    _, report = made(TextKind.SECTIONS, {})
    assert "| Claim | Verified (lexical) | Confidence (lexical cosine) | Source |" in report


def test_both_kinds_of_own_texts_are_named() -> None:
    """Notes and summaries of papers together are counted as the registry's own."""
    claims = made(TextKind.SECTIONS, {})[0].claims[:1] + made(TextKind.SUMMARY, KEYS)[0].claims[:1]
    (sentence,) = own_words(claims)
    assert "from technical notes and summaries of papers, all of which this" in sentence
